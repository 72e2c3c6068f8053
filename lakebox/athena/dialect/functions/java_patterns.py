"""Regular expressions as Trino reads them, in the words of Python's `re`.

Trino's \\w, \\d and \\s are ASCII's, its \\b, \\p{…} and [[:…:]] are Unicode's; Python has one rule for all.
"""

import re
import sys
import unicodedata
from collections.abc import Callable
from functools import cache

WORD, DIGIT, SPACE = "A-Za-z0-9_", "0-9", r"\t\n\x0b\f\r "
# What each letter is in a class: itself, and for capitals all else.
CLASSES = {
    "w": WORD, "d": DIGIT, "s": SPACE,
    "W": r"\x00-/:-@\[-\^`{-\U0010ffff", "D": r"\x00-/:-\U0010ffff", "S": r"\x00-\x08\x0e-\x1f!-\U0010ffff",
}  # fmt: skip
TOKEN = re.compile(
    r"\\Q(?P<quoted>.*?)(?:\\E|\Z)|\\(?P<not>[pP])(?:\{(?P<property>\^?\w+)\}|(?P<letter>\w))|\[:(?P<posix>\^?\w+):\]"
    r"|\\k<(?P<reference>\w+)>|\\(?P<escape>.)|(?P<named>\(\?<(?![=!]))|(?P<sign>.)",
    re.DOTALL,
)
NAMED: dict[str, Callable[[str], bool]] = {
    "alpha": lambda one: one.isalpha() or unicodedata.category(one) == "Nl",
    "alnum": lambda one: one.isalpha() or unicodedata.category(one) in ("Nl", "Nd"),
    "ascii": str.isascii,
    "blank": lambda one: one == "\t" or unicodedata.category(one) == "Zs",
    "cntrl": lambda one: unicodedata.category(one) == "Cc",
    "digit": lambda one: unicodedata.category(one) == "Nd",
    "lower": str.islower,
    "punct": lambda one: unicodedata.category(one)[0] == "P",
    "space": lambda one: one.isspace() and not "\x1c" <= one <= "\x1f",
    "upper": str.isupper,
    "xdigit": lambda one: one in "0123456789abcdefABCDEF",
}


def in_python(pattern: str) -> str:
    """The pattern for `re`; raises ValueError where `re` has no words for it."""
    parts, in_class, start = [], False, 0
    for match in TOKEN.finditer(pattern):
        sign = match["sign"]
        if not in_class and sign == "[":
            in_class, start = True, match.end()
        elif in_class and sign == "]" and pattern[start : match.start()] not in ("", "^"):
            in_class = False
        elif in_class and (sign == "[" or pattern.startswith("&&", match.start())):
            raise ValueError(_refused(pattern, "classes within classes"))
        parts.append(_part(match, in_class=in_class, pattern=pattern))
    return "".join(parts)


def _part(match: "re.Match[str]", *, in_class: bool, pattern: str) -> str:
    if match["quoted"] is not None:
        return re.escape(match["quoted"])
    if match["named"] or match["reference"]:
        return "(?P<" if match["named"] else f"(?P={match['reference']})"
    name = match["property"] or match["letter"] or match["posix"]
    if name:
        is_other = (match["not"] == "P") != name.startswith("^")
        ranges = _ranges(name.strip("^"), is_other, pattern)
        return ranges if in_class else f"[{ranges}]"
    escape = match["escape"] or ""
    if escape in CLASSES:
        return CLASSES[escape] if in_class else f"[{CLASSES[escape]}]"
    if escape in ("z", "Z") and not in_class:
        return r"\Z" if escape == "z" else r"(?=\n?\Z)"
    return match[0]


@cache
def _ranges(name: str, is_other: bool, pattern: str) -> str:
    """The characters of a property, or all others, as ranges of a class."""
    test = NAMED.get(name.lower())
    if test is None:
        known = {unicodedata.category(chr(code)) for code in range(0x3000)}
        if name not in known | {category[0] for category in known}:
            raise ValueError(_refused(pattern, f"the property {name}"))
        test = lambda one: unicodedata.category(one).startswith(name)  # noqa: E731 it stands for a named one
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if test(chr(code)) != is_other:
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


def _refused(pattern: str, what: str) -> str:
    return f"the regular expression {pattern} is not supported by the embedded engine: {what}"
