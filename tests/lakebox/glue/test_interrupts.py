"""Ctrl-C: one line, and the next run goes on where this one was stopped."""

import signal
import subprocess
import time
from pathlib import Path

import pytest
from commands import LAKEBOX
from lakes import TestLake
from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_ctrl_c_in_sparks_work_prints_one_line(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    times = (f"2025-06-{day:02d}T07:00:00Z" for day in range(1, 31) for _ in range(40))
    events = [
        {"user_id": "u", "event_type": f"type {number % 40}", "timestamp": time} for number, time in enumerate(times)
    ]
    lake.write("1.jsonl", events)
    command = [*LAKEBOX, "run", "--raw", str(lake.raw), "--lake", str(lake.folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time_limit()
    while not list(lake.root.glob("_state/staging/*/silver/event_type=*")):  # Spark's workers write Silver's partitions
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (130, ""), errors
    assert "Traceback" not in errors
    assert errors.splitlines()[-1] == "lakebox: stopped; run again, nothing is lost"
    assert len(errors.splitlines()) == 3, errors  # Spark has started, Bronze is done, and that line
    lake.run("raw_to_bronze", "bronze_to_silver")
    assert len(lake.rows("silver_user_events")) == len(events)


def time_limit() -> float:
    """When to give up waiting, on the busiest of machines."""
    return time.monotonic() + 300
