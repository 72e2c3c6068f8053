"""What CDC keeps: the newest delete of each event, and a word on changes of which only one could be kept."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lakes import TestLake
from pyspark.sql import SparkSession

from jobs.bronze_to_silver import tombstones

pytestmark = pytest.mark.spark

SECOND = {"user_id": "u", "event_type": "purchase", "timestamp": "2025-06-17T07:00:00Z"}


def test_changes_that_lost_a_tie_are_counted(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    lake.write("1.jsonl", [{**SECOND, "amount": amount} for amount in (10, 20, 30)])
    assert "; 2 lost to others of the same key and updated_at" in summary(lake)
    assert len(lake.rows("silver_user_events")) == 1


def test_repeats_updates_and_deletes_lose_no_tie(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    lake.write("1.jsonl", [SECOND, SECOND, {**SECOND, "op": "U", "page": "/x"}])
    assert summary(lake) == "3 changes into 1 partitions, which now hold 1 live events"
    lake.write("2.jsonl", [SECOND, {**SECOND, "op": "D"}, {**SECOND, "op": "D", "page": "/y"}])
    assert summary(lake) == "3 changes into 1 partitions, which now hold 0 live events"


def summary(lake: TestLake) -> str:
    return lake.run("raw_to_bronze", "bronze_to_silver")["bronze_to_silver"].summary


START = datetime(2025, 6, 1, 23, 59, 59, 999_999)
CHANGES = "pk string, event_type string, event_timestamp timestamp, op string, updated_at timestamp"
DELETES = st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["D", "D", "I"]), st.integers(0, 3))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(DELETES, max_size=8))
def test_the_newest_delete_of_each_event_is_kept(spark: SparkSession, changes: list[tuple[str, str, int]]) -> None:
    times = {"a": START, "b": START + timedelta(microseconds=1), "c": datetime(1970, 1, 1)}
    rows = [(pk, "click", times[pk], op, START + timedelta(hours=hours)) for pk, op, hours in changes]
    kept = tombstones(spark.createDataFrame(rows, CHANGES))
    newest: dict[str, int] = {}
    for pk, op, hours in changes:
        if op == "D":
            newest[pk] = max(hours, newest.get(pk, 0))
    expected = {pk: (times[pk].date(), START + timedelta(hours=hours)) for pk, hours in newest.items()}
    assert {row.pk: (row.event_date, row.updated_at) for row in kept.collect()} == expected
    again = tombstones(kept.drop("event_date").unionByName(spark.createDataFrame(rows, CHANGES)))
    assert sorted(again.collect()) == sorted(kept.collect())
