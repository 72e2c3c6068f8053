"""A container that dies during a run costs nothing: the run ends well or says what failed, and the next one mends it."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError
from flows import wait_for_workflow
from stack.api_target import stack_target
from stack.compared_rows import EVERY_COLUMN, Rows, rows_of
from stack.running_stack import DATABASE, LAKE, LONG_RUNNING, RAW, REPOSITORY, Stack, docker
from stack.trino_client import TrinoError

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

DAY = "2025-06-18"
LONG = pytest.mark.long
# When to kill: once the run has said something, or has written an object.
SPARK_STARTS, BRONZE_IS_DONE, SILVER_IS_DONE, GATE_IS_DONE = (
    "starting Spark",
    "raw -> Bronze ",
    "Bronze -> Silver ",
    "quality gate ",
)
BRONZE_IS_WRITTEN = "_state/catalog/last_batch.json"  # what comes next is to crawl it


@pytest.fixture(scope="module")
def undisturbed(stack: Stack) -> Iterator[Rows]:
    """All rows after an undisturbed run."""
    stack.start_over()
    stack.lakebox("run", "--training_date", DAY)
    yield state(stack)
    stack.start_over()


def state(stack: Stack) -> Rows:
    return rows_of(stack.engine(), EVERY_COLUMN)


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


def await_object(stack: Stack, process: subprocess.Popen[str], key: str) -> None:
    """Come back as soon as an object is in the lake."""
    s3 = stack.s3("jobs")
    while process.poll() is None:
        try:
            s3.head_object(Bucket=LAKE, Key=key)
            return
        except ClientError as error:
            if error.response["Error"]["Code"] != "404":
                raise
        time.sleep(0.05)
    pytest.fail(f"the run ended before it wrote {key}")


def killed_run(stack: Stack, service: str, when: str) -> tuple[int, str]:
    """Run the flow, kill a service's container at some point, start it again 3 s later."""
    container = stack.container(service)["Id"]
    process = started_run(stack)
    if when.startswith("_state/"):
        said = said_until(process, SPARK_STARTS)
        await_object(stack, process, when)
    else:
        said = said_until(process, when)
    docker("kill", container)
    time.sleep(3)
    docker("start", container)
    said += process.communicate(timeout=600)[1]
    return process.returncode, said


@pytest.mark.parametrize(
    ("service", "when"),
    [
        ("metastore", BRONZE_IS_WRITTEN),
        ("minio", BRONZE_IS_DONE),
        ("lake-driver", BRONZE_IS_DONE),
        *(pytest.param(service, SPARK_STARTS, marks=LONG) for service in LONG_RUNNING),
        *(
            pytest.param(service, BRONZE_IS_DONE, marks=LONG)
            for service in LONG_RUNNING
            if service not in ("minio", "lake-driver")
        ),
        *(pytest.param(service, BRONZE_IS_WRITTEN, marks=LONG) for service in ("minio", "postgres", "trino")),
        *(pytest.param("minio", when, marks=LONG) for when in (SILVER_IS_DONE, GATE_IS_DONE)),
    ],
)
def test_a_killed_container_costs_nothing(stack: Stack, undisturbed: Rows, service: str, when: str) -> None:
    stack.start_over()
    status, said = killed_run(stack, service, when)
    assert status in (0, 1), said
    assert "Traceback" not in said
    if status == 1:
        assert any(line.startswith("lakebox: ") for line in said.splitlines()), said
    if service == "jupyter":
        assert status == 0, said
    stack.up()
    stack.lakebox("run", "--training_date", DAY)
    assert state(stack) == undisturbed


