"""Athena's SQL on DuckDB, over the Parquet objects that the catalog names.

Each query has a connection of its own, in memory, that can read the folders of its tables and nothing else. Footers are
read before the query is measured, so that bytes scanned are what Athena counts: column chunks of the row groups that
partitions, columns and statistics leave to read. Spark's timestamps have a zone and the catalog's have none; DuckDB
prunes by the cast between them with a margin of two hours, so row groups that close to a bound are read, too.
"""

import ctypes
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import duckdb
from duckdb.func import SPECIAL

from lakebox.athena.dialect.casts import YEAR_MONTH
from lakebox.athena.dialect.translate import column_name, tables_of, to_duckdb
from lakebox.athena.engine import QueryResult, SqlError
from lakebox.athena.json_scalar import json_scalar, json_value
from lakebox.athena.metadata_statements import answer_from_catalog
from lakebox.athena.result_text import real_text, scientific_text
from lakebox.glue.catalog import Catalog, RegisteredTable
from lakebox.glue.column_types import duckdb_type

STACK_DEPTH = 20_000  # of Python's calls: sqlglot takes about twenty for each pair of parentheses
PATTERN = re.compile(r"[*?\[]")
ATHENA_TYPES = {
    "VARCHAR": "varchar",
    "BIGINT": "bigint",
    "HUGEINT": "bigint",  # sums of integers; a value beyond bigint is refused
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "TINYINT": "tinyint",
    "DOUBLE": "double",
    "FLOAT": "real",
    "BOOLEAN": "boolean",
    "DATE": "date",
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "timestamp(3)"),
    "TIMESTAMP WITH TIME ZONE": "timestamp(3) with time zone",
    "JSON": "json",
    "BLOB": "varbinary",
    "INTERVAL": "interval day to second",
    "STRUCT(year_month VARCHAR)": "interval year to month",
    '"NULL"': "unknown",
}


class DuckDbEngine:
    """Queries over a catalog's tables, whose files are named by their paths below `root`, a folder."""

    def __init__(self, catalog: Catalog, root: str) -> None:
        self._catalog, self._root = catalog, root

    def query(self, sql: str) -> QueryResult:
        """Answer one statement in Athena's SQL; raises SqlError."""
        start = monotonic()
        answered = answer_from_catalog(sql, self._catalog)
        if answered is not None:
            columns, rows = answered
            return QueryResult(columns, rows, 0, monotonic() - start)
        try:
            text, tables = self._translated(sql)
        except RecursionError:
            raise SqlError("the query is nested too deeply; take inner parts out with WITH") from None
        with ExitStack() as stack:
            root = stack.enter_context(_without_patterns(str(Path(self._root).absolute())))
            connection = stack.enter_context(duckdb.connect(":memory:"))
            _prepare(connection, root, tables)
            return _measured(connection, text, start)

    def _translated(self, sql: str) -> tuple[str, dict[str, RegisteredTable]]:
        """DuckDB's text of a query, and the tables that it reads by their names."""
        sys.setrecursionlimit(max(sys.getrecursionlimit(), STACK_DEPTH))
        names = tables_of(sql)
        known = self._catalog.table_names()
        unknown = sorted(names - set(known))
        if unknown:
            raise SqlError(f"no table {unknown[0]}; tables: {', '.join(known) or 'none yet: run lakebox run first'}")
        tables = {name: self._catalog.table(name) for name in sorted(names)}
        return to_duckdb(sql, {name: _types(table) for name, table in tables.items()}), tables


@contextmanager
def _without_patterns(folder: str) -> Iterator[str]:
    """A path of the folder that DuckDB takes for itself: it would read `lake[1]` as a pattern that names `lake1`.

    Such a folder gets a name without these characters for the time of the query: a link in a temporary folder.
    """
    if not PATTERN.search(folder):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="lakebox-sql-") as temporary:
        link = Path(temporary, "lake")
        link.symlink_to(folder)
        yield str(link)


def _types(table: RegisteredTable) -> dict[str, str]:
    definition = table.definition
    return {column.name: duckdb_type(column.type) for column in (*definition.columns, *definition.partitions)}


