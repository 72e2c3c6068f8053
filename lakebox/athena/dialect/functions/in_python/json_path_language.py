"""The JSON paths of SQL, lax and strict: a text becomes a function from JSON to the items that the path finds.

A step is a function of the root, the current item and a value to the items after it; a condition answers true, false
or None where it is not known, as of a text that is compared with a number.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from typing import Any

from lakebox.athena.dialect.functions.in_python.json_path_values import (
    KINDS,
    METHODS,
    PathError,
    compared,
    computed,
    descendants,
    either,
    key_values,
    known,
    literal,
    negated,
    number_of,
)

TOKEN = re.compile(
    r'\s*("(?:[^"\\]|\\.)*"|\d+(?:[.]\d+)?(?:[eE][+-]?\d+)?|[$A-Za-z_]\w*|&&|\|\||==|!=|<>|<=|>=|[.][.]|\S)'
)
COMPARISONS = ("==", "!=", "<>", "<", "<=", ">", ">=")
Items = Callable[[Any, Any], list[Any]]  # of the root and the current item
Condition = Callable[[Any, Any], bool | None]


@cache
def json_path(text: str) -> Callable[[Any], list[Any]]:
    """The items that a path finds in a value; raises PathError. A ValueError says that the text is no path."""
    parser = _Parser(text)
    mode = parser.take()
    if mode not in ("lax", "strict"):
        raise ValueError("a JSON path starts with lax $ or strict $")
    parser.is_lax = mode == "lax"
    items = parser.sum()
    if parser.next:
        raise parser.wrong()
    return lambda root: items(root, root)


class _Parser:
    """Reads a path from left to right."""

    is_lax = True

    def __init__(self, text: str) -> None:
        self._text, self._words, end = text, list[str](), 0
        while match := TOKEN.match(text, end):
            self._words.append(match[1])
            end = match.end()

    @property
    def next(self) -> str:
        return self._words[0] if self._words else ""

    def take(self, *wanted: str) -> str:
        """Read a word, one of these where some are given."""
        if not self._words or (wanted and self.next not in wanted):
            raise self.wrong()
        return self._words.pop(0)

    def wrong(self) -> ValueError:
        return ValueError(f"the JSON path {self._text} is not supported by the embedded engine at '{self.next}'")

    def sum(self) -> Items:
        value = self.product()
        while self.next in ("+", "-"):
            value = self._arithmetic(self.take(), value, self.product())
        return value

    def product(self) -> Items:
        value = self.signed()
        while self.next in ("*", "/", "%"):
            value = self._arithmetic(self.take(), value, self.signed())
        return value

    def signed(self) -> Items:
        if self.next in ("+", "-"):
            sign, value = self.take(), self.signed()
            return self._each_number(value, lambda one: -one if sign == "-" else one)
        return self.accessed()

    def accessed(self) -> Items:
        value = self.primary()
        while self.next in (".", "..", "[", "?"):
            value = self._after(value, self.step())
        return value

    def primary(self) -> Items:
        word = self.take()
        if word == "(":
            inner = self.sum()
            self.take(")")
            return inner
        if word in ("$", "@"):
            return (lambda root, _: [root]) if word == "$" else (lambda _, current: [current])
        literals: dict[str, Any] = {"true": True, "false": False, "null": None}
        if word[0] == '"' or word in literals or word[0].isdigit():
            value = literals[word] if word in literals else literal(word)
            return lambda _root, _current: [value]
        self._words.insert(0, word)
        raise self.wrong()

    def step(self) -> Callable[[Any, Any, Any], Iterator[Any]]:
        sign = self.take()
        if sign == "[":
            return self._subscripts()
        if sign == "?":
            self.take("(")
            test = self.either()
            self.take(")")
            return lambda root, _, value: (one for one in self._flat(value) if test(root, one))
        name = self.take()
        if self.next == "(" and sign == ".":
            self.take("(")
            self.take(")")
            return self._method(name)
        key = None if name == "*" and sign == "." else literal(name) if name[0] == '"' else name
        if key is not None and not re.match(r'[A-Za-z_"]', name):
            self._words.insert(0, name)
            raise self.wrong()
        return lambda _root, _, value: descendants(value, key) if sign == ".." else self._members(value, key)

    def either(self) -> Condition:
        tests = [self.both()]
        while self.next == "||":
            self.take()
            tests.append(self.both())
        return lambda root, one: either([test(root, one) for test in tests])

    def both(self) -> Condition:
        tests = [self.test()]
        while self.next == "&&":
            self.take()
            tests.append(self.test())
        return lambda root, one: negated(either([negated(test(root, one)) for test in tests]))

    def test(self) -> Condition:
        if self.next == "!":
            self.take()
            inner = self.test()
            return lambda root, one: negated(inner(root, one))
        if self.next == "exists":
            self.take()
            self.take("(")
            found = self.sum()
            self.take(")")
            return lambda root, one: known(lambda: bool(found(root, one)))
        if self.next == "(" and (grouped := self._grouped()) is not None:
            return grouped
        left, sign = self.sum(), self.take(*COMPARISONS, "starts")
        if sign == "starts":
            self.take("with")
        right = self.sum()
        return lambda root, one: known(lambda: self._any_pair(left(root, one), right(root, one), sign))

    def _grouped(self) -> Condition | None:
        """( condition ), with `is unknown` after it; None where the parenthesis is that of a value."""
        before = list(self._words)
        try:
            self.take("(")
            inner = self.either()
            self.take(")")
        except ValueError:
            self._words = before
            return None
        if self._words[:2] == ["is", "unknown"]:
            self._words = self._words[2:]
            return lambda root, one: inner(root, one) is None
        return inner

    def _any_pair(self, left: list[Any], right: list[Any], sign: str) -> bool | None:
        pairs = [
            compared(one, other, sign)
            for first in left
            for one in self._flat(first)
            for second in right
            for other in self._flat(second)
        ]
        return None if not self.is_lax and None in pairs else either(pairs)

    def _after(self, value: Items, step: Callable[[Any, Any, Any], Iterator[Any]]) -> Items:
        return lambda root, current: [item for one in value(root, current) for item in step(root, current, one)]

    def _flat(self, value: Any) -> list[Any]:
        return value if isinstance(value, list) and self.is_lax else [value]

    def _members(self, value: Any, key: Any) -> Iterator[Any]:
        for one in self._flat(value):
            if not isinstance(one, dict):
                if not self.is_lax:
                    raise PathError("path evaluation failed: an item is no JSON object")
            elif key is None:
                yield from one.values()
            elif key in one:
                yield one[key]
            elif not self.is_lax:
                raise PathError(f"path evaluation failed: structural error: missing member '{key}' in JSON object")

    def _subscripts(self) -> Callable[[Any, Any, Any], Iterator[Any]]:
        ranges: list[tuple[Items, Items | None]] = []
        if self.next == "*":
            self.take()
        else:
            while True:
                first = self._place()
                ranges.append((first, self._place() if self.next == "to" and self.take() else None))
                if self.next != ",":
                    break
                self.take()
        self.take("]")
        return lambda root, current, value: self._items_at(root, current, value, ranges)

    def _place(self) -> Items:
        if self.next != "last":
            return self.sum()
        self.take()
        less = self.primary() if self.next == "-" and self.take() else None
        return lambda root, one: [-1 - (less(root, one)[0] if less else 0)]

    def _items_at(self, root: Any, current: Any, value: Any, ranges: list[tuple[Items, Items | None]]) -> Iterator[Any]:
        items = value if isinstance(value, list) else [value] if self.is_lax else None
        if items is None:
            raise PathError("path evaluation failed: an item is no JSON array")
        if not ranges:
            yield from items
        for first, last in ranges:
            ends = [one(root, current)[0] for one in (first, last or first)]
            start, end = (place + len(items) if place < 0 else place for place in ends)
            if not self.is_lax and not 0 <= start <= end < len(items):
                raise PathError("path evaluation failed: structural error: invalid array subscript")
            yield from items[max(start, 0) : max(end + 1, 0)]

    def _method(self, name: str) -> Callable[[Any, Any, Any], Iterator[Any]]:
        if name == "type":
            return lambda _root, _, value: iter([KINDS.get(type(value), "number")])
        if name == "size":
            return lambda _root, _, value: iter([self._size(value)])
        if name == "keyvalue":
            numbers = count()
            return lambda _root, _, value: (
                item for one in self._flat(value) for item in key_values(one, next(numbers))
            )
        if name not in METHODS:
            self._words.insert(0, name)
            raise self.wrong()
        return lambda _root, _, value: (METHODS[name](one) for one in self._flat(value))

    def _size(self, value: Any) -> int:
        if not isinstance(value, list) and not self.is_lax:
            raise PathError("path evaluation failed: an item is no JSON array")
        return len(value) if isinstance(value, list) else 1

    def _each_number(self, value: Items, change: Callable[[Any], Any]) -> Items:
        return lambda root, current: [
            change(number_of(one)) for item in value(root, current) for one in self._flat(item)
        ]

    def _arithmetic(self, sign: str, left: Items, right: Items) -> Items:
        def answer(root: Any, current: Any) -> list[Any]:
            sides = [[one for item in side(root, current) for one in self._flat(item)] for side in (left, right)]
            if any(len(side) != 1 for side in sides):
                raise PathError("path evaluation failed: arithmetic takes one number on each side")
            return [computed(sign, number_of(sides[0][0]), number_of(sides[1][0]))]

        return answer
