"""`lakebox crawl` brings the metastore in line, old partitions stay readable, and nothing is started anew."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stack.api_target import stack_target
from stack.running_stack import LAKE, Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

READ_TABLES = Path(__file__).with_name("read_tables.py")
DATABASE = "awsdatacatalog.ai_lakehouse_db"
FOLDER = "silver/user_events"
SILVER, ORDERS = "crawler_silver_user_events", "crawler_gold_orders"


def put(stack: Stack, key: str, **columns: list[object]) -> None:
    """A Parquet object in the lake, written as the jobs may."""
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    stack.s3("jobs").put_object(Bucket=LAKE, Key=key, Body=content.getvalue())


@pytest.fixture(scope="module")
def crawled(stack: Stack) -> Iterator[Stack]:
    """A lake with two partitions of Silver, crawled."""
    stack.start_over()
    put(stack, f"{FOLDER}/event_type=Gr%2Fö/event_date=2025-06-17/part-00000.parquet", pk=["a"])
    put(stack, f"{FOLDER}/event_type=view/event_date=2025-06-17/part-00000.parquet", pk=["b"])
    assert f"{SILVER}: table silver_user_events added; partitions: 2 added" in stack.lakebox("crawl").stdout
    yield stack
    stack_target(stack).glue.delete_crawler(Name=ORDERS)
    stack.start_over()


def rows(stack: Stack, columns: str) -> list[list[object]]:
    return stack.sql(f"SELECT {columns} FROM {DATABASE}.silver_user_events ORDER BY pk")


def test_the_catalog_keeps_up(crawled: Stack) -> None:
    stack, trino = crawled, crawled.container("trino")["State"]["StartedAt"]
    assert rows(stack, "pk, event_type") == [["a", "Gr/ö"], ["b", "view"]]
    # a new partition with a new column, a dropped partition, and a user's table, by a crawler of the user's own
    put(stack, f"{FOLDER}/event_type=view/event_date=2025-06-18/part-00000.parquet", pk=["c"], score=[0.5])
    stack.s3("jobs").delete_object(
        Bucket=LAKE, Key=f"{FOLDER}/event_type=view/event_date=2025-06-17/part-00000.parquet"
    )
    put(stack, "gold/orders/day=2026-01-01/part-0.parquet", total=[7], tags=[["x"]])
    targets = {"S3Targets": [{"Path": f"s3://{LAKE}/gold/orders/"}]}
    glue = stack_target(stack).glue
    glue.create_crawler(Name=ORDERS, Role="r", DatabaseName="ai_lakehouse_db", TablePrefix="gold_", Targets=targets)
    said = stack.lakebox("crawl").stdout
    silver = next(line for line in said.splitlines() if line.startswith(SILVER))
    assert {"1 added", "1 deleted"} <= set(silver.partition("partitions: ")[2].split(", ")), silver
    assert f"{ORDERS}: table gold_orders added; partitions: 1 added" in said
    assert rows(stack, "pk, score") == [["a", None], ["c", 0.5]]
    assert stack.sql(f"SELECT day, total, tags FROM {DATABASE}.gold_orders") == [["2026-01-01", 7, ["x"]]]
    assert crawled.container("trino")["State"]["StartedAt"] == trino


def test_spark_reads_old_and_new_partitions_after_a_column_was_added(crawled: Stack) -> None:
    mount = ("--volume", f"{READ_TABLES}:/tmp/read_tables.py:ro")
    script = ("--entrypoint", "spark-submit", "lakebox", "/tmp/read_tables.py")
    queries = ["silver_user_events=SELECT pk, event_type, score", "gold_orders=SELECT day, total"]
    printed = crawled.compose("run", "--rm", "--no-deps", "--no-TTY", *mount, *script, *queries).stdout
    answers = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    found = {answer["table"]: sorted(answer["rows"]) for answer in answers}
    assert found["silver_user_events"] == [["a", "Gr/ö", None], ["c", "view", 0.5]]
    assert found["gold_orders"] == [["2026-01-01", 7]]


def test_partitions_and_columns_are_pruned(crawled: Stack) -> None:
    def scanned(sql: str) -> int:
        said = crawled.lakebox("sql", sql).stderr
        return int(said.split(" bytes scanned")[0].split(", ")[-1].replace(",", ""))

    pks = [f"{number:064}" for number in range(20_000)]
    key = f"{FOLDER}/event_type=big/event_date=2025-06-"
    for day in (1, 2, 3, 4):
        put(crawled, f"{key}0{day}/part-00000.parquet", pk=pks, page=["/a"] * len(pks))
    crawled.lakebox("crawl", "silver_user_events")
    whole = scanned("SELECT max(pk) FROM silver_user_events WHERE event_type = 'big'")
    one = scanned("SELECT max(pk) FROM silver_user_events WHERE event_type = 'big' AND event_date = DATE '2025-06-02'")
    column = scanned("SELECT max(page) FROM silver_user_events WHERE event_type = 'big'")
    assert whole > 500_000
    assert abs(one * 4 - whole) < whole * 0.1
    assert column < whole * 0.1 + 4 * 65_536
