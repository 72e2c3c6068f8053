"""The Expression of GetPartitions: which partitions it keeps, by their values, typed as the table's keys are.

Comparisons, IN, BETWEEN, LIKE, IS NULL, AND, OR, NOT and parentheses. Keys are text, integers, decimals, dates and
timestamps (to the nanosecond); other types are refused, as on AWS. Source: AWS Glue API, GetPartitions.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from lakebox.endpoint.service import ServiceError

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
TEXTS = ("string", "char", "varchar")
KINDS = {**dict.fromkeys(TEXTS, "Text"), **dict.fromkeys(("tinyint", "smallint", "int", "bigint", "long"), "Integral"),
         "decimal": "Decimal", "date": "Date", "timestamp": "Timestamp"}  # fmt: skip
TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d{1,9})?")
Predicate = Callable[[Sequence[str]], bool]


def partition_filter(expression: str, keys: Sequence[tuple[str, str]]) -> Predicate:
    """A test of partition values by an expression over the keys (name, type). Raises ServiceError where it is wrong."""
    from sqlglot import exp, parse_one  # takes 0.1 s, which other requests need not wait for
    from sqlglot.errors import SqlglotError

    try:
        tree = parse_one(f"SELECT 1 WHERE {expression}", read="hive").find(exp.Where)
    except (SqlglotError, RecursionError) as error:
        raise _wrong(expression, str(error).splitlines()[0]) from None
    if tree is None:
        raise _wrong(expression, "there is no condition in it")
    reader = _Reader(expression, [(name.lower(), kind.lower().partition("(")[0]) for name, kind in keys])
    test = reader.condition(tree.this)
    return lambda values: test(values) is True


class _Reader:
    """Turns a tree into functions of a partition's values; a comparison with null is None, as in SQL."""

    def __init__(self, expression: str, keys: Sequence[tuple[str, str]]) -> None:
        self._expression = expression
        self._places = {name: (number, kind) for number, (name, kind) in enumerate(keys)}

    def condition(self, node: Any) -> Callable[[Sequence[str]], bool | None]:
        """A test of a partition's values by a part of the tree."""
        test = self._test(node)
        return _not(test) if node.args.get("negate") else test  # NOT LIKE, which is a node of its own

    def _test(self, node: Any) -> Callable[[Sequence[str]], bool | None]:
        from sqlglot import exp

        if isinstance(node, exp.Paren):
            return self.condition(node.this)
        if isinstance(node, exp.Not):
            return _not(self.condition(node.this))
        if isinstance(node, exp.And | exp.Or):
            return _both(self.condition(node.left), self.condition(node.right), decided_by=isinstance(node, exp.Or))
        if isinstance(node, exp.Is):
            number, _ = self._column(node.this)
            return lambda values: values[number] == HIVE_NULL
        if isinstance(node, exp.In):
            place = self._column(node.this)
            wanted = [self._literal(item, place[1]) for item in node.expressions]
            return self._compared(place, lambda value: value in wanted)
        if isinstance(node, exp.Between):
            place = self._column(node.this)
            low, high = (self._literal(node.args[side], place[1]) for side in ("low", "high"))
            return self._compared(place, lambda value: low <= value <= high)
        if isinstance(node, exp.Like):
            place = self._column(node.this)
            if place[1] not in TEXTS:
                problem = f"{KINDS[place[1]]} data type doesn't support operation 'LIKE'"
                raise _wrong(self._expression, problem)
            pattern = re.compile(_like(self._text(node.expression)), re.DOTALL)
            return self._compared(place, lambda value: pattern.fullmatch(str(value)) is not None)
        return self._comparison(node)

    def _comparison(self, node: Any) -> Callable[[Sequence[str]], bool | None]:
        from sqlglot import exp

        tests: dict[Any, Callable[[Any, Any], bool]] = {
            exp.EQ: lambda a, b: a == b,
            exp.NEQ: lambda a, b: a != b,
            exp.LT: lambda a, b: a < b,
            exp.LTE: lambda a, b: a <= b,
            exp.GT: lambda a, b: a > b,
            exp.GTE: lambda a, b: a >= b,
        }
        test = tests.get(type(node))
        if test is None:
            raise _wrong(self._expression, f"{node.sql()} is not a comparison of a partition key with a value")
        if isinstance(node.left.unnest(), exp.Column):
            place = self._column(node.left)
            value = self._literal(node.right, place[1])
            return self._compared(place, lambda mine: test(mine, value))
        place = self._column(node.right)
        value = self._literal(node.left, place[1])
        return self._compared(place, lambda mine: test(value, mine))

    def _compared(self, place: tuple[int, str], test: Callable[[Any], bool]) -> Callable[[Sequence[str]], bool | None]:
        number, kind = place

        def compare(values: Sequence[str]) -> bool | None:
            text = values[number]
            if text == HIVE_NULL:
                return None
            try:
                return test(typed(text, kind))
            except ValueError as error:
                raise ServiceError("InvalidStateException", f"a partition has the values {values}: {error}") from None

        return compare

    def _column(self, node: Any) -> tuple[int, str]:
        name = node.unnest().name.lower()
        if name not in self._places:
            text = f"{node.sql()} is no partition key; there are: {', '.join(self._places)}"
            raise ServiceError("InvalidInputException", f"Invalid partition expression! {text}")
        number, kind = self._places[name]
        if kind not in KINDS:
            raise _wrong(
                self._expression, f"Unknown type : '{kind}'; a key in an expression is one of {', '.join(KINDS)}"
            )
        return number, kind

    def _literal(self, node: Any, kind: str) -> Any:
        try:
            return typed(self._text(node), kind)
        except ValueError as error:
            raise _wrong(self._expression, str(error)) from None

    def _text(self, node: Any) -> str:
        from sqlglot import exp

        if isinstance(node, exp.Neg):
            return f"-{self._text(node.this)}"
        literal = node if isinstance(node, exp.Literal) else node.find(exp.Literal)
        if literal is None:
            raise _wrong(self._expression, f"{node.sql()} is not a value")
        return str(literal.this)


