"""Athena's SQL on the stack: Trino is what Athena runs on, so queries go there as they are.

Queries run as a user who may read and nothing else. SHOW and DESCRIBE are answered as Athena answers them, from what
the metastore holds. Bytes scanned are Trino's own count of what it read from S3.
"""

import re
from typing import Any

from lakebox.athena.engine import QueryResult, SqlError
from lakebox.athena.metadata_statements import answer_from_catalog
from lakebox.glue.catalog import Catalog
from lakebox.stack.trino_client import TrinoClient, TrinoStatementError

READER = "athena"
TIMESTAMP = re.compile(r"\b(timestamp|time)\(\d+\)")


class TrinoEngine:
    """Queries over the tables of the metastore."""

    def __init__(self, url: str, catalog: Catalog) -> None:
        self._trino, self._catalog = TrinoClient(url, READER), catalog

    def query(self, sql: str) -> QueryResult:
        """Answer one statement in Athena's SQL; raises SqlError and TrinoUnreachableError."""
        answered = answer_from_catalog(sql, self._catalog)
        if answered is not None:
            return QueryResult(*answered, 0, 0.0)
        try:
            answer = self._trino.run(sql.strip().rstrip(";"))
        except TrinoStatementError as error:
            raise SqlError(str(error)) from error
        columns = tuple((name, athena_type(kind)) for name, kind in answer.columns)
        rows = [tuple(plain(value) for value in row) for row in answer.rows]
        return QueryResult(columns, rows, answer.read_bytes, answer.duration_s)


def athena_type(trino_type: str) -> str:
    """Athena's name of a type: its timestamps have milliseconds."""
    return TIMESTAMP.sub(r"\1(3)", trino_type.lower())


def plain(value: Any) -> Any:
    """A row value as a dict of its fields; all else as it is."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {_map_key(name): plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        names = value.__annotations__["names"]
        return {
            name or f"field{number}": plain(item) for number, (name, item) in enumerate(zip(names, value, strict=True))
        }
    return value


def _map_key(key: Any) -> Any:
    """A map's key: rows and arrays as text, for no dict can have them."""
    return str(plain(key)) if isinstance(key, tuple | list | dict) else key
