"""The catalog seam: which tables there are, and which partitions each has. Readers of the lake go through it."""

from dataclasses import dataclass
from typing import Protocol

from catalog.tables import TABLES, Table
from jobs.lake import Lake, partition_folder


@dataclass(frozen=True)
class Partition:
    """A registered partition: its values in the table's order (unescaped text), its objects' keys below the lake."""

    values: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True)
class RegisteredTable:
    """A table as the catalog knows it. One without partition columns has one partition with no values."""

    definition: Table
    partitions: tuple[Partition, ...]


class Catalog(Protocol):
    """What a target must answer about its tables."""

    def table_names(self) -> list[str]:
        """Names of the registered tables, sorted."""

    def table(self, name: str) -> RegisteredTable:
        """The table of that name; raises KeyError where there is none."""


class EmbeddedCatalog:
    """The catalog that the jobs keep in the lake itself: a file a table."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def table_names(self) -> list[str]:
        """Names of the registered tables, sorted."""
        return sorted(name for name in TABLES if self._lake.is_registered(TABLES[name]))

    def table(self, name: str) -> RegisteredTable:
        """The table of that name; raises KeyError where there is none."""
        definition = TABLES[name]
        if not self._lake.is_registered(definition):
            raise KeyError(name)
        partitions = []
        for values in sorted(self._lake.partitions(definition)):
            objects = self._lake.store.list(definition.location + partition_folder(definition, values))
            partitions.append(Partition(values, tuple(stored.key for stored in objects)))
        return RegisteredTable(definition, tuple(partitions))
