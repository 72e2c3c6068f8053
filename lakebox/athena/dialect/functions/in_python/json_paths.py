"""json_value, json_query and json_exists: the JSON paths of SQL, lax and strict, and what is answered on empty and error.

The third argument of each has the words after the path: `DEFAULT 'x' ON EMPTY`, `WITH ARRAY WRAPPER`.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from lakebox.athena.dialect.functions.in_python.json_values import dumped, loaded
from lakebox.athena.result_text import scientific_text

STEP = re.compile(r'\s*(?:\.\s*(\*|[A-Za-z_]\w*(?!\w*\s*\()|"[^"]*")|\[\s*(\*|last|\d+)\s*\])')
ON = re.compile(r"(ERROR|NULL|EMPTY(?: ARRAY| OBJECT)?|TRUE|FALSE|UNKNOWN|DEFAULT '((?:[^']|'')*)') ON (EMPTY|ERROR)")
EMPTY, ERROR = "EMPTY", "ERROR"


class _PathError(ValueError):
    """A value has not what the path asks for, or is not JSON."""


@cache
def _steps(path: str) -> tuple[bool, tuple[tuple[str, str], ...]]:
    head = re.match(r"\s*(lax|strict)\s+\$", path)
    if head is None:
        raise ValueError("a JSON path starts with lax $ or strict $")
    steps, end = [], head.end()
    while match := STEP.match(path, end):
        name = match[1]
        steps.append(
            ("member", name.strip('"')) if name and name != "*" else ("all" if name else "item", match[2] or "")
        )
        end = match.end()
    if path[end:].strip():
        raise ValueError(f"the JSON path {path} is not supported by the embedded engine: members and items only")
    return head[1] == "lax", tuple(steps)


def _items(text: str, path: str) -> list[Any]:
    """What a path finds; raises _PathError where the text is no JSON, or a strict path finds nothing."""
    is_lax, steps = _steps(path)
    try:
        found = [loaded(text)]
    except ValueError:
        raise _PathError("cannot convert the text to JSON") from None
    for kind, name in steps:
        found = [item for value in found for item in _stepped(value, kind, name, is_lax=is_lax)]
    return found


def _stepped(value: Any, kind: str, name: str, *, is_lax: bool) -> Iterator[Any]:
    if kind == "item":
        yield from _of_array(value if isinstance(value, list) else [value] if is_lax else None, name, is_lax=is_lax)
        return
    for one in value if isinstance(value, list) and is_lax else [value]:
        if not isinstance(one, dict):
            if not is_lax:
                raise _PathError("path evaluation failed: an item is no JSON object")
        elif kind == "all":
            yield from one.values()
        elif name in one:
            yield one[name]
        elif not is_lax:
            raise _PathError(f"path evaluation failed: structural error: missing member '{name}' in JSON object")


def _of_array(items: list[Any] | None, name: str, *, is_lax: bool) -> list[Any]:
    if items is None:
        raise _PathError("path evaluation failed: an item is no JSON array")
    if name == "*":
        return items
    place = len(items) - 1 if name == "last" else int(name)
    if not 0 <= place < len(items) and not is_lax:
        raise _PathError("path evaluation failed: structural error: invalid array subscript")
    return items[place : place + 1] if place >= 0 else []


def _behaviour(words: str, case: str) -> tuple[str, str]:
    for match in ON.finditer(words):
        if match[3] == case:
            return match[1].split(" '")[0], (match[2] or "").replace("''", "'")
    return "NULL", ""


def _answer(words: str, case: str, problem: str) -> str | None:
    """What is answered where nothing was found, or in error."""
    what, default = _behaviour(words, case)
    if what == "ERROR":
        raise ValueError(problem)
    return {"DEFAULT": default, "EMPTY ARRAY": "[]", "EMPTY": "[]", "EMPTY OBJECT": "{}"}.get(what)


def json_value(text: str, path: str, words: str) -> str | None:
    """The one scalar that a path finds, as text."""
    try:
        found = _items(text, path)
    except _PathError as error:
        return _answer(words, ERROR, str(error))
    if not found:
        return _answer(words, EMPTY, "cannot extract SQL scalar from JSON: JSON path found no items")
    value = found[0]
    if len(found) > 1 or isinstance(value, list | dict) or (isinstance(value, int) and abs(value) >= 2**63):
        problem = "cannot extract SQL scalar from JSON: the items found are not one scalar"
        return _answer(words, ERROR, problem)
    if isinstance(value, bool):
        return str(value).lower()
    return scientific_text(value) if isinstance(value, float) else None if value is None else str(value)


def json_query(text: str, path: str, words: str) -> str | None:
    """What a path finds, as JSON."""
    try:
        found = _items(text, path)
    except _PathError as error:
        return _answer(words, ERROR, str(error))
    if not found:
        return _answer(words, EMPTY, "cannot extract JSON: JSON path found no items")
    wraps = re.search(r"WITH (CONDITIONAL |UNCONDITIONAL )?(ARRAY )?WRAPPER", words)
    is_one = len(found) == 1 and isinstance(found[0], list | dict)
    if wraps and not ((wraps[1] or "").startswith("CONDITIONAL") and is_one):
        return dumped(found, is_sorted=False)
    if len(found) > 1:
        return _answer(words, ERROR, "cannot extract JSON: JSON path found multiple items")
    if "OMIT QUOTES" in words and isinstance(found[0], str):
        return found[0]
    return dumped(found[0], is_sorted=False)


def json_exists(text: str, path: str, words: str) -> bool | None:
    """Whether a path finds anything."""
    try:
        return bool(_items(text, path))
    except _PathError as error:
        what = _behaviour(words, ERROR)[0] if " ON ERROR" in words else "FALSE"
        if what == "ERROR":
            raise ValueError(str(error)) from None
        return {"TRUE": True, "FALSE": False}.get(what)
