"""Compares two engines' answers to made statements: equal, refused by the first, both in error, or different."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from athena_grammar import Made, together

from lakebox.athena.engine import QueryResult, SqlError
from lakebox.athena.result_text import interval_text, timestamp_text

BATCH = 16  # expressions in one statement
# What differs for good: the first pattern is found in the statement, the second in what differs. Each with its reason.
KNOWN: tuple[tuple[str, str], ...] = (
    # CASE x WHEN x: Trino takes it for true where x is null.
    (r"CASE (\S.*) WHEN \1 THEN", "column"),
    # (a, b) IN ((c, d), …): Trino says false, not null, where one of the values is null.
    (r"\)\)? IN \(\(", "None, Trino '?[Ff]alse|'?[Ff]alse'?, Trino None"),
    # An array with a null in a condition that Trino plans as a set of values: it refuses what it answers elsewhere.
    (r"ARRAY\[[^]]*NULL", "ARRAY comparison not supported for arrays with null elements"),
    # upper('ß') is of another library.
    (r"upper\(", "ẞ"),
)
# The order of a map's entries is free: arrays made of its keys, values and entries have the same elements in any order.
OF_MAPS = re.compile(r"map_(keys|values|entries|concat|zip_with)|UNNEST\(.*(MAP|m)\b")


@dataclass(frozen=True)
class Answer:
    """Columns' types and rows, or the error."""

    types: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    error: str = ""


@dataclass
class Outcome:
    """What became of statements, and those that differ with both answers."""

    counts: Counter[str] = field(default_factory=Counter)
    different: list[str] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)


Ask = Callable[[str], Answer]


def embedded_answer(query: Callable[[str], QueryResult]) -> Ask:
    """Asks the embedded engine."""

    def ask(sql: str) -> Answer:
        try:
            result = query(sql)
        except SqlError as error:
            return Answer(error=str(error) or "error")
        return Answer([kind for _, kind in result.columns], result.rows)

    return ask


def compared(made: Iterator[Made], mine: Ask, theirs: Ask) -> Outcome:
    """Ask both engines for all statements. Expressions are asked many at a time, and one by one where these differ."""
    outcome = Outcome()
    for is_expression, group in groupby(
        sorted(made, key=lambda one: not one.expression), lambda one: bool(one.expression)
    ):
        ones = list(group)
        step = BATCH if is_expression else 1
        for start in range(0, len(ones), step):
            _compare(ones[start : start + step], mine, theirs, outcome)
    return outcome


def _compare(batch: list[Made], mine: Ask, theirs: Ask, outcome: Outcome) -> None:
    sql = batch[0].sql if len(batch) == 1 else together(batch)
    one = mine(sql)
    if len(batch) > 1:
        if one.error or theirs_differ(one, theirs(sql)):
            middle = len(batch) // 2
            _compare(batch[:middle], mine, theirs, outcome)
            _compare(batch[middle:], mine, theirs, outcome)
        else:
            outcome.counts["equal"] += len(batch)
        return
    other = theirs(sql)
    problem = difference(one, other, ordered=batch[0].is_ordered)
    if one.error and other.error:
        outcome.counts["both in error"] += 1
    elif one.error:
        outcome.counts["refused"] += 1
        outcome.refusals[re.sub(r"'[^']*'|\d+", "…", one.error)[:100]] += 1
    elif not problem:
        outcome.counts["equal"] += 1
    elif any(re.search(form, sql) and re.search(found, problem) for form, found in KNOWN) or (
        OF_MAPS.search(sql) and differs_in_order_only(one, other)
    ):
        outcome.counts["known to differ"] += 1
    else:
        outcome.counts["different"] += 1
        outcome.different.append(f"{sql}\n  {problem}")


def theirs_differ(one: Answer, other: Answer) -> bool:
    """Whether the answers to a batch differ."""
    return bool(difference(one, other, ordered=True))


