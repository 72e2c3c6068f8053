"""Crawls after a first one: what changed, what is gone, and what the crawler's policies make of it."""

import json
import shutil
from typing import Any

import pytest
from crawl_sandbox import CrawlSandbox, json_lines, parquet

A = [{"id": 1, "name": "x"}]
WIDER = [{"id": 1, "name": "x", "age": 3}]
INHERIT = {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}
MERGE = {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}}
LOGS = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}


def configuration(*outputs: dict[str, Any]) -> str:
    merged: dict[str, Any] = {}
    for output in outputs:
        merged |= output
    return json.dumps({"Version": 1.0, "CrawlerOutput": merged})


def changes(sandbox: CrawlSandbox) -> list[str]:
    """What the last crawl has changed: `TABLE ADD 1`, …"""
    summary = json.loads(sandbox.glue.list_crawls(CrawlerName="c")["Crawls"][0]["Summary"])
    return [f"{what} {how} {found['Count']}" for what, kinds in summary.items() for how, found in kinds.items()]


def first_crawl(sandbox: CrawlSandbox, files: dict[str, bytes | str], **more: Any) -> None:
    sandbox.put("bucket", files)
    sandbox.define("c", "bucket/d", **more)
    assert sandbox.run("c")["Status"] == "SUCCEEDED"


def columns(sandbox: CrawlSandbox, table: str = "d") -> str:
    descriptor = sandbox.glue.get_table(DatabaseName="c", Name=table)["Table"]["StorageDescriptor"]
    return ", ".join(f"{column['Name']} {column['Type']}" for column in descriptor["Columns"])


def test_new_partitions_and_columns_are_added(sandbox: CrawlSandbox) -> None:
    first_crawl(sandbox, {"d/k=1/x.parquet": parquet(A)})
    assert changes(sandbox) == ["TABLE ADD 1", "PARTITION ADD 1"]
    sandbox.put("bucket", {"d/k=2/x.parquet": parquet(WIDER)})
    sandbox.run("c")
    assert changes(sandbox) == ["TABLE UPDATE 1", "PARTITION ADD 1"]
    assert sandbox.described("c") == ["d(id bigint, name string, age bigint) parquet [k: 1, 2]"]
    first, second = sandbox.partitions("c", "d")
    assert [len(one["StorageDescriptor"]["Columns"]) for one in (first, second)] == [2, 3]


def test_partitions_inherit_their_tables_schema(sandbox: CrawlSandbox) -> None:
    first_crawl(sandbox, {"d/k=1/x.json": json_lines(A)}, Configuration=configuration(INHERIT))
    sandbox.put("bucket", {"d/k=2/x.json": json_lines(WIDER)})
    sandbox.run("c")
    assert changes(sandbox) == ["TABLE UPDATE 1", "PARTITION ADD 1", "PARTITION UPDATE 1"]
    descriptors = [one["StorageDescriptor"] for one in sandbox.partitions("c", "d")]
    assert [len(one["Columns"]) for one in descriptors] == [3, 3]
    assert [one["Location"] for one in descriptors] == ["s3://bucket/d/k=1/", "s3://bucket/d/k=2/"]
    assert [one["SerdeInfo"]["Parameters"] for one in descriptors] == [{"paths": "age,id,name"}] * 2


def test_log_leaves_a_changed_table_alone(sandbox: CrawlSandbox) -> None:
    first_crawl(sandbox, {"d/k=1/x.parquet": parquet(A)}, SchemaChangePolicy=LOGS)
    sandbox.put("bucket", {"d/k=2/x.parquet": parquet(WIDER)})
    shutil.rmtree(sandbox.root / "bucket/d/k=1")
    last = sandbox.run("c")
    assert (last["Status"], last["ErrorMessage"]) == ("SUCCEEDED", "the files of 1 partitions of d are gone")
    assert changes(sandbox) == ["PARTITION ADD 1"]
    assert sandbox.described("c") == ["d(id bigint, name string) parquet [k: 1, 2]"]


def test_merged_columns_keep_what_users_changed(sandbox: CrawlSandbox) -> None:
    files: dict[str, bytes | str] = {"d/x.json": '{"id": 1, "s": {"a": 1}}'}
    first_crawl(sandbox, files, Configuration=configuration(MERGE))
    table = sandbox.glue.get_table(DatabaseName="c", Name="d")["Table"]
    descriptor = table["StorageDescriptor"]
    descriptor["Columns"][0] |= {"Type": "string", "Comment": "the key"}
    given = {"Name": "d", "StorageDescriptor": descriptor, "Parameters": table["Parameters"] | {"mine": "1"}}
    sandbox.glue.update_table(DatabaseName="c", TableInput=given)
    sandbox.put("bucket", {"d/x.json": '{"id": 1, "s": {"b": 2.5}, "new": true}'})
    sandbox.run("c")
    assert columns(sandbox) == "id string, s struct<a:int,b:double>, new boolean"
    after = sandbox.glue.get_table(DatabaseName="c", Name="d")["Table"]
    assert (after["StorageDescriptor"]["Columns"][0]["Comment"], after["Parameters"]["mine"]) == ("the key", "1")


