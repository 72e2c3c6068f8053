"""A table's Parquet files as a DuckDB view with the catalog's columns.

DuckDB takes the values of partitions from `key=value` folders and reads those folders only that a query needs. Files of
partitions that lie elsewhere are shown to it by links under such names, in a temporary folder.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from lakebox.athena.engine import SqlError
from lakebox.athena.tables.catalog_tables import CatalogTable
from lakebox.athena.tables.folder_tables import FolderTables
from lakebox.athena.tables.given_rows import literal, quoted, unnested
from lakebox.athena.tables.hive_types import FILE_COLUMNS, HiveType, athena_name, duckdb_name
from lakebox.athena.tables.partitions import DataFile, TableFiles, standard_folder

PATTERN = re.compile(r"[*?\[]")
WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
BYTES = {"VARCHAR", "BLOB", "ENUM", "JSON"}
TIMES = {"TIMESTAMP", "TIMESTAMP_MS", "TIMESTAMP_S", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"}
READABLE: dict[str, set[str]] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), WHOLE),
    "decimal": WHOLE | {"DECIMAL"},
    "float": {"FLOAT"},
    "double": {"FLOAT", "DOUBLE"},
    **dict.fromkeys(("string", "varchar", "char", "binary"), BYTES),
    **dict.fromkeys(("timestamp", "timestamp with local time zone"), TIMES),
    "boolean": {"BOOLEAN"},
    "date": {"DATE"},
}


def create_parquet_view(
    connection: duckdb.DuckDBPyConnection, name: str, given: TableFiles, links: Callable[[], Path]
) -> None:
    """Make the view `name`. Columns that a file lacks are null; those that only a file has are left out.

    links: gives an empty folder of the query's own, for links
    Raises SqlError where a file is no Parquet, or has a column of another type than the table's.
    """
    table, columns = given.table, given.columns
    paths = _paths(table, given.files, links)
    files = dict(zip(paths, given.files, strict=True))
    listed = ", ".join(map(literal, paths))
    try:
        there = _columns_of_files(connection, given, files)
        keys = ", ".join(f"{literal(key)}: {duckdb_name(kind)}" for key, kind in table.keys.items())
        hive = f"hive_partitioning = true, hive_types = {{{keys}}}" if keys else "hive_partitioning = false"
        source = f"read_parquet([{listed}], union_by_name = true, {hive}, filename = '$file')"
        if any(column.startswith("$") for column in columns):
            facts = f"{name} files"
            _create_file_facts(connection, facts, given.tables, files)
            source += f' JOIN {quoted(facts)} USING ("$file")'
        there.update({column: "" for column in columns if column in table.keys or column.startswith("$")})
        shown = ", ".join(_shown(column, kind, there) for column, kind in columns.items())
        connection.execute(f"CREATE VIEW {quoted(name)} AS SELECT {shown} FROM {source}")  # noqa: S608 the catalog's
    except duckdb.Error as error:
        raise SqlError(_unreadable(table, str(error)), "HIVE_CANNOT_OPEN_SPLIT") from error


def _unreadable(table: CatalogTable, message: str) -> str:
    first = re.sub(r"\s+", " ", message.split("\n\n")[0].split("\nLINE ")[0]).strip()
    hint = "take away what is no Parquet file, or bring the catalog in line with lakebox crawl"
    return f"cannot read table {table.name}: {first}; {hint}"


def _paths(table: CatalogTable, files: Sequence[DataFile], links: Callable[[], Path]) -> list[str]:
    """The files' paths as DuckDB is given them: their own, or links in key=value folders for all of them."""
    keys = tuple(table.keys)
    if all(_is_standard(file, keys) for file in files):
        return [file.path for file in files]
    folder, paths = links(), []
    for number, file in enumerate(files):
        path = folder / standard_folder(keys, file.partition.values) / f"{number}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(file.path)
        paths.append(str(path))
    return paths


def _is_standard(file: DataFile, keys: tuple[str, ...]) -> bool:
    """Whether the folders of a path say the values of its partition, and nothing else looks so or like a pattern."""
    if PATTERN.search(file.path):
        return False
    folder = standard_folder(keys, file.partition.values)
    stated = [part for part in file.path.split("/")[:-1] if "=" in part]
    return not keys or (f"/{folder}" in file.path and stated == folder.rstrip("/").split("/"))


def _columns_of_files(
    connection: duckdb.DuckDBPyConnection, given: TableFiles, files: Mapping[str, DataFile]
) -> dict[str, str]:
    """The columns that the files have, in lower case, with a type of DuckDB's. Raises SqlError on one that is wrong."""
    listed = ", ".join(map(literal, files))
    found: dict[str, str] = {}
    query = f"SELECT file_name, name, num_children, duckdb_type FROM parquet_schema([{listed}])"  # noqa: S608 our paths
    below = 0  # nodes of the column at hand that are yet to come
    file = ""
    for path, name, children, kind in connection.execute(query).fetchall():
        if path != file:
            file = path  # the first row of a file is its root
            continue
        is_top = below == 0
        below = (below - 1 if below else 0) + (children or 0)
        if is_top:
            column, plain = name.lower(), re.sub(r"\(.*", "", kind or "")
            wanted = given.table.columns.get(column)
            if wanted is not None and wanted.name in READABLE and plain not in READABLE[wanted.name]:
                problem = (
                    f"Field {name}'s type {kind} in parquet file {given.tables.uri(files[path].path)} is incompatible"
                )
                raise SqlError(f"{problem} with type {athena_name(wanted)} defined in table schema", "HIVE_BAD_DATA")
            found.setdefault(column, plain)
    return found


def _shown(column: str, kind: HiveType, there: Mapping[str, str]) -> str:
    own = quoted(column)
    if column not in there:
        return f"CAST(NULL AS {duckdb_name(kind)}) AS {own}"
    value = own
    if kind.name in ("string", "varchar", "char") and there[column] == "BLOB":
        value = f"decode({own})"
    elif kind.name == "binary" and there[column] not in ("BLOB", ""):
        value = f"encode({own})"
    if kind.name in ("varchar", "char") and kind.numbers:
        value = f"left({value}, {kind.numbers[0]})"
    return f"CAST({value} AS {duckdb_name(kind)}) AS {own}"


def _create_file_facts(
    connection: duckdb.DuckDBPyConnection, name: str, tables: FolderTables, files: Mapping[str, DataFile]
) -> None:
    facts = [
        (
            path,
            tables.uri(file.path),
            file.size,
            datetime.fromtimestamp(int(file.modified_s * 1000) / 1000, UTC).replace(tzinfo=None),
        )
        for path, file in files.items()
    ]
    columns = {"$file": HiveType("string"), **FILE_COLUMNS}
    connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT {', '.join(unnested(facts, columns))}")
