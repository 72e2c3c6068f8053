"""Databases: CreateDatabase, GetDatabase, GetDatabases, UpdateDatabase, DeleteDatabase."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import ACCOUNT, Operation, page_of
from lakebox.glue.data_catalog.connections import forget_tags, keep_tags
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.data_catalog.names import check_catalog, folded, missing, taken
from lakebox.glue.data_catalog.rows import CatalogRows


class Databases:
    """The operations on databases."""

    def __init__(self, store: CatalogRows, documents: Documents) -> None:
        self._store, self._documents = store, documents

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateDatabase": self.create,
            "GetDatabase": lambda request: {"Database": self.get(request)},
            "GetDatabases": self.get_all,
            "UpdateDatabase": self.update,
            "DeleteDatabase": self.delete,
        }

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateDatabase."""
        check_catalog(request)
        given = request["DatabaseInput"]
        name = folded(given["Name"])
        with self._store.changing():
            if self._store.database(name) is not None:
                raise taken("Database", name)
            self._store.put_database(
                name, given | {"Name": name, "CatalogId": ACCOUNT, "CreateTime": datetime.now(UTC)}
            )
        keep_tags(self._documents, f"database/{name}", request.get("Tags", {}))
        return {}

    def get(self, request: dict[str, Any]) -> Document:
        """A database by the request's Name. Raises ServiceError where there is none."""
        check_catalog(request)
        name = folded(request["Name"])
        database = self._store.database(name)
        if database is None:
            raise missing("Database", name)
        return database

    def get_all(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetDatabases."""
        check_catalog(request)
        return page_of(self._store.databases(), request, "DatabaseList")

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateDatabase: replaces what was given, keeps the name and the time of creation."""
        with self._store.changing():
            before = self.get(request)
            # The stack's metastore knows no time of creation.
            kept = {name: before[name] for name in ("Name", "CatalogId", "CreateTime") if name in before}
            self._store.put_database(before["Name"], request["DatabaseInput"] | kept)
        return {}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteDatabase, with all tables in it."""
        with self._store.changing():
            self._store.delete_database(self.get(request)["Name"])
        forget_tags(self._documents, f"database/{folded(request['Name'])}")
        return {}
