"""Reads JSON with each number's own text, and writes it with sorted keys, so that equal events hash alike."""

import json
import re
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, NoReturn

DEEPEST = 500
TOO_DEEP = f"nested more than {DEEPEST} levels deep"
STRING_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)
LONGEST_NUMBER = 400


class Problem(Exception):  # noqa: N818 it is an answer, not a failure
    """Why an item can't become an event: a sentence that a person understands."""


class Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Problem(f"the key {shown(_repeated([name for name, _ in pairs]))} stands twice in one object")
    return members


def _repeated(names: list[str]) -> str:
    before: set[str] = set()
    return next(name for name in names if name in before or before.add(name))  # type: ignore[func-returns-value]


def no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python's parser would take."""
    raise ValueError(f"{name} is not a JSON number")


DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=no_constant, object_pairs_hook=_unique)


def load_item(text: str) -> Any:
    """A JSON value, numbers as Number; raises Problem where the text, which has no blanks around it, is not one."""
    check_depth(text)
    try:
        item, end = DECODER.raw_decode(text)
    except json.JSONDecodeError as error:
        raise Problem(json_problem(error)) from None
    except ValueError as error:
        raise Problem(f"malformed JSON: {error}") from None
    except RecursionError:
        raise Problem(TOO_DEEP) from None
    if end != len(text):
        raise Problem(json_problem(json.JSONDecodeError("Extra data", text, end)))
    return item


def json_problem(error: json.JSONDecodeError) -> str:
    """A parser's error as a reason."""
    if error.msg == "Extra data":
        return f"malformed JSON: more text after the first value, at character {error.pos + 1}"
    what = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
    return f"malformed JSON: {what}, at character {error.pos + 1}"


def check_depth(text: str) -> None:
    """Raise Problem where brackets nest deeper than any event needs. A text with few brackets is not looked through."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth = 0
    for match in STRING_OR_BRACKET.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            if depth > DEEPEST:
                raise Problem(TOO_DEEP)
        elif mark in "]}":
            depth -= 1


def json_text(value: Any) -> str:
    """Compact JSON with sorted keys, numbers as they were written."""
    kind = type(value)
    if kind is Number:
        return str(value)
    if kind is str:
        return encode_basestring(value)
    parts = []  # filled in loops: one frame a level, so that DEEPEST levels stay below Python's own limit
    if kind is dict:
        for name in sorted(value):
            parts.append(f"{encode_basestring(name)}:{json_text(value[name])}")
        return f"{{{','.join(parts)}}}"
    if kind is list:
        for element in value:
            parts.append(json_text(element))
        return f"[{','.join(parts)}]"
    return "null" if value is None else "true" if value else "false"


def number_text(number: Number) -> str:
    """A JSON number as decimal text: 1e3 is 1000. One of absurd length or exponent stays as it was written."""
    _, _, exponent = number.lower().partition("e")
    if not exponent or len(number) > LONGEST_NUMBER or abs(int(exponent)) > LONGEST_NUMBER:
        return str(number)
    return format(Decimal(number), "f")


def shown(value: Any) -> str:
    """A value in a reason, cut to a readable length."""
    text = json_text(value)
    cut = text if len(text) <= 60 else f"{text[:57]}…"
    return cut.encode("utf-8", "backslashreplace").decode()
