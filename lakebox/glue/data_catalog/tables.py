"""Tables and their versions: Create, Get, GetTables, Update, Delete, BatchDelete, versions, SearchTables."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import ACCOUNT, USER_ARN, Operation, ServiceError, page_of
from lakebox.glue.data_catalog.documents import Document
from lakebox.glue.data_catalog.names import check_catalog, folded, missing, taken
from lakebox.glue.data_catalog.rows import CatalogRows

OWN = (
    "DatabaseName",
    "CreateTime",
    "UpdateTime",
    "CreatedBy",
    "CatalogId",
    "VersionId",
    "IsRegisteredWithLakeFormation",
)
LONE_STAR = re.compile(r"(?<![.)\]}])(?<!\\\w)\*")  # Glue takes `*` as `.*`: clients send `sales*`


class Tables:
    """The operations on tables."""

    def __init__(self, store: CatalogRows) -> None:
        self._store = store

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "GetTable": lambda request: {"Table": self.get(request["DatabaseName"], request["Name"], request)},
            "GetTables": self.get_all,
            "UpdateTable": self.update,
            "DeleteTable": self.delete,
            "BatchDeleteTable": self.batch_delete,
            "SearchTables": self.search,
            "GetTableVersion": self.get_version,
            "GetTableVersions": self.get_versions,
            "DeleteTableVersion": self.delete_version,
            "BatchDeleteTableVersion": self.batch_delete_versions,
        }

    def get(self, database: str, name: str, request: dict[str, Any]) -> Document:
        """A table. Raises ServiceError where there is none."""
        check_catalog(request)
        self._check_database(folded(database))
        table = self._store.table(folded(database), folded(name))
        if table is None:
            raise missing("Table", folded(name))
        return table

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateTable."""
        check_catalog(request)
        given = _given(request, "OpenTableFormatInput")
        database, name = folded(request["DatabaseName"]), folded(given["Name"])
        with self._store.changing():
            self._check_database(database)
            if self._store.table(database, name) is not None:
                raise taken("Table", name)
            now = datetime.now(UTC)
            self._store.put_table(database, name, _table(given, database, 0, {"CreateTime": now, "UpdateTime": now}))
        return {}

    def get_all(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetTables: those whose whole name fits the Expression, a regular expression in which `*` may stand alone."""
        check_catalog(request)
        database = folded(request["DatabaseName"])
        self._check_database(database)
        tables = self._store.tables(database)
        if "Expression" in request:
            try:
                pattern = re.compile(LONE_STAR.sub(".*", request["Expression"]), re.IGNORECASE)
            except re.error as error:
                raise ServiceError("InvalidInputException", f"Expression is no regular expression: {error}") from None
            tables = [table for table in tables if pattern.fullmatch(table["Name"])]
        return page_of(tables, request, "TableList")

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateTable: the state before becomes an older version, unless SkipArchive is set."""
        given = _given(request, "UpdateOpenTableFormatInput")
        with self._store.changing():
            before = self.get(request["DatabaseName"], given["Name"], request)
            if request.get("VersionId", before["VersionId"]) != before["VersionId"]:
                text = f"Update table failed due to concurrent modifications: it is at version {before['VersionId']}"
                raise ServiceError("ConcurrentModificationException", text)
            database, name = before["DatabaseName"], before["Name"]
            if not request.get("SkipArchive", False):
                self._store.put_version(database, name, int(before["VersionId"]), before)
            times = {"CreateTime": before["CreateTime"], "UpdateTime": datetime.now(UTC)}
            self._store.put_table(database, name, _table(given, database, int(before["VersionId"]) + 1, times))
        return {}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteTable, with its versions and partitions; files stay."""
        with self._store.changing():
            table = self.get(request["DatabaseName"], request["Name"], request)
            self._store.delete_table(table["DatabaseName"], table["Name"])
        return {}

    def batch_delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchDeleteTable: what could not be deleted is listed."""
        self._check_database(folded(request["DatabaseName"]))
        named = [{"Name": name} for name in request["TablesToDelete"]]
        errors = errors_of(named, lambda one: self.delete({**request, **one}), "TableName")
        return {"Errors": [{"TableName": error["TableName"]["Name"], **_detail(error)} for error in errors]}

    def search(self, request: dict[str, Any]) -> dict[str, Any]:
        """SearchTables, in all databases: by text in names and descriptions, by filters (Key, Value), sorted."""
        tables = [table for database in self._store.databases() for table in self._store.tables(database["Name"])]
        words = request.get("SearchText", "").lower().split()
        kept = [
            table
            for table in tables
            if all(word in f"{table['Name']} {table.get('Description', '')}".lower() for word in words)
            and all(_meets(table, condition) for condition in request.get("Filters", []))
        ]
        for order in reversed(request.get("SortCriteria", [])):
            kept.sort(key=lambda table: str(table.get(order["FieldName"], "")), reverse=order.get("Sort") == "DESC")
        return page_of(kept, request, "TableList")

    def get_version(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetTableVersion: the current one where no VersionId is given."""
        if not request.get("VersionId", "0").isdigit():
            raise ServiceError("InvalidInputException", f"VersionId {request['VersionId']!r} is not a number")
        versions = self._versions(request)
        wanted = request.get("VersionId", versions[0]["VersionId"])
        for version in versions:
            if version["VersionId"] == wanted:
                return {"TableVersion": {"Table": version, "VersionId": wanted}}
        raise missing("Version", f"{wanted} of table {request['TableName']}")

    def get_versions(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetTableVersions: the newest first."""
        listed = [{"Table": version, "VersionId": version["VersionId"]} for version in self._versions(request)]
        return page_of(listed, request, "TableVersions")

    def delete_version(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteTableVersion: an older state is forgotten; the current one can't be."""
        current, *older = self._versions(request)
        if request["VersionId"] == current["VersionId"]:
            raise ServiceError("InvalidInputException", "Cannot delete the latest version of a table.")
        if request["VersionId"] not in [version["VersionId"] for version in older]:
            raise missing("Version", f"{request['VersionId']} of table {request['TableName']}")
        self._store.delete_version(current["DatabaseName"], current["Name"], int(request["VersionId"]))
        return {}

    def batch_delete_versions(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchDeleteTableVersion."""
        named = [{"VersionId": version} for version in request["VersionIds"]]
        errors = errors_of(named, lambda one: self.delete_version({**request, **one}), "Version")
        listed = [{"TableName": request["TableName"], **error["Version"], **_detail(error)} for error in errors]
        return {"Errors": listed}

    def _versions(self, request: dict[str, Any]) -> list[Document]:
        table = self.get(request["DatabaseName"], request["TableName"], request)
        return [table, *self._store.versions(table["DatabaseName"], table["Name"])]

    def _check_database(self, name: str) -> None:
        if self._store.database(name) is None:
            raise missing("Database", name)


def errors_of(items: list[Document], work: Callable[[Document], Any], label: str) -> list[Document]:
    """Do some work for each item; what failed, under a label, with its error."""
    errors = []
    for item in items:
        try:
            work(item)
        except ServiceError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({label: item, "ErrorDetail": detail})
    return errors


def _detail(error: Document) -> Document:
    return {"ErrorDetail": error["ErrorDetail"]}


def _given(request: Document, open_format: str) -> Document:
    """The request's TableInput. Raises ServiceError where Glue is to write Iceberg's own metadata."""
    if open_format in request or "TableInput" not in request:
        text = f"lakebox does not write Iceberg metadata ({open_format}): make the table in a job, or give a TableInput"
        raise ServiceError("InvalidInputException", text)
    given: Document = request["TableInput"]
    return given


def _table(given: Document, database: str, version: int, times: Document) -> Document:
    """A table as the catalog keeps it: names folded, what the catalog itself says of it added."""
    table = {name: value for name, value in given.items() if name not in OWN}
    descriptor = dict(table.get("StorageDescriptor", {}))
    if "Columns" in descriptor:
        descriptor["Columns"] = [column | {"Name": column["Name"].lower()} for column in descriptor["Columns"]]
    if "StorageDescriptor" in table:
        table["StorageDescriptor"] = descriptor
    keys = [key | {"Name": key["Name"].lower()} for key in table.get("PartitionKeys", [])]
    own = {"DatabaseName": database, "CatalogId": ACCOUNT, "CreatedBy": USER_ARN, "VersionId": str(version)}
    return (
        table
        | own
        | times
        | {"Name": table["Name"].lower(), "PartitionKeys": keys, "IsRegisteredWithLakeFormation": False}
    )


def _meets(table: Document, condition: Document) -> bool:
    value = str(table.get(condition["Key"], table.get("Parameters", {}).get(condition["Key"], ""))).lower()
    wanted = condition.get("Value", "").lower()
    comparator = condition.get("Comparator", "EQUALS")
    return bool({"EQUALS": value == wanted, "GREATER_THAN": value > wanted}.get(comparator, value < wanted))
