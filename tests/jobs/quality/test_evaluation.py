"""The gate on Spark: measures, second look and failing rows, for rules that hold and for rules that don't."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from math import log
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

import catalog
from catalog.tables import SILVER_USER_EVENTS
from jobs.quality.evaluation import Evaluation, Samples, evaluate
from jobs.quality.language import parse_ruleset
from jobs.quality.questions import Surroundings
from jobs.quality.row_outcomes import rows_with_outcomes

pytestmark = pytest.mark.spark

SILVER_RULES = parse_ruleset(Path(catalog.__file__).with_name("silver_user_events.dqdl").read_text(encoding="utf-8"))
SILVER_TYPES = {column.name: column.type for column in (*SILVER_USER_EVENTS.columns, *SILVER_USER_EVENTS.partitions)}
NOON = datetime(2024, 1, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LEGAL: dict[str, Any] = {
    "pk": "a" * 64,
    "user_id": "u1",
    "event_timestamp": NOON,
    "op": "I",
    "updated_at": NOON,
    "ingestion_ts": NOON,
    "model_input_flag": True,
    "inference_ts": NOON,
    "feature_hash": "f" * 64,
    "event_type": "click",
    "event_date": date(2024, 1, 31),
}

SMALL_ROWS = [
    (1, "1", "x", 1, 0.5, True, date(2024, 1, 1), datetime(2024, 1, 1, 10, tzinfo=UTC), "12"),
    (2, "2", "", 5, 1.5, True, date(2024, 1, 2), datetime(2024, 1, 2, tzinfo=UTC), "1.5"),
    (3, "3", "  ", 10, 2.5, False, date(2024, 1, 3), datetime(2024, 1, 3, tzinfo=UTC), "x"),
    (4, "3", None, None, None, None, None, None, None),
]
SMALL_TYPES = "id int, k string, text string, n int, price double, flag boolean, day date, at timestamp, digits string"
HOLD = """
    RowCount = 4 | RowCount between 3 and 5 | RowCount in [4] | ColumnCount = 9 | ColumnExists "k" | IsComplete "k"
    Completeness "n" = 0.75 | Completeness "k" >= 1 | IsUnique "n" | IsUnique "k" "n" | Uniqueness "k" = 0.5
    Uniqueness "n" >= 1.0 | IsPrimaryKey "id" | IsPrimaryKey "k" "id"
    DistinctValuesCount "k" = 3 | DistinctValuesCount "n" = 3
    ColumnLength "k" = 1 | ColumnLength "text" < 3 | ColumnLength "text" not in [3]
    ColumnDataType "at" = "DATE" | ColumnDataType "n" = "DOUBLE" | ColumnDataType "k" = "INTEGER"
    ColumnDataType "digits" = "DOUBLE" with threshold = 0.75
    ColumnValues "text" in ["x", NULL, EMPTY, WHITESPACES_ONLY] | ColumnValues "k" in ["1", "2", "3"]
    ColumnValues "text" not in ["y"] | ColumnValues "text" != "y" | ColumnValues "k" != NULL
    ColumnValues "n" != 7 | ColumnValues "n" in [1, 5, 10, NULL] | ColumnValues "n" > 0 with threshold = 0.75
    ColumnValues "n" between 0 and 11 with threshold > 0.7 | ColumnValues "n" not in [2, 3]
    ColumnValues "price" >= 0.5 with threshold >= 0.75 | ColumnValues "flag" in ["true", "false", NULL]
    ColumnValues "day" in ["2024-01-01", "2024-01-02", "2024-01-03", NULL]
    ColumnValues "at" < "2024-01-04" with threshold = 0.75 | ColumnValues "k" matches "[0-9]"
    ColumnValues "k" not matches "[a-z]" | ColumnValues "text" matches "x" with threshold = 0.25
    Mean "price" = 1.5 | Mean "n" = 7.5 where "id > 1" | Sum "n" = 16 | Sum "price" = 0.5 where "k = '1'"
    StandardDeviation "n" between 3.68 and 3.69 | StandardDeviation "n" = 2.5 where "id in (2, 3)"
    Entropy "k" between 1.0397 and 1.0398 | Entropy "k" = 0 where "k = '3'"
    UniqueValueRatio "k" between 0.66 and 0.67
    ColumnCorrelation "n" "price" between 0.99 and 1 | ColumnCorrelation "id" "n" = 1 where "id < 3"
    RowCount = 2 where "id > 2" | RowCount = 0 where "n > 99" | IsComplete "n" where "id < 4"
    IsUnique "k" where "id < 4"
    Completeness "n" = 0.5 where "id > 2" | Uniqueness "k" = 0 where "k = '3'"
    DistinctValuesCount "k" = 1 where "id > 2"
    IsPrimaryKey "n" where "n is not null" | ColumnLength "text" > 0 where "k = '1'"
    ColumnValues "n" > 3 where "n > 3"
    ColumnValues "n" > 1 where "id < 4" with threshold > 0.6 | ColumnDataType "digits" = "INTEGER" where "id = 1"
    ColumnNamesMatchPattern "[a-z]+" | DataFreshness "at" <= 48 hours where "id in (2, 3)"
    DataFreshness "at" between 0 hours and 3 days where "id < 4" | DataFreshness "day" = 1 days where "id = 3"
    ColumnValues "day" >= (now() - 1 days) where "id = 3" | ColumnValues "at" < now() where "id < 4"
    CustomSql "select count(*) from primary" = 4
    CustomSql "select max(n) from primary where k in (select k from ref)" = 5
    CustomSql "select id from primary" | CustomSql "select k, n from primary where k <> '1'" with threshold >= 0.75
    ReferentialIntegrity "k" "ref.k" = 0.5 | ReferentialIntegrity "k,n" "ref.{k,m}" = 0.25 | RowCountMatch "ref" = 2
    (IsComplete "n") or (IsComplete "k") | (RowCount = 4) and ((IsComplete "n") or (IsUnique "id"))
    RowCount > last() | RowCount = avg(last(10)) | Sum "n" between min(last(3)) and max(last(3)) + 1
    RowCount = index(last(2), 1) - 1 | Mean "price" > last() | ColumnCount = (2 * last(1)) - 9
    CustomSql "select sum(n) from primary" = median(last(9))
