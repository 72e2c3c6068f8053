"""The database has room for others: tables and views that lakebox did not make outlive its runs and crawls."""

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stack.running_stack import DATABASE, LAKE, Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

SPARK_JOB = Path(__file__).with_name("spark_job.py")
SUMS = f"SELECT day, sum(total) AS total FROM {DATABASE}.gold_orders GROUP BY 1"


def put_orders(stack: Stack, folder: str) -> None:
    """A folder of Parquet files, from which a crawl makes a table."""
    content = io.BytesIO()
    pq.write_table(pa.table({"day": ["2026-01-01", "2026-01-02"], "total": [7, 8]}), content)
    stack.s3("jobs").put_object(Bucket=LAKE, Key=f"{folder}/part-0.parquet", Body=content.getvalue())


@pytest.fixture(scope="module")
def shared(stack: Stack) -> Iterator[Stack]:
    """A database with a table of the lake, one by CREATE TABLE AS, one of a Spark job, and a view."""
    stack.start_over()
    put_orders(stack, "gold/orders")
    stack.lakebox("crawl")
    location = f"s3://{LAKE}/athena-results/sums"
    stack.sql(f"CREATE TABLE {DATABASE}.sums WITH (external_location = '{location}') AS {SUMS}", user="lakebox")
    stack.sql(f"CREATE VIEW {DATABASE}.by_day AS {SUMS}", user="lakebox")
    run = ("run", "--rm", "--no-deps", "--no-TTY", "--volume", f"{SPARK_JOB}:/tmp/job.py:ro", "--entrypoint")
    of_spark = ("spark-submit", "lakebox", "/tmp/job.py", "ai_lakehouse_db.of_spark", f"s3://{LAKE}/_state/of_spark")
    stack.compose(*run, *of_spark)
    yield stack
    stack.start_over()


@pytest.mark.parametrize("verb", [("run", "--training_date", "2025-06-18"), ("crawl",)])
def test_others_tables_and_views_outlive(shared: Stack, verb: tuple[str, ...]) -> None:
    shared.lakebox(*verb)
    for table in ("sums", "by_day", "of_spark"):
        assert shared.sql(f"SELECT count(*) FROM {DATABASE}.{table}") == [[2]]
    shown = shared.lakebox("sql", "SHOW TABLES", "--format", "csv").stdout.split()
    assert {"sums", "of_spark", "by_day", "gold_orders", "silver_user_events"} <= set(shown)


def test_a_table_that_has_left_the_lake_leaves_the_metastore(shared: Stack) -> None:
    put_orders(shared, "gold/gone")
    assert "gold_gone: 1 partitions, 1 added, 0 dropped (a new table)" in shared.lakebox("crawl").stdout
    assert shared.sql(f"SELECT count(*) FROM {DATABASE}.gold_gone") == [[2]]
    shared.s3("jobs").delete_object(Bucket=LAKE, Key="gold/gone/part-0.parquet")
    assert "(the table is gone)" in shared.lakebox("crawl").stdout
    assert ["gold_gone"] not in shared.sql(f"SHOW TABLES FROM {DATABASE}")


def test_a_view_in_a_tables_place_is_a_clear_error(shared: Stack) -> None:
    shared.sql(f"DROP TABLE {DATABASE}.gold_user_features", user="lakebox")
    shared.sql(f"CREATE VIEW {DATABASE}.gold_user_features AS {SUMS}", user="lakebox")
    done = shared.lakebox("crawl", check=False)
    assert done.returncode == 1
    assert "ai_lakehouse_db.gold_user_features is a view" in done.stderr
    assert "drop the view" in done.stderr
    shared.sql(f"DROP VIEW {DATABASE}.gold_user_features", user="lakebox")
    shared.lakebox("crawl")
    assert shared.sql(f"SELECT count(*) FROM {DATABASE}.gold_user_features") != [[0]]