def difference(one: Answer, other: Answer, *, ordered: bool) -> str:
    """What differs; the empty text where nothing does."""
    if other.error:
        return f"Trino refuses: {other.error[:150]}"
    kinds = [list(map(_kind, answer.types)) for answer in (one, other)]
    if kinds[0] != kinds[1]:
        return f"types: {kinds[0]}, Trino {kinds[1]}"
    rows = [[list(row) for row in answer.rows] for answer in (one, other)]
    if not ordered:
        rows = [sorted(half, key=_order) for half in rows]
    if len(rows[0]) != len(rows[1]):
        return f"{len(rows[0])} rows, Trino {len(rows[1])}"
    for mine, theirs in zip(*rows, strict=True):
        for number, (value, wanted) in enumerate(zip(mine, theirs, strict=True)):
            if not same(value, wanted):
                return f"column {number + 1}: {value!r}, Trino {wanted!r}; row {theirs[:1]}"
    return ""


def differs_in_order_only(one: Answer, other: Answer) -> bool:
    """Whether the answers have the same rows, where the elements of an array may come in any order."""
    if list(map(_kind, one.types)) != list(map(_kind, other.types)):
        return False
    return _same_elements([tuple(row) for row in one.rows], [list(row) for row in other.rows])


def _same_elements(mine: Sequence[Any], theirs: Sequence[Any]) -> bool:
    left = list(theirs)
    for value in mine:
        place = next((at for at, wanted in enumerate(left) if same(value, wanted, any_order=True)), None)
        if place is None:
            return False
        del left[place]
    return not left


def _kind(text: str) -> str:
    """A type without what Athena's results don't show: lengths of texts, digits of times, names of a row's fields."""
    plain = re.sub(r"(varchar|timestamp|time)\(\d+\)", r"\1", text.lower()).replace(" ", "").replace('"', "")
    return re.sub(r"\brow\(.*", "row", plain)


def _order(row: Sequence[Any]) -> str:
    return repr([_sortable(value) for value in row])


def _sortable(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, list | tuple):
        return [_sortable(item) for item in value]
    if isinstance(value, dict):
        return [_sortable(item) for _, item in sorted(value.items(), key=lambda pair: str(pair[0]))]
    return plain(value)


def plain(value: Any) -> Any:
    """A value as Trino's protocol gives it."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return timestamp_text(value)
    if isinstance(value, timedelta):
        return interval_text(value)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d([.]\d+)?( UTC)?", value):
        whole, _, zone = value.partition(" UTC") if value.endswith(" UTC") else (value, "", None)
        seconds, _, part = whole.partition(".")
        return f"{seconds}.{part.ljust(3, '0')[:3]}" + (" UTC" if zone is not None else "")
    return value.isoformat() if isinstance(value, date) else value


def same(mine: Any, theirs: Any, *, any_order: bool = False) -> bool:
    """Whether a value is the one that Trino's protocol gave; doubles may differ in their last digits.

    any_order: the elements of an array may come in any order; the fields of a row may not
    """
    if isinstance(mine, dict) and isinstance(theirs, list):
        mine = tuple(mine.values())
    if isinstance(mine, dict) and isinstance(theirs, dict):
        named = {_name(key): value for key, value in mine.items()}
        pairs = [(named[key], theirs[key]) for key in theirs if key in named]
        return named.keys() == theirs.keys() and all(same(*pair, any_order=any_order) for pair in pairs)
    if isinstance(mine, list | tuple) and isinstance(theirs, list):
        if any_order and isinstance(mine, list):
            return _same_elements(mine, theirs)
        pairs = list(zip(mine, theirs, strict=False))
        return len(mine) == len(theirs) and all(same(*pair, any_order=any_order) for pair in pairs)
    if isinstance(mine, float):
        other = float(theirs) if isinstance(theirs, float | int | str) and not isinstance(theirs, bool) else None
        return other is not None and (math.isclose(mine, other, rel_tol=1e-11) or (mine != mine and other != other))
    return plain(mine) == plain(theirs) and isinstance(mine, bool) == isinstance(theirs, bool)


def _name(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(plain(key))
