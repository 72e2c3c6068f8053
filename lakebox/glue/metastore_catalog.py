"""The tables of the lake's database in Hive Metastore, as Trino sees them: for SHOW and DESCRIBE on the stack."""

from catalog.tables import DATABASE, Column, Table
from jobs.lake.layout import PartitionValues
from lakebox.glue.catalog import Partition, RegisteredTable
from lakebox.glue.column_types import hive_type
from lakebox.stack.trino_client import TrinoClient

READER = "lakebox"


class MetastoreCatalog:
    """The tables of the lake's database in the metastore."""

    def __init__(self, url: str) -> None:
        self._trino = TrinoClient(url, READER)

    def table_names(self) -> list[str]:
        """Names of the registered tables and views, whoever made them, sorted."""
        listed = "SELECT table_name FROM information_schema.tables WHERE table_schema = ?"
        return sorted(str(name) for (name,) in self._trino.run(listed, [DATABASE]).rows)

    def table(self, name: str) -> RegisteredTable:
        """The table of that name; raises KeyError where there is none."""
        if name not in self.table_names():
            raise KeyError(name)
        described = self._trino.run(f"DESCRIBE {_quoted(name)}").rows
        columns = [(Column(row[0], hive_type(row[1]), row[3] or ""), row[2] == "partition key") for row in described]
        data = tuple(column for column, is_key in columns if not is_key)
        keys = tuple(column for column, is_key in columns if is_key)
        partitions = sorted(self.partitions(name)) if keys else [()]
        definition = Table(name=name, location="", columns=data, partitions=keys, comment="")
        return RegisteredTable(definition, tuple(Partition(values, ()) for values in partitions))

    def partitions(self, name: str) -> set[PartitionValues]:
        """The registered partitions of a partitioned table."""
        rows = self._trino.run(f"TABLE {_quoted(f'{name}$partitions')}").rows
        return {tuple(str(value) for value in row) for row in rows}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
