"""The catalog seam: which tables there are, and which partitions each has. Readers of the lake go through it."""

from dataclasses import dataclass
from typing import Protocol

from catalog.tables import Table
from jobs.lake import Lake
from jobs.lake_layout import partition_folder
from lakebox.settings import Settings
from lakebox.table_definitions import table_definitions


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
    """The catalog that the jobs and crawls keep in the lake itself: a file a table."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._definitions = table_definitions(lake)

    def table_names(self) -> list[str]:
        """Names of the registered tables, sorted."""
        return sorted(name for name, table in self._definitions.items() if self._lake.is_registered(table))

    def table(self, name: str) -> RegisteredTable:
        """The table of that name; raises KeyError where there is none."""
        definition = self._definitions[name]
        if not self._lake.is_registered(definition):
            raise KeyError(name)
        partitions = []
        for values in sorted(self._lake.partitions(definition)):
            objects = self._lake.store.list(definition.location + partition_folder(definition, values))
            partitions.append(Partition(values, tuple(stored.key for stored in objects)))
        return RegisteredTable(definition, tuple(partitions))

    def tables_without_files(self) -> list[RegisteredTable]:
        """All registered tables, read from the catalog's files alone."""
        return [
            RegisteredTable(self._definitions[name], tuple(Partition(values, ()) for values in self._partitions(name)))
            for name in self.table_names()
        ]

    def _partitions(self, name: str) -> list[tuple[str, ...]]:
        return sorted(self._lake.partitions(self._definitions[name]))


def publish(settings: Settings, lake: Lake) -> None:
    """Bring the target's catalog in line with the lake's own; on the embedded target they are the same."""
    if settings.stack is not None:
        from lakebox.metastore_catalog import MetastoreCatalog

        MetastoreCatalog(settings.stack.trino_url).follow(lake.store.root, EmbeddedCatalog(lake).tables_without_files())
