"""The gate, day by day: what has not changed is not read again, and its word is that of a check of everything."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from silver_by_hand import Silver

import jobs.quality.days
from catalog.tables import SILVER_USER_EVENTS
from jobs.lake.layout import partition_folder
from jobs.lake.store import Store
from jobs.quality.at_hand import PartitionFile
from jobs.quality.rules import Ruleset

pytestmark = [pytest.mark.spark, pytest.mark.slow]

DAYS = [("click", "2025-06-01"), ("click", "2025-06-02"), ("view", "2025-06-02")]
SETTINGS = {"run_id": "run-2", "run_started_at": datetime(2025, 6, 19, tzinfo=UTC), "training_date": date(2025, 6, 19)}


def pk_of(values: tuple[str, str]) -> str:
    """SQL of keys that a partition's rows alone have."""
    return f"sha2(concat('{'/'.join(values)}', id), 256)"


@pytest.fixture
def silver(tmp_path: Path, spark: SparkSession, measured_both_ways: None) -> Silver:
    """A Silver of three partitions that was checked."""
    found = Silver(tmp_path, spark)
    for values in DAYS:
        found.put(values, {"pk": pk_of(values)})
    found.check()
    return found


@pytest.fixture
def measured(silver: Silver, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The days that are measured from now on."""
    days: set[str] = set()
    measures, measured_day = jobs.quality.days.measures, jobs.quality.days.measured_day

    def counting(rows: DataFrame, *arguments: Any) -> DataFrame:
        days.update(str(row[0]) for row in rows.select("event_date").distinct().collect())
        return measures(rows, *arguments)

    def counting_day(store: Store, files: Sequence[PartitionFile], ruleset: Ruleset) -> dict[str, Any] | None:
        days.update(values[1] for values, _ in files)
        return measured_day(store, files, ruleset)

    monkeypatch.setattr(jobs.quality.days, "measures", counting)
    monkeypatch.setattr(jobs.quality.days, "measured_day", counting_day)
    return days


def report_of_a_check(silver: Silver, *, recheck: bool) -> dict[str, Any]:
    silver.settings = replace(silver.settings, **SETTINGS)  # type: ignore[arg-type]
    silver.check(recheck=recheck)
    return silver.report()


def test_only_days_that_changed_are_measured_and_the_report_is_that_of_all(silver: Silver, measured: set[str]) -> None:
    silver.put(("buy", "2025-06-03"), {"user_id": "concat('new', id)", "amount": "2.5d"})
    silver.put(("view", "2025-06-02"), {"pk": pk_of(DAYS[2]), "page": "'/a'"})
    silver.batch(2)
    report = report_of_a_check(silver, recheck=False)
    assert measured == {"2025-06-02", "2025-06-03"}
    assert report == report_of_a_check(silver, recheck=True)
    assert measured == {"2025-06-01", "2025-06-02", "2025-06-03"}
    assert report["total_rows"] == 8
    nulls = {column["name"]: column["nulls"] for column in report["columns"]}
    assert (nulls["page"], nulls["amount"], nulls["user_id"]) == (6, 6, 0)


def test_a_file_that_somebody_changed_is_measured_again(silver: Silver, measured: set[str]) -> None:
    silver.put(DAYS[0], {"op": "'D'"})
    silver.batch(2)
    assert 'ColumnValues "op" in ["I", "U"] (violations: 2)' in silver.failure()
    assert measured == {"2025-06-01"}


def test_a_day_that_is_gone_counts_no_more(silver: Silver, measured: set[str]) -> None:
    folder = SILVER_USER_EVENTS.location + partition_folder(SILVER_USER_EVENTS, DAYS[0])
    silver.lake.register(SILVER_USER_EVENTS, drop=[DAYS[0]])
    silver.lake.store.delete_all(folder)
    silver.batch(2)
    assert silver.check() == "30 rules hold for 4 live events"
    assert measured == set()


def test_a_key_that_stands_in_two_days_is_found_though_one_was_checked_before(
    silver: Silver, measured: set[str]
) -> None:
    silver.put(("click", "2025-06-03"), {"pk": pk_of(DAYS[0])})
    silver.batch(2)
    assert 'IsPrimaryKey "pk" (violations: 4)' in silver.failure()
    assert measured == {"2025-06-03"}
    samples = next(rule["samples"] for rule in silver.report()["rules"] if rule["outcome"] == "FAILED")
    assert {sample["event_timestamp"][:10] for sample in samples} == {"2025-06-01", "2025-06-03"}


def test_a_schema_that_is_not_the_catalogs_is_reason_to_read_all(silver: Silver, measured: set[str]) -> None:
    silver.put(("click", "2025-06-03"), {"amount": "'text'"})
    silver.batch(2)
    assert "amount is string, not double" in silver.failure()
    assert measured == {"2025-06-01", "2025-06-02", "2025-06-03"}


def test_a_row_in_another_days_partition_fails_the_gate(silver: Silver) -> None:
    silver.put(("click", "2025-06-03"), {"event_timestamp": "timestamp '2025-06-04 00:00:00'"})
    silver.batch(2)
    assert "2 rows lie in a partition of another event_date than their event_timestamp's" in silver.failure()


def test_a_file_without_rows_is_no_rows(silver: Silver) -> None:
    silver.put(("click", "2025-06-03"), rows=0)
    silver.batch(2)
    assert silver.check() == "30 rules hold for 6 live events"
    silver.put(("click", "2025-06-04"), {"pk": pk_of(("new", "day"))})
    silver.batch(3)
    assert silver.check() == "30 rules hold for 8 live events"
