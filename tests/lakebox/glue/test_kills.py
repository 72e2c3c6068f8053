"""A crash costs nothing: the whole command is killed with SIGKILL at moments of chance, and run again."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import duckdb
import pytest
from commands import LAKEBOX, lakebox
from lakes import TestLake
from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

DAYS = 2
EVENTS_A_DAY = 400


def write_day(lake: TestLake, day: int) -> None:
    """A day of events with updates, deletes and a broken line; each day deletes some of the day before."""
    chance = random.Random(day)
    events = []
    for number in range(EVENTS_A_DAY):
        about = day - chance.randrange(2)
        event = {"user_id": f"u{chance.randrange(20)}", "event_type": chance.choice(["click", "purchase", "a/b"])}
        event |= {"timestamp": f"2025-06-{10 + about:02d}T{chance.randrange(24):02d}:00:00Z", "page": f"/{number}"}
        event |= {
            "op": chance.choice("IIIUD"),
            "updated_at": f"2025-06-{10 + day:02d}T00:00:{chance.randrange(60):02d}Z",
        }
        events.append(event)
    lake.write(f"day-{day}.jsonl", events)
    with (lake.raw / f"day-{day}.jsonl").open("a") as file:
        file.write('{"broken\n')


def run_killed(lake: TestLake, after_s: float, whole_group: bool) -> bool:
    """Start the command and kill it after a while; False where it had ended before."""
    command = [*LAKEBOX, "run", "--raw", str(lake.raw), "--lake", str(lake.folder), "--training_date", "2025-06-20"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        process.wait(timeout=after_s)
    except subprocess.TimeoutExpired:
        if whole_group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
        return True
    return False


def run_whole(lake: TestLake) -> float:
    """Run the command to its end; returns how long it took in seconds."""
    start = time.monotonic()
    done = lakebox("run", "--raw", str(lake.raw), "--lake", str(lake.folder), "--training_date", "2025-06-20")
    assert done.returncode == 0, done.stderr
    return time.monotonic() - start


def kill_and_compare(folder: Path, spark: SparkSession, kills_a_day: int, seed: int) -> None:
    """Two lakes over the same raw files, one undisturbed, one killed again and again: all tables are equal."""
    chance = random.Random(seed)
    calm, killed = TestLake(folder / "calm", spark), TestLake(folder / "killed", spark)
    killed.raw = calm.raw
    kills = 0
    for day in range(DAYS):
        write_day(calm, day)
        whole_s = run_whole(calm)
        for number in range(kills_a_day):
            moment = whole_s * (number + chance.random()) / kills_a_day
            kills += run_killed(killed, max(moment, 0.3), whole_group=number % 2 == 0)
            assert set(_rows_by_batch(killed).values()) <= {EVENTS_A_DAY}, "half a batch is visible"
        run_whole(killed)
        assert killed.tables() == calm.tables()
    assert kills >= DAYS * kills_a_day // 2, "too few of the kills met a run at work"  # a machine's speed may double
    statuses = lakebox(
        "sql", "SELECT status FROM pipeline_runs", "--lake", str(killed.folder), "--format", "csv"
    ).stdout
    assert "KILLED" in statuses


def _rows_by_batch(lake: TestLake) -> dict[str, int]:
    """Rows of Bronze by folder, catalog or no catalog: what any reader could see."""
    folders = lake.root.glob("bronze/user_events_parquet/batch=*")
    files = {folder.name: [str(path) for path in folder.glob("*.parquet")] for folder in folders}
    return {name: len(duckdb.read_parquet(paths)) for name, paths in files.items() if paths}


@pytest.mark.timeout(1500)
def test_four_kills_change_no_table(tmp_path: Path, spark: SparkSession) -> None:
    kill_and_compare(tmp_path, spark, kills_a_day=2, seed=1)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(2, 6))
def test_forty_kills_change_no_table(tmp_path: Path, spark: SparkSession, seed: int) -> None:
    kill_and_compare(tmp_path, spark, kills_a_day=6, seed=seed)
