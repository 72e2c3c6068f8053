"""The state of Glue's resources on the embedded target: JSON documents by kind and name, in one SQLite file.

Every change is one transaction, so a process that is killed leaves the state before or after it. Several threads and
processes (`lakebox serve` beside `lakebox runs`) may use one file at a time.
"""

import json
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Document = dict[str, Any]
SCHEMA = "CREATE TABLE IF NOT EXISTS documents (kind TEXT, name TEXT, content TEXT, PRIMARY KEY (kind, name))"


class Documents:
    """Documents of boto3's shapes (datetimes included), in the order in which they were first put."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute(SCHEMA)

    def get(self, kind: str, name: str) -> Document | None:
        """A document; None where there is none of that name."""
        rows = self._run("SELECT content FROM documents WHERE kind = ? AND name = ?", kind, name)
        return _loaded(rows[0][0]) if rows else None

    def all(self, kind: str) -> list[Document]:
        """All documents of a kind, oldest first."""
        rows = self._run("SELECT content FROM documents WHERE kind = ? ORDER BY rowid", kind)
        return [_loaded(row[0]) for row in rows]

    def add(self, kind: str, name: str, document: Document) -> bool:
        """Keep a new document; False, and nothing is changed, where there is one of that name."""
        text = "INSERT OR IGNORE INTO documents VALUES (?, ?, ?) RETURNING 1"
        return bool(self._run(text, kind, name, _dumped(document)))

    def change(self, kind: str, name: str, change: Callable[[Document], Document]) -> Document | None:
        """Replace a document by what `change` makes of it, nobody else writing meanwhile; None where there is none."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                before = self.get(kind, name)
                after = None if before is None else change(before)
                if after is not None:
                    text = "UPDATE documents SET content = ? WHERE kind = ? AND name = ?"
                    self._run(text, _dumped(after), kind, name)
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")
        return after

    def delete(self, kind: str, name: str) -> bool:
        """Forget a document; False where there is none of that name."""
        return bool(self._run("DELETE FROM documents WHERE kind = ? AND name = ? RETURNING 1", kind, name))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def _run(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()


def _dumped(document: Document) -> str:
    return json.dumps(document, default=lambda time: {"$time": time.timestamp()})


def _loaded(text: str) -> Document:
    document: Document = json.loads(text, object_hook=_with_times)
    return document


def _with_times(members: Document) -> Any:
    return datetime.fromtimestamp(members["$time"], UTC) if set(members) == {"$time"} else members
