"""The catalog seam: which tables there are, and which partitions each has. Readers of the lake go through it."""

from dataclasses import dataclass
from typing import Protocol

from catalog.tables import Table


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
