"""The embedded target's catalog: a file a table, in the lake itself, written by jobs and crawls."""

from jobs.lake.layout import partition_folder
from jobs.lake.protocol import Lake
from lakebox.glue.catalog import Partition, RegisteredTable
from lakebox.glue.table_definitions import table_definitions


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