def test_another_format_deprecates_a_merged_table(sandbox: CrawlSandbox) -> None:
    first_crawl(sandbox, {"d/x.json": json_lines(A)}, Configuration=configuration(MERGE))
    (sandbox.root / "bucket/d/x.json").write_text("id,name\n1,x\n")
    last = sandbox.run("c")
    assert "d: classification, delimiter changed; the table is deprecated" in last["ErrorMessage"]
    (table,) = sandbox.tables("c")
    assert table["Parameters"]["DEPRECATED_BY_CRAWLER"].isdigit()
    assert table["Parameters"]["classification"] == "json"


@pytest.mark.parametrize(
    ("behavior", "tables", "partitions", "changed"),
    [
        ("DELETE_FROM_DATABASE", ["d"], ["2"], ["TABLE UPDATE 1", "TABLE DELETE 1", "PARTITION DELETE 1"]),
        ("DEPRECATE_IN_DATABASE", ["d", "e!"], ["1!", "2"], ["TABLE UPDATE 1", "TABLE DELETE 1", "PARTITION DELETE 1"]),
        ("LOG", ["d", "e"], ["1", "2"], ["TABLE UPDATE 1"]),
    ],
)
def test_what_is_gone(
    sandbox: CrawlSandbox, behavior: str, tables: list[str], partitions: list[str], changed: list[str]
) -> None:
    content = parquet(A)
    sandbox.put("bucket", {"d/k=1/x.parquet": content, "d/k=2/x.parquet": content, "e/x.parquet": content})
    sandbox.define("c", "bucket/d", "bucket/e", SchemaChangePolicy={"DeleteBehavior": behavior})
    sandbox.run("c")
    shutil.rmtree(sandbox.root / "bucket/d/k=1")
    shutil.rmtree(sandbox.root / "bucket/e")
    sandbox.run("c")
    mark = "DEPRECATED_BY_CRAWLER"
    assert [f"{one['Name']}{'!' * (mark in one['Parameters'])}" for one in sandbox.tables("c")] == tables
    found = sandbox.partitions("c", "d")
    assert [f"{one['Values'][0]}{'!' * (mark in one['Parameters'])}" for one in found] == partitions
    assert changes(sandbox) == changed
    sandbox.run("c")
    assert changes(sandbox) == []


def test_what_comes_back_is_deprecated_no_more(sandbox: CrawlSandbox) -> None:
    first_crawl(sandbox, {"d/k=1/x.parquet": parquet(A)})
    shutil.rmtree(sandbox.root / "bucket/d")
    sandbox.run("c")
    sandbox.put("bucket", {"d/k=1/x.parquet": parquet(A)})
    sandbox.run("c")
    (table,), (partition,) = sandbox.tables("c"), sandbox.partitions("c", "d")
    assert "DEPRECATED_BY_CRAWLER" not in {**table["Parameters"], **partition["Parameters"]}


def test_tables_of_others_are_left_alone(sandbox: CrawlSandbox) -> None:
    sandbox.glue.create_database(DatabaseInput={"Name": "c"})
    other = {"Name": "d", "StorageDescriptor": {"Columns": [], "Location": "s3://elsewhere/d/"}}
    sandbox.glue.create_table(DatabaseName="c", TableInput=other)
    first_crawl(sandbox, {"d/x.parquet": parquet(A)}, SchemaChangePolicy={"DeleteBehavior": "DELETE_FROM_DATABASE"})
    assert [table["Name"] for table in sandbox.tables("c")] == ["d", "d_10a7dc9b16e937dbefc7a3f360caafb9"]
    sandbox.run("c")
    assert changes(sandbox) == []


def test_other_partition_keys_make_a_table_anew(sandbox: CrawlSandbox) -> None:
    first_crawl(sandbox, {"d/k=1/x.parquet": parquet(A)})
    shutil.rmtree(sandbox.root / "bucket/d")
    sandbox.put("bucket", {"d/a=1/b=2/x.parquet": parquet(A)})
    sandbox.run("c")
    assert sandbox.described("c") == ["d(id bigint, name string) parquet [a/b: 1/2]"]
    sandbox.glue.update_crawler(Name="c", SchemaChangePolicy=LOGS)
    shutil.rmtree(sandbox.root / "bucket/d")
    sandbox.put("bucket", {"d/c=1/x.parquet": parquet(A)})
    assert sandbox.run("c")["ErrorMessage"] == "the partition keys of d differ from its folders; the table is left"
    assert sandbox.described("c") == ["d(id bigint, name string) parquet [a/b: 1/2]"]


