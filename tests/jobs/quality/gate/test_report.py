"""The quality report: its verdict, its JSON, its page."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from catalog.tables import Column, Table
from jobs.quality.gate.page import markdown
from jobs.quality.gate.report import GateRun, QualityReport, quality_report, schema_differences
from jobs.quality.language import Rule, parse_ruleset
from jobs.quality.outcomes import RuleOutcome, outcome_of
from jobs.quality.questions import Question

TABLE = Table(
    "visits",
    "silver/visits/",
    (Column("pk", "string", ""), Column("event_timestamp", "timestamp", ""), Column("amount", "double", "")),
    (Column("event_date", "date", ""),),
    "",
)
TYPES = {"pk": "string", "event_timestamp": "timestamp", "amount": "double", "event_date": "date"}
RUN = GateRun("run-1", date(2024, 1, 31), datetime(2024, 2, 1, tzinfo=UTC))
ROW: dict[str, Any] = {
    "rows": 4,
    "nulls:pk": 0,
    "nulls:event_timestamp": 0,
    "nulls:amount": 1,
    "nulls:event_date": 0,
    "about:pk": 4,
    "about:event_timestamp": 3,
    "about:amount": 2,
    "about:event_date": 1,
    "oldest_us": 0,
    "newest_us": 1_706_702_400_000_000,
    'broken:IsComplete "pk"': 0,
    'broken:IsComplete "amount"': 1,
    "keyed:user_id,event_timestamp": 4,
    "distinct:user_id,event_timestamp": 3,
}


def report(rules: str, row: dict[str, Any] = ROW, types: dict[str, str] = TYPES, run: GateRun = RUN) -> QualityReport:
    """The report on rules; failed ones get a sample."""
    sample = {"pk": "a|b", "amount": None}
    outcomes = [
        outcome if outcome.passed else replace(outcome, samples=(sample,))
        for outcome in (
            outcome_of(Question(rule, rule), row, types)
            for rule in parse_ruleset(f"Rules = [ {rules} ]").rules
            if isinstance(rule, Rule)
        )
    ]
    return quality_report(TABLE, row, types, outcomes, run)


def test_the_gate_passes_where_every_rule_does_and_the_schema_matches() -> None:
    assert report('RowCount > 0, IsComplete "pk"').passed


def test_one_failed_rule_fails_the_gate() -> None:
    failed = report('RowCount > 0, IsComplete "amount"')
    assert not failed.passed
    assert [outcome.rule.text for outcome in failed.failed_rules] == ['IsComplete "amount"']


def test_another_schema_fails_the_gate_though_every_rule_passes() -> None:
    failed = report("RowCount > 0", types=TYPES | {"extra": "bigint"})
    assert (failed.passed, failed.failed_rules) == (False, ())


def test_duplicates_are_told_and_fail_nothing() -> None:
    told = report("RowCount > 0")
    assert (told.duplicate_rows, told.passed) == (1, True)


@pytest.mark.parametrize(
    ("types", "differences"),
    [
        (dict(reversed(TYPES.items())), ()),
        ({name: TYPES[name] for name in TYPES if name != "amount"}, ("amount (double) is missing",)),
        (TYPES | {"amount": "string"}, ("amount is string, not double",)),
        (TYPES | {"tags": "array<string>"}, ("tags (array<string>) is not in the catalog",)),
    ],
)
def test_a_schema_is_compared_with_the_catalog(types: dict[str, str], differences: tuple[str, ...]) -> None:
    assert schema_differences(TABLE, types) == differences


def test_the_json_is_a_stable_document() -> None:
    assert json.loads(report('RowCount > 0, IsComplete "amount"').to_json()) == {
        "table": "visits",
        "run_id": "run-1",
        "training_date": "2024-01-31",
        "outcome": "FAILED",
        "ruleset_sha256": parse_ruleset('Rules = [ RowCount > 0, IsComplete "amount" ]').sha256,
        "total_rows": 4,
        "schema": {"matches": True, "differences": []},
        "rules": [
            {
                "rule": "RowCount > 0",
                "outcome": "PASSED",
                "measure": "rows",
                "measured": 4,
                "reason": None,
                "samples": [],
            },
            {
                "rule": 'IsComplete "amount"',
                "outcome": "FAILED",
                "measure": "violations",
                "measured": 1,
                "reason": "of 4 rows, 1 without amount",
                "samples": [{"pk": "a|b", "amount": None}],
            },
        ],
        "columns": [
            _column("pk", "string", 0, 0.0, 4),
            _column("event_timestamp", "timestamp", 0, 0.0, 3),
            _column("amount", "double", 1, 0.25, 2),
            _column("event_date", "date", 0, 0.0, 1),
        ],
        "duplicates": {"columns": ["user_id", "event_timestamp"], "rows": 1, "fails_the_gate": False},
        "freshness": {
            "as_of": "2024-02-01T00:00:00.000000+00:00",
            "newest_event_timestamp": "2024-01-31T12:00:00.000000+00:00",
            "oldest_event_timestamp": "1970-01-01T00:00:00.000000+00:00",
            "days": 0.5,
        },
    }


def _column(name: str, type_: str, nulls: int, null_share: float, distinct: int) -> dict[str, Any]:
    return {
        "name": name,
        "type": type_,
        "expected_type": type_,
        "nulls": nulls,
        "null_share": null_share,
        "approx_distinct": distinct,
    }


def test_the_json_keeps_its_order() -> None:
    text = report("RowCount > 0").to_json()
    keys = ("table", "run_id", "training_date", "outcome", "total_rows", "schema", "rules", "columns", "freshness")
    places = [text.index(f'\n  "{key}": ') for key in keys]
    assert places == sorted(places)


def test_silver_without_rows_has_a_report() -> None:
    row = dict.fromkeys(ROW, 0) | {"oldest_us": None, "newest_us": None}
    empty = report("RowCount > 0", row)
    document = json.loads(empty.to_json())
    assert document["columns"][0] == _column("pk", "string", 0, 0.0, 0) | {"null_share": None}
    assert document["freshness"]["days"] is None
    assert "There is no event to tell how fresh the data is." in markdown(empty)


def test_columns_that_only_one_side_has_are_in_the_report() -> None:
    types = {name: TYPES[name] for name in TYPES if name != "amount"} | {"tags": "array<string>"}
    row = {name: value for name, value in ROW.items() if "amount" not in name and "user_id" not in name}
    partial = report("RowCount > 0", row | {"nulls:tags": 2}, types)
    columns = {column.name: column for column in partial.columns}
    assert (columns["amount"].type, columns["amount"].expected_type, columns["amount"].nulls) == (None, "double", None)
    assert (columns["tags"].type, columns["tags"].expected_type) == ("array<string>", None)
    assert (columns["tags"].null_share, columns["tags"].approx_distinct) == (0.5, None)
    assert partial.duplicate_rows is None
    assert "| amount | **missing** | double |" in markdown(partial)


def test_an_estimate_is_no_more_than_the_values() -> None:
    columns = {column.name: column for column in report("RowCount > 0", ROW | {"about:amount": 5}).columns}
    assert (columns["amount"].nulls, columns["amount"].approx_distinct) == (1, 3)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="says no time zone"):
        report("RowCount > 0", run=replace(RUN, as_of=datetime(2024, 2, 1)))


def test_the_page_begins_with_the_verdict_and_its_reasons() -> None:
    page = markdown(report('RowCount > 0, IsComplete "amount"'))
    assert page.splitlines()[:17] == [
        "# Data quality of `visits`: FAILED",
        "",
        "4 rows, 2 rules: 1 failed.",
        "The schema is the catalog's."
        " The newest event is of 2024-01-31 12:00:00 UTC, 0.5 days before 2024-02-01 00:00 UTC.",
        "",
        "The flow stops here: the features of the last good run stay as they are.",
        "",
        "Run `run-1`, training date 2024-01-31.",
        "",
        "## What failed",
        "",
        '**`IsComplete "amount"`**: of 4 rows, 1 without amount.',
        "",
        "| pk | amount |",
        "|---|---|",
        "| a\\|b | *null* |",
        "",
    ]


def test_the_page_of_a_pass_has_rules_columns_and_notes() -> None:
    page = markdown(report('RowCount > 0, ColumnValues "pk" != "|`"', ROW | {'broken:ColumnValues "pk" != "|`"': 0}))
    assert page.startswith("# Data quality of `visits`: PASSED\n\n4 rows, 2 rules: none failed.\n")
    assert "| `RowCount > 0` | passed | 4 rows |" in page
    assert '| `` ColumnValues "pk" != "\\|`" `` | passed | 0 violations |' in page
    assert "| amount | double | double | 1 | 25.0% | 2 |" in page
    assert "- 1 rows repeat" not in page
    assert "What failed" not in page


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("<b>*x*</b>", "\\<b\\>\\*x\\*\\</b\\>"),
        ("two\nlines\x00", "two lines "),
        ("y" * 90, "y" * 79 + "…"),
        ("", ""),
    ],
)
def test_values_on_the_page_can_not_change_its_layout(value: str, cell: str) -> None:
    failed = RuleOutcome(parse_ruleset("Rules = [ RowCount > 0 ]").rules[0], False, "rows", 0, "none", ({"pk": value},))
    page = markdown(quality_report(TABLE, ROW, TYPES, [failed], RUN))
    assert f"| pk |\n|---|\n| {cell} |\n" in page
