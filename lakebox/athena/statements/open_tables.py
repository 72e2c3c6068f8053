"""Glue's CreateTable with an OpenTableFormatInput: an empty Iceberg table, with metadata in its bucket."""

from collections.abc import Mapping
from typing import Any

from lakebox.athena.engine import SqlError
from lakebox.athena.tables.catalog_tables import CatalogTables
from lakebox.endpoint.service import Operation, ServiceError
from lakebox.glue.data_catalog.names import taken


def open_table_operations(tables: CatalogTables) -> Mapping[str, Operation]:
    """CreateTable for every kind of table."""

    def create_table(request: dict[str, Any]) -> dict[str, Any]:
        if "OpenTableFormatInput" not in request:
            return tables.operations["CreateTable"](request)
        iceberg = request["OpenTableFormatInput"].get("IcebergInput", {})
        if iceberg.get("MetadataOperation") != "CREATE" or "TableInput" not in request:
            text = "lakebox makes Iceberg tables by MetadataOperation CREATE, with a TableInput that has the columns"
            raise ServiceError("InvalidInputException", text)
        tables.operations["GetDatabase"]({"Name": request["DatabaseName"]})
        if tables.table(request["DatabaseName"], request["TableInput"]["Name"]) is not None:
            raise taken("Table", request["TableInput"]["Name"])
        try:
            _create(tables, request["DatabaseName"], request["TableInput"], iceberg.get("Version", "2"))
        except SqlError as error:
            raise ServiceError("InvalidInputException", str(error)) from None
        return {}

    return {"CreateTable": create_table}


def _create(tables: CatalogTables, database: str, given: dict[str, Any], version: str) -> None:
    from lakebox.athena.statements.answer import Context
    from lakebox.athena.statements.ddl.iceberg_tables import create_iceberg_table
    from lakebox.athena.statements.ddl.table_input import Definition  # pyiceberg takes half a second to import

    storage = given.get("StorageDescriptor", {})
    columns, keys = (
        [(column["Name"].lower(), column.get("Type", "string"), column.get("Comment", "")) for column in listed]
        for listed in (storage.get("Columns", []), given.get("PartitionKeys", []))
    )
    definition = Definition(
        (database, given["Name"]),
        columns + keys,
        transforms=[name for name, _, _ in keys],
        location=storage.get("Location", ""),
        properties=given.get("Parameters", {}) | {"format-version": version},
    )
    create_iceberg_table(definition, Context(tables, database))
    # The catalog's columns stay as the client put them, so that a plan of Terraform finds no changes.
    made = tables.operations["GetTable"]({"DatabaseName": database, "Name": given["Name"]})["Table"]
    told = given | {"Parameters": given.get("Parameters", {}) | made["Parameters"]}
    tables.operations["UpdateTable"]({"DatabaseName": database, "TableInput": told, "SkipArchive": True})
