"""Splits the text of a raw file into its items, each with its line: one object, one array, or broken JSON Lines."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from jobs.events.json_text import TOO_DEEP, Problem, check_depth, json_problem, no_constant

BLANK = " \t\r\n"
PLAIN_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=no_constant)


class Item(NamedTuple):
    """One item: the line on which it starts, its text, and why the file as a whole is broken (None: it is not)."""

    line_number: int
    text: str
    problem: str | None = None


def texts_of(numbered: Iterable[tuple[int, bytes]]) -> Iterator[Item]:
    """An item for each numbered line that is not blank."""
    for number, line in numbered:
        text = line.decode().strip(BLANK)
        if text:
            yield Item(number, text)


def is_value(text: str) -> bool:
    """Whether a text is exactly one JSON value."""
    try:
        PLAIN_DECODER.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def document_or_lines(first: str, first_number: int, more: list[str]) -> Iterator[Item]:
    """The first line is no whole value: the text is one document over many lines, or JSON Lines with a broken start."""
    text = first + "\n" + "".join(more)
    items = document(text, first_number)
    only = next(items, None)
    if only and only.problem and only.line_number == first_number and _are_lines(first, more, text):
        yield Item(first_number, first)
        yield from texts_of((number, line.encode()) for number, line in enumerate(more, start=first_number + 1))
    elif only:
        more.clear()
        yield from chain((only,), items)


def _are_lines(first: str, more: list[str], text: str) -> bool:
    """Whether a broken text is rather JSON Lines: one value and more stand on its first line, or a whole object on one
    of the others. A first line that opens a bracket at its end, or the punctuation of an array, says that it is a
    document; so does one that ends in `:` or `,` and goes on well on the next line, and an array that goes well to the
    end of its first line.
    """
    if first.startswith(("[", "{")) and (first.endswith(("[", "{")) or _goes_on(first, text)):
        return False
    lines = [line.rstrip() for line in more if line.strip()]
    if first.startswith("[") and any(line.endswith(",") or line.startswith(("]", ",")) for line in [first, *lines]):
        return False
    return bool(lines) and (_starts_with_value(first) or any(line.startswith("{") and is_value(line) for line in lines))


def _goes_on(first: str, text: str) -> bool:
    """Whether the first line ends in the middle of an object or array, and the next one starts with what may follow."""
    if not first.endswith((":", ",")):
        return False
    try:
        json.JSONDecoder(parse_float=str, parse_int=str).raw_decode(text)
    except json.JSONDecodeError as error:
        return error.pos > _skip_blank(text, len(first))
    except RecursionError:
        return True
    return False  # a whole value, and more


def _starts_with_value(text: str) -> bool:
    try:
        PLAIN_DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def document(text: str, line_number: int) -> Iterator[Item]:
    """The items of one object or array; a broken one gives one item, with a problem."""
    if not text.startswith("["):
        text = text.rstrip(" \t\r\n")
        yield Item(line_number, text, _value_problem(text))
        return
    try:
        spans = list(_element_spans(text))
    except Problem as problem:
        yield Item(line_number, text, f"broken array: {problem}")
        return
    except json.JSONDecodeError as error:
        yield Item(line_number + text.count("\n", 0, error.pos), text, f"broken array: {json_problem(error)}")
        return
    counted = 0
    for start, end in spans:
        line_number += text.count("\n", counted, start)
        counted = start
        yield Item(line_number, text[start:end])


def _value_problem(text: str) -> str | None:
    """Why a text over several lines is no JSON value; None where it is one, or where an item's own check will say."""
    if "\n" not in text:
        return None
    try:
        check_depth(text)
        PLAIN_DECODER.decode(text)
    except Problem as problem:
        return f"broken object: {problem}"
    except json.JSONDecodeError as error:
        return f"broken object: {json_problem(error)}"
    except ValueError as error:
        return f"broken object: malformed JSON: {error}"
    return None


def _element_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each element of an array starts and ends; raises JSONDecodeError or Problem where the array is broken."""
    position = _skip_blank(text, 1)
    if text[position : position + 1] != "]":
        while True:
            end = _end_of_value(text, position)
            check_depth(text[position:end])
            yield position, end
            position = _skip_blank(text, end)
            if text[position : position + 1] != ",":
                break
            position = _skip_blank(text, position + 1)
    if text[position : position + 1] != "]":
        raise json.JSONDecodeError("Expecting ',' or ']'", text, position)
    position = _skip_blank(text, position + 1)
    if position != len(text):
        raise json.JSONDecodeError("Extra data", text, position)


def _end_of_value(text: str, start: int) -> int:
    try:
        return PLAIN_DECODER.raw_decode(text, start)[1]
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise Problem(TOO_DEEP) from None
    except ValueError as error:
        raise json.JSONDecodeError(f"An element in which {error}", text, start) from None


def _skip_blank(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position
