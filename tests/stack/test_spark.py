"""The cluster takes a job, and what it writes is in the metastore, in Trino, and still there after `down` and `up`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stack.running_stack import LAKE, Stack

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(1800)]

TABLE = "ai_lakehouse_db.stack_test"
LOCATION = f"s3://{LAKE}/bronze/stack_test"
ROWS = [["a", 1.5, "2026-01-01 00:00:00.123456", "Größe/ 1"], ["b", 2.5, "2026-01-02 12:00:00.000000", "plain"]]
COUNT_BY_TYPE = f"SELECT count(*) FROM awsdatacatalog.{TABLE} WHERE event_type = 'Größe/ 1'"


@pytest.fixture(scope="module")
def job_output(stack: Stack) -> Iterator[str]:
    """What tests/stack/spark_job.py printed, submitted as a user would; its table and data are gone afterwards."""
    job = Path(__file__).with_name("spark_job.py")
    run = ("run", "--rm", "--no-TTY", "--volume", f"{job}:/tmp/job.py:ro", "--entrypoint", "spark-submit", "lakebox")
    yield stack.compose(*run, "/tmp/job.py", TABLE, LOCATION).stdout
    stack.sql(f"DROP TABLE awsdatacatalog.{TABLE}", user="lakebox")
    s3 = stack.s3("jobs")
    for stored in s3.list_objects_v2(Bucket=LAKE, Prefix="bronze/stack_test/").get("Contents", []):
        s3.delete_object(Bucket=LAKE, Key=stored["Key"])


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


def test_down_and_up_keep_tables_and_objects(stack: Stack, job_output: str) -> None:
    stack.compose("down")
    stack.up()
    assert rows(stack) == ROWS


def test_more_workers_share_a_job(stack: Stack) -> None:
    stack.compose("up", "--detach", "--wait", "--no-recreate", "--scale", "spark-worker=2", "spark-worker")
    try:
        cluster = "curl -fsS http://127.0.0.1:8080/json/"
        assert '"aliveworkers" : 2' in stack.compose("exec", "--no-TTY", "spark-master", *cluster.split()).stdout
    finally:
        stack.up()
