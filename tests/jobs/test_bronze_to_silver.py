"""What bronze_to_silver says of changes of which only one could be kept."""

from pathlib import Path

import pytest
from lakes import TestLake
from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.slow]

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
