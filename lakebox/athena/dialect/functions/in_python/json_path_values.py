"""What the steps and conditions of a JSON path do with values."""

import re
from collections.abc import Callable, Iterator
from typing import Any

KINDS = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", type(None): "null"}


class PathError(ValueError):
    """A value has not what the path asks for."""


def literal(word: str) -> Any:
    """A literal of a path."""
    if word[0] == '"':
        return re.sub(r"\\(.)", r"\1", word[1:-1])
    return float(word) if re.search("[.eE]", word) else int(word)


def number_of(value: Any) -> Any:
    """A number; raises PathError where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PathError("path evaluation failed: an item is no number")
    return value


def computed(sign: str, one: Any, other: Any) -> Any:
    """Arithmetic of two numbers; integers divide to an integer."""
    if sign in "+-*":
        return one + other if sign == "+" else one - other if sign == "-" else one * other
    if other == 0:
        raise PathError("path evaluation failed: division by zero")
    if isinstance(one, float) or isinstance(other, float):
        return one / other if sign == "/" else one - other * int(one / other)
    quotient = abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)
    return quotient if sign == "/" else one - other * quotient


def _to_double(value: Any) -> float:
    try:
        return float(value if isinstance(value, str) else number_of(value))
    except ValueError as error:
        raise PathError(f"path evaluation failed: {value} is no double") from error


def _rounded(value: Any, up: bool) -> Any:
    whole = number_of(value) // 1
    return type(value)(whole + 1 if up and whole != value else whole)


METHODS: dict[str, Callable[[Any], Any]] = {
    "abs": lambda value: abs(number_of(value)),
    "ceiling": lambda value: _rounded(value, up=True),
    "double": _to_double,
    "floor": lambda value: _rounded(value, up=False),
}


def key_values(value: Any, number: int) -> list[Any]:
    """The members of an object, with the number of the object."""
    if not isinstance(value, dict):
        raise PathError("path evaluation failed: an item is no JSON object")
    return [{"name": name, "value": inner, "id": number} for name, inner in value.items()]


def descendants(value: Any, key: Any) -> Iterator[Any]:
    """All members of a name, at any depth."""
    if isinstance(value, dict) and key in value:
        yield value[key]
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from descendants(inner, key)


def compared(one: Any, other: Any, sign: str) -> bool | None:
    """A comparison of two items; None of different kinds."""
    if sign == "starts":
        return one.startswith(other) if isinstance(one, str) and isinstance(other, str) else None
    if one is None or other is None:
        same = one is None and other is None
        return same if sign in ("==", "<=", ">=") else not same if sign in ("!=", "<>") else False
    kinds = ["number" if isinstance(side, float) else KINDS[type(side)] for side in (one, other)]
    if kinds[0] != kinds[1] or kinds[0] in ("object", "array"):
        return None
    if sign in ("==", "!=", "<>"):
        return bool((one == other) == (sign == "=="))
    order = (one > other) - (one < other)
    return order < 0 or (order == 0 and sign == "<=") if sign[0] == "<" else order > 0 or (order == 0 and sign == ">=")


def known(test: Callable[[], bool | None]) -> bool | None:
    """An answer; None where it ends in a PathError."""
    try:
        return test()
    except PathError:
        return None


def either(answers: list[bool | None]) -> bool | None:
    """Whether one of the answers is true."""
    return True if True in answers else None if None in answers else False


def negated(answer: bool | None) -> bool | None:
    """The other answer."""
    return None if answer is None else not answer