"""
FAIL = """
    RowCount > 4 | RowCount between 4 and 9 | RowCount not in [4] | ColumnCount != 9 | ColumnExists "nope"
    IsComplete "n" | IsComplete "nope" | Completeness "n" > 0.75 | IsUnique "k" | Uniqueness "k" > 0.5
    IsPrimaryKey "n" | IsPrimaryKey "k" | DistinctValuesCount "k" > 3 | ColumnLength "text" > 0
    ColumnLength "k" != 1
    ColumnDataType "digits" = "DOUBLE" | ColumnDataType "digits" = "INTEGER" with threshold > 0.5
    ColumnDataType "digits" = "DATE" | ColumnDataType "flag" = "DATE" | ColumnValues "text" in ["x"]
    ColumnValues "text" in ["x", EMPTY, WHITESPACES_ONLY] | ColumnValues "text" in ["x", NULL, EMPTY]
    ColumnValues "text" in ["x", NULL, WHITESPACES_ONLY] | ColumnValues "text" not in [EMPTY]
    ColumnValues "text" not in ["y", NULL] | ColumnValues "text" != NULL | ColumnValues "text" = NULL
    ColumnValues "n" = 5 | ColumnValues "n" != 5 | ColumnValues "n" > 0 | ColumnValues "n" < 10 with threshold >= 0.75
    ColumnValues "n" between 1 and 11 with threshold > 0.5 | ColumnValues "n" not between 1 and 10
    ColumnValues "price" <= 2.4 with threshold > 0.5 | ColumnValues "flag" = "true"
    ColumnValues "day" > "2024-01-01"
    ColumnValues "at" = "2024-01-01" | ColumnValues "at" >= "2024-01-02" with threshold > 0.5
    ColumnValues "k" matches "1|2" | ColumnValues "k" not matches "1" | ColumnValues "text" not matches "y"
    ColumnValues "k" matches "" | ColumnValues "nope" = 1 | ColumnValues "k" = 1
    Mean "price" > 1.5 | Mean "k" > 0 | Mean "n" > 0 where "id > 3" | Sum "n" != 16 | StandardDeviation "n" < 3.6
    Entropy "k" > 1.04 | UniqueValueRatio "k" >= 0.67 | ColumnCorrelation "n" "price" < 0
    RowCount > 4 where "id > 0" | IsComplete "n" where "id > 2" | IsUnique "k" where "id > 2"
    IsComplete "n" where "nope > 1"
    IsComplete "n" where "id >" | Completeness "n" > 0 where "id > 99" | ColumnNamesMatchPattern "^k"
    DataFreshness "at" <= 48 hours | DataFreshness "at" < 24 hours where "id = 2" | DataFreshness "k" < 24 hours
    ColumnValues "day" > (now() - 1 days) where "id = 3" | CustomSql "select count(*) from primary" > 4
    CustomSql "select nope from primary" = 1 | CustomSql "select count(*) from primary"
    CustomSql "select id, n from primary" = 1
    CustomSql "select id + 1 as id from primary" with threshold > 0 | CustomSql "select id from primary where id > 1"
    CustomSql "select k, n from primary where k <> '1'" with threshold > 0.75
    CustomSql "select max(n) from primary where false" >= 0 | ReferentialIntegrity "k" "ref.k" > 0.5
    ReferentialIntegrity "k" "other.k" = 0 | ReferentialIntegrity "k" "ref.nope" = 0
    ReferentialIntegrity "k" "ref.m" = 0
    RowCountMatch "ref" < 2 | (IsComplete "n") and (IsComplete "k")
    (RowCount = 4) and ((IsComplete "n") or (IsUnique "k"))
    RowCount < last() | RowCount = last(2) | RowCount = index(last(2), 2) | RowCount > 4 / (last() - 3)
