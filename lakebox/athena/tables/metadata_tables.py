"""Tables that tell of the catalog: information_schema, and `"orders$partitions"`."""

from collections.abc import Callable, Iterator
from typing import Any

from lakebox.athena.tables.catalog_tables import CatalogTable, CatalogTables, Columns
from lakebox.athena.tables.hive_types import HiveType, athena_name
from lakebox.athena.tables.views import stored_view

CATALOG = "awsdatacatalog"
INFORMATION_SCHEMA = "information_schema"
TEXT, NUMBER = HiveType("string"), HiveType("bigint")
Rows = Iterator[tuple[Any, ...]]


def _schemata(tables: CatalogTables) -> Rows:
    return ((CATALOG, name) for name in (*tables.databases(), INFORMATION_SCHEMA))


def _tables(tables: CatalogTables) -> Rows:
    for database in tables.databases():
        for table in tables.tables(database):
            yield CATALOG, database, table.name, "VIEW" if table.is_view else "BASE TABLE"


def _columns(tables: CatalogTables) -> Rows:
    for database in tables.databases():
        for table in tables.tables(database):
            comments = {
                column["Name"].lower(): column.get("Comment")
                for column in (*table.storage.get("Columns", ()), *table.document.get("PartitionKeys", ()))
            }
            for number, (name, kind) in enumerate((table.columns | table.keys).items(), 1):
                extra = "partition key" if name in table.keys else None
                where = (CATALOG, database, table.name, name, number)
                yield (*where, None, "YES", athena_name(kind), comments.get(name), extra)


def _views(tables: CatalogTables) -> Rows:
    for database in tables.databases():
        for table in tables.tables(database):
            if table.is_view:
                yield CATALOG, database, table.name, stored_view(table).sql


WHERE = {"table_catalog": TEXT, "table_schema": TEXT, "table_name": TEXT}
INFORMATION: dict[str, tuple[Columns, Callable[[CatalogTables], Rows]]] = {
    "schemata": ({"catalog_name": TEXT, "schema_name": TEXT}, _schemata),
    "tables": ({**WHERE, "table_type": TEXT}, _tables),
    "columns": (
        {**WHERE, "column_name": TEXT, "ordinal_position": NUMBER, "column_default": TEXT, "is_nullable": TEXT,
         "data_type": TEXT, "comment": TEXT, "extra_info": TEXT},
        _columns,
    ),
    "views": ({**WHERE, "view_definition": TEXT}, _views),
}  # fmt: skip


def partition_rows(values: list[tuple[str | None, ...]], table: CatalogTable) -> tuple[Columns, Rows]:
    """Columns and rows of `"t$partitions"`: the values of the table's partitions."""
    return table.keys, iter(values)
