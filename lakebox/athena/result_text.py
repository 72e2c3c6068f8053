"""Rows of a query as text: a table, CSV, or JSON lines, with values as Athena prints them."""

import json
import re
from collections import Counter
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TextIO

from lakebox.athena.engine import QueryResult, SqlError

if TYPE_CHECKING:
    from rich.table import Table

JSON_AS_PRINTED = ("tinyint", "smallint", "integer", "bigint", "decimal", "boolean")
FLOATS = ("double", "real", "float")
as_json = json.JSONEncoder(ensure_ascii=False).encode
QUOTED = re.compile(r'[",\r\n]|^\s|\s$|^$')


def write_result(result: QueryResult, form: str, out: TextIO) -> None:
    """Write a result as `table`, `csv` (with a header) or `json` (one object a line); one without columns is nothing.

    In CSV null is nothing and the empty text is "", as in Athena's results. Raises SqlError where two columns of JSON
    have one name: an object would lose one of them.
    """
    if result.columns:
        {"table": _write_table, "csv": _write_csv, "json": _write_json}[form](result, out)


def cell_text(value: Any) -> str:
    """A value as Athena prints it; null is the empty text."""
    if isinstance(value, str) or value is None:
        return value or ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return double_text(value)
    if isinstance(value, datetime | time):
        return timestamp_text(value) if isinstance(value, datetime) else value.isoformat(timespec="milliseconds")
    if isinstance(value, timedelta):
        return interval_text(value)
    if isinstance(value, tuple | list | dict):
        return _nested_text(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.hex(" ") if isinstance(value, bytes) else str(value)


def _nested_text(value: tuple[Any, ...] | list[Any] | dict[Any, Any]) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_item, value)) + "]"
    if isinstance(value, tuple):  # a row whose fields have no names
        return "{" + ", ".join(f"field{number}={_item(item)}" for number, item in enumerate(value)) + "}"
    return "{" + ", ".join(f"{cell_text(name)}={_item(item)}" for name, item in value.items()) + "}"


def _item(value: Any) -> str:
    return "null" if value is None else cell_text(value)


def timestamp_text(value: datetime) -> str:
    """YYYY-MM-DD HH:MM:SS.fff, cut to milliseconds; with its zone where it has one."""
    text = value.replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")
    return text if value.tzinfo is None else f"{text} {value.tzinfo}"


def interval_text(value: timedelta) -> str:
    """An interval of days and seconds: D HH:MM:SS.fff."""
    sign, milliseconds = ("-", -value) if value < timedelta(0) else ("", value)
    seconds, rest = divmod(milliseconds // timedelta(milliseconds=1), 1000)
    days, seconds = divmod(seconds, 86400)
    return f"{sign}{days} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def double_text(value: float) -> str:
    """A double as Java prints it: 29.99, 1.0E7, NaN, Infinity."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = format(Decimal(repr(value)), "f")
        return text if "." in text else f"{text}.0"
    return scientific_text(value)


def scientific_text(value: float) -> str:
    """A double as a cast to varchar gives it: 9.35E0."""
    if value != value or value in (float("inf"), float("-inf")):
        return double_text(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    if value == 0:
        return "-0E0" if sign else "0E0"
    figures = "".join(map(str, digits))
    power = int(exponent) + len(figures) - 1
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def real_text(value: float) -> str:
    """A real as a cast to varchar gives it: seven digits, 1.234568E5."""
    return scientific_text(float(f"{value:.7g}"))


def _write_csv(result: QueryResult, out: TextIO) -> None:
    for row in ([name for name, _ in result.columns], *result.rows):
        out.write(",".join("" if value is None else _csv_field(cell_text(value)) for value in row) + "\n")


def _csv_field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text


def _write_json(result: QueryResult, out: TextIO) -> None:
    names = [name for name, _ in result.columns]
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise SqlError(
            f"two columns are named {twice}, and JSON keeps one; name one of them otherwise: … AS other_name"
        )
    members = [(as_json(name), kind.partition("(")[0]) for name, kind in result.columns]
    for row in result.rows:
        pairs = (f"{name}: {_member_text(value, kind)}" for (name, kind), value in zip(members, row, strict=True))
        out.write("{" + ", ".join(pairs) + "}\n")


def _member_text(value: Any, kind: str) -> str:
    """A value of a column as JSON; a number or boolean may come as the text that Athena's API gives."""
    if not isinstance(value, str):
        return _json_text(value)
    if kind in JSON_AS_PRINTED:
        return value
    return _json_text(float(value)) if kind in FLOATS else as_json(value)


def _json_text(value: Any) -> str:
    """A value as JSON; a decimal with all its digits, which no float has."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):  # a row whose fields have no names
        return "{" + ", ".join(f"field{number}={_item(item)}" for number, item in enumerate(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json_text, value)) + "]"
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{_json_text(cell_text(name))}: {_json_text(item)}" for name, item in value.items()) + "}"
        )
    is_json = value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and value - value == 0)
    return as_json(value if is_json else cell_text(value))


def rich_table(result: QueryResult) -> "Table":
    """A result as a table for a terminal."""
    from rich.markup import escape
    from rich.table import Table

    table = Table()
    for name, kind in result.columns:
        table.add_column(escape(name), overflow="fold", justify="right" if _is_number(kind) else "left")
    for row in result.rows:
        table.add_row(*("[dim]null[/]" if value is None else escape(cell_text(value)) for value in row))
    return table


def _write_table(result: QueryResult, out: TextIO) -> None:
    if out.isatty():
        from rich.console import Console

        Console(file=out, highlight=False).print(rich_table(result))
        return
    cells = [[name for name, _ in result.columns], *([cell_text(value) for value in row] for row in result.rows)]
    widths = [max(len(row[number]) for row in cells) for number in range(len(cells[0]))]
    cells.insert(1, ["-" * width for width in widths])
    for row in cells:
        out.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")


def _is_number(kind: str) -> bool:
    return kind.startswith(("bigint", "integer", "double", "decimal", "smallint", "tinyint", "real", "float"))
