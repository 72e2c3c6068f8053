"""What `lakebox status` says of a lake and of the stack, without Docker or Spark at work."""

from pathlib import Path

import pytest
from commands import lakebox
from lakes import TestLake
from pyspark.sql import SparkSession

from jobs.lake.run_records import JobRun, write_record

EVENT = {"user_id": "u1", "event_type": "click", "timestamp": "2025-06-17T07:00:00Z"}
SERVICE = '{"Service":"%s","ID":"%s","Name":"x-%s-1","State":"%s","Health":"%s","ExitCode":%d}'


def status(folder: Path, *services: tuple[str, str, str, int], lake: str = "lake", target: str = "embedded") -> str:
    """What it prints in a folder, with a docker that knows of some services (name, state, health, exit code)."""
    lines = [SERVICE % (name, name, name, *how) for name, *how in services]
    (folder / "services").write_text("".join(f"{line}\n" for line in lines))
    docker = folder / "docker"
    docker.write_text(f'#!/bin/sh\ncase "$*" in *" ps "*) cat {folder}/services ;; esac\n')
    docker.chmod(0o755)
    path = f"{folder}:/usr/bin:/bin"
    arguments = ("status", "--lake", lake) if target == "embedded" else ("status",)
    done = lakebox(*arguments, cwd=folder, PATH=path, LAKEBOX_TARGET=target)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_missing_lake_is_no_error(tmp_path: Path) -> None:
    assert status(tmp_path) == "There is no lake at lake/ai-lakehouse-project yet: lakebox run makes one.\n"


def test_an_empty_lake_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "lake" / "ai-lakehouse-project").mkdir(parents=True)
    assert status(tmp_path) == "The lake at lake/ai-lakehouse-project\nIt holds no table yet: lakebox run fills it.\n"


def test_an_unreadable_lake_is_one_clear_line(tmp_path: Path) -> None:
    done = lakebox("status", "--lake", "s4://nowhere", PATH=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "the embedded target keeps its lake in a folder" in done.stderr


@pytest.mark.spark
def test_a_lake_shows_tables_gate_and_last_run(tmp_path: Path, spark: SparkSession) -> None:
    made = TestLake(tmp_path, spark)
    made.write("a.jsonl", [EVENT, {**EVENT, "event_type": "view"}])
    made.run()
    killed = JobRun("the-killed-run", "bronze_to_silver", "2025-06-18T07:00:00.000000+00:00")
    write_record(made.lake, killed)
    printed = status(tmp_path)
    rows = [tuple(cell.strip() for cell in line.split("│")[1:4]) for line in printed.splitlines() if "│" in line]
    assert ("silver_user_events", "2", "2") in rows
    for part in (
        "Quality gate: passed",
        "Increments in Bronze: 1; newest event: 2025-06-17T07:00:00",
        "raw_to_bronze SUCCEEDED, 2 rows in, 2 out",
        "silver_to_gold SUCCEEDED",
        "Run the-killed-run: bronze_to_silver at work, or killed",
    ):
        assert part in printed


def test_a_running_stack_is_not_forgotten(tmp_path: Path) -> None:
    assert "LAKEBOX_TARGET=compose lakebox status" in status(tmp_path, ("trino", "running", "healthy", 0))


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ((), "The stack is down: lakebox up starts it."),
        (("trino", "running", "starting", 0), "The stack is not ready: lakebox up"),
        (("trino", "exited", "", 143), "The stack is not ready: lakebox up"),
        (("trino", "running", "unhealthy", 0), "The stack is not well: lakebox up"),
    ],
)
def test_an_unready_stack_says_what_to_do(tmp_path: Path, service: tuple[str, str, str, int], said: str) -> None:
    assert said in status(tmp_path, *([service] if service else []), target="compose")