"""


def around(spark: SparkSession) -> Surroundings:
    """Another dataset, two past runs, and a time at which the newest of the small rows is a day old."""
    past = (
        {"Dataset.*.RowCount": 3.0, "Dataset.*.ColumnCount": 9.0},
        {"Dataset.*.RowCount": 5.0, "Column.n.Sum": 15.5},
    )
    past += ({"Dataset.*.CustomSQL": 16.0, "Column.n.Sum": 3.0},)
    other = spark.createDataFrame([("1", 1), ("2", 9)], "k string, m int")
    return Surroundings({"ref": other}, past, datetime(2024, 1, 4, tzinfo=UTC))


def rule_texts(block: str) -> list[str]:
    """The rules of a block, one a line or between bars."""
    return [text.strip() for line in block.splitlines() for text in line.split(" | ") if text.strip()]


def silver(spark: SparkSession, *rows: dict[str, Any]) -> DataFrame:
    """Silver of legal events, each with some values changed."""
    names = list(SILVER_TYPES)
    schema = ", ".join(f"{name} {type_}" for name, type_ in SILVER_TYPES.items())
    return spark.createDataFrame([tuple((LEGAL | row).get(name) for name in names) for row in rows], schema)


def failures(evaluation: Evaluation) -> dict[str, str | None]:
    """Failed rules and why they failed."""
    return {outcome.rule.text: outcome.reason for outcome in evaluation.outcomes if not outcome.passed}


@pytest.fixture(scope="module", params=["false", "true"], ids=["ANSI off", "ANSI on"])
def small_outcomes(spark: SparkSession, request: pytest.FixtureRequest) -> Iterator[dict[str, bool]]:
    """Whether each rule of HOLD and FAIL passed on the small rows."""
    spark.conf.set("spark.sql.ansi.enabled", request.param)
    texts = rule_texts(HOLD) + rule_texts(FAIL)
    frame = spark.createDataFrame(SMALL_ROWS, SMALL_TYPES)
    outcomes = evaluate(frame, parse_ruleset(f"Rules = [ {', '.join(texts)} ]"), around(spark)).outcomes
    yield dict(zip(texts, (outcome.passed for outcome in outcomes), strict=True))
    spark.conf.unset("spark.sql.ansi.enabled")


@pytest.mark.parametrize("text", rule_texts(HOLD))
def test_a_rule_that_holds_passes(small_outcomes: dict[str, bool], text: str) -> None:
    assert small_outcomes[text]


@pytest.mark.parametrize("text", rule_texts(FAIL))
def test_a_rule_that_does_not_hold_fails(small_outcomes: dict[str, bool], text: str) -> None:
    assert not small_outcomes[text]


def test_counts_are_exact(spark: SparkSession) -> None:
    frame = silver(spark, {}, {"pk": "b" * 64, "op": "U"}, {"pk": "b" * 64, "user_id": None})
    rules = 'IsPrimaryKey "pk", ColumnValues "op" = "I", DistinctValuesCount "event_type" = 1, IsComplete "user_id"'
    ruleset = parse_ruleset(f"Rules = [ {rules} ]")
    assert evaluate(frame, ruleset).counts == {
        "rows": 3,
        'broken:IsPrimaryKey "pk"': 0,
        'broken:ColumnValues "op" = "I"': 1,
        'broken:IsComplete "user_id"': 1,
        "keyed:pk": 3,
        "single:pk": 1,
        "distinct:pk": 2,
        "keyed:event_type": 3,
        "single:event_type": 0,
        "distinct:event_type": 1,
    }


def test_one_query_answers_all_rules(spark: SparkSession) -> None:
    texts = [text for text in rule_texts(HOLD) if text.startswith(("Mean", "Custom", "Ref", "(", "Entropy", "Data"))]
    collected = []
    collect = DataFrame.collect
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(DataFrame, "collect", lambda self: collected.append(self) or collect(self))
        frame = spark.createDataFrame(SMALL_ROWS, SMALL_TYPES)
        evaluate(frame, parse_ruleset(f"Rules = [ {', '.join(texts)} ]"), around(spark))
    assert len(collected) == 1


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.sampled_from(["a", "b", "", " ", None]), max_size=8))
def test_counts_are_those_of_plain_python(spark: SparkSession, values: list[str | None]) -> None:
    frame = spark.createDataFrame([(value,) for value in values], "k string")
    rules = 'IsComplete "k", IsUnique "k", DistinctValuesCount "k" = 0, ColumnLength "k" = 1'
    counts = evaluate(frame, parse_ruleset(f"Rules = [ {rules} ]")).counts
    given_values = [value for value in values if value is not None]
    assert counts["rows"] == len(values)
    assert counts['broken:IsComplete "k"'] == len(values) - len(given_values)
    assert counts["keyed:k"] == len(given_values)
    assert counts["single:k"] == sum(given_values.count(value) == 1 for value in given_values)
    assert counts["distinct:k"] == len(set(given_values))
    assert counts['broken:ColumnLength "k" = 1'] == sum(len(value or "") != 1 for value in values)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.none() | st.integers(-3, 3), st.none() | st.integers(-3, 3)), min_size=1, max_size=9))
def test_numbers_are_those_of_plain_python(spark: SparkSession, rows: list[tuple[int | None, int | None]]) -> None:
    frame = spark.createDataFrame(rows, "n int, m int")
    text = """Analyzers = [ Mean "n", Sum "n", StandardDeviation "n", Entropy "n", UniqueValueRatio "n", Uniqueness "n",
        Completeness "n", DistinctValuesCount "n", ColumnValues "n", RowCount ]"""
    evaluation = evaluate(frame, parse_ruleset(text))
    measured = {name: value for outcome in evaluation.analyzers for name, value in outcome.metrics.items()}
    values = [n for n, _ in rows if n is not None]
    shares = [values.count(value) / len(values) for value in set(values)]
    expected: dict[str, float] = {"Dataset.*.RowCount": len(rows), "Column.n.Completeness": len(values) / len(rows)}
    expected["Column.n.DistinctValuesCount"] = len(set(values))
    if values:
        once = sum(values.count(value) == 1 for value in values)
        expected |= {"Column.n.Mean": fmean(values), "Column.n.Sum": sum(values)}
        expected |= {"Column.n.StandardDeviation": pstdev(values), "Column.n.Uniqueness": once / len(values)}
        expected |= {"Column.n.Entropy": -sum(share * log(share) for share in shares)}
        expected |= {"Column.n.UniqueValueRatio": once / len(set(values))}
        expected |= {"Column.n.Minimum": min(values), "Column.n.Maximum": max(values)}
    assert measured == pytest.approx(expected)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.none() | st.integers(0, 3), st.sampled_from("xyz")), min_size=1, max_size=8))
def test_where_is_the_rule_on_those_rows_alone(spark: SparkSession, rows: list[tuple[int | None, str]]) -> None:
    frame = spark.createDataFrame(rows, "n int, k string")
    rules = (
        "RowCount > 2",
        'IsComplete "n"',
        'IsUnique "n"',
        'Mean "n" > 1',
        'Entropy "n" > 0.5',
        'ColumnValues "n" < 3',
    )
    there = ", ".join(f"{rule} where \"k = 'x'\"" for rule in rules)
    in_all = evaluate(frame, parse_ruleset(f"Rules = [ {there} ]")).outcomes
    alone = evaluate(frame.filter("k = 'x'"), parse_ruleset(f"Rules = [ {', '.join(rules)} ]")).outcomes
    assert [(one.passed, one.measured, one.reason) for one in in_all] == [
        (one.passed, one.measured, one.reason) for one in alone
    ]


def test_all_statistics_are_those_of_each_column(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("ab", 1.0), ("c", None)], "k string, n double")
    (everything,) = evaluate(frame, parse_ruleset('Analyzers = [ AllStatistics "AllColumns" ]')).analyzers
    assert dict(everything.metrics) == {
        "Dataset.*.RowCount": 2.0,
        "Dataset.*.ColumnCount": 2.0,
        "Column.k.Completeness": 1.0,
        "Column.k.Uniqueness": 1.0,
        "Column.k.MinimumLength": 1.0,
        "Column.k.MaximumLength": 2.0,
        "Column.n.Completeness": 0.5,
        "Column.n.Uniqueness": 1.0,
        "Column.n.Minimum": 1.0,
        "Column.n.Maximum": 1.0,
        "Column.n.Entropy": 0.0,
        "Column.n.Mean": 1.0,
        "Column.n.StandardDeviation": 0.0,
        "Column.n.Sum": 1.0,
    }
    (missing,) = evaluate(frame, parse_ruleset('Analyzers = [ Mean "k" ]')).analyzers
    assert missing.problem == "it can't be measured: Mean needs a column of numbers; 'k' is string"


def test_silver_that_the_contract_allows_passes_whatever_is_empty_or_extreme(spark: SparkSession) -> None:
    frame = silver(
        spark,
        {},
        {"pk": "b" * 64},
        {
            "pk": "c" * 64,
            "op": "U",
            "user_id": "",
            "event_type": "Größe/ 1",
            "event_timestamp": datetime(2100, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            "updated_at": datetime(1970, 1, 1, tzinfo=UTC),
            "event_date": date(2100, 12, 31),
            "amount": float("nan"),
        },
        {
            "pk": "d" * 64,
            "event_timestamp": datetime(1970, 1, 1, tzinfo=UTC),
            "event_date": date(1970, 1, 1),
            "amount": -1.0,
        },
    )
    assert failures(evaluate(frame, SILVER_RULES)) == {}


DAMAGE: list[tuple[str, dict[str, Any]]] = [
    ('IsComplete "pk"', {"pk": None}),
    ('ColumnLength "pk" = 64', {"pk": "b" * 63}),
    ('IsComplete "user_id"', {"user_id": None}),
    ('IsComplete "event_type"', {"event_type": None}),
    ('ColumnValues "event_type" not in [EMPTY, WHITESPACES_ONLY]', {"event_type": " "}),
    ('ColumnValues "op" in ["I", "U"]', {"op": "D"}),
    ('ColumnValues "op" in ["I", "U"]', {"op": None}),
    ('ColumnValues "model_input_flag" = "true"', {"model_input_flag": False}),
    ('ColumnValues "event_timestamp" >= "1970-01-01"', {"event_timestamp": datetime(1969, 12, 31, tzinfo=UTC)}),
    ('ColumnValues "updated_at" < "2101-01-01"', {"updated_at": datetime(2101, 1, 1, tzinfo=UTC)}),
    ('IsComplete "feature_hash"', {"feature_hash": None}),
]


def test_each_damaged_row_breaks_its_rule(spark: SparkSession) -> None:
    rows = [{"pk": f"{number:064}"} | damage for number, (_, damage) in enumerate(DAMAGE)]
    evaluation = evaluate(silver(spark, {}, *rows), SILVER_RULES)
    broken = {name.removeprefix("broken:"): count for name, count in evaluation.counts.items() if count}
    expected = Counter(rule for rule, _ in DAMAGE)
    expected['ColumnLength "pk" = 64'] += 1  # null has no length
    assert {rule: broken[rule] for rule in expected} == expected
    assert set(expected) <= set(failures(evaluation))


def test_a_pk_twice_in_different_partitions_fails_the_gate(spark: SparkSession) -> None:
    frame = silver(spark, {}, {"event_type": "purchase", "event_date": date(2024, 2, 1)}, {"pk": "b" * 64})
    assert failures(evaluate(frame, SILVER_RULES)) == {'IsPrimaryKey "pk"': "of 3 rows, 2 share their pk with another"}


def test_empty_silver_fails_for_having_no_rows(spark: SparkSession) -> None:
    assert failures(evaluate(silver(spark), SILVER_RULES)) == {
        "RowCount > 0": "the number of rows is 0, not > 0",
        'DistinctValuesCount "event_type" >= 1': "the number of distinct values is 0, not >= 1",
    }


def test_a_column_that_is_missing_or_of_another_type_fails_its_rules(spark: SparkSession) -> None:
    frame = silver(spark, {}).drop("page").withColumn("event_timestamp", F.array("event_timestamp"))
    failed = failures(evaluate(frame.withColumn("amount", F.lit("much")), SILVER_RULES))
    assert set(failed) == {
        'ColumnExists "page"',
        'ColumnDataType "amount" = "DOUBLE"',
        'ColumnValues "event_timestamp" >= "1970-01-01"',
        'ColumnValues "event_timestamp" < "2101-01-01"',
        'ColumnDataType "event_timestamp" = "TIMESTAMP"',
    }
    assert failed['ColumnDataType "event_timestamp" = "TIMESTAMP"'] == (
        "it can't be checked: ColumnDataType can't read column 'event_timestamp', which is array<timestamp>"
    )


def samples(frame: DataFrame, text: str, limit: int = 10) -> list[dict[str, Any]]:
    """Rows that break a rule."""
    shown = Samples(limit, ("pk", "user_id", "event_type", "event_timestamp"))
    (outcome,) = evaluate(frame, parse_ruleset(f"Rules = [ {text} ]"), samples=shown).outcomes
    return [dict(row) for row in outcome.samples]


def test_failing_rows_show_who_it_is_and_what_is_wrong(spark: SparkSession) -> None:
    frame = silver(spark, {}, {"pk": "b" * 64, "op": "D"})
    assert samples(frame, 'ColumnValues "op" in ["I", "U"]') == [
        {
            "pk": "b" * 64,
            "user_id": "u1",
            "event_type": "click",
            "event_timestamp": "2024-01-31 12:00:00",
            "op": "D",
        }
    ]


def test_failing_rows_of_a_key_are_its_duplicates_and_its_nulls(spark: SparkSession) -> None:
    frame = silver(spark, {"user_id": "u2"}, {}, {"pk": "b" * 64}, {"pk": None})
    rows = samples(frame, 'IsPrimaryKey "pk"')
    assert [(row["pk"], row["user_id"]) for row in rows] == [(None, "u1"), ("a" * 64, "u1"), ("a" * 64, "u2")]
    limited = samples(frame, 'IsUnique "op" "user_id"', limit=2)
    assert [(row["pk"], row["op"], row["user_id"]) for row in limited] == [(None, "I", "u1"), ("a" * 64, "I", "u1")]


def test_rules_about_the_table_as_a_whole_have_no_failing_rows(spark: SparkSession) -> None:
    frame = silver(spark, {})
    for text in (
        "RowCount > 9",
        "ColumnCount > 99",
        'DistinctValuesCount "op" > 9',
        'ColumnExists "x"',
        'IsComplete "x"',
    ):
        assert samples(frame, text) == []


def test_each_row_says_which_rules_it_breaks(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("a", 1), ("a", 2), (None, 3)], "k string, n int")
    rules = parse_ruleset('Rules = [ IsComplete "k", IsUnique "k", ColumnValues "n" < 3, RowCount > 9 ]')
    complete, unique, values, count = (rule.text for rule in rules.rules)
    said = [tuple(row)[1:] for row in rows_with_outcomes(frame, rules).orderBy("n").collect()]
    assert said == [
        (1, [complete, values], [unique], [count], "Failed"),
        (2, [complete, values], [unique], [count], "Failed"),
        (3, [unique], [complete, values], [count], "Failed"),
    ]


def test_metrics_have_awss_names(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("a", 1), ("b", None)], "k string, n int")
    rules = parse_ruleset('Rules = [ RowCount = 2, Completeness "n" > 0.4, IsUnique "k", ColumnValues "n" > 0 ]')
    metrics = [dict(outcome.metrics) for outcome in evaluate(frame, rules).outcomes]
    assert metrics == [
        {"Dataset.*.RowCount": 2.0},
        {"Column.n.Completeness": 0.5},
        {"Column.k.Uniqueness": 1.0},
        {"Column.n.Minimum": 1.0, "Column.n.Maximum": 1.0},
    ]