def test_counts_alone_make_no_version(sandbox: CrawlSandbox) -> None:
    first_crawl(sandbox, {"d/1.parquet": parquet(A)})
    sandbox.put("bucket", {"d/2.parquet": parquet(A)})
    sandbox.run("c")
    named = {"DatabaseName": "c", "TableName": "d"}
    assert len(sandbox.glue.get_table_versions(**named)["TableVersions"]) == 1
    sandbox.put("bucket", {"d/3.parquet": parquet(WIDER)})
    sandbox.run("c")
    assert len(sandbox.glue.get_table_versions(**named)["TableVersions"]) == 2


def test_partition_keys_that_users_named_stay(sandbox: CrawlSandbox) -> None:
    first_crawl(sandbox, {"d/eu/x.parquet": parquet(A)})
    table = sandbox.glue.get_table(DatabaseName="c", Name="d")["Table"]
    given = {name: table[name] for name in ("Name", "StorageDescriptor", "Parameters", "TableType")}
    given["PartitionKeys"] = [{"Name": "region", "Type": "string"}]
    sandbox.glue.update_table(DatabaseName="c", TableInput=given)
    sandbox.put("bucket", {"d/us/x.parquet": parquet(A)})
    sandbox.run("c")
    assert sandbox.described("c") == ["d(id bigint, name string) parquet [region: eu, us]"]


def test_new_folders_only(sandbox: CrawlSandbox) -> None:
    policy = {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}
    first_crawl(sandbox, {"d/k=1/x.parquet": parquet(A)}, RecrawlPolicy=policy)
    sandbox.put(
        "bucket",
        {
            "d/k=1/y.parquet": b"is not looked at",
            "d/k=2/x.parquet": parquet(WIDER),
            "d/k=3/x.parquet": parquet([{"quite": 1, "other": 2}]),
        },
    )
    last = sandbox.run("c")
    assert last["ErrorMessage"] == "s3://bucket/d/k=3/ does not fit table d"
    assert changes(sandbox) == ["PARTITION ADD 1"]
    assert sandbox.described("c") == ["d(id bigint, name string) parquet [k: 1, 2]"]


def test_too_many_tables_write_nothing(sandbox: CrawlSandbox) -> None:
    sandbox.put("bucket", {"d/a/x.parquet": parquet(A), "d/b/x.parquet": parquet([{"q": 1}])})
    sandbox.define("c", "bucket/d", Configuration=configuration({"Tables": {"TableThreshold": 1}}))
    last = sandbox.run("c")
    assert (last["Status"], "number of tables detected by crawler: 2" in last["ErrorMessage"]) == ("FAILED", True)
    assert "c" not in [database["Name"] for database in sandbox.glue.get_databases()["DatabaseList"]]


def test_a_catalog_target_is_kept_up_to_date(sandbox: CrawlSandbox) -> None:
    sandbox.put("bucket", {"d/2020/x.parquet": parquet(A), "d/2021/x.parquet": parquet(WIDER)})
    sandbox.glue.create_database(DatabaseInput={"Name": "mine"})
    descriptor = {"Columns": [{"Name": "id", "Type": "bigint"}], "Location": "s3://bucket/d"}
    given = {"Name": "by_hand", "StorageDescriptor": descriptor, "PartitionKeys": [{"Name": "year", "Type": "int"}]}
    sandbox.glue.create_table(DatabaseName="mine", TableInput=given)
    targets = {"CatalogTargets": [{"DatabaseName": "mine", "Tables": ["by_hand"]}]}
    sandbox.glue.create_crawler(Name="c", Role="r", Targets=targets)
    sandbox.run("c")
    assert sandbox.described("mine") == ["by_hand(id bigint, name string, age bigint) parquet [year: 2020, 2021]"]
    assert changes(sandbox) == ["TABLE UPDATE 1", "PARTITION ADD 2"]
    shutil.rmtree(sandbox.root / "bucket/d/2020")
    sandbox.run("c")
    assert len(sandbox.partitions("mine", "by_hand")) == 2


def test_merged_partitions_keep_what_users_changed(sandbox: CrawlSandbox) -> None:
    first_crawl(sandbox, {"d/k=1/x.json": json_lines(A)}, Configuration=configuration(MERGE))
    (partition,) = sandbox.partitions("c", "d")
    partition["StorageDescriptor"]["Columns"][0]["Type"] = "string"
    given = {name: partition[name] for name in ("Values", "StorageDescriptor", "Parameters")}
    named = {"DatabaseName": "c", "TableName": "d", "PartitionValueList": ["1"]}
    sandbox.glue.update_partition(**named, PartitionInput=given)
    sandbox.put("bucket", {"d/k=1/x.json": json_lines(WIDER)})
    sandbox.run("c")
    assert changes(sandbox) == ["TABLE UPDATE 1", "PARTITION UPDATE 1"]
    (partition,) = sandbox.partitions("c", "d")
    types = [(column["Name"], column["Type"]) for column in partition["StorageDescriptor"]["Columns"]]
    assert types == [("id", "string"), ("name", "string"), ("age", "int")]
    sandbox.run("c")
    assert changes(sandbox) == []
