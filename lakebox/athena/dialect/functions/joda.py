"""Patterns of format_datetime and parse_datetime, which are Joda's, as those of DuckDB's strftime."""

import re
from collections.abc import Sequence

from sqlglot import exp

from lakebox.athena.engine import SqlError

LETTERS = {
    "yyyy": "%Y", "YYYY": "%Y", "yy": "%y", "MM": "%m", "M": "%-m", "MMM": "%b", "MMMM": "%B", "dd": "%d", "d": "%-d",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "ss": "%S", "SSS": "%g", "EEE": "%a", "EEEE": "%A",
    "DDD": "%j", "a": "%p",
}  # fmt: skip

PARTS = re.compile(r"('[^']*')|((?P<letter>[A-Za-z])(?P=letter)*)|[^A-Za-z]")


def strftime_pattern(arguments: Sequence[exp.Expr]) -> exp.Literal:
    """The pattern, the second argument, as a literal; raises SqlError on letters that are not known."""
    pattern = arguments[1] if len(arguments) == 2 else None
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise SqlError("format_datetime and parse_datetime take a time and a literal pattern here")
    parts = []
    for match in PARTS.finditer(pattern.name):
        quoted, letters = match[1], match[2]
        if letters and letters not in LETTERS:
            raise SqlError(
                f"{letters} in a pattern is not supported by the embedded engine; known: {', '.join(LETTERS)}"
            )
        parts.append(LETTERS[letters] if letters else (quoted[1:-1] or "'" if quoted else match[0]).replace("%", "%%"))
    return exp.Literal.string("".join(parts))
