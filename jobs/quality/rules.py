"""Quality rules as values: what a rule says, in which words DQDL writes it, and which column types it can read.

`jobs.quality.dqdl` makes them of text, `jobs.quality.measures` measures them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import NamedTuple

ORDERS = (">", ">=", "<", "<=", "between", "not between")
EQUALITIES = ("=", "!=", "in", "not in")
PATTERNS = ("matches", "not matches")
FLAGS = ("true", "false")


class Keyword(Enum):
    """What a value can be that has no literal."""

    NULL = "NULL"
    EMPTY = "EMPTY"
    WHITESPACES_ONLY = "WHITESPACES_ONLY"


Operand = str | Decimal | date | Keyword


class RuleType(NamedTuple):
    """How a rule type is written: how many columns, what it compares, whether `with threshold` may follow."""

    fewest_columns: int
    most_columns: int
    compares: str
    takes_threshold: bool = False


RULE_TYPES = {
    "RowCount": RuleType(0, 0, "a number"),
    "ColumnCount": RuleType(0, 0, "a number"),
    "ColumnExists": RuleType(1, 1, "nothing"),
    "IsComplete": RuleType(1, 1, "nothing"),
    "Completeness": RuleType(1, 1, "a number"),
    "IsUnique": RuleType(1, 99, "nothing"),
    "Uniqueness": RuleType(1, 99, "a number"),
    "IsPrimaryKey": RuleType(1, 99, "nothing"),
    "DistinctValuesCount": RuleType(1, 1, "a number"),
    "ColumnLength": RuleType(1, 1, "a number"),
    "ColumnDataType": RuleType(1, 1, "a type", takes_threshold=True),
    "ColumnValues": RuleType(1, 1, "values", takes_threshold=True),
}
READABLE_AS = {
    "text": ("BOOLEAN", "DATE", "TIMESTAMP", "INTEGER", "LONG", "FLOAT", "DOUBLE"),
    "number": ("INTEGER", "LONG", "FLOAT", "DOUBLE"),
    "flag": ("BOOLEAN",),
    "time": ("DATE", "TIMESTAMP"),
}
FAMILIES = {
    "text": ("string",),
    "number": ("tinyint", "smallint", "int", "bigint", "float", "double"),
    "flag": ("boolean",),
    "time": ("date", "timestamp", "timestamp_ntz"),
}


@dataclass(frozen=True)
class Condition:
    """An operator and what it compares with: two operands for `between`, one or more for `in`, else one."""

    operator: str
    operands: tuple[Operand, ...]

    @property
    def text(self) -> str:
        """The condition in DQDL."""
        shown = [_operand_text(operand, raw=self.operator in PATTERNS) for operand in self.operands]
        if self.operator in ("in", "not in"):
            return f"{self.operator} [{', '.join(shown)}]"
        return f"{self.operator} {' and '.join(shown)}"

    @property
    def negates(self) -> bool:
        """Whether the operator says what must not be."""
        return self.operator.startswith(("!", "not "))

    def admits(self, value: Fraction) -> bool:
        """Whether a measured number meets the condition; the bounds of `between` are outside, as in DQDL."""
        bounds = [Fraction(operand) for operand in self.operands if isinstance(operand, Decimal)]
        if self.operator in EQUALITIES:
            return (value in bounds) != self.negates
        if self.operator in ("between", "not between"):
            return (bounds[0] < value < bounds[1]) != self.negates
        bound = bounds[0]
        return {">": value > bound, ">=": value >= bound, "<": value < bound, "<=": value <= bound}[self.operator]


@dataclass(frozen=True)
class Rule:
    """A rule: its type, the columns it reads, its condition, the share of rows that must meet it, its line."""

    type: str
    columns: tuple[str, ...] = ()
    condition: Condition | None = None
    threshold: Condition | None = None
    line: int = field(default=1, compare=False)

    @property
    def text(self) -> str:
        """The rule in DQDL, spelled in one way."""
        parts = [self.type, *(f'"{column}"' for column in self.columns)]
        parts += [self.condition.text] if self.condition else []
        parts += [f"with threshold {self.threshold.text}"] if self.threshold else []
        return " ".join(parts)


@dataclass(frozen=True)
class Ruleset:
    """Rules in the order in which they were written; at least one."""

    rules: tuple[Rule, ...]

    @property
    def text(self) -> str:
        """The ruleset in DQDL, one rule a line."""
        return "Rules = [\n    " + ",\n    ".join(rule.text for rule in self.rules) + "\n]\n"

    @property
    def sha256(self) -> str:
        """Hash of what the ruleset says: comments and layout don't change it."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def family(type_name: str) -> str | None:
    """Kind of values of a Hive or Spark type: text, number, flag or time; None for all others (arrays, binary, …)."""
    if type_name.startswith("decimal"):
        return "number"
    return next((name for name, types in FAMILIES.items() if type_name in types), None)


def obstacle(rule: Rule, types: Mapping[str, str]) -> str | None:
    """Why a rule can't be checked on columns of these types (name -> Hive or Spark type), or None if it can."""
    missing = [column for column in rule.columns if column not in types]
    if missing:
        return f"there is no column {missing[0]!r}; there are: {', '.join(sorted(types))}"
    if rule.type in ("ColumnExists", "IsComplete", "Completeness"):
        return None
    problems = (_type_obstacle(rule, column, types[column]) for column in rule.columns)
    return next((problem for problem in problems if problem), None)


def _type_obstacle(rule: Rule, column: str, type_name: str) -> str | None:
    kind, operands = family(type_name), rule.condition.operands if rule.condition else ()
    if kind is None:
        return f"{rule.type} can't read column {column!r}, which is {type_name}"
    if rule.type == "ColumnLength" and kind != "text":
        return f"ColumnLength needs a string column; {column!r} is {type_name}"
    if rule.type == "ColumnDataType" and operands[0] not in READABLE_AS[kind]:
        return f"column {column!r} is {type_name}, which can be read as {', '.join(READABLE_AS[kind])} only"
    if rule.type == "ColumnValues" and rule.condition:
        return _values_obstacle(rule.condition, column, type_name)
    return None


def _values_obstacle(condition: Condition, column: str, type_name: str) -> str | None:
    comparable = {
        "text": "a string (one that is not written as a date)",
        "number": "a number",
        "flag": '"true" or "false"',
        "time": 'a date, "YYYY-MM-DD"',
    }
    kind = family(type_name) or ""
    for operand in condition.operands:
        if not _comparable(operand, kind) or (condition.operator in PATTERNS and kind != "text"):
            shown = _operand_text(operand, raw=condition.operator in PATTERNS)
            return f"column {column!r} is {type_name}: it can be compared with {comparable[kind]}, not {shown}"
    return None


def _comparable(operand: Operand, kind: str) -> bool:
    if isinstance(operand, Keyword):
        return operand is Keyword.NULL or kind == "text"
    if isinstance(operand, str):
        return kind == "text" or (kind == "flag" and operand in FLAGS)
    return kind == ("number" if isinstance(operand, Decimal) else "time")


def _operand_text(operand: Operand, *, raw: bool) -> str:
    if isinstance(operand, Keyword):
        return operand.value
    if isinstance(operand, Decimal):
        return format(operand, "f")
    if isinstance(operand, date):
        return f'"{operand.isoformat()}"'
    return f'"{operand}"' if raw else '"' + operand.replace("\\", "\\\\").replace('"', '\\"') + '"'
