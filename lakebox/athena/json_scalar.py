"""Reads JSON as Athena does: a token at a time, so that what comes before a fault or a cut is an answer.

DuckDB reads well-formed JSON itself; it asks here for numbers, whose text it does not keep, and for all other texts.
"""

import json
import re
from typing import Any

PATH_STEP = re.compile(r'[.](\w+)|\[(\d+)\]|\[(\w+)\]|\["([^"\\]*)"\]')
OWN_STEP = re.compile(r'[.]"([^"]*)"|\[(\d+)\]')
SPACE = re.compile(r"[ \t\n\r]*")


class Number(str):
    """A number as it was written."""


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_no_constant)


def own_path(path: str) -> str:
    """A JSON path of Athena's as DuckDB and this module read it: $.a["b c"][0] is $."a"."b c"[0]. Raises ValueError."""
    steps, end = ["$"], 1
    while match := PATH_STEP.match(path, end):
        name, index = match[1] or match[3] or match[4], match[2]
        steps.append(f"[{int(index)}]" if index else f'."{name or ""}"')
        end = match.end()
    if not path.startswith("$") or end < len(path):
        raise ValueError(f"Invalid JSON path: '{path}'")
    return "".join(steps)


def json_scalar(text: str | None, path: str) -> str | None:
    """The scalar at a path of the form $."a"[0] as text; None where there is none."""
    value, _ = _found(text, path)
    if isinstance(value, bool):
        return str(value).lower()
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def json_value(text: str | None, path: str) -> str | None:
    """The value at a path of that form as JSON; None where there is none."""
    return _found(text, path)[1]


def _found(text: str | None, path: str) -> tuple[Any, str | None]:
    """The value at a path, and the text that it was written in."""
    try:
        at = _after_space(text or "", 0)
        for name, index in OWN_STEP.findall(path):
            at = _item(text or "", at, int(index)) if index else _member(text or "", at, name)
        value, end = _value(text or "", at)
    except (ValueError, RecursionError):
        return None, None
    return value, (text or "")[at:end]


def _after_space(text: str, at: int) -> int:
    match = SPACE.match(text, at)
    return match.end() if match else at


def _value(text: str, at: int) -> tuple[Any, int]:
    value, end = DECODER.raw_decode(text, at)
    if isinstance(value, Number) and text[end : end + 1].strip(" \t\n\r,]}"):
        raise ValueError(f"{text[at : end + 1]} is no number")
    return value, end


def _member(text: str, at: int, wanted: str) -> int:
    """Where the member of an object starts; raises ValueError where there is none."""
    at = _after(text, at, "{")
    while True:
        name, at = _value(text, at)
        at = _after(text, _after_space(text, at), ":")
        if name == wanted:
            return at
        at = _after(text, _after_space(text, _value(text, at)[1]), ",")


def _item(text: str, at: int, index: int) -> int:
    """Where the item of an array starts; raises ValueError where there is none."""
    at = _after(text, at, "[")
    for _ in range(index):
        at = _after(text, _after_space(text, _value(text, at)[1]), ",")
    return at


def _after(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise ValueError(f"no {sign} at {at}")
    return _after_space(text, at + 1)
