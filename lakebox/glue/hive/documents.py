"""The state of Glue's resources in PostgreSQL, for the stack's API."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from lakebox.glue.data_catalog.documents import Documents

SCHEMA = """CREATE TABLE IF NOT EXISTS documents
    (kind TEXT, name TEXT, content TEXT, number BIGSERIAL, PRIMARY KEY (kind, name))"""


class PostgresDocuments(Documents):
    """Documents in one table. A connection that is lost is opened anew for the next statement."""

    order = "number"

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._lock = threading.RLock()
        self._changing = False
        self._connection = psycopg.connect(dsn, autocommit=True)
        self._connection.execute(SCHEMA)

    def run(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """The rows that a statement gives."""
        with self._lock:
            try:
                return self._connection.execute(statement.replace("?", "%s"), values).fetchall()
            except psycopg.OperationalError:
                if not self._connection.closed or self._changing:
                    raise
            self._connection = psycopg.connect(self._dsn, autocommit=True)
            return self._connection.execute(statement.replace("?", "%s"), values).fetchall()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction. Threads of this process wait for each other; no other process writes here."""
        with self._lock:
            self.run("SELECT 1")  # where the connection is lost, it is opened anew
            self._changing = True
            try:
                with self._connection.transaction():
                    yield
            finally:
                self._changing = False

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()
