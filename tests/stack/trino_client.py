"""SQL through Trino's HTTP API, with nothing but the standard library."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

HEADERS = {"X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME"}  # else timestamps come without microseconds


class TrinoError(Exception):
    """A query failed; the message is Trino's."""


def query(port: int, sql: str, user: str = "tests") -> list[list[Any]]:
    """Rows of a query."""
    return query_with_types(port, sql, {"User": user})[1]


def query_with_types(port: int, sql: str, settings: Mapping[str, str]) -> tuple[list[str], list[list[Any]]]:
    """The columns' types and the rows of a query. settings: User, Catalog, Schema, Session, Time-Zone."""
    headers = HEADERS | {f"X-Trino-{name}": value for name, value in settings.items()}
    answer = _call(f"http://127.0.0.1:{port}/v1/statement", headers, sql.encode())
    rows: list[list[Any]] = answer.get("data", [])
    columns = answer.get("columns", [])
    while "nextUri" in answer:
        answer = _call(answer["nextUri"], headers)
        rows += answer.get("data", [])
        columns = columns or answer.get("columns", [])
    if "error" in answer:
        raise TrinoError(answer["error"]["message"])
    return [column["type"] for column in columns], rows


def _call(url: str, headers: Mapping[str, str], body: bytes | None = None) -> dict[str, Any]:
    request = urllib.request.Request(url, data=body, headers=dict(headers))
    with urllib.request.urlopen(request, timeout=60) as response:
        answer: dict[str, Any] = json.load(response)
        return answer
