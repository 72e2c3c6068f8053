"""The metastore's methods for tables and views."""

from collections.abc import Iterable, Mapping
from typing import Any

from hive_metastore.ttypes import GetTableResult, GetTablesResult, MetaException

from lakebox.endpoint.service import ServiceError
from lakebox.glue.metastore.databases import Databases, names_like
from lakebox.glue.metastore.folders import Folders
from lakebox.glue.metastore.partition_changes import create_partitions
from lakebox.glue.metastore.shapes.from_glue import hive_table
from lakebox.glue.metastore.shapes.glue_catalog import GlueCatalog
from lakebox.glue.metastore.shapes.to_glue import PARTITION_INPUT, table_input

EXPECTED_KEY, EXPECTED_VALUE = "expected_parameter_key", "expected_parameter_value"  # Iceberg's, in the context


class Tables:
    """Each public method is one of the thrift interface, under its name there."""

    def __init__(self, glue: GlueCatalog, folders: Folders, databases: Databases) -> None:
        self._glue = glue
        self._databases = databases
        self._folders = folders

    def get_table(self, database: str, name: str) -> Any:
        """The table of that name."""
        return hive_table(self._glue.table(database, name))

    def get_table_req(self, request: Any) -> Any:
        """The table that a request names."""
        return GetTableResult(table=self.get_table(request.dbName, request.tblName))

    def get_all_tables(self, database: str) -> list[str]:
        """Names of all tables and views of a database."""
        return [table["Name"] for table in self._glue.listed("GetTables", "TableList", DatabaseName=database)]

    def get_tables(self, database: str, pattern: str) -> list[str]:
        """Names of the tables and views that a pattern allows."""
        return names_like(pattern, self.get_all_tables(database))

    def get_tables_by_type(self, database: str, pattern: str, table_type: str) -> list[str]:
        """Names of the tables of one type (VIRTUAL_VIEW, …) that a pattern allows."""
        tables = self._glue.listed("GetTables", "TableList", DatabaseName=database)
        return names_like(pattern, (one["Name"] for one in tables if one.get("TableType") == table_type))

    def get_table_objects_by_name(self, database: str, names: Iterable[str]) -> list[Any]:
        """The tables of those names; names of no table are left out."""
        found = []
        for name in names:
            try:
                found.append(self.get_table(database, name))
            except ServiceError as error:
                if error.code != "EntityNotFoundException":
                    raise
        return found

    def get_table_objects_by_name_req(self, request: Any) -> Any:
        """The tables that a request names; names of no table are left out."""
        return GetTablesResult(tables=self.get_table_objects_by_name(request.dbName, request.tblNames))

    def create_table(self, table: Any) -> None:
        """Make a table or a view. A table without a location lies below its database; its folder is made."""
        is_view = table.tableType == "VIRTUAL_VIEW"
        if not is_view and not table.sd.location:
            table.sd.location = self._default_location(table)
        self._glue.call("CreateTable", DatabaseName=table.dbName, TableInput=table_input(table, {}))
        if not is_view:
            self._folders.make(table.sd.location)

    def drop_table(self, database: str, name: str, delete_data: bool) -> None:
        """Drop a table or a view; a managed table's data goes, too, where the client says so."""
        table = self._glue.table(database, name)
        self._glue.call("DeleteTable", DatabaseName=database, Name=name)
        location = (table.get("StorageDescriptor") or {}).get("Location")
        if delete_data and location and table.get("TableType") == "MANAGED_TABLE":
            self._folders.delete(location)

    def alter_table(self, database: str, name: str, table: Any, context: Any = None) -> None:
        """Replace a table, where it is still as the context expects it; under another name it is renamed.

        Iceberg expects the metadata file of which its commit was made. Glue compares versions, so that of two
        commits at once one fails.
        """
        current = self._glue.table(database, name)
        expected = (context and context.properties) or {}
        _check_expected(current, expected)
        if (table.dbName.lower(), table.tableName.lower()) != (current["DatabaseName"], current["Name"]):
            _rename(self._glue, self._folders, current, table)
            return
        request = {"DatabaseName": database, "TableInput": table_input(table, current)}
        if EXPECTED_KEY in expected:
            request["VersionId"] = current["VersionId"]
        try:
            self._glue.call("UpdateTable", **request)
        except ServiceError as error:
            if error.code != "ConcurrentModificationException" or EXPECTED_KEY not in expected:
                raise
            raise _modified(expected[EXPECTED_KEY], "another one", expected[EXPECTED_VALUE]) from error

    def _default_location(self, table: Any) -> str:
        database = self._databases.get_database(table.dbName).locationUri
        if not database:
            fix = "give the database one (UpdateDatabase), or the table (LOCATION)"
            raise MetaException(message=f"database {table.dbName} has no location for table {table.tableName}; {fix}")
        return f"{database.rstrip('/')}/{table.tableName}"


def _check_expected(current: Mapping[str, Any], expected: Mapping[str, str]) -> None:
    key = expected.get(EXPECTED_KEY)
    found = (current.get("Parameters") or {}).get(key)
    if key and found != expected.get(EXPECTED_VALUE):
        raise _modified(key, found, expected.get(EXPECTED_VALUE))


def _modified(key: str, found: str | None, expected: str | None) -> MetaException:
    """What Hive says, and Iceberg looks for before it tries a commit again."""
    said = f"The parameter value for key '{key}' is '{found}'. The expected was value was '{expected}'"
    return MetaException(message=f"The table has been modified. {said}")


def _rename(glue: GlueCatalog, folders: Folders, current: Mapping[str, Any], renamed: Any) -> None:
    """Rename a table, which Glue can't: one like it is made with its partitions, then the old one is dropped.

    current: Glue's table; renamed: Hive's, as it shall be. As Hive does it, a managed table's folder of that name is
    renamed, too.
    """
    source = {"DatabaseName": current["DatabaseName"], "TableName": current["Name"]}
    old = ((current.get("StorageDescriptor") or {}).get("Location") or "").rstrip("/")
    moves = current.get("TableType") == "MANAGED_TABLE" and old.endswith(f"/{current['Name']}")
    new = f"{old.removesuffix(current['Name'])}{renamed.tableName}" if moves else old
    partitions = list(glue.listed("GetPartitions", "Partitions", **source))
    table = table_input(renamed, current)
    glue.call("CreateTable", DatabaseName=renamed.dbName, TableInput=_moved(table, old, new))
    inputs = [_moved({key: one[key] for key in PARTITION_INPUT if key in one}, old, new) for one in partitions]
    create_partitions(glue, renamed.dbName, renamed.tableName, inputs)
    glue.call("DeleteTable", DatabaseName=current["DatabaseName"], Name=current["Name"])
    if moves:
        folders.move(old, new)


def _moved(item: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """A table's or partition's input with its location below the new folder, where it was below the old one."""
    storage = item.get("StorageDescriptor") or {}
    location = storage.get("Location") or ""
    if old == new or (location != old and not location.startswith(f"{old}/")):
        return item
    return {**item, "StorageDescriptor": {**storage, "Location": new + location.removeprefix(old)}}
