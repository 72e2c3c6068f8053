"""Column types as the catalog writes them (Hive's: array<struct<a:int>>), and each engine's words for the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakebox.athena.engine import SqlError

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlglot import exp

WORD = re.compile(r"\s*(`[^`]*`|[<>,:()]|[^\s<>,:()`]+)\s*")
SAME = {"integer": "int", "long": "bigint", "real": "float", "numeric": "decimal", "varbinary": "binary"}
DUCKDB = {"tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT", "float": "FLOAT",
          "double": "DOUBLE", "string": "VARCHAR", "varchar": "VARCHAR", "char": "VARCHAR", "boolean": "BOOLEAN",
          "binary": "BLOB", "date": "DATE", "timestamp": "TIMESTAMP",
          "timestamp with local time zone": "TIMESTAMPTZ"}  # fmt: skip
ATHENA = {"int": "integer", "float": "real", "string": "varchar", "binary": "varbinary", "timestamp": "timestamp(3)",
          "timestamp with local time zone": "timestamp(6) with time zone"}  # fmt: skip


@dataclass(frozen=True)
class HiveType:
    """A type: its name in lower case, the numbers of decimal(10,2) or varchar(5), the fields of a nested one.

    Fields are (name, type): of an array the one field "element", of a map "key" and "value".
    """

    name: str
    numbers: tuple[int, ...] = ()
    fields: tuple[tuple[str, "HiveType"], ...] = ()


FILE_COLUMNS = {  # hidden columns that tell of a row's file
    "$path": HiveType("string"),
    "$file_size": HiveType("bigint"),
    "$file_modified_time": HiveType("timestamp"),
}


def hive_type(text: str) -> HiveType:
    """A type from the catalog's text. Raises SqlError on a text that is no type."""
    if text.strip().lower() in DUCKDB:
        return HiveType(text.strip().lower())
    try:
        return _read(iter(match[1] for match in WORD.finditer(text)))
    except (StopIteration, ValueError, KeyError, RecursionError):
        problem = f"{text!r} is no type of the catalog's; mend the table's column"
        raise SqlError(problem, "HIVE_INVALID_METADATA") from None


def _read(words: "Iterator[str]") -> HiveType:
    found, after = _type(words, next(words))
    if after is not None:
        raise ValueError(after)
    return found


def _type(words: "Iterator[str]", word: str) -> tuple[HiveType, str | None]:
    """A type and the word after it."""
    name = SAME.get(word.lower(), word.lower())
    after = next(words, None)
    if after == "<":
        fields, after = _fields(words, name), next(words, None)
        return HiveType(name, (), fields), after
    numbers: tuple[int, ...] = ()
    if after == "(":
        while after != ")":
            numbers += (int(next(words)),)
            after = next(words)
        after = next(words, None)
    if name == "decimal":
        numbers = (*numbers, *(10, 0)[len(numbers) :])
    elif name not in DUCKDB:
        raise KeyError(name)
    return HiveType(name, numbers), after


def _fields(words: "Iterator[str]", name: str) -> tuple[tuple[str, HiveType], ...]:
    names = {"array": ("element",), "map": ("key", "value")}.get(name, ())
    if not names and name != "struct":
        raise KeyError(name)
    fields: list[tuple[str, HiveType]] = []
    after: str | None = ","
    while after == ",":
        word = next(words)
        if name == "struct":
            label = word.strip("`").lower()
            if next(words) != ":":
                raise ValueError(label)
            word = next(words)
        else:
            label = names[len(fields)]
        kind, after = _type(words, word)
        fields.append((label, kind))
    if after != ">" or (names and len(fields) != len(names)):
        raise ValueError(name)
    return tuple(fields)


def duckdb_name(kind: HiveType) -> str:
    """The type in DuckDB's words."""
    inner = [duckdb_name(field) for _, field in kind.fields]
    if kind.name == "array":
        return f"{inner[0]}[]"
    if kind.name == "map":
        return f"MAP({inner[0]}, {inner[1]})"
    if kind.name == "struct":
        names = (name.replace('"', '""') for name, _ in kind.fields)
        return "STRUCT(" + ", ".join(f'"{name}" {text}' for name, text in zip(names, inner, strict=True)) + ")"
    if kind.name == "decimal":
        return f"DECIMAL({kind.numbers[0]}, {kind.numbers[1]})"
    return DUCKDB[kind.name]


def athena_name(kind: HiveType) -> str:
    """The type in Athena's (Trino's) words: varchar, row(a integer), timestamp(3)."""
    if kind.name == "struct":
        return "row(" + ", ".join(f"{name} {athena_name(field)}" for name, field in kind.fields) + ")"
    if kind.fields:
        return f"{kind.name}({', '.join(athena_name(field) for _, field in kind.fields)})"
    numbers = f"({','.join(map(str, kind.numbers))})" if kind.numbers else ""
    return ATHENA.get(kind.name, kind.name) + numbers


def hive_name(kind: HiveType) -> str:
    """The type in the catalog's own words."""
    if kind.name == "struct":
        return "struct<" + ",".join(f"{name}:{hive_name(field)}" for name, field in kind.fields) + ">"
    if kind.fields:
        return f"{kind.name}<{','.join(hive_name(field) for _, field in kind.fields)}>"
    return kind.name + (f"({','.join(map(str, kind.numbers))})" if kind.numbers else "")


def sql_type(kind: HiveType) -> "exp.DataType":
    """The type as a node of the dialect's trees."""
    from sqlglot import exp

    if kind.name == "struct":
        members = [
            exp.ColumnDef(this=exp.to_identifier(name, quoted=True), kind=sql_type(field))
            for name, field in kind.fields
        ]
        return exp.DataType(this=exp.DType.STRUCT, expressions=members, nested=True)
    if kind.fields:
        names = exp.DType.ARRAY if kind.name == "array" else exp.DType.MAP
        return exp.DataType(this=names, expressions=[sql_type(field) for _, field in kind.fields], nested=True)
    return exp.DataType.build(duckdb_name(kind), dialect="duckdb")


def arrow_type(kind: HiveType) -> "pa.DataType":
    """The type in Arrow's words; timestamps have microseconds and no zone."""
    import pyarrow as pa

    if kind.name == "array":
        return pa.list_(arrow_type(kind.fields[0][1]))
    if kind.name == "map":
        return pa.map_(arrow_type(kind.fields[0][1]), arrow_type(kind.fields[1][1]))
    if kind.name == "struct":
        return pa.struct([pa.field(name, arrow_type(field)) for name, field in kind.fields])
    if kind.name == "decimal":
        return pa.decimal128(*kind.numbers)
    names = {"tinyint": "int8", "smallint": "int16", "int": "int32", "bigint": "int64", "float": "float32",
             "double": "float64", "boolean": "bool_", "binary": "binary", "date": "date32"}  # fmt: skip
    if kind.name.startswith("timestamp"):
        return pa.timestamp("us", "UTC" if kind.name != "timestamp" else None)
    return getattr(pa, names.get(kind.name, "string"))()
