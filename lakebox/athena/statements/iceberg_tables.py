"""Iceberg tables by statement: CREATE TABLE, CREATE TABLE AS, INSERT, ALTER, DESCRIBE, SHOW CREATE TABLE."""

import shutil
from collections.abc import Iterator
from itertools import count
from typing import Any

import pyarrow as pa
from pyiceberg import types
from pyiceberg.schema import Schema
from pyiceberg.types import NestedField

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer, Context
from lakebox.athena.statements.create_table_as import Options, check_empty, table_folder, typed_columns
from lakebox.athena.statements.iceberg_catalog import check_writable, committed, iceberg_catalog, loaded, partition_spec
from lakebox.athena.statements.insert import values_of
from lakebox.athena.statements.table_input import NO_LOCATION, Definition, column
from lakebox.athena.statements.words import Words
from lakebox.athena.statements.written_rows import WrittenRows, written_rows
from lakebox.athena.tables.catalog_tables import CatalogTable
from lakebox.athena.tables.hive_types import HiveType, duckdb_name, hive_type
from lakebox.athena.tables.iceberg import open_iceberg

ROWS = (("rows", "bigint"),)
SIMPLE: dict[str, Any] = {
    **dict.fromkeys(("tinyint", "smallint", "int"), types.IntegerType),
    **dict.fromkeys(("string", "varchar"), types.StringType),
    "bigint": types.LongType, "float": types.FloatType, "double": types.DoubleType, "boolean": types.BooleanType,
    "binary": types.BinaryType, "date": types.DateType, "timestamp": types.TimestampType,
    "timestamp with local time zone": types.TimestamptzType,
}  # fmt: skip
OWN_OPTIONS = {"table_type", "location", "is_external", "partitioning", "format"}


def create_iceberg_table(definition: Definition, context: Context) -> Answer:
    """CREATE TABLE … TBLPROPERTIES ('table_type'='ICEBERG')."""
    if not definition.location:
        raise SqlError(NO_LOCATION, "INVALID_TABLE_PROPERTY")
    context.tables.folder(definition.location)
    schema = _schema([(name, hive_type(kind), comment) for name, kind, comment in definition.columns])
    transforms = [*definition.transforms, *(name for name, _, _ in definition.keys)]
    given = {key: value for key, value in definition.properties.items() if key.lower() != "table_type"}
    name = ((definition.name[0] or context.database).lower(), definition.name[1].lower())
    _check_free(context, name)
    spec, properties = partition_spec(transforms, schema), {"format-version": "2", **given}
    location = definition.location.rstrip("/")
    iceberg_catalog(context).create_table(name, schema, location, spec, properties=properties)
    return Answer()


def create_iceberg_table_as(name: tuple[str, str], options: Options, sql: str, context: Context) -> Answer:
    """CREATE TABLE name WITH (table_type = 'ICEBERG', …) AS query: the table appears with its rows, or not at all."""
    if str(options.get("format", "PARQUET")).upper() != "PARQUET":
        problem = "Iceberg tables are written as Parquet by the embedded engine"
        raise SqlError(f"{problem}; write format = 'PARQUET'", "NOT_SUPPORTED")
    location = table_folder(options, context)
    folder = context.tables.folder(location)
    check_empty(folder, f"Target directory for table '{name[0]}.{name[1]}' already exists: {location}")
    with written_rows(sql, context) as rows:
        typed = [(one, value, hive_type(kind)) for one, value, kind in typed_columns(rows)]
        schema = _schema([(one, kind, "") for one, _, kind in typed])
        spec = partition_spec(list(options.get("partitioning", ())), schema)
        check_writable(spec)
        properties = {"format-version": "2"} | {
            key: str(value) for key, value in options.items() if key not in OWN_OPTIONS
        }
        content = _arrow_rows(rows, [value for _, value, _ in typed], [kind for _, _, kind in typed], schema)
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


def insert_into_iceberg(table: CatalogTable, names: list[str] | None, sql: str, context: Context) -> Answer:
    """INSERT INTO an Iceberg table: one commit."""
    scan = open_iceberg(context.tables, table)
    current = CatalogTable(table.database, table.name, table.document)
    current.__dict__["columns"], current.__dict__["keys"] = scan.columns, {}
    target = loaded(table, context)
    with written_rows(sql, context) as rows:
        values = values_of(current, names, rows.columns)
        content = _arrow_rows(
            rows, [values[name] for name in scan.columns], list(scan.columns.values()), target.schema()
        )
        if rows.count:
            committed(lambda: target.append(content))
        return _written(context, table, rows)


def _written(context: Context, table: CatalogTable, rows: WrittenRows) -> Answer:
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


def _arrow_rows(rows: WrittenRows, values: list[str], kinds: list[HiveType], schema: Schema) -> pa.Table:
    """The rows as Arrow, with the columns of an Iceberg schema."""
    selected = ", ".join(f"CAST({value} AS {duckdb_name(kind)})" for value, kind in zip(values, kinds, strict=True))
    with rows.session.errors():
        found = rows.session.connection.sql(f'SELECT {selected} FROM "$rows"').to_arrow_table()  # noqa: S608
    wanted = schema.as_arrow()
    return pa.table([one.cast(kind.type) for one, kind in zip(found.columns, wanted, strict=True)], schema=wanted)


def _schema(columns: list[tuple[str, HiveType, str]]) -> Schema:
    """An Iceberg schema of columns (name, type, comment); ids are given in order, fields of columns last."""
    from pyiceberg.schema import assign_fresh_schema_ids

    numbers = count(len(columns) + 1)
    fields = [
        NestedField(number, name, _iceberg_type(kind, numbers), doc=comment or None, required=False)
        for number, (name, kind, comment) in enumerate(columns, 1)
    ]
    return assign_fresh_schema_ids(Schema(*fields))


