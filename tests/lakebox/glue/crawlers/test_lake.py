"""The lake's own tables in a crawl: types of catalog/, and never a batch that was not committed."""

import json

from crawl_sandbox import CrawlSandbox, parquet

from catalog.tables import BRONZE_USER_EVENTS, SILVER_USER_EVENTS

LAKE, DATABASE = "ai-lakehouse-project", "ai_lakehouse_db"
ROW = parquet([{"pk": "a", "amount": 1, "score": 0.5}])


def committed(last_batch: int) -> dict[str, bytes | str]:
    return {"_state/bronze.json": json.dumps({"last_batch": last_batch, "seen": []})}


def keys(sandbox: CrawlSandbox, table: str) -> list[str]:
    return ["/".join(one["Values"]) for one in sandbox.partitions(DATABASE, table)]


def test_a_batch_is_registered_once_it_is_committed(sandbox: CrawlSandbox) -> None:
    batches = {f"bronze/user_events_parquet/batch=00000{number}/part-0.parquet": ROW for number in (1, 2)}
    sandbox.put(LAKE, {**batches, **committed(1)})
    path = f"s3://{LAKE}/bronze/user_events_parquet/"
    sandbox.define("crawler_bronze_user_events", path, DatabaseName=DATABASE, TablePrefix="bronze_")
    sandbox.run("crawler_bronze_user_events")
    assert keys(sandbox, "bronze_user_events_parquet") == ["000001"]
    sandbox.put(LAKE, committed(2))
    sandbox.run("crawler_bronze_user_events")
    assert keys(sandbox, "bronze_user_events_parquet") == ["000001", "000002"]
    table = sandbox.glue.get_table(DatabaseName=DATABASE, Name="bronze_user_events_parquet")["Table"]
    types = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    assert types == {column.name: column.type for column in BRONZE_USER_EVENTS.columns} | {"score": "double"}


def test_a_whole_bucket_has_the_lakes_tables(sandbox: CrawlSandbox) -> None:
    files = {
        "silver/user_events/event_type=click/event_date=2025-06-17/part-00000.parquet": ROW,
        "bronze/user_events_parquet/batch=000001/part-0.parquet": ROW,
        "gold/orders/x.parquet": parquet([{"order": 1}]),
    }
    sandbox.put(LAKE, {**files, **committed(0)})
    sandbox.define("all", f"s3://{LAKE}", DatabaseName=DATABASE)
    sandbox.run("all")
    names = [table["Name"] for table in sandbox.tables(DATABASE)]
    assert names == ["ai_lakehouse_project", "bronze_user_events_parquet", "silver_user_events"]
    assert keys(sandbox, "bronze_user_events_parquet") == []
    assert keys(sandbox, "silver_user_events") == ["click/2025-06-17"]
    table = sandbox.glue.get_table(DatabaseName=DATABASE, Name="silver_user_events")["Table"]
    assert [key["Type"] for key in table["PartitionKeys"]] == ["string", "date"]
    assert table["Description"] == SILVER_USER_EVENTS.comment


def test_a_catalog_target_keeps_the_lakes_types(sandbox: CrawlSandbox) -> None:
    day = "silver/user_events/event_type=click/event_date=2025-06-1"
    sandbox.put(LAKE, {f"{day}7/part-00000.parquet": ROW})
    sandbox.define("first", f"s3://{LAKE}/silver/user_events", DatabaseName=DATABASE, TablePrefix="silver_")
    sandbox.run("first")
    sandbox.put(LAKE, {f"{day}8/part-00000.parquet": ROW})
    targets = {"CatalogTargets": [{"DatabaseName": DATABASE, "Tables": ["silver_user_events"]}]}
    sandbox.glue.create_crawler(Name="second", Role="r", Targets=targets)
    assert sandbox.run("second")["Status"] == "SUCCEEDED"
    assert keys(sandbox, "silver_user_events") == ["click/2025-06-17", "click/2025-06-18"]
    table = sandbox.glue.get_table(DatabaseName=DATABASE, Name="silver_user_events")["Table"]
    amount = next(one for one in table["StorageDescriptor"]["Columns"] if one["Name"] == "amount")
    assert amount["Type"] == "double"
