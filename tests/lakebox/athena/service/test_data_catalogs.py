"""Data catalogs, databases and table metadata through boto3."""

import pytest
from athena_sandbox import AthenaSandbox
from botocore.exceptions import ClientError

NAMED = {"CatalogName": "awsdatacatalog", "DatabaseName": "sales"}


@pytest.fixture(autouse=True)
def tables(sandbox: AthenaSandbox) -> None:
    """A database with three tables."""
    sandbox.glue.create_database(DatabaseInput={"Name": "sales", "Description": "what was sold"})
    for name in ("orders", "orders_old", "users"):
        storage = {
            "Columns": [{"Name": "id", "Type": "int", "Comment": "key"}, {"Name": "at", "Type": "timestamp"}],
            "Location": f"s3://data/{name}/",
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe", "Parameters": {"a": "b"}},
        }
        given = {"Name": name, "StorageDescriptor": storage, "TableType": "EXTERNAL_TABLE"}
        keys = {"PartitionKeys": [{"Name": "day", "Type": "date"}], "Parameters": {"classification": "json"}}
        sandbox.glue.create_table(DatabaseName="sales", TableInput=given | keys)


def test_there_is_one_data_catalog(sandbox: AthenaSandbox) -> None:
    listed = sandbox.athena.list_data_catalogs()["DataCatalogsSummary"]
    assert [(one["CatalogName"], one["Type"]) for one in listed] == [("AwsDataCatalog", "GLUE")]
    assert sandbox.athena.get_data_catalog(Name="AwsDataCatalog")["DataCatalog"]["Type"] == "GLUE"
    with pytest.raises(ClientError, match="lakebox has AwsDataCatalog"):
        sandbox.athena.get_data_catalog(Name="other")


def test_databases_are_glues(sandbox: AthenaSandbox) -> None:
    database = {"Name": "sales", "Description": "what was sold", "Parameters": {}}
    assert sandbox.athena.list_databases(CatalogName="AwsDataCatalog")["DatabaseList"] == [database]
    assert sandbox.athena.get_database(**NAMED)["Database"] == database
    with pytest.raises(ClientError) as raised:
        sandbox.athena.get_database(CatalogName="AwsDataCatalog", DatabaseName="none")
    assert raised.value.response["Error"]["Code"] == "MetadataException"


def test_table_metadata_has_columns_and_serde(sandbox: AthenaSandbox) -> None:
    table = sandbox.athena.get_table_metadata(**NAMED, TableName="orders")["TableMetadata"]
    assert table["Columns"] == [{"Name": "id", "Type": "int", "Comment": "key"}, {"Name": "at", "Type": "timestamp"}]
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "date"}]
    assert table["Parameters"] == {
        "classification": "json",
        "location": "s3://data/orders/",
        "inputformat": "org.apache.hadoop.mapred.TextInputFormat",
        "serde.serialization.lib": "org.openx.data.jsonserde.JsonSerDe",
        "serde.param.a": "b",
    }
    with pytest.raises(ClientError) as raised:
        sandbox.athena.get_table_metadata(**NAMED, TableName="none")
    error = raised.value.response["Error"]
    assert error["Code"] == "MetadataException"
    said = "(Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException; Request ID: "
    assert error["Message"].startswith(f"Table none not found. {said}")


def test_tables_are_found_by_expression(sandbox: AthenaSandbox) -> None:
    def found(**more: object) -> list[str]:
        listed = sandbox.athena.list_table_metadata(**NAMED, **more)["TableMetadataList"]
        return [table["Name"] for table in listed]

    assert found() == ["orders", "orders_old", "users"]
    assert found(Expression="orders.*") == ["orders", "orders_old"]
    assert found(Expression="orders") == ["orders"]
    assert found(MaxResults=1) == ["orders"]
    with pytest.raises(ClientError, match="no regular expression"):
        found(Expression="(")
