"""Data catalogs, databases and table metadata, as Athena's API shows what Glue's catalog holds."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from lakebox.athena.service.errors import invalid
from lakebox.endpoint.service import ACCOUNT, Operation, ServiceError, all_of, page_of
from lakebox.glue.data_catalog.documents import Document

CATALOG = "AwsDataCatalog"


class DataCatalogs:
    """The operations on the one data catalog that there is. catalog: Glue's operations on databases and tables."""

    def __init__(self, catalog: Mapping[str, Operation]) -> None:
        self._catalog = catalog

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "ListDataCatalogs": lambda request: page_of(
                [{"CatalogName": CATALOG, "Type": "GLUE", "Status": "CREATE_COMPLETE"}], request, "DataCatalogsSummary"
            ),
            "GetDataCatalog": self.get_catalog,
            "ListDatabases": self.list_databases,
            "GetDatabase": self.get_database,
            "ListTableMetadata": self.list_tables,
            "GetTableMetadata": self.get_table,
        }

    def get_catalog(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetDataCatalog."""
        _check_catalog(request["Name"])
        found = {"Name": CATALOG, "Type": "GLUE", "Parameters": {"catalog-id": ACCOUNT}, "Status": "CREATE_COMPLETE"}
        return {"DataCatalog": found | {"Description": "The Glue Data Catalog of lakebox"}}

    def list_databases(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListDatabases."""
        _check_catalog(request["CatalogName"])
        databases = [_database(one) for one in self._all("GetDatabases", "DatabaseList", {})]
        return page_of(databases, request, "DatabaseList", most=50)

    def get_database(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetDatabase."""
        _check_catalog(request["CatalogName"])
        return {"Database": _database(self._asked("GetDatabase", {"Name": request["DatabaseName"]})["Database"])}

    def list_tables(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListTableMetadata: the tables whose names a regular expression finds."""
        _check_catalog(request["CatalogName"])
        tables = self._all("GetTables", "TableList", {"DatabaseName": request["DatabaseName"]})
        try:
            pattern = re.compile(request.get("Expression") or ".*", re.IGNORECASE)
        except re.error as error:
            raise invalid(f"Expression is no regular expression: {error}") from None
        found = [_table(table) for table in tables if pattern.fullmatch(table["Name"])]
        return page_of(found, request, "TableMetadataList", most=50)

    def get_table(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetTableMetadata."""
        _check_catalog(request["CatalogName"])
        named = {"DatabaseName": request["DatabaseName"], "Name": request["TableName"]}
        return {"TableMetadata": _table(self._asked("GetTable", named)["Table"])}

    def _all(self, operation: str, field: str, request: dict[str, Any]) -> list[Document]:
        return list(all_of(lambda page: self._asked(operation, page), request, field))

    def _asked(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """What Glue answers. What it refuses is Athena's MetadataException; clients read Glue's code in the message."""
        try:
            return self._catalog[operation](request)
        except ServiceError as error:
            said = f"Status Code: 400; Error Code: {error.code}; Request ID: {uuid.uuid4()}; Proxy: null"
            text = f"{error.message} (Service: AmazonDataCatalog; {said})"
            raise ServiceError("MetadataException", text) from None


def _check_catalog(name: str) -> None:
    if name.lower() != CATALOG.lower():
        raise invalid(f"DataCatalog {name} was not found: lakebox has {CATALOG}")


def _database(database: Document) -> Document:
    shown = {"Name": database["Name"], "Parameters": database.get("Parameters", {})}
    return shown | ({"Description": database["Description"]} if database.get("Description") else {})


def _table(table: Document) -> Document:
    storage = table.get("StorageDescriptor", {})
    serde = storage.get("SerdeInfo", {})
    named = {
        "comment": table.get("Description"),
        "location": storage.get("Location"),
        "inputformat": storage.get("InputFormat"),
        "outputformat": storage.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
        **{f"serde.param.{name}": value for name, value in serde.get("Parameters", {}).items()},
    }
    return {
        "Name": table["Name"],
        "CreateTime": table.get("CreateTime"),
        "LastAccessTime": table.get("LastAccessTime"),
        "TableType": table.get("TableType"),
        "Columns": [_column(column) for column in storage.get("Columns", [])],
        "PartitionKeys": [_column(column) for column in table.get("PartitionKeys", [])],
        "Parameters": table.get("Parameters", {}) | {name: value for name, value in named.items() if value},
    }


def _column(column: Document) -> Document:
    comment = {"Comment": column["Comment"]} if column.get("Comment") else {}
    return {"Name": column["Name"], "Type": column.get("Type", "string"), **comment}
