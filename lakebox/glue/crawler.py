"""Crawlers: bring the catalog in line with what lies in storage.

Tables of catalog/ are looked for at their locations; any other folder of Parquet files below the lake is a table that
nobody knew, named after its folders (`silver/orders/` is silver_orders), with partition columns of type string, as
Glue's crawlers name and type them. Columns come from the footers of the files: those that only newer files have are
added at the end, so that older partitions show them as null. A column is never dropped and never changes its type.
"""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from catalog.tables import BRONZE_QUARANTINE, BRONZE_USER_EVENTS, TABLES, Column, Table
from jobs.lake.errors import LakeboxError
from jobs.lake.layout import PartitionValues, objects_by_partition
from jobs.lake.protocol import Lake
from jobs.lake.store import StoredObject
from lakebox.glue.parquet_schema import parquet_columns
from lakebox.glue.table_definitions import forget_table, keep_definition, table_definitions, with_columns

NOT_CRAWLED = ("reports", "athena-results")


class UnknownTableError(LakeboxError):
    """No table of that name."""


@dataclass(frozen=True)
class Crawled:
    """What a crawl of a table found: partitions, how many were added and dropped, new columns, and what is odd.

    state: "" for a table that was known and is there, "new" or "gone" for one that nobody knew.
    """

    table: str
    partitions: int
    added: int
    dropped: int
    new_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    state: str = ""

    def __str__(self) -> str:
        counts = f"{self.partitions} partitions, {self.added} added, {self.dropped} dropped"
        columns = f", new columns: {', '.join(self.new_columns)}" if self.new_columns and self.state != "new" else ""
        state = {"new": " (a new table)", "gone": " (the table is gone)", "": ""}[self.state]
        return f"{self.table}: {counts}{columns}{state}" + "".join(f"\n  {note}" for note in self.notes)


def crawl(lake: Lake, run_id: str, name: str | None = None) -> list[Crawled]:
    """Crawl all tables, or the one of that name: register what is there, drop what is gone.

    A batch of Bronze that was never committed is not registered. Raises UnknownTableError, LakeError and StorageError.
    """
    with lake.hold(run_id):
        objects = [stored for stored in lake.store.list() if _is_data(stored.key)]
        known = table_definitions(lake)
        found = {table.name: table for table in unknown_tables(objects) if table.name not in known}
        tables = [table for table in (known | found).values() if name in (None, table.name)]
        if not tables:
            raise UnknownTableError(f"no table {name}; tables: {', '.join(known | found)}")
        return [_crawl_table(lake, table, objects, is_new=table.name in found) for table in tables]


def unknown_tables(objects: Iterable[StoredObject]) -> list[Table]:
    """Tables at folders that are no location of catalog/'s tables; without columns yet."""
    known = tuple(table.location for table in TABLES.values())
    tables: dict[str, Table] = {}
    for stored in objects:
        folders = stored.key.split("/")[:-1]
        depth = next((number for number, folder in enumerate(folders) if "=" in folder), len(folders))
        if stored.key.startswith(known) or depth == 0 or folders[0] in NOT_CRAWLED:
            continue
        name = re.sub(r"\W", "_", "_".join(folders[:depth])).lower()
        keys = tuple(Column(folder.partition("=")[0], "string", "") for folder in folders[depth:])
        if any(key.name != key.name.lower() for key in keys):
            continue  # names of columns are in lower case, and a folder in S3 is not found by another case
        tables.setdefault(name, Table(name, "/".join(folders[:depth]) + "/", (), keys, ""))
    return list(tables.values())


def _crawl_table(lake: Lake, table: Table, objects: list[StoredObject], *, is_new: bool) -> Crawled:
    before = lake.partitions(table)
    files = {
        values: stored
        for values, stored in objects_by_partition(table, objects).items()
        if _is_committed(lake, table, values)
    }
    if not files and table.name not in TABLES:
        forget_table(lake, table.name)
        return Crawled(table.name, 0, 0, len(before), state="gone")
    seen, notes = _columns(lake, [stored for partition in files.values() for stored in partition], table)
    wider = with_columns(table, seen)
    new_columns = tuple(column.name for column in wider.columns[len(table.columns) :])
    if new_columns or is_new:
        keep_definition(lake, wider)
    lake.register(wider, add=files, drop=before - set(files))
    added, dropped = len(set(files) - before), len(before - set(files))
    return Crawled(table.name, len(files), added, dropped, new_columns, notes, "new" if is_new else "")


def _columns(lake: Lake, objects: list[StoredObject], table: Table) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """Columns of all files, the first file's first, and notes on files that don't fit the table."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        schemas = list(pool.map(lambda stored: parquet_columns(lake.store, stored), objects))
    types = {column.name: column.type for column in table.columns}
    found: dict[str, Column] = {}
    notes: dict[str, None] = {}
    for stored, columns in zip(objects, schemas, strict=True):
        if columns is None:
            notes[f"{stored.key} is no Parquet file; take it away, or queries fail"] = None
        for column in columns or ():
            found.setdefault(column.name, column)
            expected = types.setdefault(column.name, column.type)
            if column.type != expected:
                notes[f"{stored.key}: {column.name} is {column.type}, not {expected}; queries of it may fail"] = None
    return tuple(found.values()), tuple(notes)


def _is_data(key: str) -> bool:
    """A Parquet file that readers see: no part of its path starts with `_` or a dot."""
    return key.endswith(".parquet") and not any(part.startswith(("_", ".")) for part in key.split("/"))


def _is_committed(lake: Lake, table: Table, values: PartitionValues) -> bool:
    if table.name not in (BRONZE_USER_EVENTS.name, BRONZE_QUARANTINE.name):
        return True
    return values[0].isdigit() and int(values[0]) <= lake.bronze().last_batch
