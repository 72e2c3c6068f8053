"""Which rows pass and fail rules: `where`, composite rules, keys, other datasets."""

from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.quality.evaluation import evaluate
from jobs.quality.language import parse_ruleset
from jobs.quality.questions import Surroundings
from jobs.quality.row_outcomes import rows_with_outcomes

pytestmark = pytest.mark.spark

ROWS = [(1, "a", "f"), (2, "b", "d"), (3, "a", None), (4, "a", "f"), (5, "b", None), (6, "a", "f")]


@pytest.fixture(scope="module")
def frame(spark: SparkSession) -> DataFrame:
    """The rows of AWS's own example of `where`."""
    return spark.createDataFrame(ROWS, "id int, att1 string, att2 string")


def verdicts(frame: DataFrame, text: str, around: Surroundings | None = None, *, skips: bool = False) -> str:
    """How each row comes out of one rule, in the order of id: p(assed), f(ailed), s(kipped)."""
    rows = rows_with_outcomes(frame, parse_ruleset(f"Rules = [ {text} ]"), around, skips=skips).orderBy("id").collect()
    lists = {"p": "DataQualityRulesPass", "f": "DataQualityRulesFail", "s": "DataQualityRulesSkip"}
    for row in rows:
        assert row.DataQualityEvaluationResult == ("Failed" if row.DataQualityRulesFail else "Passed")
    return "".join(letter for row in rows for letter, name in lists.items() if row[name])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('IsComplete "att2" where "att1 = \'a\'"', "ppfppp"),
        ('RowCount > 99 where "id > 1"', "ssssss"),
        ('Mean "id" > 3', "ssssss"),
        ('IsUnique "att1" where "id in (1, 2)"', "pppppp"),
        ('Uniqueness "att1" > 0.5', "ffffff"),
        ("CustomSql \"select id from primary where att1 = 'b'\"", "fpffpf"),
        ('CustomSql "select count(*) from primary" > 99', "ssssss"),
        ('ReferentialIntegrity "att2" "ref.x" > 0.9', "pffpfp"),
        ('ReferentialIntegrity "att2" "nope.x" > 0.9', "ffffff"),
        ('(ColumnValues "id" > 3) or (ColumnValues "att2" = "f")', "pffppp"),
        ('(ColumnValues "id" > 3) and (ColumnValues "att2" = "f")', "fffpfp"),
        ('(ColumnValues "id" > 3) and ((ColumnValues "att2" = "f") or (IsComplete "att1"))', "fffppp"),
        ('(ColumnValues "id" > 3) or (RowCount > 0)', "ssssss"),
        ('(ColumnValues "id" > 3) or (Completeness "att2" > 0.5)', "ssssss"),
        ('(ColumnValues "id" > 3 with threshold > 0.1) or (IsComplete "att1")', "ssssss"),
    ],
)
def test_a_row_passes_fails_or_is_skipped(frame: DataFrame, text: str, expected: str) -> None:
    reference = frame.sparkSession.createDataFrame([("f",), ("z",)], "x string")
    assert verdicts(frame, text, Surroundings({"ref": reference})) == expected


def test_rows_that_where_leaves_out_may_be_told_apart(frame: DataFrame) -> None:
    assert verdicts(frame, 'IsComplete "att2" where "att1 = \'a\'"', skips=True) == "psfpsp"


def outcome(frame: DataFrame, text: str, **around: Any) -> tuple[bool, bool, str | None]:
    """Whether a rule passed, whether it was checked, and why it failed."""
    (found,) = evaluate(frame, parse_ruleset(f"Rules = [ {text} ]"), Surroundings(**around)).outcomes
    return found.passed, found.checked, found.reason


def test_a_composite_rule_is_evaluated_by_column_or_by_row_as_awss_example(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(2, 1), (0, 3)], "myCol1 int, myCol2 int")
    text = '(ColumnValues "myCol1" > 1) OR (ColumnValues "myCol2" > 2)'
    assert outcome(frame, text)[:2] == (False, True)
    assert outcome(frame, text, row_by_row=True) == (True, True, None)
    both = text.replace("OR", "AND")
    assert outcome(frame, both, row_by_row=True) == (False, True, "of 2 rows, 2 for which this does not hold")


def test_by_row_shares_are_refused_and_rules_about_the_table_stay_so(frame: DataFrame) -> None:
    passed, checked, reason = outcome(frame, '(IsComplete "id") and (Completeness "att2" > 0.5)', row_by_row=True)
    assert (passed, checked) == (False, False)
    assert reason == (
        'it can\'t be checked row by row: Completeness "att2" > 0.5 is about a share of rows; use the method COLUMN'
    )
    assert outcome(frame, '(IsComplete "id") and (RowCount = 6)', row_by_row=True) == (True, True, None)


@pytest.mark.parametrize("where", ["nope > 1", "id >", "id"])
def test_a_where_that_spark_can_not_answer_fails_its_rule_alone(frame: DataFrame, where: str) -> None:
    found = evaluate(frame, parse_ruleset(f'Rules = [ RowCount = 6, IsComplete "id" where "{where}" ]')).outcomes
    assert [(one.passed, one.checked) for one in found] == [(True, True), (where == "id", where == "id")]


def test_views_of_the_session_are_as_before_after_custom_sql(frame: DataFrame) -> None:
    session = frame.sparkSession
    session.range(7).createOrReplaceTempView("primary")
    assert outcome(frame, 'CustomSql "select count(*) from primary join ref on true" = 18', references={
        "ref": session.range(3)
    })[0]  # fmt: skip
    assert session.table("primary").count() == 7
    assert not session.catalog.tableExists("ref")
    session.catalog.dropTempView("primary")
