"""Which column of a query fills which column of a table, and whether Athena converts its type by itself."""

import re
from typing import Any

from lakebox.athena.engine import SqlError
from lakebox.athena.result_types import athena_type
from lakebox.athena.tables.catalog_tables import Columns
from lakebox.athena.tables.hive_types import HiveType, athena_name

WHOLE = ("tinyint", "smallint", "integer", "bigint")


def values_of(targets: Columns, names: list[str] | None, columns: list[tuple[str, Any]]) -> dict[str, str]:
    """For each column of a table DuckDB's expression that fills it. Raises SqlError where types don't fit."""
    chosen = list(targets) if names is None else names
    unknown = [name for name in chosen if name not in targets]
    if unknown:
        text = f"line 1:1: Insert column name does not exist in target table: {unknown[0]}"
        raise SqlError(f"{text}; columns: {', '.join(targets)}", "COLUMN_NOT_FOUND")
    kinds = [athena_type(kind) for _, kind in columns]
    wanted = [athena_name(targets[name]) for name in chosen]
    if len(kinds) != len(wanted) or not all(
        _fits(kind, targets[name]) for kind, name in zip(kinds, chosen, strict=True)
    ):
        shown = ", ".join(wanted), ", ".join(kinds)
        problem = f"line 1:1: Insert query has mismatched column types: Table: [{shown[0]}], Query: [{shown[1]}]"
        raise SqlError(f"{problem}; cast what differs", "TYPE_MISMATCH")
    places = {name: f'"c{number}"' for number, name in enumerate(chosen)}
    return {name: places.get(name, "NULL") for name in targets}


def _fits(kind: str, target: HiveType) -> bool:
    """Whether Athena converts a value of a type to a column's by itself."""
    wanted = athena_name(target)
    if target.fields:  # lengths of texts within arrays, maps and rows are not known of a query
        wanted = re.sub(r"\bvarchar\(\d+\)", "varchar", wanted)
    if kind == wanted or kind == "unknown":
        return True
    if kind in WHOLE:
        if wanted in WHOLE:
            return WHOLE.index(kind) <= WHOLE.index(wanted)
        return wanted in ("real", "double") or target.name == "decimal"
    if kind.startswith("decimal"):
        digits = [int(number) for number in kind[8:-1].split(",")]
        if target.name == "decimal":
            return target.numbers[1] >= digits[1] and target.numbers[0] - target.numbers[1] >= digits[0] - digits[1]
        return wanted in ("real", "double")
    if kind == "real":
        return wanted == "double"
    if kind == "date":
        return target.name == "timestamp"
    if kind == "varchar":
        return target.name in ("string", "varchar")
    return "unknown" in kind and kind.split("(")[0] == wanted.split("(")[0]
