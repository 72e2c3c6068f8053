"""Iceberg tables for DuckDB: pyiceberg reads the metadata, DuckDB the data files, by the ids of their columns.

Rows that position deletes name are left out. Equality deletes and deletion vectors (of format version 3) are refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.manifest import DataFileContent
from pyiceberg.table import StaticTable
from pyiceberg.types import IcebergType, ListType, MapType, StructType
from sqlglot import exp

from lakebox.athena.dialect.syntax import parsed
from lakebox.athena.dialect.translate import duckdb_text, duckdb_tree
from lakebox.athena.engine import SqlError
from lakebox.athena.tables.catalog_tables import CatalogTable, CatalogTables, Columns
from lakebox.athena.tables.folder_tables import FolderTables
from lakebox.athena.tables.given_rows import literal, quoted, unnested
from lakebox.athena.tables.hive_types import HiveType, duckdb_name
from lakebox.endpoint.service import ServiceError

TYPES = {"boolean": "boolean", "int": "int", "long": "bigint", "float": "float", "double": "double", "date": "date",
         "string": "string", "binary": "binary", "timestamp": "timestamp",
         "timestamptz": "timestamp with local time zone"}  # fmt: skip


@dataclass(frozen=True)
class IcebergScan:
    """An Iceberg table as of one snapshot; without one it has no rows. ids: of its columns, by name."""

    table: StaticTable
    snapshot_id: int | None
    columns: Columns
    ids: Mapping[str, int]


def open_iceberg(tables: CatalogTables, table: CatalogTable, version: exp.Expr | None = None) -> IcebergScan:
    """The table's metadata, as of now or of a version. Raises SqlError where they can't be read, or are not there."""
    location = table.properties.get("metadata_location")
    if location is None:
        raise SqlError(f"{table} has no metadata_location; make it anew", "ICEBERG_INVALID_METADATA")
    try:
        found = StaticTable.from_metadata(location, tables.file_io())
    except (ServiceError, OSError, ValueError, NoSuchTableError) as error:
        raise SqlError(f"the Iceberg metadata of {table} can't be read: {error}", "ICEBERG_INVALID_METADATA") from None
    if version is None:
        snapshot, schema = found.metadata.current_snapshot_id, found.schema()
    else:
        snapshot = _snapshot(found, table, version)
        schema = found.schemas()[found.snapshot_by_id(snapshot).schema_id or 0]  # type: ignore[union-attr]
    columns = {field.name.lower(): hive_type_of(field.field_type, table) for field in schema.fields}
    return IcebergScan(found, snapshot, columns, {field.name.lower(): field.field_id for field in schema.fields})


def _snapshot(found: StaticTable, table: CatalogTable, version: exp.Expr) -> int:
    """The snapshot that FOR VERSION AS OF (its number, or a branch or tag) or FOR TIMESTAMP AS OF means."""
    value = version.expression
    if version.name.upper() == "VERSION":
        number = int(value.name) if value.is_int else None
        named = found.snapshot_by_name(value.name) if value.is_string else found.snapshot_by_id(number or 0)
        if named is None:
            known = ", ".join(str(one.snapshot_id) for one in found.snapshots()[-5:])
            problem = f"Iceberg snapshot ID does not exists: {value.name}; the newest of {table}: {known or 'none'}"
            raise SqlError(problem, "INVALID_ARGUMENTS")
        return named.snapshot_id
    moment = _moment(value)
    snapshot = found.snapshot_as_of_timestamp(int(moment.timestamp() * 1000))
    if snapshot is None:
        raise SqlError(f"No version history table {table} at or before {moment.isoformat()}", "INVALID_ARGUMENTS")
    return snapshot.snapshot_id


def _moment(value: exp.Expr) -> datetime:
    tree = duckdb_tree(parsed(f"SELECT {value.sql(dialect='athena')} AS moment"), {})
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(duckdb_text(tree)).fetchall()[0][0]
    if not isinstance(found, datetime):
        raise SqlError("FOR TIMESTAMP AS OF takes a timestamp: TIMESTAMP '2024-01-01 00:00:00 UTC'", "TYPE_MISMATCH")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def hive_type_of(kind: IcebergType, table: "CatalogTable | str" = "the table") -> HiveType:
    """An Iceberg type as the catalog has it. Raises SqlError on one that the engine does not read."""
    if isinstance(kind, StructType):
        return HiveType("struct", (), tuple((f.name.lower(), hive_type_of(f.field_type, table)) for f in kind.fields))
    if isinstance(kind, ListType):
        return HiveType("array", (), (("element", hive_type_of(kind.element_type, table)),))
    if isinstance(kind, MapType):
        inner = (hive_type_of(kind.key_type, table), hive_type_of(kind.value_type, table))
        return HiveType("map", (), (("key", inner[0]), ("value", inner[1])))
    name = str(kind)
    if name.startswith("decimal("):
        precision, scale = name[8:-1].split(",")
        return HiveType("decimal", (int(precision), int(scale)))
    if name.startswith("fixed["):
        return HiveType("binary")
    if name not in TYPES:
        problem = f"{table} has a column of Iceberg's type {name}, which the embedded engine does not read"
        raise SqlError(f"{problem}; run the query on the stack (LAKEBOX_TARGET=compose)", "NOT_SUPPORTED")
    return HiveType(TYPES[name])


def register_iceberg(
    connection: duckdb.DuckDBPyConnection, name: str, tables: FolderTables, scan: IcebergScan
) -> set[str]:
    """Make the view `name` of a table's rows; the folders that it reads."""
    plain, mended, deletes = _files(tables, scan)
    _check_ids(connection, scan, [*plain, *mended])
    shown = _selected(scan.columns)
    parts = [f"SELECT {shown} FROM {_source(plain, scan)}"] if plain else []  # noqa: S608 our own text
    if mended:
        files, gone = quoted(f"{name} files"), quoted(f"{name} deletes")
        connection.execute(f"CREATE TABLE {files} AS SELECT {', '.join(unnested(list(mended.items()), FILE_NAMES))}")
        listed = f"read_parquet([{', '.join(map(literal, sorted(deletes)))}])"
        connection.execute(f"CREATE VIEW {gone} AS SELECT file_path, pos FROM {listed}")  # noqa: S608
        rows = f'{_source(list(mended), scan, positions=True)} r JOIN {files} f USING ("$file")'
        test = f'SELECT 1 FROM {gone} d WHERE d.file_path = f."$uri" AND d.pos = r.file_row_number'  # noqa: S608
        parts.append(f"SELECT {shown} FROM {rows} WHERE NOT EXISTS ({test})")  # noqa: S608
    empty = ", ".join(f"CAST(NULL AS {duckdb_name(kind)}) AS {quoted(one)}" for one, kind in scan.columns.items())
    connection.execute(f"CREATE VIEW {quoted(name)} AS {' UNION ALL '.join(parts) or f'SELECT {empty} LIMIT 0'}")
    return {str(Path(path).parent) for path in (*plain, *mended, *deletes)}


