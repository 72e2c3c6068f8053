"""A SQLite file that several threads and processes use at a time, for the embedded catalog and Glue's state."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class SqliteFile:
    """The file with its tables, made where they are not there. schema: CREATE TABLE IF NOT EXISTS statements."""

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
