"""Reads JSON as Athena does: a token at a time, so that what comes before a fault or a cut is an answer.

DuckDB reads well-formed JSON itself; it asks here for numbers, whose text it does not keep, and for all other texts.
"""

import json
import re
from typing import Any

PATH_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]|\[\"([^\"]*)\"\]|\.\"([^\"]*)\"")
SPACE = re.compile(r"[ \t\n\r]*")


class _FaultError(ValueError):
    """The text is no JSON from here on."""


def _no_constant(name: str) -> Any:
    raise _FaultError(name)


DECODER = json.JSONDecoder(parse_float=lambda text: _Number(text), parse_int=lambda text: _Number(text),
                           parse_constant=_no_constant)  # fmt: skip


class _Number(str):
    """A number as it was written."""


def json_scalar(text: str | None, path: str) -> str | None:
    """The scalar at a JSON path of the form $.a[0].b as text; None where there is none."""
    if text is None:
        return None
    start, end = _place(text, path) or (0, 0)
    value = DECODER.raw_decode(text, start)[0] if end else None
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).encode("utf-8", "replace").decode() if isinstance(value, str) else None


def json_value(text: str | None, path: str) -> str | None:
    """The value at a JSON path as JSON; None where there is none."""
    if text is None:
        return None
    start, end = _place(text, path) or (0, 0)
    return text[start:end] or None


def _place(text: str, path: str) -> tuple[int, int] | None:
    """Where in the text the value at the path starts and ends."""
    try:
        at = _after_space(text, 0)
        for name, index, bracketed, quoted in PATH_STEP.findall(path.removeprefix("$")):
            found = _item(text, at, int(index)) if index else _member(text, at, name or bracketed or quoted)
            if found is None:
                return None
            at = found
        return at, _after_value(text, at)
    except (ValueError, RecursionError):
        return None


def _after_space(text: str, at: int) -> int:
    match = SPACE.match(text, at)
    return match.end() if match else at


def _after_value(text: str, at: int) -> int:
    value, end = DECODER.raw_decode(text, at)
    if isinstance(value, _Number) and text[end : end + 1].strip(" \t\n\r,]}"):  # 01 is no number
        raise _FaultError(text)
    return end


def _member(text: str, at: int, wanted: str) -> int | None:
    """Where the member of an object starts; None where it has no such, or the value is no object."""
    if text[at : at + 1] != "{":
        return None
    at = _after_space(text, at + 1)
    while text[at : at + 1] == '"':
        name, at = DECODER.raw_decode(text, at)
        at = _after_space(text, at)
        if text[at : at + 1] != ":":
            raise _FaultError(text)
        at = _after_space(text, at + 1)
        if name == wanted:
            return at
        at = _after_comma(text, _after_value(text, at))
    return None


def _item(text: str, at: int, index: int) -> int | None:
    if text[at : at + 1] != "[":
        return None
    at = _after_space(text, at + 1)
    for _ in range(index):
        if text[at : at + 1] in ("]", ""):
            return None
        at = _after_comma(text, _after_value(text, at))
    return at


def _after_comma(text: str, at: int) -> int:
    at = _after_space(text, at)
    return _after_space(text, at + 1) if text[at : at + 1] == "," else len(text)
