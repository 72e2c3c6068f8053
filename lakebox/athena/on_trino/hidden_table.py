"""A table under a hidden name, into which Trino writes the files of CREATE TABLE AS, UNLOAD and some INSERTs."""

import uuid
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from lakebox.athena.on_trino.context import TrinoContext
from lakebox.athena.statements.answer import TABLE_INPUT
from lakebox.athena.tables.catalog_tables import CatalogTables

DATABASE, PREFIX = "default", "lakebox_hidden_"


class HiddenTable(ExitStack):
    """A table for as long as the context lasts; its files go with it unless they are kept.

    location: of its files, where nothing lies yet; make: makes the table of a (database, name)
    """

    def __init__(self, location: str, make: Callable[[tuple[str, str]], None], context: TrinoContext) -> None:
        super().__init__()
        self._location, self._make, self._context = location, make, context
        self._name = (DATABASE, f"{PREFIX}{uuid.uuid4().hex}")
        self._kept = False

    @property
    def quoted(self) -> str:
        """Its name in Trino's SQL."""
        return f'awsdatacatalog.{DATABASE}."{self._name[1]}"'

    def __enter__(self) -> "HiddenTable":
        self._context.tables.check_writable(self._location)
        self._make(self._name)
        self.callback(self._drop)
        return self

    def keep_files(self) -> None:
        """Leave the files where they are: they have their table."""
        self._kept = True

    def table_input(self) -> dict[str, Any]:
        """What the catalog holds of it."""
        document = self._context.table(self._name).document
        document["StorageDescriptor"].get("SerdeInfo", {}).pop("Name", None)  # the metastore's: the hidden name
        return {key: document[key] for key in TABLE_INPUT if key in document}

    def partitions(self) -> list[dict[str, Any]]:
        """The partitions that were written."""
        request = {"DatabaseName": DATABASE, "TableName": self._name[1]}
        return list(self._context.tables.pages("GetPartitions", request, "Partitions"))

    def _drop(self) -> None:
        self._context.call("DeleteTable", DatabaseName=DATABASE, Name=self._name[1])
        self._context.tables.delete_mark(self._location)
        if not self._kept:
            self._context.tables.delete_files(self._location)


def drop_hidden_tables(tables: CatalogTables) -> None:
    """Forget what a process that was killed has left; files stay."""
    for table in tables.tables(DATABASE) if tables.has_database(DATABASE) else ():
        if table.name.startswith(PREFIX):
            tables.operations["DeleteTable"]({"DatabaseName": DATABASE, "Name": table.name})
