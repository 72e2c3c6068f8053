"""The lake's own tables in a crawl: their types are those of catalog/, and only committed batches are registered."""

from collections.abc import Callable
from dataclasses import dataclass

from catalog.tables import BRONZE_QUARANTINE, BRONZE_USER_EVENTS, TABLES, Table
from jobs.lake.layout import PartitionValues
from jobs.lake.protocol import Lake
from jobs.lake.store import Store


@dataclass(frozen=True)
class KnownTable:
    """A table that a crawl need not guess: its definition (location: a key prefix of its bucket), which of its
    partitions are whole, and whether it is a table also while it has no files."""

    definition: Table
    is_committed: Callable[[PartitionValues], bool]
    may_be_empty: bool


KnownTables = Callable[[str, Store], list[KnownTable]]  # a bucket's name and its objects -> the tables known in it


def lake_tables(lake_bucket: str) -> KnownTables:
    """The tables of catalog/, in the bucket of the lake."""

    def known(bucket: str, store: Store) -> list[KnownTable]:
        if bucket != lake_bucket:
            return []
        lake = Lake(store)
        last_batch = lake.bronze().last_batch
        return [KnownTable(one, _committed(one, last_batch), lake.is_registered(one)) for one in TABLES.values()]

    return known


def _committed(table: Table, last_batch: int) -> Callable[[PartitionValues], bool]:
    if table.name not in (BRONZE_USER_EVENTS.name, BRONZE_QUARANTINE.name):
        return lambda _: True
    return lambda values: values[0].isdigit() and int(values[0]) <= last_batch
