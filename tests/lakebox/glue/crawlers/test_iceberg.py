"""Iceberg tables in crawls: the newest metadata is registered, data files are not taken for tables."""

import json

from crawl_sandbox import CrawlSandbox, parquet


def metadata(*fields: tuple[str, object]) -> str:
    listed = [
        {"id": number, "name": name, "type": kind, "required": False} for number, (name, kind) in enumerate(fields)
    ]
    schema = {"type": "struct", "schema-id": 7, "fields": listed}
    return json.dumps({"format-version": 2, "current-schema-id": 7, "schemas": [schema]})


ORDERS = {
    "wh/orders/metadata/00009-a.metadata.json": metadata(("id", "int")),
    "wh/orders/metadata/00010-b.metadata.json": metadata(
        ("Id", "long"),
        ("at", "timestamptz"),
        ("price", "decimal(9, 2)"),
        ("tags", {"type": "list", "element": "string"}),
        ("by", {"type": "map", "key": "string", "value": {"type": "struct", "fields": [{"name": "n", "type": "int"}]}}),
    ),
    "wh/orders/metadata/snap-1.avro": "x",
    "wh/orders/data/part.parquet": parquet([{"id": 1}]),
}
TABLE = "orders(id bigint, at timestamp, price decimal(9,2), tags array<string>, by map<string,struct<n:int>>) ICEBERG"


def location(sandbox: CrawlSandbox) -> str:
    (table,) = sandbox.tables("c")
    return str(table["Parameters"]["metadata_location"])


def test_an_iceberg_target(sandbox: CrawlSandbox) -> None:
    sandbox.put("bucket", ORDERS)
    sandbox.define("c", Targets={"IcebergTargets": [{"Paths": ["s3://bucket/wh/"], "MaximumTraversalDepth": 2}]})
    assert sandbox.run("c")["Status"] == "SUCCEEDED"
    assert sandbox.described("c") == [TABLE]
    assert location(sandbox) == "s3://bucket/wh/orders/metadata/00010-b.metadata.json"
    sandbox.put("bucket", {"wh/orders/metadata/00011-c.metadata.json": metadata(("id", "long"), ("new", "string"))})
    sandbox.run("c")
    assert sandbox.described("c") == ["orders(id bigint, new string) ICEBERG"]
    assert location(sandbox) == "s3://bucket/wh/orders/metadata/00011-c.metadata.json"


def test_iceberg_tables_are_met_in_a_folder(sandbox: CrawlSandbox) -> None:
    sandbox.put("bucket", {**ORDERS, "wh/plain/x.parquet": parquet([{"a": 1}])})
    sandbox.define("c", "bucket/wh/")
    sandbox.run("c")
    assert sandbox.described("c") == [TABLE, "wh(a bigint) parquet [partition_0: plain]"]


def test_broken_metadata_fails_the_crawl(sandbox: CrawlSandbox) -> None:
    sandbox.put("bucket", {"t/metadata/v1.metadata.json": "{"})
    sandbox.define("c", "bucket/t")
    last = sandbox.run("c")
    assert (last["Status"], "v1.metadata.json is no Iceberg metadata" in last["ErrorMessage"]) == ("FAILED", True)


def test_tables_that_jobs_commit_to_are_left_alone(sandbox: CrawlSandbox) -> None:
    sandbox.put("bucket", ORDERS)
    sandbox.define("c", "bucket/wh/")
    sandbox.run("c")
    table = sandbox.glue.get_table(DatabaseName="c", Name="orders")["Table"]
    committed = "s3://bucket/wh/orders/metadata/00009-a.metadata.json"
    own = {"metadata_location": committed, "previous_metadata_location": "s3://bucket/wh/orders/metadata/00008.json"}
    given = {name: table[name] for name in ("Name", "TableType", "StorageDescriptor")}
    given["Parameters"] = table["Parameters"] | own
    sandbox.glue.update_table(DatabaseName="c", TableInput=given)
    sandbox.run("c")
    assert location(sandbox) == committed