def test_storage_that_is_away_is_a_failure_and_never_no_data(stack: Stack, undisturbed: Rows) -> None:
    stack.compose("stop", "minio")
    try:
        on_host = stack.lakebox("run", "--training_date", DAY, check=False)
        assert (on_host.returncode, on_host.stderr.count("\n")) == (1, 1)
        assert "missing: minio" in on_host.stderr
        query = stack.lakebox("sql", "SELECT count(*) FROM silver_user_events", check=False)
        assert (query.returncode, query.stdout, query.stderr.count("\n")) == (1, "", 1), query
        shown = stack.lakebox("status").stdout
        assert any("stopped" in line for line in shown.splitlines() if "│ minio " in line)
        assert "The stack is not ready: lakebox up starts what is missing" in shown
        for verb in (["run", "--raw", f"s3://{RAW}/sample_data"], ["run"], ["crawl"], ["status"]):
            run = ("run", "--rm", "--no-deps", "--no-TTY", "lakebox", *verb)
            inside = stack.compose("--progress", "quiet", *run, check=False)
            assert (inside.returncode, inside.stderr.count("\n")) == (1, 1), inside.stderr
            assert "s3://" in inside.stderr
    finally:
        stack.up()
    assert state(stack) == undisturbed


@pytest.mark.long
def test_a_cluster_without_workers_ends_the_run_with_a_clear_line(stack: Stack, undisturbed: Rows) -> None:
    stack.start_over()
    try:
        process = started_run(stack)
        said_until(process, SPARK_STARTS)
        docker("kill", stack.container("spark-worker")["Id"])
        said = process.communicate(timeout=400)[1]
        assert process.returncode == 1, said
        assert "the Spark cluster has no worker; lakebox status says what runs" in said
    finally:
        stack.up()
    stack.lakebox("run", "--training_date", DAY)
    assert state(stack) == undisturbed


@pytest.mark.long
def test_a_run_goes_on_without_the_command(stack: Stack, undisturbed: Rows) -> None:
    stack.start_over()
    process = started_run(stack)
    said_until(process, BRONZE_IS_DONE)
    label = f"label=com.docker.compose.project={stack.project}"
    for container in docker("ps", "--quiet", "--filter", label, "--filter", "name=lakebox-run").split():
        docker("kill", container)
    process.communicate(timeout=600)
    glue = stack_target(stack).glue
    run = glue.get_workflow_runs(Name="medallion", MaxResults=1)["Runs"][0]
    run = wait_for_workflow(glue, "medallion", run["WorkflowRunId"])
    assert (run["Status"], run["Statistics"]["SucceededActions"]) == ("COMPLETED", 9)
    assert state(stack) == undisturbed


def engine_restart(stack: Stack) -> None:
    """What a machine that loses power and comes back does: all at once, in no order, with nobody to say `up`."""
    containers = [container["Id"] for container in stack.containers(one_shots=False)]
    docker("kill", *containers)
    docker("start", *containers)
    deadline = time.monotonic() + 120
    while True:
        try:
            assert stack.sql("SELECT state FROM awsdatacatalog.default.lakebox_ready") == [["ready"]]
            return
        except (TrinoError, OSError):
            assert time.monotonic() < deadline, "Trino has no rows 120 s after the engine's restart"
            time.sleep(1)


def down_and_up(stack: Stack) -> None:
    stack.lakebox("down")
    stack.up()


def test_tables_catalog_records_and_notebooks_are_kept(stack: Stack, undisturbed: Rows) -> None:
    assert state(stack) == undisturbed  # as the tests above leave it
    runs = stack.sql(f"SELECT run_id, job_name, status FROM {DATABASE}.pipeline_runs ORDER BY 1, 2")
    stack.sql(f"CREATE OR REPLACE VIEW {DATABASE}.kept AS SELECT 1 AS one", user="lakebox")
    stack.compose("exec", "--no-TTY", "jupyter", "bash", "-c", "echo kept > ~/work/kept.txt")
    for interrupt in (engine_restart, down_and_up):
        interrupt(stack)
        assert state(stack) == undisturbed, interrupt
        assert stack.sql(f"SELECT run_id, job_name, status FROM {DATABASE}.pipeline_runs ORDER BY 1, 2") == runs
        assert stack.sql(f"SELECT one FROM {DATABASE}.kept") == [[1]]
        kept = stack.compose("exec", "--no-TTY", "jupyter", "cat", "/home/lakebox/work/kept.txt").stdout
        assert kept == "kept\n", interrupt
    assert "Nothing new" in stack.lakebox("run", "--training_date", DAY).stdout
