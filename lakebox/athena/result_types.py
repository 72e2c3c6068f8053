"""Types, names and values of a result: from DuckDB's to Athena's, and to the catalog's."""

import ctypes
from collections.abc import Iterator
from typing import Any

from lakebox.athena.dialect.casts import YEAR_MONTH
from lakebox.athena.dialect.times import ZONED
from lakebox.athena.engine import SqlError

ATHENA_TYPES = {
    "hugeint": "bigint",  # sums of integers; a value beyond bigint is refused
    "float": "real",
    "timestamp": "timestamp(3)",
    "time": "time(3)",
    "timestamp_s": "timestamp(3)",
    "timestamp_ms": "timestamp(3)",
    "timestamp_ns": "timestamp(3)",
    "timestamp with time zone": "timestamp(3) with time zone",
    "blob": "varbinary",
    "interval": "interval day to second",
    "sqlnull": "unknown",
    '"null"': "unknown",
}
HIVE_TYPES = {
    "integer": "int",
    "real": "float",
    "varchar": "string",
    "varbinary": "binary",
    "timestamp(3)": "timestamp",
}
KEPT = ("tinyint", "smallint", "bigint", "double", "boolean", "date")


def athena_type(kind: Any) -> str:
    """Athena's name of one of DuckDB's types: row(a integer), array(varchar), decimal(10,2)."""
    name = str(kind).lower()
    if kind.id == "list":
        return f"array({athena_type(kind.children[0][1])})"
    if kind.id == "map":
        return f"map({athena_type(kind.children[0][1])}, {athena_type(kind.children[1][1])})"
    if kind.id in ("struct", "tuple"):
        if name.startswith(f"struct({YEAR_MONTH} "):
            return "interval year to month"
        if name.startswith(f"struct({ZONED}_at "):
            return "timestamp(3) with time zone"
        fields = [f"{field} {athena_type(inner)}".strip() for field, inner in kind.children]
        return f"row({', '.join(fields)})"
    return ATHENA_TYPES.get(name, name)


def hive_type_of(kind: Any) -> str:
    """The catalog's type for one of DuckDB's. Raises SqlError on a type that no table's column has."""
    if kind.id == "list":
        return f"array<{hive_type_of(kind.children[0][1])}>"
    if kind.id == "map":
        return f"map<{hive_type_of(kind.children[0][1])},{hive_type_of(kind.children[1][1])}>"
    name = athena_type(kind)
    if kind.id == "struct" and name.startswith("row("):
        return "struct<" + ",".join(f"{field}:{hive_type_of(inner)}" for field, inner in kind.children) + ">"
    if name in KEPT or name.startswith("decimal("):
        return name
    if name not in HIVE_TYPES:
        raise SqlError(f"Unsupported Hive type: {name}; cast the column to another one", "NOT_SUPPORTED")
    return HIVE_TYPES[name]


def athenas_rows(rows: list[tuple[Any, ...]], kinds: list[Any]) -> Iterator[tuple[Any, ...]]:
    """DuckDB's rows as Athena's: reals print alike, sums of integers are bigint or fail."""
    names = [str(kind) for kind in kinds]
    if not any("FLOAT" in name or "HUGEINT" in name or YEAR_MONTH in name or ZONED in name for name in names):
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
    if name.startswith(f"STRUCT({ZONED}_at ") and isinstance(value, dict):
        return value[ZONED]
    if name == "HUGEINT" and not -(2**63) <= value < 2**63:
        problem = f"bigint addition overflow: {value}; cast to decimal(38,0) before the sum"
        raise SqlError(problem, "NUMERIC_VALUE_OUT_OF_RANGE")
    if kind.id == "list":
        inner = kind.children[0][1]
        return [_as_athenas(item, inner, str(inner)) for item in value]
    if kind.id == "struct" and isinstance(value, dict):
        types = dict(kind.children)
        return {key: _as_athenas(item, types[key], str(types[key])) for key, item in value.items()}
    if kind.id == "tuple" and isinstance(value, tuple):
        return tuple(
            _as_athenas(item, inner, str(inner)) for item, (_, inner) in zip(value, kind.children, strict=True)
        )
    if kind.id == "map" and isinstance(value, dict):
        inner = kind.children[1][1]
        return {key: _as_athenas(item, inner, str(inner)) for key, item in value.items()}
    if name != "FLOAT" or not isinstance(value, float):
        return value
    texts = (f"{value:.{digits}g}" for digits in range(6, 10))
    return next((float(text) for text in texts if ctypes.c_float(float(text)).value == value), value)
