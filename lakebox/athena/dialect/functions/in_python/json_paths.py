"""json_value, json_query and json_exists: the JSON paths of SQL, lax and strict, and the answers on empty and error.

The third argument of each has the words after the path: `DEFAULT 'x' ON EMPTY`, `WITH ARRAY WRAPPER`.
"""

import re
from typing import Any

from lakebox.athena.dialect.functions.in_python.json_path_language import json_path
from lakebox.athena.dialect.functions.in_python.json_path_values import PathError
from lakebox.athena.dialect.functions.in_python.json_values import dumped, loaded
from lakebox.athena.result_text import scientific_text

ON = re.compile(r"(ERROR|NULL|EMPTY(?: ARRAY| OBJECT)?|TRUE|FALSE|UNKNOWN|DEFAULT '((?:[^']|'')*)') ON (EMPTY|ERROR)")
EMPTY, ERROR = "EMPTY", "ERROR"


def _items(text: str, path: str) -> list[Any]:
    """What a path finds; raises PathError where the text is no JSON, or a strict path finds nothing."""
    find = json_path(path)
    try:
        value = loaded(text)
    except ValueError:
        raise PathError("cannot convert the text to JSON") from None
    return find(value)


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
    except PathError as error:
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
    except PathError as error:
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
    except PathError as error:
        what = _behaviour(words, ERROR)[0] if " ON ERROR" in words else "FALSE"
        if what == "ERROR":
            raise ValueError(str(error)) from None
        return {"TRUE": True, "FALSE": False}.get(what)
