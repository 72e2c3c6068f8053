"""Athena's SQL on DuckDB, over every database and table of the embedded Data Catalog."""

import ctypes
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from catalog.tables import DATABASE
from lakebox.athena.dialect.casts import YEAR_MONTH
from lakebox.athena.dialect.translate import column_name
from lakebox.athena.duckdb_session import opened
from lakebox.athena.engine import QueryResult, SqlError
from lakebox.athena.tables.binding import Binder
from lakebox.athena.tables.catalog_tables import CatalogTables
from lakebox.endpoint.buckets import Buckets
from lakebox.endpoint.service import Operation

STACK_DEPTH = 20_000  # of Python's calls: sqlglot takes about twenty for each pair of parentheses
ATHENA_TYPES = {
    "hugeint": "bigint",  # sums of integers; a value beyond bigint is refused
    "float": "real",
    "timestamp": "timestamp(3)",
    "timestamp_s": "timestamp(3)",
    "timestamp_ms": "timestamp(3)",
    "timestamp_ns": "timestamp(3)",
    "timestamp with time zone": "timestamp(3) with time zone",
    "blob": "varbinary",
    "interval": "interval day to second",
    "sqlnull": "unknown",
    '"null"': "unknown",
}


class DuckDbEngine:
    """Statements over the tables that the catalog's operations name; `folder` holds the buckets."""

    def __init__(self, operations: Mapping[str, Operation], folder: str) -> None:
        self._tables = CatalogTables(operations, Buckets(Path(folder)))

    def query(self, sql: str, database: str = DATABASE) -> QueryResult:
        """Answer one statement in Athena's SQL; raises SqlError."""
        start = monotonic()
        sys.setrecursionlimit(max(sys.getrecursionlimit(), STACK_DEPTH))
        try:
            bound = Binder(self._tables).bind(sql, database)
            with opened(self._tables) as session:
                cursor = session.execute(session.prepare(bound))
                description = cursor.description or ()
                kinds = [column[1] for column in description]
                names = [column_name(column[0], number) for number, column in enumerate(description)]
                with session.errors():
                    rows = list(athenas_rows(cursor.fetchall(), kinds))
                columns = tuple((name, athena_type(kind)) for name, kind in zip(names, kinds, strict=True))
                return QueryResult(columns, rows, session.scanned_bytes(), monotonic() - start)
        except RecursionError:
            raise SqlError("the query is nested too deeply; take inner parts out with WITH") from None


def athenas_rows(rows: list[tuple[Any, ...]], kinds: list[Any]) -> Iterator[tuple[Any, ...]]:
    """DuckDB's rows as Athena's: reals print alike, sums of integers are bigint or fail."""
    names = [str(kind) for kind in kinds]
    if not any("FLOAT" in name or "HUGEINT" in name or YEAR_MONTH in name for name in names):
        yield from rows
        return
    for row in rows:
        yield tuple(_as_athenas(value, kind, name) for value, kind, name in zip(row, kinds, names, strict=True))


def _as_athenas(value: Any, kind: Any, name: str) -> Any:
    """A real as the double that prints alike: 0.1, not 0.10000000149011612; years and months as their text."""
    if value is None:
        return None
    if YEAR_MONTH in name and isinstance(value, dict):
        return value.get(YEAR_MONTH, value)
    if name == "HUGEINT" and not -(2**63) <= value < 2**63:
        raise SqlError(f"bigint addition overflow: {value}; cast to decimal(38,0) before the sum",
                       "NUMERIC_VALUE_OUT_OF_RANGE")  # fmt: skip
    if kind.id == "list":
        inner = kind.children[0][1]
        return [_as_athenas(item, inner, str(inner)) for item in value]
    if kind.id == "struct" and isinstance(value, dict):
        types = dict(kind.children)
        return {key: _as_athenas(item, types[key], str(types[key])) for key, item in value.items()}
    if kind.id == "map" and isinstance(value, dict):
        inner = kind.children[1][1]
        return {key: _as_athenas(item, inner, str(inner)) for key, item in value.items()}
    if name != "FLOAT" or not isinstance(value, float):
        return value
    texts = (f"{value:.{digits}g}" for digits in range(6, 10))
    return next((float(text) for text in texts if ctypes.c_float(float(text)).value == value), value)


def athena_type(kind: Any) -> str:
    """Athena's name of one of DuckDB's types: row(a integer), array(varchar), decimal(10,2)."""
    name = str(kind).lower()
    if kind.id == "list":
        return f"array({athena_type(kind.children[0][1])})"
    if kind.id == "map":
        return f"map({athena_type(kind.children[0][1])}, {athena_type(kind.children[1][1])})"
    if kind.id == "struct":
        if name.startswith(f"struct({YEAR_MONTH} "):
            return "interval year to month"
        fields = [f"{field} {athena_type(inner)}".strip() for field, inner in kind.children]
        return f"row({', '.join(fields)})"
    return ATHENA_TYPES.get(name, name)