def _prepare(connection: duckdb.DuckDBPyConnection, root: str, tables: dict[str, RegisteredTable]) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET default_null_order = 'nulls_last'")
    connection.execute("SET parquet_metadata_cache = true")
    connection.execute("SET parquet_prefetch_column_gap = 0")  # else gaps between columns are read, too, and counted
    if connection.execute("SELECT current_setting('enable_progress_bar')").fetchall() == [(True,)]:
        connection.execute("SET enable_progress_bar = false")  # in a notebook without widgets it can't even be set
    locations = {table.definition.location for table in tables.values()}
    patterns = {PATTERN.sub(r"[\g<0>]", location) for location in locations}  # as the views name them
    folders = sorted(f"{root}/{location}" for location in locations | patterns)
    connection.execute(f"SET allowed_directories = [{', '.join(map(_literal, folders))}]")
    connection.execute("SET enable_external_access = false")
    for name, function in (("json_scalar_text", json_scalar), ("json_value_text", json_value)):
        connection.create_function(name, function, ["VARCHAR", "VARCHAR"], "VARCHAR", null_handling=SPECIAL)
    connection.create_function("real_cast_text", real_text, ["FLOAT"], "VARCHAR")
    connection.create_function("double_cast_text", scientific_text, ["DOUBLE"], "VARCHAR")
    for name, table in tables.items():
        try:
            _create_view(connection, root, name, table)
        except duckdb.Error as error:
            hint = "take away what is no Parquet file, or bring the catalog in line with lakebox crawl"
            raise SqlError(f"cannot read table {name}: {_one_line(str(error))}; {hint}") from error
    connection.execute("SET enable_profiling = 'no_output'")
    connection.execute("SET lock_configuration = true")


def _create_view(connection: duckdb.DuckDBPyConnection, root: str, name: str, table: RegisteredTable) -> None:
    """A view with the catalog's columns: those that a file lacks are null, those that only a file has are left out."""
    types = _types(table)
    keys = (key for partition in table.partitions for key in partition.files)
    shown = [key for key in keys if key.endswith(".parquet") and not _is_hidden(key)]
    files = [f"{root}/" + PATTERN.sub(r"[\g<0>]", key) for key in shown]
    if not files:
        columns = ", ".join(f'NULL::{kind} AS "{column}"' for column, kind in types.items())
        connection.execute(f'CREATE VIEW "{name}" AS SELECT {columns} WHERE false')
        return
    partitions = ", ".join(f"{_literal(column.name)}: {types[column.name]}" for column in table.definition.partitions)
    hive = f"hive_partitioning = true, hive_types = {{{partitions}}}" if partitions else "hive_partitioning = false"
    source = f"read_parquet([{', '.join(map(_literal, files))}], union_by_name = true, {hive})"
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608 the lake's files
    there = {row[0].lower() for row in described}
    columns = ", ".join(
        f'CAST("{column}" AS {kind}) AS "{column}"' if column in there else f'NULL::{kind} AS "{column}"'
        for column, kind in types.items()
    )
    connection.execute(f'CREATE VIEW "{name}" AS SELECT {columns} FROM {source}')  # noqa: S608 the catalog's names


def _is_hidden(key: str) -> bool:
    """Athena leaves files alone whose name starts with _ or a dot."""
    return key.rsplit("/", 1)[-1].startswith(("_", "."))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _measured(connection: duckdb.DuckDBPyConnection, text: str, start: float) -> QueryResult:
    try:
        cursor = connection.execute(text)
        rows = cursor.fetchall()
    except duckdb.Error as error:
        raise SqlError(_one_line(str(error))) from error
    kinds = [str(column[1]) for column in cursor.description or ()]
    names = [column_name(column[0], number) for number, column in enumerate(cursor.description or ())]
    columns = tuple((name, _athena_type(kind)) for name, kind in zip(names, kinds, strict=True))
    _check_sums(kinds, rows)
    if any("FLOAT" in kind or YEAR_MONTH in kind for kind in kinds):
        rows = [tuple(_as_athenas(value, kind) for value, kind in zip(row, kinds, strict=True)) for row in rows]
    profile = json.loads(connection.get_profiling_information(format="json"))
    return QueryResult(columns, rows, int(profile.get("io", {}).get("total_bytes_read", 0)), monotonic() - start)


def _check_sums(kinds: list[str], rows: list[tuple[Any, ...]]) -> None:
    """Athena sums integers as bigint, and fails beyond it."""
    for number in (number for number, kind in enumerate(kinds) if kind == "HUGEINT"):
        for row in rows:
            if row[number] is not None and not -(2**63) <= row[number] < 2**63:
                raise SqlError(f"bigint addition overflow: {row[number]}; cast to decimal(38,0) before the sum")


def _as_athenas(value: Any, kind: str) -> Any:
    """A real as the double that prints alike: 0.1, not 0.10000000149011612; years and months as their text."""
    if YEAR_MONTH in kind and isinstance(value, dict):
        return value.get(YEAR_MONTH, value)
    if isinstance(value, list):
        return [_as_athenas(item, kind.removesuffix("[]")) for item in value]
    if kind != "FLOAT" or not isinstance(value, float):
        return value
    texts = (f"{value:.{digits}g}" for digits in range(6, 10))
    return next((float(text) for text in texts if ctypes.c_float(float(text)).value == value), value)


def _athena_type(name: str) -> str:
    if name.endswith("[]"):
        return f"array({_athena_type(name[:-2])})"
    return ATHENA_TYPES.get(name, re.sub(r"^(tuple|struct)\(", "row(", name.lower()))


def _one_line(message: str) -> str:
    """DuckDB's error without its position art."""
    first = message.split("\n\n")[0].split("\nLINE ")[0]
    return re.sub(r"\s+", " ", first).strip()
