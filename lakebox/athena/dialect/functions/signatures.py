"""Signatures of Athena's functions, `array_remove(array(X), X): array(X)`: what they take, and the result's type.

T, U, V, R and S are any type. E is one whose values DuckDB tells apart as Athena does (no map), Q is such a scalar, and
X is no floating number, whose NaN DuckDB takes for equal to itself, D is a decimal. `double!` takes no other number,
`->` is a lambda, and `...` says that the last argument may be repeated.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlglot import exp

from lakebox.athena.dialect.types import FLOATING, INTEGER, TEXT, common_type, is_months, row_fields

PLAIN_TIMES = ("timestamp", "timestampntz", "datetime", "timestamp_s", "timestamp_ms", "timestamp_ns")
VARIABLES = {"T", "U", "V", "R", "S", "E", "Q", "X", "D"}
INTEGERS = ("TINYINT", "SMALLINT", "INT", "BIGINT")
NAMES = {
    "integer": "INT",
    "real": "FLOAT",
    "timestamp with time zone": "TIMESTAMPTZ",
    "interval year": "INTERVAL YEAR",
    "timestamp3": "TIMESTAMP",
    "timestamptz3": "TIMESTAMPTZ",
}


@dataclass(frozen=True)
class Pattern:
    """A type in a signature; of a lambda the last of `inner` is what it returns."""

    name: str
    inner: tuple["Pattern", ...] = ()


@dataclass(frozen=True)
class Signature:
    """A function's arguments and result."""

    name: str
    arguments: tuple[Pattern, ...]
    result: Pattern
    repeated: bool

    def expanded(self, count: int) -> tuple[Pattern, ...] | None:
        """The patterns of so many arguments; None where it doesn't take so many."""
        if self.repeated and count >= len(self.arguments):
            return self.arguments + self.arguments[-1:] * (count - len(self.arguments))
        return self.arguments if count == len(self.arguments) else None


@cache
def signature(text: str) -> Signature:
    """A signature from its text."""
    name, rest = text.split("(", 1)
    inside, result = rest.rsplit("):", 1)
    parts = _split(inside)
    repeated = bool(parts) and parts[-1].endswith("...")
    patterns = tuple(_pattern(part.removesuffix("...")) for part in parts)
    return Signature(name, patterns, _pattern(result), repeated)


def _split(text: str) -> list[str]:
    """The parts between commas that stand in no parentheses."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts if part.strip()]


def _pattern(text: str) -> Pattern:
    text = text.strip()
    if "->" in text and (not text.endswith(")") or re.match(r"\(.*\) ->|\w+ ->", text)):
        before, after = text.split("->", 1)
        taken = before.strip()
        return Pattern("->", (*map(_pattern, _split(taken[1:-1] if taken[0] == "(" else taken)), _pattern(after)))
    if text.endswith(")"):
        name, inside = text[:-1].split("(", 1)
        return Pattern(name, tuple(map(_pattern, _split(inside))))
    return Pattern(text)


def matches(pattern: Pattern, kind: exp.DataType, bound: dict[str, exp.DataType]) -> bool:
    """Whether a value of a type may stand for a pattern; binds the variables."""
    if kind.is_type("unknown"):
        return False
    if pattern.name in VARIABLES:
        before = bound.get(pattern.name, exp.DataType.build("NULL"))
        bound[pattern.name] = common_type(before, kind)
        return not bound[pattern.name].is_type("unknown") and _is_comparable(pattern.name, kind)
    if kind.is_type("null"):
        for inner in pattern.inner:
            matches(inner, kind, bound)
        return True
    if pattern.name in ("array", "map", "row"):
        inners = [inner for _, inner in row_fields(kind)] if pattern.name == "row" else kind.expressions
        is_kind = kind.is_type("struct" if pattern.name == "row" else pattern.name)
        if not is_kind or len(inners) != len(pattern.inner):
            return False
        return all(matches(one, two, bound) for one, two in zip(pattern.inner, inners, strict=True))
    return _is_coerced(kind, pattern.name)


def _is_comparable(variable: str, kind: exp.DataType) -> bool:
    if variable == "D":
        return kind.is_type("decimal")
    if variable == "X" and kind.is_type(*FLOATING):
        return False
    if variable in ("Q", "X"):
        return not kind.is_type("array", "map", "struct", "json")
    return variable != "E" or not any(part.is_type("map", "json") for part in kind.find_all(exp.DataType))


def _is_coerced(kind: exp.DataType, name: str) -> bool:
    if name in ("interval", "interval year"):
        months = isinstance(kind.this, exp.Interval)
        return months if name == "interval year" else kind.is_type("interval") and not months
    if name in ("timestamp3", "timestamptz3"):  # and no literal's own precision
        times = PLAIN_TIMES if name == "timestamp3" else ("timestamptz",)
        return kind.is_type(*times) and not kind.expressions
    wanted = concrete(name.removesuffix("!"))
    if wanted.is_type(*TEXT):
        return kind.is_type(*TEXT)
    if wanted.this == kind.this or (wanted.is_type("timestamp") and kind.is_type(*PLAIN_TIMES)):
        return True
    if name.endswith("!"):
        return False
    if wanted.is_type("double"):
        return kind.is_type("decimal", *FLOATING, *INTEGER)
    if wanted.is_type(*INTEGER) and kind.is_type(*INTEGER):
        return INTEGERS.index(kind.this.name) <= INTEGERS.index(wanted.this.name)
    return wanted.is_type("timestamp") and kind.is_type("date")


@cache
def concrete(name: str) -> exp.DataType:
    """The type of a name."""
    return exp.DataType.build(NAMES.get(name, name.upper()))


def filled_pattern(pattern: Pattern, bound: dict[str, exp.DataType]) -> exp.DataType:
    """The type that a pattern is, its variables replaced."""
    if pattern.name in VARIABLES:
        return bound.get(pattern.name, exp.DataType.build("NULL")).copy()
    if pattern.name in ("array", "map", "row"):
        kind = "STRUCT" if pattern.name == "row" else pattern.name.upper()
        inner = [filled_pattern(part, bound) for part in pattern.inner]
        return exp.DataType(this=exp.DType[kind], expressions=inner, nested=True)
    return concrete(pattern.name.removesuffix("!")).copy()


def needs_cast(value: exp.DataType | None, kind: exp.DataType) -> bool:
    """Whether DuckDB would take a value for one of another type than Athena's."""
    if any(part.is_type("null") for part in kind.find_all(exp.DataType)):
        return False
    if value is None:
        return True
    if value == kind or (value.is_type(*TEXT) and kind.is_type(*TEXT)):
        return False
    if kind.is_type("timestamp") and value.is_type(*PLAIN_TIMES):
        return False
    return not (is_months(_typed(value)) or kind.is_type("interval", "null", "struct", "json"))


def _typed(kind: exp.DataType) -> exp.Expr:
    value = exp.Placeholder()
    value.type = kind
    return value


def shown_types(kinds: Sequence[exp.DataType | None]) -> str:
    """Types as an error names them."""
    return ", ".join("unknown" if kind is None else kind.sql(dialect="athena").lower() for kind in kinds)
