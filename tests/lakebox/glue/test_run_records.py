"""pipeline_runs: a row a job, what came of it, and how fresh its data was."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lakes import TestLake
from pyspark.sql import SparkSession

from jobs.lake.errors import LakeboxError
from jobs.lake.run_records import recorded_rows

pytestmark = pytest.mark.spark
NEWEST = datetime(2025, 6, 17, 10, tzinfo=UTC)


def by_job(lake: TestLake) -> dict[str, dict[str, Any]]:
    return {row["job_name"]: row for row in recorded_rows(lake.lake)}


def test_a_run_records_rows_times_and_freshness(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    lake.write("1.jsonl", [{"user_id": "a", "event_type": "view", "timestamp": NEWEST.isoformat()}, {"bad": 1}])
    start = datetime.now(UTC)
    lake.run()
    rows = by_job(lake)
    counts = {name: (row["rows_in"], row["rows_out"], row["status"]) for name, row in rows.items()}
    assert counts == {
        "raw_to_bronze": (2, 1, "SUCCEEDED"),
        "bronze_to_silver": (1, 1, "SUCCEEDED"),
        "check_silver": (1, 1, "SUCCEEDED"),
        "silver_to_gold": (1, 1, "SUCCEEDED"),
    }
    for row in rows.values():
        assert start <= row["started_at"] <= row["finished_at"] <= datetime.now(UTC)
        assert row["max_event_timestamp"] == NEWEST
        assert row["freshness_days"] == pytest.approx((row["started_at"] - NEWEST).total_seconds() / 86_400)
        assert row["message"] is None


def test_a_failed_job_records_the_reason(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    lake.write("1.jsonl", [{"bad": 1}])
    with pytest.raises(LakeboxError):
        lake.run()
    rows = by_job(lake)
    assert [row["status"] for row in rows.values()] == ["SUCCEEDED", "SUCCEEDED", "FAILED"]
    failed = rows["check_silver"]
    assert "Silver is empty, as all 1 raw items are in quarantine" in failed["message"]
    assert failed["finished_at"] is not None
    assert failed["rows_out"] is None
    assert failed["freshness_days"] is None
