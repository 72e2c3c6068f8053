"""Counts -> outcomes, in plain Python."""

from typing import Any

import pytest

from jobs.quality.language import Rule, parse_ruleset
from jobs.quality.language.columns import obstacle
from jobs.quality.outcomes import RuleOutcome
from jobs.quality.outcomes import outcome_of as outcome_of_question
from jobs.quality.questions import Question

TYPES = {"k": "string", "price": "double"}


def outcome_of(text: str, row: dict[str, Any]) -> RuleOutcome:
    """The outcome of one rule."""
    (rule,) = parse_ruleset(f"Rules = [ {text} ]").rules
    assert isinstance(rule, Rule)
    return outcome_of_question(Question(rule, rule, obstacle(rule, TYPES)), row, TYPES)


@pytest.mark.parametrize(
    ("text", "row", "measure", "measured", "reason"),
    [
        ("RowCount > 5000", {"rows": 1234}, "rows", 1234, "the number of rows is 1,234, not > 5000"),
        ("ColumnCount = 3", {"rows": 0}, "columns", 2, "the number of columns is 2, not = 3"),
        ('ColumnExists "nope"', {"rows": 0}, "columns", 0, "there is no column 'nope'; there are: k, price"),
        ('IsComplete "k"', {"rows": 9, 'broken:IsComplete "k"': 2}, "violations", 2, "of 9 rows, 2 without k"),
        (
            'Completeness "k" > 0.5',
            {"rows": 4, 'broken:Completeness "k" > 0.5': 2},
            "share_of_rows",
            0.5,
            "2 of 4 rows are good, a share of 0.5, not > 0.5",
        ),
        (
            'IsUnique "k"',
            {"rows": 9, "keyed:k": 8, "distinct:k": 7, "single:k": 6},
            "violations",
            2,
            "of 9 rows, 2 share their k with another",
        ),
        (
            'IsPrimaryKey "k"',
            {"rows": 9, "keyed:k": 8, "distinct:k": 7, "single:k": 6, 'broken:IsPrimaryKey "k"': 1},
            "violations",
            3,
            "of 9 rows, 2 share their k with another, 1 without k",
        ),
        (
            'Uniqueness "k" >= 0.8',
            {"rows": 9, "keyed:k": 8, "distinct:k": 7, "single:k": 6},
            "share_of_rows",
            0.75,
            "6 of 8 rows are good, a share of 0.75, not >= 0.8",
        ),
        (
            'DistinctValuesCount "k" < 3',
            {"rows": 9, "keyed:k": 8, "distinct:k": 3},
            "distinct_values",
            3,
            "the number of distinct values is 3, not < 3",
        ),
        (
            'ColumnLength "k" = 3',
            {"rows": 9, 'broken:ColumnLength "k" = 3': 4},
            "violations",
            4,
            "of 9 rows, 4 with a k for which this does not hold",
        ),
        (
            'ColumnValues "price" > 0 with threshold > 0.9',
            {"rows": 10, 'broken:ColumnValues "price" > 0 with threshold > 0.9': 1},
            "share_of_rows",
            0.9,
            "9 of 10 rows are good, a share of 0.9, not > 0.9",
        ),
        (
            'ColumnValues "nope" > 0',
            {"rows": 10},
            "violations",
            None,
            "it can't be checked: there is no column 'nope'; there are: k, price",
        ),
    ],
)
def test_a_failed_rule_says_why(text: str, row: dict[str, Any], measure: str, measured: Any, reason: str) -> None:
    outcome = outcome_of(text, row)
    assert (outcome.passed, outcome.measure, outcome.measured, outcome.reason) == (False, measure, measured, reason)


def test_a_passed_rule_gives_no_reason() -> None:
    outcome = outcome_of('IsComplete "k"', {"rows": 9, 'broken:IsComplete "k"': 0})
    assert (outcome.passed, outcome.measured, outcome.reason) == (True, 0, None)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('Completeness "k" >= 0', {"rows": 0, 'broken:Completeness "k" >= 0': 0}),
        ('Uniqueness "k" >= 0', {"rows": 3, "keyed:k": 0, "single:k": 0}),
        (
            'ColumnValues "k" = "a" with threshold >= 0',
            {"rows": 0, 'broken:ColumnValues "k" = "a" with threshold >= 0': 0},
        ),
    ],
)
def test_a_share_of_no_rows_fails(text: str, row: dict[str, Any]) -> None:
    (rule,) = parse_ruleset(f"Rules = [ {text} ]").rules
    reason = "there is no row of which to take a share"
    assert outcome_of(text, row) == RuleOutcome(rule, False, "share_of_rows", None, reason, evaluated=rule)
