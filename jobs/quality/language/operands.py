"""What a rule's condition compares with, beside strings, numbers and dates: keywords, durations, `now()`, past runs.

A formula on past runs (`0.9 * avg(last(10))`) and `now()` have no value of their own: `Condition.resolved` gives it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from operator import add, mul, sub, truediv
from statistics import fmean, median, pstdev


class Keyword(Enum):
    """What a value can be that has no literal."""

    NULL = "NULL"
    EMPTY = "EMPTY"
    WHITESPACES_ONLY = "WHITESPACES_ONLY"


@dataclass(frozen=True)
class Duration:
    """A length of time: `24 hours`."""

    amount: int
    unit: str  # days, hours or minutes

    @property
    def text(self) -> str:
        """The duration in DQDL."""
        return f"{self.amount} {self.unit}"

    @property
    def length(self) -> timedelta:
        """The duration as Python has it."""
        return timedelta(**{self.unit: self.amount})


@dataclass(frozen=True)
class Moment:
    """A time that counts from the run's: `now()`, `(now() - 3 days)`."""

    sign: str = ""
    offset: Duration | None = None

    @property
    def text(self) -> str:
        """The moment in DQDL."""
        return f"(now() {self.sign} {self.offset.text})" if self.offset else "now()"

    def at(self, now: datetime) -> datetime:
        """The moment, for a run at `now`."""
        if self.offset is None:
            return now
        return now - self.offset.length if self.sign == "-" else now + self.offset.length


@dataclass(frozen=True)
class Call:
    """A function of past runs: `avg(last(10))`."""

    name: str
    arguments: tuple["Number", ...] = ()


@dataclass(frozen=True)
class Arithmetic:
    """Two numbers and what is done with them: `last() + 1`."""

    operator: str
    left: "Number"
    right: "Number"


Formula = Call | Arithmetic
Number = Decimal | Formula
Operand = str | Decimal | Formula | date | Keyword | Duration | Moment


class NoValueError(Exception):
    """A formula has no single value; says why."""


def number_text(number: Number) -> str:
    """A number or formula in DQDL."""
    if isinstance(number, Decimal):
        return format(number, "f")
    if isinstance(number, Call):
        return f"{number.name}({', '.join(map(number_text, number.arguments))})"
    sides = (number.left, number.right)
    shown = [f"({number_text(side)})" if isinstance(side, Arithmetic) else number_text(side) for side in sides]
    return f"{shown[0]} {number.operator} {shown[1]}"


def value_of(number: Number, past: Sequence[float]) -> float:
    """The value of a number or formula. `past`: the rule's measure in past runs, the newest first.

    As in AWS's reference, `last(k)` is 0 where no run has gone before. Raises NoValueError.
    """
    values = _values(number, past)
    if len(values) > 1:
        text = number_text(number)
        raise NoValueError(f"{text} gives {len(values)} values where one is needed; write avg({text}), say")
    return values[0]


def _values(number: Number, past: Sequence[float]) -> Sequence[float]:
    if isinstance(number, Decimal):
        return [float(number)]
    if isinstance(number, Arithmetic):
        left, right = value_of(number.left, past), value_of(number.right, past)
        if number.operator == "/" and right == 0:
            raise NoValueError(f"{number_text(number)} divides by zero")
        return [OPERATIONS[number.operator](left, right)]
    if number.name == "last":
        return past[: max(1, int(value_of(number.arguments[0], past))) if number.arguments else 1] or [0.0]
    values = _values(number.arguments[0], past)
    if number.name == "index":
        place = value_of(number.arguments[1], past)
        if place not in range(len(values)):
            raise NoValueError(f"{number_text(number)} has no value: there are {len(values)}, 0 being the newest")
        return [values[int(place)]]
    if number.name == "abs":
        return [abs(value) for value in values]
    return [float(AGGREGATES[number.name](values))]


OPERATIONS: Mapping[str, Callable[[float, float], float]] = {"+": add, "-": sub, "*": mul, "/": truediv}
AGGREGATES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "avg": fmean,
    "min": min,
    "max": max,
    "sum": sum,
    "std": pstdev,
    "median": median,
}
ARGUMENTS = {"last": (0, 1), "abs": (1, 1), "index": (2, 2), **dict.fromkeys(AGGREGATES, (1, 1))}
"""Functions that a formula may call, and the fewest and most arguments that each takes."""
