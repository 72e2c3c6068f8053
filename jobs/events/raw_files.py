"""Reads the items of a raw file, each with its line: one object, an array, or JSON Lines, plain or gzipped.

The content decides the format. In JSON Lines a broken line is one broken item; a broken array, object, encoding or
gzip breaks the whole file, so a file is checked to its end before its first item is returned. JSON Lines are streamed;
a file with one object or array is held as text.
"""

import codecs
import contextlib
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO

from jobs.events.raw_documents import BLANK, Item, document, document_or_lines, is_value, texts_of

RAW_LIMIT = 65_536
CHUNK = 1 << 20
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

OpenAt = Callable[[int], BinaryIO]


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
        first = next(texts_of(numbered), None)
        if first is None:
            return
        if not is_value(first.text):
            more = [line.decode() for _, line in numbered]
            yield from document_or_lines(first.text, first.line_number, more)
            return
        rest = texts_of(numbered)
        second = next(rest, None)
        if second is None:
            yield from document(first.text, first.line_number)
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
    return texts_of(enumerate(_without_mark(lines) if start == 0 else lines, start=first_line))


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
    return text.startswith("{") and is_value(text)


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