def typed(text: str, kind: str) -> Any:
    """A partition value as a value of its key's type. Raises ValueError, in AWS's words, where it is none."""
    if kind in TEXTS:
        return text
    try:
        if KINDS[kind] == "Integral":
            return int(text)
        if kind == "decimal":
            return Decimal(text)
        if kind == "date":
            return datetime.strptime(text, "%Y-%m-%d").date()
        return _timestamp(text)
    except (ValueError, ArithmeticError):
        article = "an integer" if KINDS[kind] == "Integral" else f"a {kind}"
        raise ValueError(f'"{text}" is not {article}.') from None


def _timestamp(text: str) -> tuple[datetime, str]:
    """A timestamp's second, and its nine digits below."""
    match = TIMESTAMP.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return datetime.fromisoformat(match[1]), (match[2] or ".")[1:].ljust(9, "0")


def _not(test: Callable[[Sequence[str]], bool | None]) -> Callable[[Sequence[str]], bool | None]:
    """NOT, with SQL's nulls."""
    return lambda values: None if (held := test(values)) is None else not held


def _both(
    left: Callable[[Sequence[str]], bool | None], right: Callable[[Sequence[str]], bool | None], *, decided_by: bool
) -> Callable[[Sequence[str]], bool | None]:
    """AND (decided by a false part) or OR (decided by a true one), with SQL's nulls."""

    def evaluate(values: Sequence[str]) -> bool | None:
        parts = (left(values), right(values))
        if decided_by in parts:
            return decided_by
        return None if None in parts else not decided_by

    return evaluate


def _like(pattern: str) -> str:
    return "".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in pattern)


def _wrong(expression: str, problem: str) -> ServiceError:
    return ServiceError("InvalidInputException", f"Unsupported expression '{expression}': {problem}")
