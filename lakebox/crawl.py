"""Crawlers: bring the catalog in line with what lies in storage."""

from dataclasses import dataclass

from catalog.errors import LakeboxError
from catalog.paths import unescape_path_name
from catalog.tables import BRONZE_QUARANTINE, BRONZE_USER_EVENTS, TABLES, Table
from jobs.lake import Lake, PartitionValues, files_by_folder


class UnknownTableError(LakeboxError):
    """No table of that name."""


@dataclass(frozen=True)
class Crawled:
    """What a crawl of a table found: its partitions, and how many were added and dropped."""

    table: str
    partitions: int
    added: int
    dropped: int


def crawl(lake: Lake, run_id: str, name: str | None = None) -> list[Crawled]:
    """Crawl all tables, or the one of that name: register what is there, drop what is gone.

    A batch of Bronze that was never committed is not registered. Raises UnknownTableError and LakeError.
    """
    if name is not None and name not in TABLES:
        raise UnknownTableError(f"no table {name}; tables: {', '.join(TABLES)}")
    with lake.hold(run_id):
        return [_crawl_table(lake, table) for table in TABLES.values() if name in (None, table.name)]


def _crawl_table(lake: Lake, table: Table) -> Crawled:
    before = lake.partitions(table)
    found = {values for values in _stored_partitions(lake, table) if _is_committed(lake, table, values)}
    lake.register(table, add=found, drop=before - found)
    return Crawled(table.name, len(found), len(found - before), len(before - found))


def _stored_partitions(lake: Lake, table: Table) -> set[PartitionValues]:
    """Partitions that hold objects; folders that are not named as the table's partitions are left alone."""
    objects = [stored for stored in lake.store.list(table.location) if stored.key.endswith(".parquet")]
    found = set()
    for folder in files_by_folder(objects, table.location):
        pairs = [level.partition("=") for level in folder.split("/")[:-1]]
        if tuple(name for name, _, _ in pairs) == table.partition_names:
            found.add(tuple(unescape_path_name(value) for _, _, value in pairs))
    return found


def _is_committed(lake: Lake, table: Table, values: PartitionValues) -> bool:
    if table not in (BRONZE_USER_EVENTS, BRONZE_QUARANTINE):
        return True
    return values[0].isdigit() and int(values[0]) <= lake.bronze().last_batch
