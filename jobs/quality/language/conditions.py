"""A rule's condition as a value: operator and operands, its text in DQDL, and whether a number meets it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from jobs.quality.language.operands import (
    Arithmetic,
    Call,
    Duration,
    Keyword,
    Moment,
    Operand,
    number_text,
    value_of,
)

ORDERS = (">", ">=", "<", "<=", "between", "not between")
EQUALITIES = ("=", "!=", "in", "not in")
PATTERNS = ("matches", "not matches")


@dataclass(frozen=True)
class Condition:
    """An operator and what it compares with: two operands for `between`, one or more for `in`, else one.

    rounded: the operands were computed from past runs, so measures are compared as floating-point numbers, too
    """

    operator: str
    operands: tuple[Operand, ...]
    rounded: bool = False

    @property
    def text(self) -> str:
        """The condition in DQDL."""
        shown = [operand_text(operand, raw=self.operator in PATTERNS) for operand in self.operands]
        if self.operator in ("in", "not in"):
            return f"{self.operator} [{', '.join(shown)}]"
        return f"{self.operator} {' and '.join(shown)}"

    @property
    def negates(self) -> bool:
        """Whether the operator says what must not be."""
        return self.operator.startswith(("!", "not "))

    @property
    def looks_back(self) -> bool:
        """Whether it compares with past runs."""
        return any(isinstance(operand, (Call, Arithmetic)) for operand in self.operands)

    def resolved(self, past: Sequence[float], now: datetime) -> "Condition":
        """The condition with numbers for formulas and times for `now()`. Raises NoValueError.

        past: the rule's measure in past runs, the newest first
        """
        operands = tuple(_resolved(operand, past, now) for operand in self.operands)
        return replace(self, operands=operands, rounded=self.looks_back)

    def admits(self, value: Fraction | float) -> bool:
        """Whether a measured number meets the condition; the bounds of `between` are outside, as in DQDL.

        A floating-point number counts as the shortest decimal that stands for it: 0.1 is a tenth.
        """
        measured = Fraction(repr(float(value))) if self.rounded or isinstance(value, float) else value
        bounds = [Fraction(operand) for operand in self.operands if isinstance(operand, Decimal)]
        if self.operator in EQUALITIES:
            return (measured in bounds) != self.negates
        if self.operator in ("between", "not between"):
            return (bounds[0] < measured < bounds[1]) != self.negates
        bound = bounds[0]
        return {">": measured > bound, ">=": measured >= bound, "<": measured < bound, "<=": measured <= bound}[
            self.operator
        ]


def operand_text(operand: Operand, *, raw: bool = False) -> str:
    """An operand in DQDL. raw: it is a pattern, in which backslashes stay as they are."""
    if isinstance(operand, Keyword):
        return operand.value
    if isinstance(operand, (Duration, Moment)):
        return operand.text
    if isinstance(operand, (Decimal, Call, Arithmetic)):
        return number_text(operand)
    if isinstance(operand, date):
        return f'"{operand.isoformat()}"'
    return f'"{operand}"' if raw else quoted(operand)


def quoted(text: str) -> str:
    """A text as a string of DQDL."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _resolved(operand: Operand, past: Sequence[float], now: datetime) -> Operand:
    if isinstance(operand, Moment):
        return operand.at(now)
    if isinstance(operand, (Call, Arithmetic)):
        return Decimal(repr(value_of(operand, past)))
    return operand
