"""Iceberg's schema for columns of the catalog's types."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from pyiceberg import types
from pyiceberg.schema import Schema, assign_fresh_schema_ids
from pyiceberg.types import NestedField

from lakebox.athena.engine import SqlError
from lakebox.athena.tables.hive_types import HiveType

SIMPLE: dict[str, Any] = {
    **dict.fromkeys(("tinyint", "smallint", "int"), types.IntegerType),
    **dict.fromkeys(("string", "varchar"), types.StringType),
    "bigint": types.LongType, "float": types.FloatType, "double": types.DoubleType, "boolean": types.BooleanType,
    "binary": types.BinaryType, "date": types.DateType, "timestamp": types.TimestampType,
    "timestamp with local time zone": types.TimestamptzType,
}  # fmt: skip


def iceberg_schema(columns: list[tuple[str, HiveType, str]]) -> Schema:
    """An Iceberg schema of columns (name, type, comment); ids are given in order, fields of columns last."""
    numbers = count(len(columns) + 1)
    fields = [
        NestedField(number, name, iceberg_type(kind, numbers), doc=comment or None, required=False)
        for number, (name, kind, comment) in enumerate(columns, 1)
    ]
    return assign_fresh_schema_ids(Schema(*fields))


def iceberg_type(kind: HiveType, numbers: Iterator[int]) -> Any:
    """Iceberg's type; numbers: ids for the fields within it."""
    if kind.name == "decimal":
        return types.DecimalType(*kind.numbers)
    inner = [(name, iceberg_type(field, numbers)) for name, field in kind.fields]
    if kind.name == "array":
        return types.ListType(next(numbers), inner[0][1], element_required=False)
    if kind.name == "map":
        return types.MapType(next(numbers), inner[0][1], next(numbers), inner[1][1], value_required=False)
    if kind.name == "struct":
        return types.StructType(*(NestedField(next(numbers), name, field, required=False) for name, field in inner))
    if kind.name not in SIMPLE:
        raise SqlError(f"Type not supported for Iceberg: {kind.name}", "NOT_SUPPORTED")
    return SIMPLE[kind.name]()
