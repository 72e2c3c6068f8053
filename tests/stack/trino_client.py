"""SQL through Trino's HTTP API, with nothing but the standard library."""

import json
import urllib.request
from typing import Any

HEADERS = {"X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME"}  # else timestamps come without microseconds


class TrinoError(Exception):
    """A query failed; the message is Trino's."""


def query(port: int, sql: str, user: str = "tests") -> list[list[Any]]:
    """Rows of a query."""
    answer = _call(f"http://127.0.0.1:{port}/v1/statement", user, sql.encode())
    rows: list[list[Any]] = answer.get("data", [])
    while "nextUri" in answer:
        answer = _call(answer["nextUri"], user)
        rows += answer.get("data", [])
    if "error" in answer:
        raise TrinoError(answer["error"]["message"])
    return rows


def _call(url: str, user: str, body: bytes | None = None) -> dict[str, Any]:
    request = urllib.request.Request(url, data=body, headers=HEADERS | {"X-Trino-User": user})
    with urllib.request.urlopen(request, timeout=60) as response:
        answer: dict[str, Any] = json.load(response)
        return answer
