"""The catalog's rows in Hive Metastore, with the interface of `CatalogStore`, which has them in SQLite.

What Glue knows of a table and the metastore can't hold (its version; a location that ends in `/`, or is no URI, as for
tables in databases) is a parameter of the table that starts with `lakebox.`; clients never see it. Older versions are
documents.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from hive_metastore.ttypes import AlreadyExistsException, NoSuchObjectException

from jobs.lake.layout import unescape_path_name
from lakebox.endpoint.service import ACCOUNT, USER_ARN, ServiceError
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.hive.client import MetastoreClient
from lakebox.glue.hive.names import Names
from lakebox.glue.metastore.shapes.from_glue import hive_database, hive_partitions, hive_table, partition_name
from lakebox.glue.metastore.shapes.to_glue import database_input, partition_input, table_input

VERSION, ADDED, LOCATION, OWNER = "lakebox.version", "lakebox.added", "lakebox.location", "lakebox.owner"
VIEW_OWNER = "api"  # Trino reads the tables of a view as its owner, so that must be a user of Trino's who may
ITS_OWN = {
    "transient_lastDdlTime",
    "bucketing_version",
    "numFiles",
    "numRows",
    "totalSize",
    "rawDataSize",
    "COLUMN_STATS_ACCURATE",
    "STATS_GENERATED",
}  # fmt: skip  parameters that the metastore and Trino add
GIVEN = "lakebox.given"  # which of them a client gave
VERSION_OF = "table version"


class MetastoreStore:
    """Databases, tables and partitions of one metastore."""

    def __init__(self, client: MetastoreClient, names: Names, documents: Documents, warehouse: str) -> None:
        self._client, self._names, self._documents, self._warehouse = client, names, documents, warehouse
        self._ready = f"{warehouse.rpartition('/')[0]}/_state/ready"  # a folder that is there on every stack
        self._lock = threading.RLock()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Nobody else changes the catalog through this API meanwhile; what was done before an error stays done."""
        with self._lock:
            yield

    def database(self, name: str) -> Document | None:
        """A database; None where there is none."""
        try:
            return _database(self._client.call(lambda hive: hive.get_database(name)))
        except NoSuchObjectException:
            return None

    def databases(self) -> list[Document]:
        """All databases, by name."""
        found = [self.database(name) for name in sorted(self._client.call(lambda hive: hive.get_all_databases()))]
        return [database for database in found if database is not None]

    def put_database(self, name: str, document: Document) -> None:
        """Keep a database, in place of one of that name."""
        made = hive_database(document, self._warehouse)
        before = self.database(name)
        if before is not None:
            made.locationUri = document.get("LocationUri") or before["LocationUri"]  # Hive's databases have one
            self._client.call(lambda hive: hive.alter_database(name, made))
            return
        with self._names.new_database(name) as plain:
            made.name = plain
            location = made.locationUri
            try:
                self._client.call(lambda hive: hive.create_database(made))
            except ServiceError:  # as in _made
                made.locationUri = self._ready
                self._client.call(lambda hive: hive.create_database(made))
                made.locationUri = location
                self._client.call(lambda hive: hive.alter_database(plain, made))

    def delete_database(self, name: str) -> None:
        """Forget a database and all that is in it; files stay."""
        for table in self.tables(name):
            self.delete_table(name, table["Name"])
        self._client.call(lambda hive: hive.drop_database(name, False, True))

    def table(self, database: str, name: str) -> Document | None:
        """A table as it is now; None where there is none."""
        try:
            return _table(self._client.call(lambda hive: hive.get_table(database, name)))
        except NoSuchObjectException:
            return None

    def tables(self, database: str) -> list[Document]:
        """All tables of a database, by name."""
        names = sorted(self._client.call(lambda hive: hive.get_all_tables(database)))
        found = self._client.call(lambda hive: hive.get_table_objects_by_name(database, names)) if names else []
        return sorted((_table(table) for table in found), key=lambda table: str(table["Name"]))

    def put_table(self, database: str, name: str, document: Document) -> None:
        """Keep a table, in place of one of that name."""
        made = hive_table(document)
        own = {VERSION: document["VersionId"]}
        if made.tableType == "EXTERNAL_TABLE" and "EXTERNAL" not in made.parameters:
            own |= {"EXTERNAL": "TRUE", ADDED: "EXTERNAL"}  # without it the metastore makes a managed table of it
        if made.tableType == "VIRTUAL_VIEW":
            own |= {OWNER: made.owner or ""}
            made.owner = VIEW_OWNER
        made.parameters |= own | _given(made.parameters) | self._put_location(made.sd)
        is_new = self.table(database, name) is None
        with self._names.plain_table(database, name, is_new=is_new) as plain:
            made.tableName = plain

            def change(hive: Any) -> None:
                hive.alter_table(database, plain, made)

            if is_new:
                self._made(made, lambda hive: hive.create_table(made), change)
            else:
                self._client.call(change)

    def delete_table(self, database: str, name: str) -> None:
        """Forget a table with its versions and partitions; files stay."""
        self._client.call(lambda hive: hive.drop_table(database, name, False))
        for version in self.versions(database, name):
            self.delete_version(database, name, int(version["VersionId"]))

    def versions(self, database: str, name: str) -> list[Document]:
        """A table's older states, the newest first."""
        found = self._documents.all(f"{VERSION_OF} {database}.{name}")
        return sorted(found, key=lambda version: int(version["VersionId"]), reverse=True)

    def put_version(self, database: str, name: str, version: int, document: Document) -> None:
        """Keep an older state of a table."""
        self._documents.add(f"{VERSION_OF} {database}.{name}", str(version), document)

    def delete_version(self, database: str, name: str, version: int) -> None:
        """Forget an older state of a table."""
        self._documents.delete(f"{VERSION_OF} {database}.{name}", str(version))

    def partition(self, database: str, name: str, values: Sequence[str]) -> Document | None:
        """A partition by its values; None where there is none."""
        try:
            found = self._client.call(lambda hive: hive.get_partition(database, name, list(values)))
        except NoSuchObjectException:
            return None
        return _partition(found)

    def partitions(self, table: Document, wanted: Sequence[Sequence[str]]) -> list[Document]:
        """The partitions of these values, in their order; what isn't there is left out."""
        keys = [key["Name"] for key in table["PartitionKeys"]]
        names = [partition_name(keys, values) for values in wanted]
        found = self._client.call(
            lambda hive: hive.get_partitions_by_names(table["DatabaseName"], table["Name"], names)
        )
        by_values = {tuple(partition.values): _partition(partition) for partition in found}
        return [by_values[tuple(values)] for values in wanted if tuple(values) in by_values]

    def partition_values(self, table: Document) -> list[list[str]]:
        """The values of all partitions of a table, in order."""
        if not table["PartitionKeys"]:
            return []
        listed = self._client.call(lambda hive: hive.get_partition_names(table["DatabaseName"], table["Name"], -1))
        return sorted([unescape_path_name(part.partition("=")[2]) for part in text.split("/")] for text in listed)

    def put_partition(self, table: Document, values: Sequence[str], document: Document) -> None:
        """Keep a partition, in place of one of those values."""
        (made,) = hive_partitions(table, [document])
        made.values = list(values)
        given = dict(made.parameters or {})
        made.parameters = given | _given(given) | self._put_location(made.sd)

        def change(hive: Any) -> None:
            hive.alter_partition(table["DatabaseName"], table["Name"], made)

        try:
            self._made(made, lambda hive: hive.add_partition(made), change)
        except AlreadyExistsException:
            self._client.call(change)

    def delete_partition(self, database: str, name: str, values: Sequence[str]) -> None:
        """Forget a partition; files stay."""
        self._client.call(lambda hive: hive.drop_partition(database, name, list(values), False))

    def close(self) -> None:
        """Connections end with their threads."""

    def _put_location(self, storage: Any) -> dict[str, str]:
        """Make a location one that the metastore takes; parameters that keep it as it was given."""
        given = storage.location or ""
        storage.location = given or None  # a view has none; the metastore can't drop what has an empty one
        if given and "://" not in given:
            storage.location = self._ready
        return {LOCATION: given} if given and ("://" not in given or given.endswith("/")) else {}

    def _made(self, what: Any, make: Callable[[Any], Any], change: Callable[[Any], Any]) -> None:
        """Make a table or partition. Glue asks nobody whether its location is there; the metastore makes the folder.

        Where it can't (a bucket that doesn't exist), what is made lies elsewhere at first, and is then changed.
        """
        location = what.sd.location
        try:
            self._client.call(make)
        except ServiceError:
            what.sd.location = self._ready
            self._client.call(make)
            what.sd.location = location
            self._client.call(change)


