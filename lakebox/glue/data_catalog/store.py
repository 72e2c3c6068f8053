"""Where the catalog lies: Glue-shaped documents in SQLite. Names are folded to lower case before they come here."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lakebox.glue.data_catalog.documents import Document, SqliteFile, dumped, loaded

SCHEMA = """
CREATE TABLE IF NOT EXISTS databases (name TEXT PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tables (
    database TEXT NOT NULL REFERENCES databases (name) ON DELETE CASCADE, name TEXT NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (database, name));
CREATE TABLE IF NOT EXISTS versions (
    database TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (database, name, version),
    FOREIGN KEY (database, name) REFERENCES tables (database, name) ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS partitions (
    database TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (database, name, key),
    FOREIGN KEY (database, name) REFERENCES tables (database, name) ON DELETE CASCADE);
"""


class CatalogStore(SqliteFile):
    """The catalog's rows. Use `changing()` around what must be one transaction."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, SCHEMA)

    def database(self, name: str) -> Document | None:
        """A database; None where there is none."""
        return self._one("SELECT content FROM databases WHERE name = ?", name)

    def databases(self) -> list[Document]:
        """All databases, by name."""
        return self._all("SELECT content FROM databases ORDER BY name")

    def put_database(self, name: str, document: Document) -> None:
        """Keep a database, in place of one of that name."""
        text = "INSERT INTO databases VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET content = excluded.content"
        self.run(text, name, dumped(document))

    def delete_database(self, name: str) -> None:
        """Forget a database and all that is in it."""
        self.run("DELETE FROM databases WHERE name = ?", name)

    def table(self, database: str, name: str) -> Document | None:
        """A table as it is now; None where there is none."""
        return self._one("SELECT content FROM tables WHERE database = ? AND name = ?", database, name)

    def tables(self, database: str) -> list[Document]:
        """All tables of a database, by name."""
        return self._all("SELECT content FROM tables WHERE database = ? ORDER BY name", database)

    def put_table(self, database: str, name: str, document: Document) -> None:
        """Keep a table, in place of one of that name."""
        text = (
            "INSERT INTO tables VALUES (?, ?, ?) ON CONFLICT (database, name) DO UPDATE SET content = excluded.content"
        )
        self.run(text, database, name, dumped(document))

    def delete_table(self, database: str, name: str) -> None:
        """Forget a table with its versions and partitions."""
        self.run("DELETE FROM tables WHERE database = ? AND name = ?", database, name)

    def versions(self, database: str, name: str) -> list[Document]:
        """A table's older states, the newest first."""
        text = "SELECT content FROM versions WHERE database = ? AND name = ? ORDER BY version DESC"
        return self._all(text, database, name)

    def put_version(self, database: str, name: str, version: int, document: Document) -> None:
        """Keep an older state of a table."""
        self.run("INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?)", database, name, version, dumped(document))

    def delete_version(self, database: str, name: str, version: int) -> None:
        """Forget an older state of a table."""
        self.run("DELETE FROM versions WHERE database = ? AND name = ? AND version = ?", database, name, version)

    def partition(self, database: str, name: str, values: Sequence[str]) -> Document | None:
        """A partition by its values; None where there is none."""
        text = "SELECT content FROM partitions WHERE database = ? AND name = ? AND key = ?"
        return self._one(text, database, name, json.dumps(values))

    def partitions(self, table: Document, wanted: Sequence[Sequence[str]]) -> list[Document]:
        """The partitions of these values, in their order; what isn't there is left out."""
        found = [self.partition(table["DatabaseName"], table["Name"], values) for values in wanted]
        return [partition for partition in found if partition is not None]

    def partition_values(self, table: Document) -> list[list[str]]:
        """The values of all partitions of a table, in order: much less than the partitions themselves."""
        text = "SELECT key FROM partitions WHERE database = ? AND name = ? ORDER BY key"
        return [json.loads(row[0]) for row in self.run(text, table["DatabaseName"], table["Name"])]

    def put_partition(self, table: Document, values: Sequence[str], document: Document) -> None:
        """Keep a partition, in place of one of those values."""
        text = "INSERT OR REPLACE INTO partitions VALUES (?, ?, ?, ?)"
        self.run(text, table["DatabaseName"], table["Name"], json.dumps(values), dumped(document))

    def delete_partition(self, database: str, name: str, values: Sequence[str]) -> None:
        """Forget a partition."""
        text = "DELETE FROM partitions WHERE database = ? AND name = ? AND key = ?"
        self.run(text, database, name, json.dumps(values))

    def _one(self, statement: str, *values: Any) -> Document | None:
        rows = self.run(statement, *values)
        return loaded(rows[0][0]) if rows else None

    def _all(self, statement: str, *values: Any) -> list[Document]:
        return [loaded(row[0]) for row in self.run(statement, *values)]
