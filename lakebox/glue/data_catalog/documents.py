"""The state of Glue's resources: JSON documents by kind and name, in SQLite (embedded) or PostgreSQL (the stack).

Every change is one transaction, so a process that is killed leaves the state before or after it; where the machine
loses its power, SQLite may lose the last changes. Several threads and processes (`lakebox serve` beside `lakebox runs`)
may use one database at a time.
"""

import json
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Document = dict[str, Any]
SCHEMA = "CREATE TABLE IF NOT EXISTS documents (kind TEXT, name TEXT, content TEXT, PRIMARY KEY (kind, name))"


class Documents(ABC):
    """Documents of boto3's shapes (datetimes included), in the order in which they were first put."""

    order = "rowid"  # the column by which documents are in that order

    @abstractmethod
    def run(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """The rows that a statement gives; `?` stands for a value."""

    @abstractmethod
    def changing(self) -> AbstractContextManager[None]:
        """One transaction, nobody else writing meanwhile; nothing of it is kept where it raises."""

    @abstractmethod
    def close(self) -> None:
        """Close the database."""

    def get(self, kind: str, name: str) -> Document | None:
        """A document; None where there is none of that name."""
        rows = self.run("SELECT content FROM documents WHERE kind = ? AND name = ?", kind, name)
        return loaded(rows[0][0]) if rows else None

    def get_each(self, kind: str, names: Iterable[str]) -> tuple[list[Document], list[str]]:
        """The documents of some names, and the names of which there is none."""
        found = {name: self.get(kind, name) for name in names}
        return [one for one in found.values() if one is not None], [name for name, one in found.items() if one is None]

    def all(self, kind: str) -> list[Document]:
        """All documents of a kind, oldest first."""
        rows = self.run(f"SELECT content FROM documents WHERE kind = ? ORDER BY {self.order}", kind)  # noqa: S608 ours
        return [loaded(row[0]) for row in rows]

    def oldest(self, kind: str, count: int) -> list[Document]:
        """The first documents of a kind, at most so many."""
        text = f"SELECT content FROM documents WHERE kind = ? ORDER BY {self.order} LIMIT {count}"  # noqa: S608 ours
        return [loaded(row[0]) for row in self.run(text, kind)]

    def count(self, kind: str) -> int:
        """How many documents of a kind there are."""
        return int(self.run("SELECT count(*) FROM documents WHERE kind = ?", kind)[0][0])

    def add(self, kind: str, name: str, document: Document) -> bool:
        """Keep a new document; False, and nothing is changed, where there is one of that name."""
        text = "INSERT INTO documents (kind, name, content) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1"
        return bool(self.run(text, kind, name, dumped(document)))

    def put(self, kind: str, name: str, document: Document) -> None:
        """Keep a document, in place of one of that name."""
        text = "INSERT INTO documents (kind, name, content) VALUES (?, ?, ?) ON CONFLICT (kind, name)"
        self.run(f"{text} DO UPDATE SET content = excluded.content RETURNING 1", kind, name, dumped(document))

    def change(self, kind: str, name: str, change: Callable[[Document], Document]) -> Document | None:
        """Replace a document by what `change` makes of it, nobody else writing meanwhile; None where there is none.

        change: is called again where the database was lost before it said that all is written
        """
        with self.changing():
            before = self.get(kind, name)
            after = None if before is None else change(before)
            if after is not None:
                text = "UPDATE documents SET content = ? WHERE kind = ? AND name = ?"
                self.run(f"{text} RETURNING 1", dumped(after), kind, name)
        return after

    def delete(self, kind: str, name: str) -> bool:
        """Forget a document; False where there is none of that name."""
        return bool(self.run("DELETE FROM documents WHERE kind = ? AND name = ? RETURNING 1", kind, name))


class SqliteFile:
    """A SQLite file that several threads and processes use at a time. schema: CREATE TABLE IF NOT EXISTS statements."""

    def __init__(self, path: Path, schema: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute("PRAGMA foreign_keys = ON")
        self._database.executescript(schema)

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that a statement gives."""
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction: all of it is kept, or, where it raises, nothing."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()


class SqliteDocuments(SqliteFile, Documents):
    """Documents in one SQLite file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, SCHEMA)


def dumped(document: Document) -> str:
    """A document as text; times are marked."""
    return json.dumps(document, default=lambda time: {"$time": time.timestamp()})


def loaded(text: str) -> Document:
    """A document from its text."""
    document: Document = json.loads(text, object_hook=_with_times)
    return document


def _with_times(members: Document) -> Any:
    return datetime.fromtimestamp(members["$time"], UTC) if set(members) == {"$time"} else members
