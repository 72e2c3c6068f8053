"""Gold beside the gate: it is what the job alone would make, and a gate that fails leaves nothing of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest
from lakes import TestLake
from pyspark.sql import SparkSession

import lakebox.glue.gold_ahead
from catalog.tables import GOLD_USER_FEATURES
from jobs.arguments import Settings, job_settings
from jobs.check_silver import GateFailed
from jobs.job import JobError
from jobs.lake.store import STAGING
from jobs.silver_to_gold import plan_snapshot, silver_to_gold
from lakebox.glue.job_runner import JOBS, SparkRunner
from lakebox.glue.workflow import Progress, Run, run_workflow

pytestmark = [pytest.mark.spark, pytest.mark.slow]
DAY = "2025-06-18"


@pytest.fixture
def lake(tmp_path: Path, spark: SparkSession) -> TestLake:
    lake = TestLake(tmp_path, spark)
    lake.write("1.jsonl", [event("a", 1), event("b", 2)])
    return lake


def event(user_id: str, hour: int, **more: Any) -> dict[str, Any]:
    return {"user_id": user_id, "event_type": "view", "timestamp": f"{DAY}T{hour:02d}:00:00Z", **more}


def settings_of(lake: TestLake, day: str = DAY) -> Settings:
    argv = ["--raw_uri", str(lake.raw), "--lake_uri", str(lake.root), "--training_date", day]
    return job_settings(argv, ("lake_uri",), datetime.now(UTC))


def run(lake: TestLake, day: str = DAY) -> Run:
    return run_workflow(settings_of(lake, day), SparkRunner(lambda: lake.spark), Progress())


def staged(lake: TestLake) -> list[str]:
    return [stored.key for stored in lake.lake.store.list(STAGING)]


def fail(*_: object) -> NoReturn:
    raise OSError("no disk")


def test_gold_is_what_the_job_alone_makes(
    lake: TestLake, tmp_path: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = []

    def watched(*arguments: Any, ahead: Any) -> Any:
        used.append(ahead)
        return silver_to_gold(*arguments, ahead=ahead)

    monkeypatch.setattr("lakebox.glue.job_runner.silver_to_gold", watched)
    alone = TestLake(tmp_path / "alone", spark)
    alone.raw = lake.raw
    alone.run(training_date=DAY)
    assert run(lake).steps[-1].outcome.rows_out == 2
    assert used[0].users == 2
    assert lake.rows("gold_user_features") == alone.rows("gold_user_features") != []
    assert staged(lake) == []


def test_a_failed_gate_leaves_nothing_of_it(lake: TestLake, monkeypatch: pytest.MonkeyPatch) -> None:
    run(lake)
    before = lake.rows("gold_user_features")
    lake.write("2.jsonl", [event("c", 3)])
    made = []
    plan = plan_snapshot

    def planned(*arguments: Any) -> Any:
        make = plan(*arguments)

        def keep() -> Any:
            made.append(make())
            return made[0]

        return keep

    def failing(*_: object) -> NoReturn:
        raise GateFailed("a rule failed")

    monkeypatch.setattr(lakebox.glue.gold_ahead, "plan_snapshot", planned)
    monkeypatch.setitem(JOBS, "check_silver", failing)
    with pytest.raises(GateFailed):
        run(lake)
    assert made[0].users == 3, "it was made"
    assert staged(lake) == []
    assert lake.rows("gold_user_features") == before
    assert lake.lake.partitions(GOLD_USER_FEATURES) == {(DAY,)}


def test_where_it_cannot_be_made_ahead_the_job_makes_it(lake: TestLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lakebox.glue.gold_ahead, "plan_snapshot", fail)
    assert run(lake).steps[-1].outcome.rows_out == 2
    monkeypatch.setattr(lakebox.glue.gold_ahead, "plan_snapshot", lambda *_: fail)
    lake.write("2.jsonl", [event("c", 3)])
    assert run(lake).steps[-1].outcome.rows_out == 3


def test_where_it_can_never_be_made_the_job_says_why(lake: TestLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lakebox.glue.gold_ahead, "plan_snapshot", fail)
    monkeypatch.setattr("jobs.silver_to_gold.plan_snapshot", fail)
    with pytest.raises(JobError, match="silver_to_gold: no disk"):
        run(lake)


def test_one_of_another_day_or_another_silver_is_not_used(lake: TestLake) -> None:
    run(lake)
    settings = settings_of(lake)
    with lake.lake.hold(settings.run_id):
        old = plan_snapshot(lake.lake, settings, lambda: lake.spark)()
    lake.write("2.jsonl", [event("c", 3)])
    lake.run("raw_to_bronze", "bronze_to_silver", "check_silver")
    assert silver_to_gold(lake.lake, settings, lambda: lake.spark, ahead=old).rows_out == 3
    before = settings_of(lake, "2025-06-17")
    assert silver_to_gold(lake.lake, before, lambda: lake.spark, ahead=old).rows_out == 0


def test_a_day_without_events_is_made_ahead_too(lake: TestLake) -> None:
    assert run(lake, "2025-06-17").steps[-1].outcome.rows_out == 0
    assert lake.rows("gold_user_features") == []


def test_a_run_that_holds_the_lake_job_by_job_makes_none_ahead(lake: TestLake) -> None:
    runner, settings = SparkRunner(lambda: lake.spark), settings_of(lake)
    outcomes = [runner.run(name, settings) for name in JOBS]
    assert runner._gold_ahead.snapshot is None
    assert outcomes[-1].rows_out == 2
    assert [row["user_id"] for row in lake.rows("gold_user_features")] == ["a", "b"]
