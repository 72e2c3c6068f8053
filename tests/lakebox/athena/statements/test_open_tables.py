"""CreateTable with an OpenTableFormatInput: an Iceberg table for Athena, which Glue tells as it was given."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sql_lake import SqlLake

from lakebox.athena.statements.open_tables import open_table_operations
from lakebox.athena.tables.folder_tables import FolderTables
from lakebox.endpoint.buckets import Buckets
from lakebox.endpoint.service import Operation, ServiceError

DATABASE = "ai_lakehouse_db"
COLUMNS = [{"Name": "id", "Type": "bigint"}, {"Name": "At", "Type": "timestamp", "Comment": "when"}]
KEYS = [{"Name": "day", "Type": "date"}]
STORAGE = {"Columns": COLUMNS, "Location": "s3://bucket/orders/"}
ORDERS = {"Name": "Orders", "Description": "ours", "StorageDescriptor": STORAGE, "PartitionKeys": KEYS}
ICEBERG = {"IcebergInput": {"MetadataOperation": "CREATE", "Version": "2"}}


@pytest.fixture
def lake(tmp_path: Path) -> SqlLake:
    """A bucket and a database."""
    return SqlLake(tmp_path)


@pytest.fixture
def create_table(lake: SqlLake) -> Operation:
    """The operation, over that bucket."""
    return open_table_operations(FolderTables(lake.operations, Buckets(lake.folder)))["CreateTable"]


def request(**more: Any) -> dict[str, Any]:
    return {"DatabaseName": DATABASE, "TableInput": ORDERS, "OpenTableFormatInput": ICEBERG} | more


def test_an_iceberg_table_is_made_by_its_columns(lake: SqlLake, create_table: Operation) -> None:
    create_table(request())
    table = lake.operations["GetTable"]({"DatabaseName": DATABASE, "Name": "orders"})["Table"]
    assert (table["Description"], table["Parameters"]["table_type"]) == ("ours", "ICEBERG")
    metadata = table["Parameters"]["metadata_location"]
    assert (lake.folder / metadata.removeprefix("s3://")).is_file()
    names = [column["Name"] for column in table["StorageDescriptor"]["Columns"] + table["PartitionKeys"]]
    assert (names, table["StorageDescriptor"]["Columns"][0]) == (["id", "at", "day"], COLUMNS[0])
    lake.query("INSERT INTO orders VALUES (1, TIMESTAMP '2025-06-17 10:00:00', DATE '2025-06-17')")
    assert lake.rows("SELECT id, day FROM orders") == [(1, date(2025, 6, 17))]


def test_other_tables_are_the_catalogs_own(lake: SqlLake, create_table: Operation) -> None:
    create_table({"DatabaseName": DATABASE, "TableInput": ORDERS})
    table = lake.operations["GetTable"]({"DatabaseName": DATABASE, "Name": "orders"})["Table"]
    assert ("Parameters" in table, (lake.folder / "bucket" / "orders").exists()) == (False, False)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"OpenTableFormatInput": {"IcebergInput": {"MetadataOperation": "NONE"}}}, "MetadataOperation CREATE"),
        ({"TableInput": ORDERS | {"StorageDescriptor": STORAGE | {"Location": ""}}}, "LOCATION"),
        ({"TableInput": ORDERS | {"StorageDescriptor": STORAGE | {"Location": "s3://none/x"}}}, "no bucket none"),
        ({"TableInput": ORDERS | {"PartitionKeys": [{"Name": "c", "Type": "char(2)"}]}}, "Type not supported"),
    ],
)
def test_what_iceberg_lacks_is_refused(create_table: Operation, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ServiceError, match=said) as raised:
        create_table(request(**more))
    assert raised.value.code == "InvalidInputException"


def test_a_taken_name_is_refused(create_table: Operation) -> None:
    create_table(request())
    for given, code in ((request(), "AlreadyExistsException"), (request(DatabaseName="no"), "EntityNotFoundException")):
        with pytest.raises(ServiceError) as raised:
            create_table(given)
        assert raised.value.code == code
