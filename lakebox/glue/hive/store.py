"""The catalog's rows in Hive Metastore, with the interface of `CatalogStore`, which has them in SQLite.

Older versions of tables are documents.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hive_metastore.ttypes import AlreadyExistsException, NoSuchObjectException

from jobs.lake.layout import unescape_path_name
from lakebox.endpoint.service import ServiceError
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.hive.client import MetastoreClient
from lakebox.glue.hive.names import Names
from lakebox.glue.hive.shapes import (
    database_document,
    partition_document,
    stored_database,
    stored_partition,
    stored_table,
    table_document,
)
from lakebox.glue.metastore.shapes.from_glue import partition_name

VERSION_OF = "table version"
DEFAULT = "default"  # the database that every metastore has


class MetastoreStore:
    """Databases, tables and partitions of one metastore."""

    def __init__(self, client: MetastoreClient, names: Names, documents: Documents, warehouse: str) -> None:
        self._client, self._names, self._documents, self._warehouse = client, names, documents, warehouse
        self._ready = f"{warehouse.rpartition('/')[0]}/_state/ready"  # a folder that is there on every stack
        self._lock = threading.RLock()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Nobody else changes the catalog through this API meanwhile; what was done before an error stays done."""
        with self._lock:
            yield

    def database(self, name: str) -> Document | None:
        """A database; None where there is none."""
        try:
            found = self._client.call(lambda hive: hive.get_database(name))
        except NoSuchObjectException:
            return None
        return database_document(found, self._place(name))

    def databases(self) -> list[Document]:
        """All databases, by name."""
        found = [self.database(name) for name in sorted(self._client.call(lambda hive: hive.get_all_databases()))]
        return [database for database in found if database is not None]

    def put_database(self, name: str, document: Document) -> None:
        """Keep a database, in place of one of that name."""
        made = stored_database(document, self._place(name))
        if self.database(name) is not None:
            self._client.call(lambda hive: hive.alter_database(name, made))
            return
        with self._names.new_database(name) as plain:
            made.name = plain
            self._make(
                made,
                "locationUri",
                lambda hive: hive.create_database(made),
                lambda hive: hive.alter_database(plain, made),
            )

    def _place(self, name: str) -> str:
        """Where the metastore puts a database without a location: Hive's databases all have one."""
        return self._warehouse if name == DEFAULT else f"{self._warehouse}/{name}.db"

    def delete_database(self, name: str) -> None:
        """Forget a database and all that is in it; files stay."""
        for table in self.tables(name):
            self.delete_table(name, table["Name"])
        self._client.call(lambda hive: hive.drop_database(name, False, True))

    def table(self, database: str, name: str) -> Document | None:
        """A table as it is now; None where there is none."""
        try:
            return table_document(self._client.call(lambda hive: hive.get_table(database, name)))
        except NoSuchObjectException:
            return None

    def tables(self, database: str) -> list[Document]:
        """All tables of a database, by name."""
        names = sorted(self._client.call(lambda hive: hive.get_all_tables(database)))
        found = self._client.call(lambda hive: hive.get_table_objects_by_name(database, names)) if names else []
        return sorted((table_document(table) for table in found), key=lambda table: str(table["Name"]))

    def put_table(self, database: str, name: str, document: Document) -> None:
        """Keep a table, in place of one of that name."""
        made = stored_table(document, self._ready)
        is_new = self.table(database, name) is None
        with self._names.plain_table(database, name, is_new=is_new) as plain:
            made.tableName = plain

            def change(hive: Any) -> None:
                hive.alter_table(database, plain, made)

            if is_new:
                self._make(made.sd, "location", lambda hive: hive.create_table(made), change)
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
        return partition_document(found)

    def partitions(self, table: Document, wanted: Sequence[Sequence[str]]) -> list[Document]:
        """The partitions of these values, in their order; what isn't there is left out."""
        keys = [key["Name"] for key in table["PartitionKeys"]]
        names = [partition_name(keys, values) for values in wanted]
        found = self._client.call(
            lambda hive: hive.get_partitions_by_names(table["DatabaseName"], table["Name"], names)
        )
        by_values = {tuple(partition.values): partition_document(partition) for partition in found}
        return [by_values[tuple(values)] for values in wanted if tuple(values) in by_values]

    def partition_values(self, table: Document) -> list[list[str]]:
        """The values of all partitions of a table, in order."""
        if not table["PartitionKeys"]:
            return []
        listed = self._client.call(lambda hive: hive.get_partition_names(table["DatabaseName"], table["Name"], -1))
        return sorted([unescape_path_name(part.partition("=")[2]) for part in text.split("/")] for text in listed)

    def put_partition(self, table: Document, values: Sequence[str], document: Document) -> None:
        """Keep a partition, in place of one of those values."""
        made = stored_partition(table, values, document, self._ready)

        def change(hive: Any) -> None:
            hive.alter_partition(table["DatabaseName"], table["Name"], made)

        try:
            self._make(made.sd, "location", lambda hive: hive.add_partition(made), change)
        except AlreadyExistsException:
            self._client.call(change)

    def delete_partition(self, database: str, name: str, values: Sequence[str]) -> None:
        """Forget a partition; files stay."""
        self._client.call(lambda hive: hive.drop_partition(database, name, list(values), False))

    def close(self) -> None:
        """Connections end with their threads."""

    def _make(self, located: Any, name: str, make: Callable[[Any], Any], change: Callable[[Any], Any]) -> None:
        """Make a database, table or partition. Glue doesn't look whether its location is there; the metastore makes it.

        Where the metastore can't (a bucket that doesn't exist), what is made lies elsewhere first, and is then changed.
        located, name: the attribute that is the location, and what it is of
        """
        location = getattr(located, name)
        try:
            self._client.call(make)
        except ServiceError:
            setattr(located, name, self._ready)
            self._client.call(make)
            setattr(located, name, location)
            self._client.call(change)
