"""Rows into Iceberg tables: CREATE TABLE AS and INSERT INTO, each one commit."""

import shutil

import pyarrow as pa
from pyiceberg.schema import Schema

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer
from lakebox.athena.statements.folder_context import FolderContext
from lakebox.athena.statements.iceberg_catalog import (
    check_writable,
    committed,
    iceberg_catalog,
    loaded,
    partition_spec,
)
from lakebox.athena.statements.iceberg_schema import iceberg_schema
from lakebox.athena.statements.writes.filled_columns import values_of
from lakebox.athena.statements.writes.new_files import typed_columns
from lakebox.athena.statements.writes.written_rows import WrittenRows, written_rows
from lakebox.athena.statements.written_tables import Options, check_empty, table_folder
from lakebox.athena.tables.catalog_tables import CatalogTable
from lakebox.athena.tables.hive_types import HiveType, duckdb_name, hive_type
from lakebox.athena.tables.iceberg.scan import open_iceberg

ROWS = (("rows", "bigint"),)
OWN_OPTIONS = {"table_type", "location", "is_external", "partitioning", "format"}


def create_iceberg_table_as(name: tuple[str, str], options: Options, sql: str, context: FolderContext) -> Answer:
    """CREATE TABLE name WITH (table_type = 'ICEBERG', …) AS query: the table appears with its rows, or not at all."""
    if str(options.get("format", "PARQUET")).upper() != "PARQUET":
        problem = "Iceberg tables are written as Parquet by the embedded engine"
        raise SqlError(f"{problem}; write format = 'PARQUET'", "NOT_SUPPORTED")
    location = table_folder(options, context)
    folder = context.tables.folder(location)
    check_empty(context, location, f"Target directory for table '{name[0]}.{name[1]}' already exists: {location}")
    with written_rows(sql, context) as rows:
        typed = [(one, value, hive_type(kind)) for one, value, kind in typed_columns(rows)]
        schema = iceberg_schema([(one, kind, "") for one, _, kind in typed])
        spec = partition_spec(list(options.get("partitioning", ())), schema)
        check_writable(spec)
        properties = {"format-version": "2"} | {
            key: str(value) for key, value in options.items() if key not in OWN_OPTIONS
        }
        content = arrow_rows(rows, [value for _, value, _ in typed], [kind for _, _, kind in typed], schema)
        try:
            change = iceberg_catalog(context).create_table_transaction(
                (name[0], name[1].lower()), schema, location.rstrip("/"), spec, properties=properties
            )
            change.append(content)
            committed(change.commit_transaction)
        except BaseException:
            if context.tables.table(*name) is None:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        return _written(context, context.table(name), rows)


def insert_into_iceberg(table: CatalogTable, names: list[str] | None, sql: str, context: FolderContext) -> Answer:
    """INSERT INTO an Iceberg table: one commit."""
    scan = open_iceberg(context.tables, table)
    target = loaded(table, context)
    with written_rows(sql, context) as rows:
        values = values_of(scan.columns, names, rows.columns)
        content = arrow_rows(
            rows, [values[name] for name in scan.columns], list(scan.columns.values()), target.schema()
        )
        if rows.count:
            committed(lambda: target.append(content))
        return _written(context, table, rows)


def _written(context: FolderContext, table: CatalogTable, rows: WrittenRows) -> Answer:
    fresh = context.table((table.database, table.name))
    scan = open_iceberg(context.tables, fresh)
    new = []
    if scan.snapshot_id is not None and rows.count:
        added = scan.table.current_snapshot()
        tasks = scan.table.scan(snapshot_id=scan.snapshot_id).plan_files()
        before = added.parent_snapshot_id if added else None
        old = {task.file.file_path for task in scan.table.scan(snapshot_id=before).plan_files()} if before else set()
        new = sorted({task.file.file_path for task in tasks} - old)
    return Answer(ROWS, update_count=rows.count, manifest=tuple(new), scanned_bytes=rows.scanned_bytes)


def arrow_rows(rows: WrittenRows, values: list[str], kinds: list[HiveType], schema: Schema) -> pa.Table:
    """The rows as Arrow, with the columns of an Iceberg schema."""
    selected = ", ".join(f"CAST({value} AS {duckdb_name(kind)})" for value, kind in zip(values, kinds, strict=True))
    with rows.session.errors():
        found = rows.session.connection.sql(f'SELECT {selected} FROM "$rows"').to_arrow_table()  # noqa: S608
    wanted = schema.as_arrow()
    return pa.table([one.cast(kind.type) for one, kind in zip(found.columns, wanted, strict=True)], schema=wanted)
