"""Gold: features of a day from what happened up to it, and snapshots that stay."""

from datetime import date, datetime
from pathlib import Path

import pytest
from lakes import TestLake
from pyspark.sql import SparkSession

from jobs.silver_to_gold import user_features

pytestmark = pytest.mark.spark
GOLD = "gold/user_features/training_date={}/part-00000.parquet"


def features(spark: SparkSession, events: list[tuple[str, str, str]], day: str) -> list[tuple[object, ...]]:
    """Features of events given as user, type and time (UTC)."""
    rows = [(user, kind, time, time[:10]) for user, kind, time in events]
    frame = spark.createDataFrame(rows, "user_id string, event_type string, at string, on string").selectExpr(
        "user_id", "event_type", "cast(at as timestamp) AS event_timestamp", "cast(on as date) AS event_date"
    )
    return [tuple(row) for row in user_features(frame, date.fromisoformat(day)).orderBy("user_id").collect()]


def test_a_users_events_are_counted_up_to_the_end_of_the_day(spark: SparkSession) -> None:
    events = [
        ("a", "click", "2025-06-16 10:00:00"),
        ("a", "purchase", "2025-06-17 23:59:59.999999"),
        ("a", "click", "2025-06-18 00:00:00"),
        ("b", "view", "2025-06-18 00:00:00"),
    ]
    first, last = datetime(2025, 6, 16, 10), datetime(2025, 6, 17, 23, 59, 59, 999999)
    assert features(spark, events, "2025-06-17") == [("a", 1, 1, 2, first, last, "purchase", 0)]


def test_of_equal_last_times_the_greatest_type_by_utf8_bytes_wins(spark: SparkSession) -> None:
    events = [("a", kind, "2025-06-17 10:00:00") for kind in ("Z", "a", "é", "\U0001f389", "\ufffd")]
    (row,) = features(spark, events, "2025-06-20")
    assert (row[6], row[7]) == ("\U0001f389", 3)


def test_a_snapshot_stays_while_other_days_are_made_and_takes_in_corrections_when_made_again(
    tmp_path: Path, spark: SparkSession
) -> None:
    lake = TestLake(tmp_path, spark)
    lake.write(
        "1.jsonl", [{"user_id": "a", "event_type": "click", "timestamp": f"2025-06-1{day}"} for day in range(5, 9)]
    )
    lake.run(training_date="2025-06-16")
    before = (lake.root / GOLD.format("2025-06-16")).read_bytes()
    lake.write("2.jsonl", [{"user_id": "b", "event_type": "click", "timestamp": "2025-06-19"}])
    lake.run(training_date="2025-06-19")
    assert (lake.root / GOLD.format("2025-06-16")).read_bytes() == before
    lake.run(training_date="2025-06-16")
    again = [row for row in lake.rows("gold_user_features") if row["training_date"] == "2025-06-16"]
    assert [(row["user_id"], row["click_count"]) for row in again] == [("a", 2)]
    lake.write(
        "3.jsonl", [{"user_id": "a", "event_type": "click", "timestamp": "2025-06-15", "op": "D", "updated_at": 2e9}]
    )
    lake.run(training_date="2025-06-16")
    mended = [row for row in lake.rows("gold_user_features") if row["training_date"] == "2025-06-16"]
    assert [(row["user_id"], row["click_count"]) for row in mended] == [("a", 1)]


def test_a_day_before_all_events_has_no_partition(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    lake.write("1.jsonl", [{"user_id": "a", "event_type": "click", "timestamp": "2025-06-15"}])
    lake.run(training_date="2025-06-14")
    assert lake.rows("gold_user_features") == []
    assert lake.run(training_date="2025-06-14")["silver_to_gold"].skipped


def test_a_partition_whose_last_event_is_deleted_is_gone_and_the_lake_goes_on(
    tmp_path: Path, spark: SparkSession
) -> None:
    lake = TestLake(tmp_path, spark)
    event = {"user_id": "a", "event_type": "click", "timestamp": "2025-06-15"}
    lake.write("1.jsonl", [event])
    lake.run()
    lake.write("2.jsonl", [event | {"op": "D", "updated_at": "2025-06-16"}])
    lake.run()
    assert lake.rows("silver_user_events") == []
    assert not list(lake.root.glob("silver/user_events/*"))
    assert lake.rows("gold_user_features") == []