def _files(tables: FolderTables, scan: IcebergScan) -> tuple[list[str], dict[str, str], set[str]]:
    """The snapshot's data files without deletes, those with deletes (URI by path), and the files of the deletes."""
    plain: list[str] = []
    mended: dict[str, str] = {}
    deletes: set[str] = set()
    tasks = [] if scan.snapshot_id is None else scan.table.scan(snapshot_id=scan.snapshot_id).plan_files()
    for task in tasks:
        path = _path(tables, task.file.file_path)
        if task.file.file_format.name != "PARQUET":
            problem = f"the embedded engine reads Iceberg's Parquet files only, no {task.file.file_format.name}"
            raise SqlError(f"{problem}; run the query on the stack (LAKEBOX_TARGET=compose)", "NOT_SUPPORTED")
        for delete in task.delete_files:
            if delete.content != DataFileContent.POSITION_DELETES or delete.file_format.name != "PARQUET":
                problem = "the table has equality deletes or deletion vectors, which the embedded engine does not read"
                raise SqlError(f"{problem}; rewrite its files, or run the query on the stack", "NOT_SUPPORTED")
            deletes.add(_path(tables, delete.file_path))
        if task.delete_files:
            mended[path] = task.file.file_path
        else:
            plain.append(path)
    return plain, mended, deletes


FILE_NAMES = {"$file": HiveType("string"), "$uri": HiveType("string")}


def _path(tables: FolderTables, uri: str) -> str:
    try:
        return str(tables.buckets.path_of(uri))
    except ServiceError as error:
        raise SqlError(f"a file of the table can't be read: {error.message}", "ICEBERG_BAD_DATA") from None


def _selected(columns: Columns) -> str:
    return ", ".join(
        f"CAST({quoted(column)} AS {duckdb_name(kind)}) AS {quoted(column)}" for column, kind in columns.items()
    )


def _source(paths: Sequence[str], scan: IcebergScan, *, positions: bool = False) -> str:
    """The files' rows with the columns of the snapshot's schema, whatever they were called when written."""
    fields = ", ".join(
        f"{scan.ids[column]}: {{name: {literal(column)}, type: {literal(duckdb_name(kind))}, default_value: NULL}}"
        for column, kind in scan.columns.items()
    )
    extra = ", file_row_number = true, filename = '$file'" if positions else ""
    return f"read_parquet([{', '.join(map(literal, paths))}], schema = MAP {{{fields}}}{extra})"


def _check_ids(connection: duckdb.DuckDBPyConnection, scan: IcebergScan, paths: Sequence[str]) -> None:
    """Raise SqlError on files without ids of columns, and on fields within columns that were renamed since."""
    if not paths:
        return
    text = f"SELECT DISTINCT name, field_id FROM parquet_schema([{', '.join(map(literal, paths))}])"  # noqa: S608
    found = connection.execute(f"{text} WHERE field_id IS NOT NULL").fetchall()
    if not found:
        problem = "the table's files have no ids of columns (they were added as they are)"
        raise SqlError(f"{problem}; rewrite them, or run the query on the stack", "NOT_SUPPORTED")
    top = set(scan.ids.values())
    schema = scan.table.schema()
    for name, number in found:
        now: Any = schema.find_column_name(number)
        if number not in top and now is not None and now.rsplit(".", 1)[-1] not in (name, "element", "key", "value"):
            problem = (
                f"the field {name} within a column was renamed to {now}, which the embedded engine does not follow"
            )
            raise SqlError(f"{problem}; run the query on the stack", "NOT_SUPPORTED")
