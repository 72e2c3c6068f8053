"""The database has room for others: tables and views that lakebox did not make outlive its runs and crawls."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stack.running_stack import DATABASE, LAKE, Stack

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(900)]

SPARK_TABLE = Path(__file__).with_name("spark_job.py")
DAY = "2025-06-18"
SUMS = "SELECT event_type, count(*) AS events FROM awsdatacatalog.ai_lakehouse_db.silver_user_events GROUP BY 1"


@pytest.fixture(scope="module")
def shared(stack: Stack) -> Iterator[Stack]:
    """A lake after a run, with a table by CREATE TABLE AS, one of a Spark job, and a view in its database."""
    stack.start_over()
    stack.lakebox("run", "--raw", "sample_data/2025-06-17", "--training_date", "2025-06-17")
    location = f"s3://{LAKE}/athena-results/sums"
    stack.sql(f"CREATE TABLE {DATABASE}.sums WITH (external_location = '{location}') AS {SUMS}", user="lakebox")
    stack.sql(f"CREATE VIEW {DATABASE}.by_type AS {SUMS}", user="lakebox")
    run = ("run", "--rm", "--no-deps", "--no-TTY", "--volume", f"{SPARK_TABLE}:/tmp/job.py:ro", "--entrypoint")
    of_spark = ("spark-submit", "lakebox", "/tmp/job.py", "ai_lakehouse_db.of_spark", f"s3://{LAKE}/_state/of_spark")
    stack.compose(*run, *of_spark)
    yield stack
    stack.start_over()


@pytest.mark.parametrize("verb", [("run", "--training_date", DAY), ("crawl",)])
def test_others_tables_and_views_outlive(shared: Stack, verb: tuple[str, ...]) -> None:
    shared.lakebox(*verb)
    assert shared.sql(f"SELECT count(*) FROM {DATABASE}.sums") == [[4]]
    assert shared.sql(f"SELECT count(*) FROM {DATABASE}.of_spark") == [[2]]
    types = shared.sql(f"SELECT count(DISTINCT event_type) FROM {DATABASE}.silver_user_events")
    assert shared.sql(f"SELECT count(*) FROM {DATABASE}.by_type") == types
    shown = shared.lakebox("sql", "SHOW TABLES", "--format", "csv").stdout.split()
    assert {"sums", "of_spark", "by_type", "silver_user_events"} <= set(shown)


def test_a_table_that_has_left_the_lake_leaves_the_metastore(shared: Stack) -> None:
    key = "gold/gone/part-0.parquet"
    content = shared.s3("jobs").list_objects_v2(Bucket=LAKE, Prefix="gold/user_features/")["Contents"][0]["Key"]
    shared.s3("jobs").copy_object(Bucket=LAKE, Key=key, CopySource={"Bucket": LAKE, "Key": content})
    assert "gold_gone: 1 partitions, 1 added, 0 dropped (a new table)" in shared.lakebox("crawl").stdout
    assert shared.sql(f"SELECT count(*) FROM {DATABASE}.gold_gone") != [[0]]
    shared.s3("jobs").delete_object(Bucket=LAKE, Key=key)
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
