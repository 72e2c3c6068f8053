"""A crawl of buckets in S3, as on the stack: the same tables as of folders."""

import os
from pathlib import Path

import boto3
from crawl_sandbox import CrawlSandbox, json_lines, orc_file, parquet, zipped

from jobs.lake.open_store import open_store
from lakebox.glue.crawlers.crawl import Crawl, Surroundings
from lakebox.glue.data_catalog.documents import SqliteDocuments
from lakebox.glue.data_catalog.operations import catalog_operations
from lakebox.glue.data_catalog.store import CatalogStore

ROWS = [{"id": 1, "name": "x"}]
FILES = {
    "t/parquet/k=a b/x.parquet": parquet(ROWS),
    "t/parquet/k=c/": b"",
    "t/parquet/_SUCCESS": b"",
    "t/orc/x": orc_file(ROWS),
    "t/json/x.json.gz": zipped(json_lines(ROWS)),
    "t/csv/2020/x.csv": b"id,name\n1,x\n",
    "alone.csv": b"id,name\n1,x\n",
}


def test_a_bucket_in_s3(s3_uri: str, tmp_path: Path) -> None:
    bucket = s3_uri.split("/")[2]
    for key, content in FILES.items():
        boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    store, documents = CatalogStore(tmp_path / "catalog.sqlite"), SqliteDocuments(tmp_path / "glue.sqlite")
    around = Surroundings(
        catalog_operations(store, documents),
        lambda name: open_store(f"s3://{name}", must_exist=True),
        lambda *_: [],
    )
    paths = [f"s3://{bucket}/t/{name}" for name in ("parquet", "orc/", "json", "csv")] + [f"{bucket}/alone.csv"]
    crawler = {"Name": "c", "DatabaseName": "d", "Targets": {"S3Targets": [{"Path": path} for path in paths]}}
    crawl = Crawl(crawler, "id", (), around)
    crawl.run(lambda: None)
    assert crawl.changes.notes == []
    found = {
        table["Name"]: (table["StorageDescriptor"]["Location"], store.partition_values(table))
        for table in store.tables("d")
    }
    assert found == {
        "alone_csv": (f"s3://{bucket}/alone.csv", []),
        "csv": (f"s3://{bucket}/t/csv/", [["2020"]]),
        "json": (f"s3://{bucket}/t/json/", []),
        "orc": (f"s3://{bucket}/t/orc/", []),
        "parquet": (f"s3://{bucket}/t/parquet/", [["a b"]]),
    }
    store.close()
    documents.close()


def test_names_that_are_not_utf8_are_left_out(sandbox: CrawlSandbox) -> None:
    sandbox.put("bucket", {"d/x.parquet": parquet(ROWS)})
    Path(os.fsdecode(os.fsencode(sandbox.root / "bucket/d") + b"/\xff.parquet")).write_bytes(parquet(ROWS))
    sandbox.define("c", "bucket/d")
    last = sandbox.run("c")
    assert (last["Status"], last["ErrorMessage"]) == (
        "SUCCEEDED",
        "'d/\\udcff.parquet' in s3://bucket/ is no name in UTF-8; rename it",
    )
    assert sandbox.described("c") == ["d(id bigint, name string) parquet"]
