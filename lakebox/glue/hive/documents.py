"""The state of Glue's resources in PostgreSQL, for the stack's API."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from lakebox.glue.data_catalog.documents import Document, Documents

SCHEMA = """CREATE TABLE IF NOT EXISTS documents
    (kind TEXT, name TEXT, content TEXT, number BIGSERIAL, PRIMARY KEY (kind, name))"""
PATIENCE_S = 60.0


class PostgresDocuments(Documents):
    """Documents in one table. A connection that is lost is opened anew, once PostgreSQL answers again."""

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
            self._connection = self._connected()
            return self._connection.execute(statement.replace("?", "%s"), values).fetchall()

    def change(self, kind: str, name: str, change: Callable[[Document], Document]) -> Document | None:
        """Replace a document, in a second try where the connection is lost during the first."""
        try:
            return super().change(kind, name, change)
        except psycopg.OperationalError:
            if not self._connection.closed:
                raise
        return super().change(kind, name, change)

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

    def _connected(self) -> psycopg.Connection[Any]:
        """A new connection. Raises OperationalError where PostgreSQL does not answer for PATIENCE_S."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return psycopg.connect(self._dsn, autocommit=True)
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()
