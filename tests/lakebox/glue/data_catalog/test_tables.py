"""Databases and tables through boto3: what is kept comes back, names fold, versions count, errors are Glue's."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

COLUMNS = [
    {"Name": "Id", "Type": "bigint", "Comment": "key"},
    {"Name": "name", "Type": "struct<a:int,b:array<string>>"},
]
TABLE = {
    "Name": "Orders",
    "StorageDescriptor": {"Columns": COLUMNS, "Location": "s3://data/orders/", "SerdeInfo": {"Parameters": {"x": "1"}}},
    "PartitionKeys": [{"Name": "Day", "Type": "date"}],
    "TableType": "EXTERNAL_TABLE",
    "Parameters": {"classification": "parquet"},
}


def code_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return str(raised.value.response["Error"]["Code"])


@pytest.fixture
def shop(glue: Any) -> Any:
    """A database with a hyphen in its name, and a table."""
    glue.create_database(DatabaseInput={"Name": "My-Shop", "Description": "d", "Parameters": {"p": "1"}})
    glue.create_table(DatabaseName="my-shop", TableInput=TABLE)
    return glue


def test_databases_come_back_in_lower_case(shop: Any) -> None:
    database = shop.get_database(Name="MY-SHOP")["Database"]
    assert (database["Name"], database["Description"], database["Parameters"]) == ("my-shop", "d", {"p": "1"})
    shop.update_database(Name="my-shop", DatabaseInput={"Name": "my-shop", "LocationUri": "s3://data/"})
    assert [entry.get("Description") for entry in shop.get_databases()["DatabaseList"]] == [None]
    assert code_of(shop.create_database, DatabaseInput={"Name": "my-shop"}) == "AlreadyExistsException"
    shop.delete_database(Name="my-shop")
    assert code_of(shop.get_database, Name="my-shop") == "EntityNotFoundException"
    assert code_of(shop.get_table, DatabaseName="my-shop", Name="orders") == "EntityNotFoundException"


def test_a_table_comes_back_as_it_was_given(shop: Any) -> None:
    table = shop.get_table(DatabaseName="My-Shop", Name="ORDERS")["Table"]
    assert (table["Name"], table["DatabaseName"], table["VersionId"]) == ("orders", "my-shop", "0")
    assert table["StorageDescriptor"]["SerdeInfo"] == {"Parameters": {"x": "1"}}
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["id", "name"]
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "date"}]
    assert code_of(shop.create_table, DatabaseName="my-shop", TableInput=TABLE) == "AlreadyExistsException"
    assert code_of(shop.create_table, DatabaseName="none", TableInput=TABLE) == "EntityNotFoundException"


def test_updates_make_versions(shop: Any) -> None:
    shop.update_table(DatabaseName="my-shop", TableInput=TABLE | {"Description": "second"})
    shop.update_table(DatabaseName="my-shop", TableInput=TABLE | {"Description": "third"}, SkipArchive=True)
    wrong = {"DatabaseName": "my-shop", "TableInput": TABLE, "VersionId": "1"}
    assert code_of(shop.update_table, **wrong) == "ConcurrentModificationException"
    versions = shop.get_table_versions(DatabaseName="my-shop", TableName="orders")["TableVersions"]
    assert [(entry["VersionId"], entry["Table"].get("Description")) for entry in versions] == [
        ("2", "third"),
        ("0", None),
    ]
    named = {"DatabaseName": "my-shop", "TableName": "orders"}
    assert shop.get_table_version(**named, VersionId="0")["TableVersion"]["Table"]["VersionId"] == "0"
    assert code_of(shop.get_table_version, **named, VersionId="first") == "InvalidInputException"
    assert code_of(shop.delete_table_version, **named, VersionId="2") == "InvalidInputException"
    answer = shop.batch_delete_table_version(**named, VersionIds=["0", "7"])
    assert [error["VersionId"] for error in answer["Errors"]] == ["7"]


def test_tables_are_listed_and_searched(shop: Any) -> None:
    for name in ("order_lines", "people"):
        shop.create_table(DatabaseName="my-shop", TableInput=TABLE | {"Name": name})
    listed = shop.get_tables(DatabaseName="my-shop", Expression="order.*")["TableList"]
    assert [table["Name"] for table in listed] == ["order_lines", "orders"]
    for expression, names in (
        ("order*", ["order_lines", "orders"]),
        ("*eo*", ["people"]),
        ("\\w*s", ["order_lines", "orders"]),
    ):
        listed = shop.get_tables(DatabaseName="my-shop", Expression=expression)["TableList"]
        assert [table["Name"] for table in listed] == names
    pages = shop.get_paginator("get_tables").paginate(DatabaseName="my-shop", PaginationConfig={"PageSize": 2})
    assert [len(page["TableList"]) for page in pages] == [2, 1]
    assert [table["Name"] for table in shop.search_tables(SearchText="people")["TableList"]] == ["people"]
    answer = shop.batch_delete_table(DatabaseName="my-shop", TablesToDelete=["people", "none"])
    assert [error["TableName"] for error in answer["Errors"]] == ["none"]


def test_connections_hide_their_password(glue: Any) -> None:
    properties = {"JDBC_CONNECTION_URL": "jdbc:postgresql://h/d", "USERNAME": "u", "PASSWORD": "p"}
    given = {"Name": "pg", "ConnectionType": "JDBC", "ConnectionProperties": properties}
    glue.create_connection(ConnectionInput=given)
    kept = glue.get_connection(Name="pg")["Connection"]
    assert (kept["ConnectionProperties"]["PASSWORD"], kept["Status"]) == ("p", "READY")
    hidden = glue.get_connection(Name="pg", HidePassword=True)["Connection"]["ConnectionProperties"]
    assert sorted(hidden) == ["JDBC_CONNECTION_URL", "USERNAME"]
    assert len(glue.get_connections(Filter={"ConnectionType": "KAFKA"})["ConnectionList"]) == 0
    glue.delete_connection(ConnectionName="pg")
    assert code_of(glue.get_connection, Name="pg") == "EntityNotFoundException"


def test_tags_are_added_and_removed(glue: Any) -> None:
    command = {"Name": "glueetl", "ScriptLocation": "s3://a/b.py"}
    glue.create_job(Name="etl", Role="r", Command=command, Tags={"team": "data"})
    arn = "arn:aws:glue:us-east-1:000000000000:job/etl"
    glue.tag_resource(ResourceArn=arn, TagsToAdd={"cost": "1"})
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"team": "data", "cost": "1"}
    glue.untag_resource(ResourceArn=arn, TagsToRemove=["team"])
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"cost": "1"}


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_tags_are_found_by_any_regions_arn(glue: Any, region: str) -> None:
    glue.create_database(DatabaseInput={"Name": "Sales"}, Tags={"team": "data"})
    arn = f"arn:aws:glue:{region}:000000000000:database/sales"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"team": "data"}
    glue.delete_database(Name="sales")
    glue.create_database(DatabaseInput={"Name": "sales"})
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {}
    assert code_of(glue.get_tags, ResourceArn="arn:aws:glue:nothing") == "InvalidInputException"
