"""The database has room for others: tables and views that lakebox did not make outlive its runs and crawls."""

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stack.api_target import BUCKET, stack_target
from stack.running_stack import DATABASE, LAKE, Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

GONE_IS_GONE = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DELETE_FROM_DATABASE"}
SPARK_JOB = Path(__file__).with_name("spark_job.py")
SUMS = f"SELECT day, sum(total) AS total FROM {DATABASE}.gold_orders GROUP BY 1"


def put_orders(stack: Stack) -> None:
    """A folder of Parquet files, from which a crawl makes a table."""
    content = io.BytesIO()
    pq.write_table(pa.table({"day": ["2026-01-01", "2026-01-02"], "total": [7, 8]}), content)
    stack.s3("jobs").put_object(Bucket=LAKE, Key="gold/orders/part-0.parquet", Body=content.getvalue())


@pytest.fixture(scope="module")
def shared(stack: Stack) -> Iterator[Stack]:
    """A database with a table of the lake, one by CREATE TABLE AS, one of a Spark job, and a view."""
    stack.start_over()
    put_orders(stack)
    target = stack_target(stack)
    target.start_over()
    paths = [{"Path": f"s3://{LAKE}/gold/orders/"}]
    named = {"Name": "orders", "Role": "r", "DatabaseName": "ai_lakehouse_db", "TablePrefix": "gold_"}
    target.glue.create_crawler(**named, SchemaChangePolicy=GONE_IS_GONE, Targets={"S3Targets": paths})
    stack.lakebox("crawl", "orders")
    location = f"s3://{LAKE}/athena-results/sums"
    stack.sql(f"CREATE TABLE {DATABASE}.sums WITH (external_location = '{location}') AS {SUMS}", user="lakebox")
    stack.sql(f"CREATE VIEW {DATABASE}.by_day AS {SUMS}", user="lakebox")
    run = ("run", "--rm", "--no-deps", "--no-TTY", "--volume", f"{SPARK_JOB}:/tmp/job.py:ro", "--entrypoint")
    of_spark = ("spark-submit", "lakebox", "/tmp/job.py", "ai_lakehouse_db.of_spark", f"s3://{BUCKET}/of_spark")
    stack.compose(*run, *of_spark)
    yield stack
    target.glue.delete_crawler(Name="orders")
    stack.start_over()


@pytest.mark.parametrize("verb", [("run", "--training_date", "2025-06-18"), ("crawl",)])
def test_others_tables_and_views_outlive(shared: Stack, verb: tuple[str, ...]) -> None:
    shared.lakebox(*verb)
    for table in ("sums", "by_day", "of_spark"):
        assert shared.sql(f"SELECT count(*) FROM {DATABASE}.{table}") == [[2]]
    shown = shared.lakebox("sql", "SHOW TABLES", "--format", "csv").stdout.split()
    assert {"sums", "of_spark", "by_day", "gold_orders", "silver_user_events"} <= set(shown)


def test_a_table_that_has_left_the_lake_leaves_the_metastore(shared: Stack) -> None:
    shared.s3("jobs").delete_object(Bucket=LAKE, Key="gold/orders/part-0.parquet")
    assert "table gold_orders deleted" in shared.lakebox("crawl", "orders").stdout
    assert ["gold_orders"] not in shared.sql(f"SHOW TABLES FROM {DATABASE}")