def _database(found: Any) -> Document:
    made = {"CreateTime": _time(found.createTime)} if getattr(found, "createTime", None) else {}
    return database_input(found) | {"CatalogId": ACCOUNT} | made


def _table(found: Any) -> Document:
    parameters = dict(found.parameters or {})
    version = parameters.pop(VERSION, "0")
    found.owner = parameters.pop(OWNER, found.owner)
    changed = int(parameters.get("transient_lastDdlTime", found.createTime))
    _give_location(found.sd, parameters)
    for name in filter(None, parameters.pop(ADDED, "").split(",")):
        parameters.pop(name, None)
    _drop_its_own(parameters)
    found.parameters = parameters
    comment = parameters.pop("comment", None)
    return table_input(found, {}) | {
        **({"Description": comment} if comment else {}),
        "Parameters": parameters,
        "DatabaseName": found.dbName,
        "CatalogId": ACCOUNT,
        "CreatedBy": USER_ARN,
        "CreateTime": _time(found.createTime),
        "UpdateTime": _time(changed),
        "VersionId": version,
        "IsRegisteredWithLakeFormation": False,
    }


def _partition(found: Any) -> Document:
    parameters = dict(found.parameters or {})
    _give_location(found.sd, parameters)
    _drop_its_own(parameters)
    own = {"DatabaseName": found.dbName, "TableName": found.tableName, "CatalogId": ACCOUNT}
    return partition_input(found) | {"Parameters": parameters, "CreationTime": _time(found.createTime)} | own


def _give_location(storage: Any, parameters: dict[str, str]) -> None:
    """Give a location as it was put, unless another client of the metastore has changed it since."""
    given = parameters.pop(LOCATION, None)
    if given is not None and ("://" not in given or given.rstrip("/") == (storage.location or "").rstrip("/")):
        storage.location = given


def _given(parameters: Mapping[str, str]) -> dict[str, str]:
    """A parameter that names those of them that a client gave."""
    given = sorted(ITS_OWN & set(parameters))
    return {GIVEN: ",".join(given)} if given else {}


def _drop_its_own(parameters: dict[str, str]) -> None:
    """Leave those of them that a client gave."""
    for name in ITS_OWN - set(parameters.pop(GIVEN, "").split(",")):
        parameters.pop(name, None)


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
