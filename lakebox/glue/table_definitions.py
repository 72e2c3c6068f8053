"""Which tables a lake has: those of catalog/, with columns that only newer files have, and those that a crawl found.

What differs from catalog/ is kept in the lake (`_state/tables/<name>.json`), written by crawls only.
"""

import json
from dataclasses import asdict, replace

from catalog.tables import TABLES, Column, Table
from jobs.lake.protocol import Lake
from lakebox.glue.catalog import Partition, RegisteredTable

FOLDER = "_state/tables/"


def table_definitions(lake: Lake) -> dict[str, Table]:
    """The definitions of a lake's tables by name, those of catalog/ first."""
    found = dict(TABLES)
    for stored in lake.store.list(FOLDER):
        table = _parsed(lake.store.read(stored.key) or b"")
        known = TABLES.get(table.name)
        found[table.name] = with_columns(known, table.columns) if known else table
    return found


def committed_tables(lake: Lake) -> list[RegisteredTable]:
    """Tables and partitions that the lake's own files say are committed, by name; the target's catalog follows them.

    Objects are not looked for: partitions come without files.
    """
    found = sorted(table_definitions(lake).items())
    return [
        RegisteredTable(table, tuple(Partition(values, ()) for values in sorted(lake.partitions(table))))
        for _, table in found
        if lake.is_registered(table)
    ]


def with_columns(table: Table, columns: tuple[Column, ...]) -> Table:
    """A table with those columns added that it has not."""
    there = {column.name for column in (*table.columns, *table.partitions)}
    return replace(table, columns=table.columns + tuple(column for column in columns if column.name not in there))


def keep_definition(lake: Lake, table: Table) -> None:
    """Keep a definition that differs from catalog/'s."""
    if table != TABLES.get(table.name):
        lake.store.write(f"{FOLDER}{table.name}.json", json.dumps(asdict(table), ensure_ascii=False).encode())


def forget_table(lake: Lake, name: str) -> None:
    """Forget a table that a crawl had found, with its partitions."""
    lake.store.delete([f"_state/catalog/{name}.json", f"{FOLDER}{name}.json"])


def _parsed(content: bytes) -> Table:
    stored = json.loads(content)
    columns, partitions = (tuple(Column(**column) for column in stored[name]) for name in ("columns", "partitions"))
    return Table(**{**stored, "columns": columns, "partitions": partitions})
