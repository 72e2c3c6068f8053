"""Tables as the catalog has them, by database and name: columns, partition keys, storage, where their files lie."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lakebox.athena.tables.hive_types import HiveType, hive_type
from lakebox.endpoint.service import Operation, ServiceError, all_of
from lakebox.glue.data_catalog.documents import Document

Columns = dict[str, HiveType]
CATALOGS = ("", "awsdatacatalog", "lakehouse")


@dataclass(frozen=True)
class CatalogTable:
    """A table of the catalog; `document` is Glue's."""

    database: str
    name: str
    document: Document = field(repr=False)

    @cached_property
    def columns(self) -> Columns:
        """The data columns, in order; those of a view included."""
        return _columns(self.storage.get("Columns", ()))

    @cached_property
    def keys(self) -> Columns:
        """The partition columns, in order."""
        return _columns(self.document.get("PartitionKeys", ()))

    @property
    def storage(self) -> Document:
        """Its StorageDescriptor."""
        found: Document = self.document.get("StorageDescriptor", {})
        return found

    @property
    def properties(self) -> dict[str, str]:
        """Its Parameters."""
        found: dict[str, str] = self.document.get("Parameters", {})
        return found

    @property
    def is_view(self) -> bool:
        """Whether it is a view: rows come from a query, not from files."""
        return self.document.get("TableType") == "VIRTUAL_VIEW"

    @property
    def is_iceberg(self) -> bool:
        """Whether Iceberg's metadata say which files are its own."""
        return self.properties.get("table_type", "").upper() == "ICEBERG"

    @property
    def location(self) -> str:
        """The s3:// folder of its files."""
        return str(self.storage.get("Location", ""))

    def __str__(self) -> str:
        return f"{self.database}.{self.name}"


class CatalogTables:
    """Reads the catalog by its operations; each target has a subclass that knows where files lie."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self.operations = operations

    def table(self, database: str, name: str) -> CatalogTable | None:
        """A table; None where there is none of that name, or no such database."""
        request = {"DatabaseName": database.lower(), "Name": name.lower()}
        try:
            document = self.operations["GetTable"](request)["Table"]
        except ServiceError as error:
            if error.code != "EntityNotFoundException":
                raise
            return None
        return CatalogTable(document["DatabaseName"], document["Name"], document)

    def has_database(self, name: str) -> bool:
        """Whether there is a database of that name."""
        try:
            self.operations["GetDatabase"]({"Name": name.lower()})
        except ServiceError as error:
            if error.code != "EntityNotFoundException":
                raise
            return False
        return True

    def databases(self) -> list[str]:
        """Names of all databases."""
        return [document["Name"] for document in self.pages("GetDatabases", {}, "DatabaseList")]

    def tables(self, database: str) -> list[CatalogTable]:
        """All tables and views of a database, by name."""
        documents = self.pages("GetTables", {"DatabaseName": database}, "TableList")
        return [CatalogTable(document["DatabaseName"], document["Name"], document) for document in documents]

    def pages(self, operation: str, request: dict[str, Any], field: str) -> Iterator[Document]:
        """All items that an operation lists, page by page."""
        return all_of(self.operations[operation], request, field)

    def check_location(self, uri: str) -> None:
        """Raise SqlError where an s3:// location is no folder of a bucket that is there."""
        raise NotImplementedError

    def files_below(self, uri: str) -> Iterator[str]:
        """The names of all files below an s3:// folder, from that folder on."""
        raise NotImplementedError

    def delete_files(self, uri: str) -> None:
        """Delete all files below an s3:// folder."""
        raise NotImplementedError

    def file_io(self) -> dict[str, str]:
        """pyiceberg's properties, by which it reads and writes files in the buckets."""
        raise NotImplementedError


def _columns(columns: "list[Document] | tuple[()]") -> Columns:
    """Names and types; columns that an Iceberg table had once are left out."""
    return {
        column["Name"].lower(): hive_type(column.get("Type") or "string")
        for column in columns
        if column.get("Parameters", {}).get("iceberg.field.current") != "false"
    }
