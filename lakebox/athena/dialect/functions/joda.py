"""Patterns of format_datetime and parse_datetime, which are Joda's, as those of DuckDB's strftime."""

import re
from collections.abc import Sequence

from sqlglot import exp

from lakebox.athena.engine import SqlError

LETTERS = {
    "yyyy": "%Y", "YYYY": "%Y", "yy": "%y", "MM": "%m", "M": "%-m", "MMM": "%b", "MMMM": "%B", "dd": "%d", "d": "%-d",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S", "SSS": "%g",
    "SSSSSS": "%g000", "E": "%a", "EE": "%a", "EEE": "%a", "EEEE": "%A", "DDD": "%j", "D": "%-j", "a": "%p", "e": "%u",
    "xxxx": "%G", "ww": "%V",
}  # fmt: skip
READ = {"SSSSSS": "%f", "S": "%f", "SS": "%f", "SSSS": "%f", "SSSSS": "%f", "Z": "%z", "ZZ": "%z"}
ONLY_PRINTED = ("E", "EE", "e", "xxxx", "ww", "D")
# A quote that is not closed goes to the end.
PARTS = re.compile(r"('[^']*(?:'|$))|((?P<letter>[A-Za-z])(?P=letter)*)|[^A-Za-z]")


def strftime_pattern(arguments: Sequence[exp.Expr], *, read: bool = False) -> exp.Literal:
    """The pattern, the second argument, as a literal; raises SqlError on letters that are not known.

    read: for parse_datetime, which takes the offset from UTC, too
    """
    letters_of = {name: text for name, text in LETTERS.items() if not read or name not in ONLY_PRINTED}
    letters_of |= READ if read else {}
    pattern = arguments[1] if len(arguments) == 2 else None
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise SqlError("format_datetime and parse_datetime take a time and a literal pattern here")
    parts = []
    for match in PARTS.finditer(pattern.name):
        quoted, letters = match[1], match[2]
        if letters and letters not in letters_of:
            raise SqlError(
                f"{letters} in a pattern is not supported by the embedded engine; known: {', '.join(letters_of)}"
            )
        text = quoted[1:].removesuffix("'") or "'" if quoted else match[0]
        parts.append(letters_of[letters] if letters else text.replace("%", "%%"))
    return exp.Literal.string("".join(parts))
