"""The stack's catalog: Hive Metastore, read and brought in line through Trino's SQL.

The lake itself says what is registered (`_state/catalog/`), on this target as on any other, and the metastore follows
it after every job and crawl. So a run that died between the two is mended by the next, and a partition that is not
committed is never seen. Trino is asked rather than the metastore itself: what it answers is what queries see.

The database has room for others' tables and views, too: a table that lakebox made has a property that says so, and
nothing else is ever dropped.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from catalog.tables import DATABASE, Column, Table
from jobs.lake.errors import LakeboxError
from jobs.lake.layout import PartitionValues, partition_folder
from lakebox.glue.catalog import Partition, RegisteredTable
from lakebox.glue.column_types import hive_type, trino_type
from lakebox.stack.trino_client import CATALOG, TrinoClient, TrinoStatementError

OWNER = "lakebox"
PUBLISHED = "lakebox_published"  # a table's property: lakebox made it, and may drop it
TABLE = "BASE TABLE"  # as information_schema calls it
ONE_BY_ONE = 16  # from here on Trino compares a whole table with its folder, which takes one call


class NameTakenError(LakeboxError):
    """A view has the name of a table of the lake."""


class MetastoreCatalog:
    """The tables of the lake's database in the metastore."""

    def __init__(self, url: str) -> None:
        self._trino = TrinoClient(url, OWNER)

    def table_names(self) -> list[str]:
        """Names of the registered tables and views, whoever made them, sorted."""
        return sorted(self._kinds())

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

    # --- to follow the lake ------------------------------------------------------------------------------------------

    def follow(self, lake_root: str, tables: Sequence[RegisteredTable]) -> None:
        """Bring the metastore in line with the lake: tables, columns, partitions. Others' tables and views stay.

        Tables are external: nothing here touches their data. Raises TrinoStatementError, TrinoUnreachableError, and
        NameTakenError where a view stands in a table's place.
        """
        kinds = self._kinds()
        for name in sorted(set(kinds) - {table.definition.name for table in tables}):
            if kinds[name] == TABLE and self._is_published(name):
                self._trino.run(f"DROP TABLE {_quoted(name)}")
        for table in tables:
            definition = table.definition
            if kinds.get(definition.name, TABLE) != TABLE:
                text = f"{DATABASE}.{definition.name} is a view, and the lake has a table of that name at"
                raise NameTakenError(
                    f"{text} {lake_root}/{definition.location}; drop the view, or give it another name"
                )
            if definition.name in kinds:
                self._add_columns(definition)
            else:
                self._trino.run(create_statement(lake_root, definition))
            if definition.partitions:
                self._follow_partitions(lake_root, definition, {one.values for one in table.partitions})

    def _kinds(self) -> dict[str, str]:
        """TABLE or VIEW of each name in the database."""
        listed = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = ?"
        return dict(self._trino.run(listed, [DATABASE]).rows)

    def _is_published(self, name: str) -> bool:
        try:
            found = self._trino.run(f"TABLE {_quoted(f'{name}$properties')}")
        except TrinoStatementError:
            return False  # a format that Trino's Hive connector does not read, so none that it made
        return PUBLISHED in {column for column, _ in found.columns}

    def _add_columns(self, definition: Table) -> None:
        described = self._trino.run(f"DESCRIBE {_quoted(definition.name)}").rows
        there = {row[0] for row in described}
        for column in definition.columns:
            if column.name not in there:
                self._trino.run(f"ALTER TABLE {_quoted(definition.name)} ADD COLUMN {_column(column)}")

    def _follow_partitions(self, lake_root: str, definition: Table, wanted: set[PartitionValues]) -> None:
        registered = self.partitions(definition.name)
        if len(wanted ^ registered) > ONE_BY_ONE:
            self._call("sync_partition_metadata", DATABASE, definition.name, "FULL")
            registered = self.partitions(definition.name)
        keys = list(definition.partition_names)
        for values in sorted(wanted - registered):
            location = f"{lake_root}/{definition.location}{partition_folder(definition, values)}"
            self._call("register_partition", DATABASE, definition.name, keys, list(values), location)
        for values in sorted(registered - wanted):
            self._call("unregister_partition", DATABASE, definition.name, keys, list(values))

    def _call(self, procedure: str, *arguments: str | list[str]) -> None:
        self._trino.run(f"CALL {CATALOG}.system.{procedure}({', '.join(map(_literal, arguments))})")


def create_statement(lake_root: str, definition: Table) -> str:
    """The statement that registers a table whose data lies in the lake."""
    columns = ", ".join(_column(column) for column in (*definition.columns, *definition.partitions))
    properties = {"format": "PARQUET", "external_location": f"{lake_root}/{definition.location}"}
    settings = [f"{name} = {_literal(value)}" for name, value in properties.items()]
    settings.append(f"extra_properties = MAP(ARRAY[{_literal(PUBLISHED)}], ARRAY['true'])")
    if definition.partitions:
        settings.append(f"partitioned_by = {_literal(list(definition.partition_names))}")
    comment = f" COMMENT {_literal(definition.comment)}" if definition.comment else ""
    return f"CREATE TABLE {_quoted(definition.name)} ({columns}){comment} WITH ({', '.join(settings)})"


def _column(column: Column) -> str:
    comment = f" COMMENT {_literal(column.comment)}" if column.comment else ""
    return f"{_quoted(column.name)} {trino_type(column.type)}{comment}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str | Iterable[Any]) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f"ARRAY[{', '.join(_literal(item) for item in value)}]"
