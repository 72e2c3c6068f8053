"""The cluster takes a job and spreads it over its workers; what it writes is in the metastore and in Trino."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stack.api_target import BUCKET, stack_target
from stack.running_stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

TABLE = "ai_lakehouse_db.stack_test"
LOCATION = f"s3://{BUCKET}/stack_test"  # a user's own bucket
ROWS = [["a", 1.5, "2026-01-01 00:00:00.123456", "Größe/ 1"], ["b", 2.5, "2026-01-02 12:00:00.000000", "plain"]]
COUNT_BY_TYPE = f"SELECT count(*) FROM awsdatacatalog.{TABLE} WHERE event_type = 'Größe/ 1'"


@pytest.fixture(scope="module")
def job_output(stack: Stack) -> Iterator[str]:
    """What tests/stack/spark_job.py printed, submitted as a user would; its table and data are gone afterwards."""
    stack_target(stack).start_over()
    job = Path(__file__).with_name("spark_job.py")
    run = ("run", "--rm", "--no-TTY", "--volume", f"{job}:/tmp/job.py:ro", "--entrypoint", "spark-submit", "lakebox")
    yield stack.compose(*run, "/tmp/job.py", TABLE, LOCATION).stdout
    stack.sql(f"DROP TABLE awsdatacatalog.{TABLE}", user="lakebox")


def rows(stack: Stack) -> list[list[object]]:
    return stack.sql(f"SELECT pk, amount, at, event_type FROM awsdatacatalog.{TABLE} ORDER BY pk")


def test_a_job_runs_on_workers_that_import_the_jobs_and_reach_s3_from_python(job_output: str) -> None:
    assert "rows: 2" in job_output
    assert f"executors: {[('ai_lakehouse_db', True)] * 2}" in job_output


def test_a_table_of_a_job_is_in_the_metastore_and_trino_reads_it(stack: Stack, job_output: str) -> None:
    assert rows(stack) == ROWS
    assert stack.sql(COUNT_BY_TYPE) == [[1]]
    partitions = stack.sql('SELECT event_type FROM awsdatacatalog.ai_lakehouse_db."stack_test$partitions" ORDER BY 1')
    assert partitions == [["Größe/ 1"], ["plain"]]


def test_more_workers_share_a_job_and_stay(stack: Stack) -> None:
    scaled = Stack(environment=stack.environment | {"LAKEBOX_WORKER_MEMORY": "640m"})
    scaled.compose("up", "--detach", "--wait", "--scale", "spark-worker=3")
    try:
        job = Path(__file__).with_name("spread_job.py")
        run = (
            "run",
            "--rm",
            "--no-TTY",
            "--volume",
            f"{job}:/tmp/job.py:ro",
            "--entrypoint",
            "spark-submit",
            "lakebox",
        )
        printed = scaled.compose(*run, "--conf", "spark.scheduler.minRegisteredResourcesRatio=1", "/tmp/job.py").stdout
        assert "hosts: 3\n" in printed
        assert int(printed.split("shuffle partitions: ")[1].split()[0]) >= 6
        assert "executor memory: 640 MB\n" in printed
        assert len(scaled.compose("ps", "--quiet", "spark-worker").stdout.split()) == 3
    finally:
        stack.up()
    assert len(stack.compose("ps", "--quiet", "spark-worker").stdout.split()) == 1


def test_a_worker_is_ready_only_while_the_master_counts_on_it(stack: Stack) -> None:
    ready = ("exec", "--no-TTY", "spark-worker", "/opt/spark/worker-ready")
    assert stack.compose(*ready).returncode == 0
    stack.compose("stop", "spark-master")
    try:
        assert stack.compose(*ready, check=False).returncode != 0
    finally:
        stack.up()
    assert stack.compose(*ready).returncode == 0
