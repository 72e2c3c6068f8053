"""Crawls that are stopped or killed: never stuck, on record, told of, and mended by the next crawl."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from crawl_sandbox import CrawlSandbox, glue_client, parquet

from jobs.lake.open_store import open_store
from jobs.lake.store import Store
from lakebox.api.serve import serving
from lakebox.endpoint.service import Operation
from lakebox.glue.crawlers.crawl import Crawl, Surroundings
from lakebox.glue.crawlers.crawls import Crawls
from lakebox.glue.crawlers.definitions import Definitions
from lakebox.glue.data_catalog.documents import Document, SqliteDocuments
from lakebox.glue.data_catalog.operations import catalog_operations
from lakebox.glue.data_catalog.store import CatalogStore

KILLED_AT_WORK = """
import os, sys
from crawl_sandbox import glue_client
from lakebox.api.serve import serving
with serving(sys.argv[1]) as endpoint:
    glue_client(endpoint).start_crawler(Name="c")
    os._exit(9)
"""
CONTENT = parquet([{"id": 1}])
END = ("COMPLETED", "FAILED", "STOPPED")


class Killed(BaseException):
    """The process is gone."""


class Held:
    """Buckets that are opened only when a test says so."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked, self.go = root, threading.Event(), threading.Event()

    def __call__(self, bucket: str) -> Store:
        self.asked.set()
        self.go.wait(60)
        return open_store(str(self.root / bucket), must_exist=True)


class Sandbox:
    """Crawlers without an endpoint: their operations over a folder."""

    def __init__(self, root: Path) -> None:
        self.documents = SqliteDocuments(root / ".lakebox/glue.sqlite")
        self.catalog = catalog_operations(CatalogStore(root / ".lakebox/catalog.sqlite"), self.documents)
        self.buckets, self.root, self.told = Held(root), root, list[tuple[str, str, str]]()

    def crawls(self) -> Crawls:
        around = Surroundings(self.catalog, self.buckets, lambda *_: [])
        crawls = Crawls(self.documents, around, self.root / "owners")
        crawls.on_end = lambda *end: self.told.append(end)
        return crawls

    def define(self) -> None:
        (self.root / "bucket").mkdir()
        given = {"Name": "c", "Role": "r", "DatabaseName": "d", "Targets": {"S3Targets": [{"Path": "bucket"}]}}
        Definitions(self.documents).create(given)


def ended(crawls: Crawls) -> list[str]:
    """States of all crawls, the newest first, when all have ended."""
    pause = threading.Event()
    for _ in range(3000):
        states = [one["State"] for one in crawls.list_crawls({"CrawlerName": "c"})["Crawls"]]
        if all(state in END for state in states):
            return states
        pause.wait(0.02)
    raise AssertionError(states)


def test_a_crawl_is_stopped(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    sandbox.define()
    crawls = sandbox.crawls()
    operations = crawls.operations()
    crawl_id = crawls.start("c")
    assert sandbox.buckets.asked.wait(60)
    for name, code in (
        ("StartCrawler", "CrawlerRunningException"),
        ("UpdateCrawler", "CrawlerRunningException"),
        ("DeleteCrawler", "CrawlerRunningException"),
        ("StopCrawler", None),
        ("StopCrawler", "CrawlerStoppingException"),
    ):
        assert code_of(operations[name], Name="c") == code
    assert operations["GetCrawler"]({"Name": "c"})["Crawler"]["State"] == "STOPPING"
    sandbox.buckets.go.set()
    assert ended(crawls) == ["STOPPED"]
    crawls.close()
    assert operations["GetCrawler"]({"Name": "c"})["Crawler"]["LastCrawl"]["Status"] == "CANCELLED"
    assert code_of(operations["StopCrawler"], Name="c") == "CrawlerNotRunningException"
    assert sandbox.told == [("c", crawl_id, "CANCELLED")]


def code_of(operation: Operation, **request: Any) -> str | None:
    try:
        operation(request)
    except Exception as error:
        return str(getattr(error, "code", error))
    return None


def test_an_endpoint_that_ends_fails_its_crawls(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    sandbox.define()
    crawls = sandbox.crawls()
    crawl_id = crawls.start("c")
    assert sandbox.buckets.asked.wait(60)
    closing = threading.Thread(target=crawls.close)
    closing.start()
    sandbox.buckets.go.set()
    closing.join()
    assert sandbox.told == [("c", crawl_id, "FAILED")]
    again = sandbox.crawls()
    assert ended(again) == ["FAILED"]
    again.start("c")
    assert ended(again) == ["COMPLETED", "FAILED"]
    again.close()


def test_an_end_on_record_makes_its_crawler_ready(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    sandbox.define()
    record: Document = {"CrawlId": "x", "CrawlerName": "c", "State": "COMPLETED", "Owner": "nobody"}
    sandbox.documents.add("crawl", "x", record)
    sandbox.documents.change("crawler", "c", lambda one: one | {"State": "RUNNING", "CrawlId": "x"})
    crawls = sandbox.crawls()
    assert (crawls.state("x"), crawls.state("nobody's")) == ("SUCCEEDED", "FAILED")
    assert Definitions(sandbox.documents).get("c")["State"] == "READY"
    crawls.close()


def test_a_killed_process_leaves_no_crawl_running(tmp_path: Path) -> None:
    with serving(str(tmp_path)) as endpoint:
        sandbox = CrawlSandbox(tmp_path, glue_client(endpoint), endpoint)
        sandbox.put("bucket", {f"d/{number}.parquet": CONTENT for number in range(50)})
        sandbox.define("c", "bucket/d")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, Path(__file__).parents[3:5]))}
    process = subprocess.run([sys.executable, "-c", KILLED_AT_WORK, str(tmp_path)], env=environment, check=False)
    assert process.returncode == 9
    with serving(str(tmp_path)) as endpoint:
        sandbox = CrawlSandbox(tmp_path, glue_client(endpoint), endpoint)
        crawler = sandbox.glue.get_crawler(Name="c")["Crawler"]
        assert (crawler["State"], crawler["LastCrawl"]["Status"]) == ("READY", "FAILED")
        assert "The endpoint ended during this crawl" in crawler["LastCrawl"]["ErrorMessage"]
        assert sandbox.run("c")["Status"] == "SUCCEEDED"
        assert [crawl["State"] for crawl in sandbox.glue.list_crawls(CrawlerName="c")["Crawls"]] == [
            "COMPLETED",
            "FAILED",
        ]


