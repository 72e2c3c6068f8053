"""A container that dies during a run costs nothing: the run ends well or says what failed, and the next one mends it."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from stack.running_stack import RAW, REPOSITORY, Stack, docker

from lakebox.metastore_catalog import MetastoreCatalog
from lakebox.trino_engine import TrinoEngine

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(1800)]

DAY = "2025-06-18"
# Tables as an undisturbed run on sample_data leaves them; what is in them says test_same_results.
STATE = "SELECT count(*), count(DISTINCT pk), to_hex(checksum(feature_hash)) FROM silver_user_events"
COUNTS = {
    "bronze_user_events_parquet": 133,
    "bronze_quarantine": 6,
    "silver_user_events": 114,
    "gold_user_features": 14,
}
LONG = pytest.mark.long


@pytest.fixture(scope="module")
def undisturbed(stack: Stack) -> Iterator[list[list[object]]]:
    """Silver after an undisturbed run."""
    stack.start_over()
    stack.lakebox("run", "--training_date", DAY)
    yield state(stack)
    stack.start_over()


def state(stack: Stack) -> list[list[object]]:
    url = f"http://127.0.0.1:{stack.environment['LAKEBOX_TRINO_PORT']}"
    engine = TrinoEngine(url, MetastoreCatalog(url))
    assert {name: engine.query(f"SELECT count(*) FROM {name}").rows[0][0] for name in COUNTS} == COUNTS
    return [list(row) for row in engine.query(STATE).rows]


def started_run(stack: Stack) -> subprocess.Popen[str]:
    run = [sys.executable, "-m", "lakebox", "run", "--training_date", DAY]
    environment = stack.lakebox_environment()
    return subprocess.Popen(
        run, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def said_until(process: subprocess.Popen[str], words: str) -> str:
    """What the run says up to a line with these words."""
    assert process.stderr is not None
    said = ""
    while words not in said:
        line = process.stderr.readline()
        assert line, f"the run ended before {words!r}: {said}"
        said += line
    return said


def killed_run(stack: Stack, service: str, after: str) -> tuple[int, str]:
    """Run the flow, kill a service's container once a line has been said, start it again 3 s later."""
    process = started_run(stack)
    said = said_until(process, after)
    container = stack.container(service)["Id"]
    docker("kill", container)
    time.sleep(3)
    docker("start", container)
    said += process.communicate(timeout=600)[1]
    return process.returncode, said


@pytest.mark.parametrize(
    ("service", "after"),
    [
        ("metastore", "starting Spark"),
        ("minio", "raw -> Bronze "),
        *(pytest.param(service, "starting Spark", marks=LONG) for service in ("minio", "postgres", "trino")),
        *(pytest.param(service, "raw -> Bronze ", marks=LONG) for service in ("metastore", "postgres", "trino")),
        *(pytest.param("spark-worker", after, marks=LONG) for after in ("starting Spark", "raw -> Bronze ")),
        *(pytest.param("spark-master", after, marks=LONG) for after in ("starting Spark", "raw -> Bronze ")),
        *(pytest.param("minio", after, marks=LONG) for after in ("Bronze -> Silver ", "quality gate ")),
    ],
)
def test_a_killed_container_costs_nothing(
    stack: Stack, undisturbed: list[list[object]], service: str, after: str
) -> None:
    stack.start_over()
    status, said = killed_run(stack, service, after)
    assert status in (0, 1), said
    assert "Traceback" not in said
    if status == 1:
        assert any(line.startswith("lakebox: ") for line in said.splitlines()), said
    stack.up()
    stack.lakebox("run", "--training_date", DAY)
    assert state(stack) == undisturbed


def test_storage_that_is_away_is_a_failure_and_never_no_data(stack: Stack, undisturbed: list[list[object]]) -> None:
    stack.compose("stop", "minio")
    try:
        on_host = stack.lakebox("run", "--training_date", DAY, check=False)
        assert (on_host.returncode, on_host.stderr.count("\n")) == (1, 1)
        assert "missing: minio" in on_host.stderr
        for verb in (["run", "--raw", f"s3://{RAW}/sample_data"], ["run"], ["dq"], ["crawl"]):
            run = ("run", "--rm", "--no-deps", "--no-TTY", "lakebox", *verb)
            inside = stack.compose("--progress", "quiet", *run, check=False)
            assert (inside.returncode, inside.stderr.count("\n")) == (1, 1), inside.stderr
            assert "s3://" in inside.stderr
    finally:
        stack.up()
    assert state(stack) == undisturbed


@pytest.mark.long
def test_a_cluster_without_workers_ends_the_run_with_a_clear_line(
    stack: Stack, undisturbed: list[list[object]]
) -> None:
    stack.start_over()
    try:
        process = started_run(stack)
        said_until(process, "starting Spark")
        docker("kill", stack.container("spark-worker")["Id"])
        said = process.communicate(timeout=400)[1]
        assert process.returncode == 1, said
        assert "the Spark cluster has no worker; lakebox status says what runs" in said
    finally:
        stack.up()
    stack.lakebox("run", "--training_date", DAY)
    assert state(stack) == undisturbed


@pytest.mark.long
def test_a_killed_driver_costs_nothing(stack: Stack, undisturbed: list[list[object]]) -> None:
    stack.start_over()
    process = started_run(stack)
    said_until(process, "raw -> Bronze ")
    label = f"label=com.docker.compose.project={stack.project}"
    for container in docker("ps", "--quiet", "--filter", label, "--filter", "name=lakebox-run").split():
        docker("kill", container)
    process.communicate(timeout=600)
    time.sleep(35)  # the dead driver's lease on the lake ends
    stack.lakebox("run", "--training_date", DAY)
    assert state(stack) == undisturbed


def test_all_at_once_as_an_engine_restart_does_keeps_tables_catalog_and_records(
    stack: Stack, undisturbed: list[list[object]]
) -> None:
    assert state(stack) == undisturbed  # as the tests above leave it
    runs = stack.sql("SELECT count(*) FROM awsdatacatalog.ai_lakehouse_db.pipeline_runs")
    stack.compose("exec", "--no-TTY", "jupyter", "bash", "-c", "echo kept > ~/work/kept.txt")
    docker("restart", "--time", "5", *(container["Id"] for container in stack.containers(one_shots=False)))
    stack.up()
    assert state(stack) == undisturbed
    assert stack.sql("SELECT count(*) FROM awsdatacatalog.ai_lakehouse_db.pipeline_runs") == runs
    assert stack.compose("exec", "--no-TTY", "jupyter", "cat", "/home/lakebox/work/kept.txt").stdout == "kept\n"
