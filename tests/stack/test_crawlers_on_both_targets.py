"""The same crawlers on the embedded target and on the stack: the same tables and partitions, which Trino reads."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from crawl_sandbox import orc_file, parquet, zipped
from stack.api_target import BUCKET, Target, open_target
from stack.running_stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

DATABASE = "crawler-database"
ROWS = [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}]
CSV = b"id,name\n1,x\n2,y\n"
FILES = {
    "crawled/days/day=2026-11-25/a.parquet": parquet(ROWS),
    "crawled/days/day=2026-11-26/a b.parquet": parquet([*ROWS, {"id": 3, "name": "z"}]),
    "crawled/days/_SUCCESS": b"",
    "crawled/orc/x": orc_file(ROWS),
    "crawled/lines/x.json": b'{"id": 1, "name": "x"}\n{"id": 2, "name": "y"}\n',
    "crawled/text/2025/x.csv.gz": zipped(CSV.decode()),
    "crawled/text/2026/x.csv.gz": zipped(CSV.decode()),
}
TABLES = {
    "days": ({"id": "bigint", "name": "string"}, [["2026-11-25"], ["2026-11-26"]]),
    "lines": ({"id": "int", "name": "string"}, []),
    "orc": ({"id": "bigint", "name": "string"}, []),
    "text": ({"id": "bigint", "name": "string"}, [["2025"], ["2026"]]),
}


@pytest.fixture(scope="module", params=["embedded", "stack"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Target]:
    """A target with a bucket and files to crawl."""
    with open_target(request.param, stack, tmp_path_factory.mktemp("lake")) as found:
        fill(found)
        yield found


def fill(target: Target) -> None:
    for key, content in FILES.items():
        target.s3.put_object(Bucket=BUCKET, Key=key, Body=content)


def crawl(target: Target) -> dict[str, Any]:
    """Crawl from start to end; what it has changed."""
    target.glue.start_crawler(Name="crawled")
    pause = threading.Event()
    while target.glue.get_crawler(Name="crawled")["Crawler"]["State"] != "READY":
        pause.wait(0.1)
    crawler = target.glue.get_crawler(Name="crawled")["Crawler"]
    assert (crawler["LastCrawl"]["Status"], crawler["LastCrawl"].get("ErrorMessage")) == ("SUCCEEDED", None)
    metrics: dict[str, Any] = target.glue.get_crawler_metrics(CrawlerNameList=["crawled"])["CrawlerMetricsList"][0]
    return {name: metrics[name] for name in ("TablesCreated", "TablesUpdated", "TablesDeleted")}


def test_a_crawl_gives_the_same_tables(target: Target) -> None:
    paths = [f"s3://{BUCKET}/crawled/{name}/" for name in TABLES]
    targets = {"S3Targets": [{"Path": path} for path in paths]}
    target.glue.create_crawler(Name="crawled", Role="role", DatabaseName=DATABASE, Targets=targets)
    assert crawl(target) == {"TablesCreated": 4, "TablesUpdated": 0, "TablesDeleted": 0}
    found = {}
    for table in target.glue.get_tables(DatabaseName=DATABASE)["TableList"]:
        columns = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
        partitions = target.glue.get_partitions(DatabaseName=DATABASE, TableName=table["Name"])["Partitions"]
        found[table["Name"]] = (columns, sorted(partition["Values"] for partition in partitions))
    assert found == TABLES
    assert crawl(target) == {"TablesCreated": 0, "TablesUpdated": 0, "TablesDeleted": 0}


@pytest.mark.parametrize("target", ["stack"], indirect=True)
@pytest.mark.parametrize(("table", "rows"), [("days", 5), ("lines", 2), ("orc", 2), ("text", 4)])
def test_trino_reads_what_was_crawled(target: Target, stack: Stack, table: str, rows: int) -> None:
    query = f'SELECT count(id), max(name) FROM awsdatacatalog."{DATABASE}"."{table}"'
    assert stack.sql(query) == [[rows, "z" if table == "days" else "y"]]