def test_a_second_endpoint_leaves_the_firsts_crawls_alone(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    sandbox.define()
    crawls = sandbox.crawls()
    crawls.start("c")
    assert sandbox.buckets.asked.wait(60)
    sandbox.crawls().close()
    assert crawls.list_crawls({"CrawlerName": "c"})["Crawls"][0]["State"] == "RUNNING"
    sandbox.buckets.go.set()
    assert ended(crawls) == ["COMPLETED"]
    crawls.close()


@pytest.mark.slow
def test_a_crawl_killed_at_any_step_is_mended(tmp_path: Path) -> None:
    """Kills a second crawl before each of its requests to the catalog; whatever is registered then is whole."""
    whole = _after_kill(tmp_path / "whole", None)
    kill_at = 0
    while True:
        found = _after_kill(tmp_path / str(kill_at), kill_at)
        if found is None:
            break
        assert found == whole
        kill_at += 1
    assert kill_at > 10


def _after_kill(root: Path, kill_at: int | None) -> list[Any] | None:
    """The catalog after a crawl, changes, a killed crawl, and one more; None where it ended before the kill."""
    bucket, store = root / "bucket", CatalogStore(root / "catalog.sqlite")
    documents = SqliteDocuments(root / "glue.sqlite")
    operations = catalog_operations(store, documents)
    crawler = {
        "Name": "c",
        "Role": "r",
        "DatabaseName": "d",
        "SchemaChangePolicy": {"DeleteBehavior": "DELETE_FROM_DATABASE"},
        "Targets": {"S3Targets": [{"Path": f"bucket/{name}"} for name in ("a", "b", "c")]},
    }

    def crawl(catalog: Mapping[str, Operation]) -> None:
        around = Surroundings(catalog, lambda name: open_store(str(root / name)), lambda *_: [])
        Crawl(crawler, "id", (), around).run(lambda: None)

    _write(bucket, *(f"a/k={number}/x" for number in range(150)), "b/x/1", "b/y/1", "c/1")
    crawl(operations)
    for gone in ("a/k=3/x", "b/x/1", "b/y/1", "c/1"):
        (bucket / f"{gone}.parquet").unlink()
    _write(bucket, *(f"a/k={number}/x" for number in range(150, 300)), "b/p=1/q=2/1")
    _write(bucket, "a/k=1/y", content=parquet([{"id": 1, "new": "x"}]))
    try:
        crawl(_dying(operations, kill_at))
        if kill_at is not None:
            return None
    except Killed:
        for table in store.tables("d"):
            for values in store.partition_values(table):
                assert len(values) == len(table["PartitionKeys"])
                assert store.partition("d", table["Name"], values) is not None
        crawl(operations)
    tables = store.tables("d")
    found = [
        (one["Name"], one["PartitionKeys"], one["StorageDescriptor"], store.partition_values(one)) for one in tables
    ]
    store.close()
    documents.close()
    return found


def _dying(operations: Mapping[str, Operation], kill_at: int | None) -> Mapping[str, Operation]:
    """Operations of which the one with this number kills the crawl."""
    calls = 0

    def counted(operation: Operation) -> Operation:
        def called(request: dict[str, Any]) -> dict[str, Any]:
            nonlocal calls
            calls += 1
            if calls - 1 == kill_at:
                raise Killed
            return operation(request)

        return called

    return {name: counted(operation) for name, operation in operations.items()}


def _write(bucket: Path, *keys: str, content: bytes = CONTENT) -> None:
    for key in keys:
        path = bucket / f"{key}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
