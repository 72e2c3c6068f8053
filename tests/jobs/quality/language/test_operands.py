"""Formulas on past runs, and what depends on the time of the run."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.quality.language import Rule, parse_ruleset
from jobs.quality.language.operands import NoValueError

NOON = datetime(2024, 1, 31, 12, tzinfo=UTC)


def resolved(text: str, *past: float) -> str:
    """A rule with its numbers of this run."""
    (rule,) = parse_ruleset(f"Rules = [ {text} ]").rules
    assert isinstance(rule, Rule)
    return rule.resolved(past, NOON).text


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("last()", "3.0"),
        ("last(1)", "3.0"),
        ("avg(last(2))", "4.0"),
        ("avg(last(99))", "3.0"),
        ("min(last(3))", "1.0"),
        ("max(last(3))", "5.0"),
        ("sum(last(3))", "9.0"),
        ("median(last(3))", "3.0"),
        ("std(last(2))", "1.0"),
        ("index(last(3), 0)", "3.0"),
        ("index(last(3), 2)", "1.0"),
        ("abs(last() - 5)", "2.0"),
        ("0.5 * avg(last(3)) + 1", "2.5"),
        ("(max(last(3)) - min(last(3))) / 8", "0.5"),
        ("1 - 2 - 3", "-4.0"),
    ],
)
def test_a_formula_has_the_value_that_past_runs_give(formula: str, value: str) -> None:
    assert resolved(f"RowCount > {formula}", 3.0, 5.0, 1.0) == f"RowCount > {value}"


@pytest.mark.parametrize("formula", ["last()", "last(3)", "avg(last(10))", "max(last(2)) * 2"])
def test_without_past_runs_last_is_zero(formula: str) -> None:
    assert resolved(f"RowCount > {formula}") == "RowCount > 0.0"


@pytest.mark.parametrize(
    ("formula", "problem"),
    [
        ("last(3)", r"last\(3\) gives 3 values where one is needed; write avg\(last\(3\)\), say"),
        ("index(last(3), 3)", r"index\(last\(3\), 3\) has no value: there are 3, 0 being the newest"),
        ("1 / (last() - 3)", "divides by zero"),
    ],
)
def test_a_formula_without_a_single_value_says_why(formula: str, problem: str) -> None:
    with pytest.raises(NoValueError, match=problem):
        resolved(f"RowCount > {formula}", 3.0, 5.0, 1.0)


@given(past=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=9), count=st.integers(1, 12))
def test_a_measure_equals_the_last_one_that_was_the_same(past: list[float], count: int) -> None:
    (rule,) = parse_ruleset(f"Rules = [ Completeness a between min(last({count})) and max(last({count})) ]").rules
    (same,) = parse_ruleset("Rules = [ Completeness a = last() ]").rules
    assert isinstance(rule, Rule)
    assert isinstance(same, Rule)
    between, equal = rule.resolved(past, NOON).condition, same.resolved(past, NOON).condition
    assert between is not None
    assert equal is not None
    assert equal.admits(past[0])
    seen = past[:count]
    assert between.admits(past[0]) == (min(seen) < past[0] < max(seen))


def test_moments_count_from_the_run() -> None:
    assert resolved('ColumnValues "t" > (now() - 36 hours)') == 'ColumnValues "t" > "2024-01-30T00:00:00+00:00"'
    assert resolved('ColumnValues "t" <= (now() + 30 minutes)').endswith('"2024-01-31T12:30:00+00:00"')


def test_a_decimal_is_compared_as_it_is_written() -> None:
    (rule,) = parse_ruleset("Rules = [ Mean a = 0.1 ]").rules
    assert isinstance(rule, Rule)
    assert rule.condition is not None
    assert rule.condition.operands == (Decimal("0.1"),)
    assert rule.condition.admits(0.1)
