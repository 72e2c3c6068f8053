"""The gate without Spark: what it measures is what Spark measures, and which rules it may measure at all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

import jobs.quality.days
from catalog.tables import SILVER_USER_EVENTS
from jobs.check_silver import ruleset_of_silver
from jobs.lake.frames import Frames
from jobs.lake.layout import partition_folder
from jobs.lake.open_store import open_store
from jobs.lake.parquet import RowWriter, arrow_schema
from jobs.lake.protocol import Lake
from jobs.quality.at_hand import SKETCH_SIZE, distinct_keys, estimate, is_plain, sketch
from jobs.quality.days import measured_silver
from jobs.quality.dqdl import parse_ruleset
from jobs.quality.rules import Ruleset

PLAIN = """Rules = [
    RowCount > 0, ColumnCount > 3, ColumnExists "nope", IsComplete "page", Completeness "amount" > 0.5,
    IsUnique "user_id" "event_timestamp", IsPrimaryKey "pk", IsUnique "page", Uniqueness "user_id" "page" > 0.1,
    IsPrimaryKey "event_type" "event_timestamp", DistinctValuesCount "event_type" > 1, DistinctValuesCount "op" = 1,
    ColumnLength "page" < 3, ColumnLength "page" between 0 and 3, ColumnLength "pk" not in [1, 3],
    ColumnDataType "event_timestamp" = "TIMESTAMP", ColumnDataType "amount" = "DOUBLE",
    ColumnValues "page" = "/a", ColumnValues "page" != "/a", ColumnValues "page" in ["/a", NULL, EMPTY],
    ColumnValues "page" not in ["/a", NULL], ColumnValues "page" not in [EMPTY, WHITESPACES_ONLY],
    ColumnValues "page" in [WHITESPACES_ONLY, "é"], ColumnValues "page" != NULL, ColumnValues "page" = NULL,
    ColumnValues "model_input_flag" = "true", ColumnValues "model_input_flag" != "false",
    ColumnValues "model_input_flag" in ["true", NULL], ColumnValues "event_type" not in [EMPTY, WHITESPACES_ONLY],
    ColumnValues "event_type" = "click", ColumnValues "event_date" >= "2025-06-02",
    ColumnValues "event_date" between "2025-05-31" and "2025-06-03",
    ColumnValues "updated_at" = "2025-06-01", ColumnValues "updated_at" != "2025-06-01",
    ColumnValues "updated_at" in ["2025-06-01", NULL], ColumnValues "updated_at" > "2025-06-01",
    ColumnValues "updated_at" <= "2025-06-01", ColumnValues "updated_at" not between "2025-05-31" and "2025-06-02"
]"""
TIMES = st.sampled_from(
    [datetime(2025, 6, day, hour, tzinfo=UTC) for day in (1, 2, 3) for hour in (0, 13)]
    + [datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC) - timedelta(0, 0, 1)]
)
TEXTS = st.sampled_from(["/a", "/bc", "", " ", "\t\x0b\n", "é", "x" * 9])
VALUES = {"string": TEXTS, "timestamp": TIMES, "double": st.sampled_from([0.0, 1.5, -2.0]), "boolean": st.booleans()}
ROWS = st.lists(
    st.tuples(*(st.none() | VALUES[column.type] for column in SILVER_USER_EVENTS.columns)), min_size=0, max_size=12
)
PARTITIONS = st.dictionaries(
    st.tuples(st.sampled_from(["click", "Größe/ 1", "it's"]), st.sampled_from(["2025-06-01", "2025-06-02"])),
    ROWS,
    min_size=1,
    max_size=4,
)


def no_spark() -> Frames:
    raise AssertionError("Spark was asked for")


@pytest.mark.spark
@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(partitions=PARTITIONS)
def test_it_measures_what_spark_measures(
    partitions: dict[tuple[str, str], list[tuple[Any, ...]]],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    spark: SparkSession,
) -> None:
    lake = Lake(open_store(str(tmp_path_factory.mktemp("lake"))))
    for values, rows in partitions.items():
        folder = SILVER_USER_EVENTS.location + partition_folder(SILVER_USER_EVENTS, values)
        if rows:
            writer = RowWriter(lake.store, f"{folder}part", arrow_schema(SILVER_USER_EVENTS.columns))
            writer.add(list(zip(*rows, strict=True)))
            writer.close()
            lake.register(SILVER_USER_EVENTS, add=[values])
    if not any(partitions.values()):
        return
    ruleset = parse_ruleset(PLAIN)
    at_hand = measured_silver(lake, no_spark, ruleset, anew=True)
    with monkeypatch.context() as patch:
        patch.setattr(jobs.quality.days, "AT_HAND", -1)
        by_spark = measured_silver(lake, lambda: Frames(lake, spark), ruleset, anew=True)
    assert at_hand.row == by_spark.row
    assert (at_hand.read_as, at_hand.stored_as) == (by_spark.read_as, by_spark.stored_as)


@pytest.mark.parametrize(
    "rule",
    [
        'ColumnValues "page" matches "/.*"',
        'ColumnValues "amount" > 0',
        'ColumnDataType "page" = "INTEGER"',
        'ColumnDataType "event_timestamp" = "DATE"',
        'IsUnique "event_type" "user_id"',
        'IsUnique "amount" "event_timestamp"',
        'IsUnique "user_id" "user_id"',
        'ColumnLength "page" = 1.5',
    ],
)
def test_a_rule_that_could_mean_something_else_is_left_to_spark(rule: str) -> None:
    assert not is_plain(parse_ruleset(f"Rules = [ RowCount > 0, {rule} ]"))


@pytest.mark.parametrize("ruleset", [ruleset_of_silver, lambda: parse_ruleset(PLAIN)], ids=["the gate's", "plain"])
def test_the_gates_own_rules_are_plain(ruleset: Callable[[], Ruleset]) -> None:
    assert is_plain(ruleset())


@given(values=st.lists(st.none() | st.integers(-5, 500)), cut=st.integers(0, 50))
def test_few_distinct_values_are_counted_exactly_however_they_are_cut(values: list[int | None], cut: int) -> None:
    parts = [pa.chunked_array([pa.array(part, pa.int64())]) for part in (values[:cut], values[cut:])]
    assert estimate([sketch(part) for part in parts]) == len(set(values) - {None})


@pytest.mark.parametrize("count", [SKETCH_SIZE, 20_000, 200_000])
@pytest.mark.parametrize("kind", ["numbers", "texts", "doubles"])
def test_many_distinct_values_are_estimated_within_a_tenth(count: int, kind: str) -> None:
    numbers = range(count)
    arrays: dict[str, Callable[[], pa.Array]] = {
        "numbers": lambda: pa.array(numbers, pa.int64()),
        "texts": lambda: pa.array([f"u{number:07d}" for number in numbers]),
        "doubles": lambda: pa.array([number / 100 for number in numbers]),
    }
    values = arrays[kind]()
    halves = [pa.chunked_array([values[: count // 2]]), pa.chunked_array([values[count // 3 :]])]
    assert estimate([sketch(half) for half in halves]) == pytest.approx(count, rel=0.1)


def test_keys_are_told_apart_beyond_their_first_bytes() -> None:
    start = "é" * 8
    keys = pa.table({"pk": pa.chunked_array([["a", "b", None], [start + "a", start + "b", start + "a", ""]])})
    assert distinct_keys(keys, ("pk",)) == (6, 5)


@given(st.lists(st.text("ab", min_size=63, max_size=65), max_size=60))
def test_texts_as_long_as_a_hash_are_told_apart_too(texts: list[str]) -> None:
    assert estimate([sketch(pa.chunked_array([texts], pa.string()))]) == len(set(texts))
