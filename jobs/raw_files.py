"""Bytes of a raw file -> its items, each with its line: one object, an array, or JSON Lines, plain or gzipped.

The format is found from the content. Of JSON Lines a broken line is one broken item; a broken array, object, encoding
or gzip breaks the whole file, so a file is checked to its end before its first item is given out. JSON Lines are
streamed, documents are held as text.
"""

import codecs
import contextlib
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO, NamedTuple

from jobs.events import TOO_DEEP, Problem, check_depth, json_problem, no_constant

RAW_LIMIT = 65_536
CHUNK = 1 << 20
BLANK = " \t\r\n"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
RAW_SUFFIXES = (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz")

OpenAt = Callable[[int], BinaryIO]


class Item(NamedTuple):
    """One item: the line on which it starts, its text, and why the file as a whole is broken (None: it is not)."""

    line_number: int
    text: str
    problem: str | None = None


def is_raw_file(key: str) -> bool:
    """Whether a file is one to read: known ending, and no name or folder that starts with `_` or `.`."""
    hidden = any(part.startswith(("_", ".")) for part in key.split("/"))
    return key.lower().endswith(RAW_SUFFIXES) and not hidden


def items_of(open_at: OpenAt, *, gzipped: bool) -> Iterator[Item]:
    """The items of a file. A file that is broken as a whole gives one item, with a problem.

    open_at: opens the file as a stream from a byte on; asked more than once
    """
    problem = _content_problem(open_at, gzipped)
    if problem:
        yield Item(1, _start_of(open_at), problem)
        return
    with _lines(open_at, 0, gzipped=gzipped) as stream:
        numbered = enumerate(_without_mark(stream), start=1)
        first = next(_texts(numbered), None)
        if first is None:
            return
        if not _is_value(first.text):
            more = [line.decode() for _, line in numbered]
            yield from _document_or_lines(first.text, first.line_number, more)
            return
        rest = _texts(numbered)
        second = next(rest, None)
        if second is None:
            yield from _document(first.text, first.line_number)
        else:
            yield from chain((first, second), rest)


def lines_between(open_at: OpenAt, start: int, end: int) -> Iterator[bytes]:
    """The lines that start in the bytes [start, end): any cutting of a file gives each line once."""
    position = max(start - 1, 0)
    with _lines(open_at, position, gzipped=False) as stream:
        if start > 0:
            position += len(stream.readline())
        while position < end:
            line = stream.readline()
            if not line:
                return
            yield line
            position += len(line)


def items_between(open_at: OpenAt, start: int, end: int, first_line: int) -> Iterator[Item]:
    """The items of a part of a plain JSON Lines file whose first line has the number first_line."""
    lines = lines_between(open_at, start, end)
    return _texts(enumerate(_without_mark(lines) if start == 0 else lines, start=first_line))


def count_lines(open_at: OpenAt, start: int, end: int) -> int | None:
    """How many lines start in the bytes [start, end); None where one of them is not UTF-8."""
    count = 0
    try:
        for line in lines_between(open_at, start, end):
            line.decode()
            count += 1
    except UnicodeDecodeError:
        return None
    return count


def is_json_lines(open_at: OpenAt) -> bool:
    """Whether a plain file is JSON Lines by its first line: a whole object."""
    with _lines(open_at, 0, gzipped=False) as stream:
        try:
            text = next(_without_mark(stream), b"").decode().strip(BLANK)
        except UnicodeDecodeError:
            return False
    return text.startswith("{") and _is_value(text)


def kept_raw(text: str, reason: str) -> tuple[str, str]:
    """An item's text as quarantine keeps it, and the reason, which says where the text was cut."""
    if len(text) > RAW_LIMIT:
        reason = f"{reason} (first {RAW_LIMIT:,} of {len(text):,} characters kept)"
    shown = text[:RAW_LIMIT].replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
    return shown[:RAW_LIMIT], reason


@contextlib.contextmanager
def _lines(open_at: OpenAt, start: int, *, gzipped: bool) -> Iterator[BinaryIO]:
    with open_at(start) as stream:
        raw: Any = stream
        if gzipped:
            raw = gzip.GzipFile(fileobj=io.BufferedReader(raw, CHUNK))
        with io.BufferedReader(raw, CHUNK) as lines:
            yield lines


def _without_mark(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines, the first without its byte-order mark."""
    for number, line in enumerate(lines):
        yield line.removeprefix(codecs.BOM_UTF8) if number == 0 else line


def _texts(numbered: Iterable[tuple[int, bytes]]) -> Iterator[Item]:
    for number, line in numbered:
        text = line.decode().strip(BLANK)
        if text:
            yield Item(number, text)


def _content_problem(open_at: OpenAt, gzipped: bool) -> str | None:
    """What is wrong with the bytes of the file as a whole; None where they are text to the end."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    first = True
    try:
        with _lines(open_at, 0, gzipped=gzipped) as stream:
            while chunk := stream.read(CHUNK):
                if first and _looks_like_utf16(chunk):
                    return "the file is UTF-16 or UTF-32 text; save it as UTF-8"
                first = False
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except EOFError:
        return "broken gzip: the file ends too early, as after an upload that was cut off"
    except (gzip.BadGzipFile, zlib.error) as error:
        return f"broken gzip: {str(error)[:80]}"
    except UnicodeDecodeError:
        return "broken encoding: the file is not UTF-8 text"
    return None


def _looks_like_utf16(chunk: bytes) -> bool:
    nul = tuple(byte == 0 for byte in chunk[:4])
    return chunk.startswith(UTF16_MARKS) or (len(nul) == 4 and sum(nul) >= 2 and not all(nul))


def _start_of(open_at: OpenAt) -> str:
    with open_at(0) as stream:
        return stream.read(1000).decode("utf-8", "backslashreplace")


PLAIN_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=no_constant)


def _is_value(text: str) -> bool:
    """Whether a text is exactly one JSON value."""
    try:
        PLAIN_DECODER.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def _document_or_lines(first: str, first_number: int, more: list[str]) -> Iterator[Item]:
    """The first line is no whole value: the text is one document over many lines, or JSON Lines with a broken start."""
    text = first + "\n" + "".join(more)
    found = _document(text, first_number)
    only = next(found, None)
    if only and only.problem and only.line_number == first_number and _are_lines(first, more, text):
        yield Item(first_number, first)
        yield from _texts((number, line.encode()) for number, line in enumerate(more, start=first_number + 1))
    elif only:
        more.clear()
        yield from chain((only,), found)


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
    return bool(lines) and (
        _starts_with_value(first) or any(line.startswith("{") and _is_value(line) for line in lines)
    )


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


def _document(text: str, line_number: int) -> Iterator[Item]:
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
