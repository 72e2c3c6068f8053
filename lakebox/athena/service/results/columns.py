"""Columns of results as Athena describes them: its names of types, with precision and scale (ColumnInfo)."""

import re
from typing import Any

from lakebox.athena.service.statement import ResultColumn

SIZED = re.compile(r"(\w+)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)(.*)", re.DOTALL)
UNBOUNDED = 2147483647
PRECISIONS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19, "double": 17, "float": 17,
              "varchar": UNBOUNDED, "varbinary": 1073741824, "time": 3, "timestamp": 3,
              "time with time zone": 3, "timestamp with time zone": 3}  # fmt: skip
NAMES = {"real": "float"}


def result_column(name: str, type_text: str) -> ResultColumn:
    """The column of a result. type_text: Trino's type of it, such as decimal(10,2), varchar, array(row(a integer))."""
    text = type_text.strip().lower()
    base = text.partition("(")[0].strip()
    sized = SIZED.fullmatch(text) if base in ("decimal", "varchar", "char", "time", "timestamp") else None
    if sized is None:
        base = NAMES.get(base, base)
        return ResultColumn(name, base, PRECISIONS.get(base, 0))
    if base in ("time", "timestamp"):
        return ResultColumn(name, base + sized[4], 3)
    return ResultColumn(name, base, int(sized[2]), int(sized[3] or 0))


def column_info(column: ResultColumn) -> dict[str, Any]:
    """A column as GetQueryResults gives it."""
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": column.name,
        "Label": column.name,
        "Type": column.type,
        "Precision": column.precision,
        "Scale": column.scale,
        "Nullable": column.nullable,
        "CaseSensitive": column.type in ("varchar", "char"),
    }
