"""Rows that Python has, as DuckDB's text: parameters would make it import numpy, which takes a tenth of a second."""

from collections.abc import Sequence
from typing import Any

from lakebox.athena.tables.catalog_tables import Columns
from lakebox.athena.tables.hive_types import duckdb_name


def literal(value: Any) -> str:
    """A value as DuckDB's literal of a text; NULL for none."""
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A name as DuckDB's text has it."""
    return '"' + name.replace('"', '""') + '"'


def unnested(rows: Sequence[Sequence[Any]], columns: Columns) -> list[str]:
    """For each column the expression that gives its values, a row each; nested types are null."""
    shown = []
    for number, (name, kind) in enumerate(columns.items()):
        texts = "[" + ", ".join("NULL" if kind.fields else literal(row[number]) for row in rows) + "]"
        shown.append(f"CAST(unnest({texts}::VARCHAR[]) AS {duckdb_name(kind)}) AS {quoted(name)}")
    return shown