def _iceberg_type(kind: HiveType, numbers: Iterator[int]) -> Any:
    if kind.name == "decimal":
        return types.DecimalType(*kind.numbers)
    inner = [(name, _iceberg_type(field, numbers)) for name, field in kind.fields]
    if kind.name == "array":
        return types.ListType(next(numbers), inner[0][1], element_required=False)
    if kind.name == "map":
        return types.MapType(next(numbers), inner[0][1], next(numbers), inner[1][1], value_required=False)
    if kind.name == "struct":
        return types.StructType(*(NestedField(next(numbers), name, field, required=False) for name, field in inner))
    if kind.name not in SIMPLE:
        raise SqlError(f"Type not supported for Iceberg: {kind.name}", "NOT_SUPPORTED")
    return SIMPLE[kind.name]()


def _check_free(context: Context, name: tuple[str, str]) -> None:
    if context.tables.table(*name) is not None:
        raise SqlError(f"Table {name[0]}.{name[1]} already exists", "TABLE_ALREADY_EXISTS")


def delete_files(table: CatalogTable, context: Context) -> None:
    """Delete the files of a dropped Iceberg table: they are its own, as on Athena."""
    shutil.rmtree(context.tables.folder(table.location), ignore_errors=True)


def alter_iceberg_table(words: Words, context: Context, table: CatalogTable) -> Answer:
    """ALTER TABLE of Iceberg's: ADD COLUMNS, DROP COLUMN, CHANGE COLUMN, SET and UNSET TBLPROPERTIES."""
    found = iceberg_catalog(context).load_table((table.database, table.name))
    if words.accept("ADD", "COLUMNS"):
        added = words.listed(lambda: column(words))
        words.end()
        with found.update_schema() as update:
            for name, kind, comment in added:
                update.add_column(name, _iceberg_type(hive_type(kind), count(1)), comment or None)
    elif words.accept("DROP", "COLUMN"):
        name = words.name()
        words.end()
        with found.update_schema(case_sensitive=False) as update:
            update.delete_column(name)
    elif words.accept("CHANGE"):
        words.accept("COLUMN")
        old = words.name()
        new, kind, comment = column(words)
        words.end()
        with found.update_schema(case_sensitive=False) as update:
            update.update_column(old, _iceberg_type(hive_type(kind), count(1)), doc=comment or None)
            if new != old.lower():
                update.rename_column(old, new)
    elif words.accept("SET", "TBLPROPERTIES"):
        properties = words.properties()
        words.end()
        with found.transaction() as change:
            change.set_properties(properties)
    elif words.accept("UNSET", "TBLPROPERTIES"):
        names = words.listed(words.string)
        words.end()
        with found.transaction() as change:
            change.remove_properties(*names)
    else:
        raise words.wrong("ADD COLUMNS, DROP COLUMN, CHANGE COLUMN, SET TBLPROPERTIES, UNSET TBLPROPERTIES")
    return Answer()


def describe_iceberg(table: CatalogTable, context: Context) -> Answer:
    """DESCRIBE of an Iceberg table: its schema, and how it is partitioned."""
    found = open_iceberg(context.tables, table).table
    rows = [("# Table schema:", "", ""), ("# col_name", "data_type", "comment")]
    rows += [(field.name, _shown(field.field_type), field.doc or "") for field in found.schema().fields]
    rows += [("", "", ""), ("# Partition spec:", "", ""), ("# field_name", "field_transform", "column_name")]
    for field in found.spec().fields:
        rows.append((field.name, str(field.transform), found.schema().find_column_name(field.source_id) or ""))
    return Answer((("col_name", "string"), ("data_type", "string"), ("comment", "string")), rows)


def _shown(kind: Any) -> str:
    """An Iceberg type as DESCRIBE and SHOW CREATE TABLE print it."""
    from pyiceberg.types import ListType, MapType, StructType

    if isinstance(kind, ListType):
        return f"array<{_shown(kind.element_type)}>"
    if isinstance(kind, MapType):
        return f"map<{_shown(kind.key_type)}, {_shown(kind.value_type)}>"
    if isinstance(kind, StructType):
        return f"struct<{', '.join(f'{field.name}: {_shown(field.field_type)}' for field in kind.fields)}>"
    return {"long": "bigint"}.get(str(kind), str(kind))


def iceberg_create_text(table: CatalogTable, context: Context) -> list[str]:
    """The lines of SHOW CREATE TABLE for an Iceberg table."""
    found = open_iceberg(context.tables, table).table
    lines = [f"CREATE TABLE {table} ("]
    for field in found.schema().fields:
        comment = f" COMMENT '{field.doc}'" if field.doc else ""
        lines.append(f"  {field.name} {_shown(field.field_type)}{comment},")
    lines[-1] = lines[-1].removesuffix(",") + ")"
    parts = []
    for part in found.spec().fields:
        source, transform = found.schema().find_column_name(part.source_id), str(part.transform)
        name, _, number = transform.partition("[")
        parts.append(
            f"`{source}`" if transform == "identity" else f"{name}({number[:-1] + ', ' if number else ''}`{source}`)"
        )
    if parts:
        lines.append(f"PARTITIONED BY ({', '.join(parts)})")
    lines += [f"LOCATION '{found.location()}'", "TBLPROPERTIES ("]
    properties = {"table_type": "iceberg", **found.properties}
    lines += [f"  '{name}'='{value}'," for name, value in properties.items()]
    lines[-1] = lines[-1].removesuffix(",")
    return [*lines, ")"]
