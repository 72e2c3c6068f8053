"""Reads pages of rows back from result files, as GetQueryResults gives them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from lakebox.athena.service.errors import invalid
from lakebox.athena.service.results.objects import ResultObjects

FIELD = re.compile(rb'(?:"((?:[^"]|"")*)")?(?:,|\n)')


def page_of_rows(objects: ResultObjects, uri: str, token: str | None, most: int) -> tuple[list[Any], str | None]:
    """At most so many rows from a token on, in boto3's shape, and the token of the next page, if there is one.

    A token is the place in the file where its page starts. A .txt file has one value a row: a whole line.
    """
    if token is not None and not token.isdigit():
        raise invalid(f"NextToken {token!r} is not one that an earlier page gave")
    place = int(token or 0)
    is_csv = uri.endswith(".csv")
    rows: list[Any] = []
    try:
        stream = objects.reading(uri, place)
    except FileNotFoundError:
        raise invalid(f"Could not find results: {uri} is not there any more", "RESULT_NOT_FOUND") from None
    with stream:
        for record in _records(stream) if is_csv else stream:
            if len(rows) == most:
                return rows, str(place)
            rows.append({"Data": [_datum(value) for value in (_fields(record) if is_csv else [_line(record)])]})
            place += len(record)
    return rows, None


def _records(stream: BinaryIO) -> Iterator[bytes]:
    """The records of a CSV file; line breaks within quotes end none."""
    parts: list[bytes] = []
    open_quotes = False
    for line in stream:
        parts.append(line)
        open_quotes ^= line.count(b'"') % 2 == 1
        if not open_quotes:
            yield b"".join(parts)
            parts = []


def _fields(record: bytes) -> Sequence[str | None]:
    """The values of a record; most have no null and no quote within, and so as many quotes as two a value."""
    plain = record[1:-2].split(b'","')
    if record[:1] == b'"' and record[-2:] == b'"\n' and record.count(b'"') == 2 * len(plain):
        return [text.decode("utf-8", "replace") for text in plain]
    texts = (match[1] for match in FIELD.finditer(record))
    return [None if text is None else text.replace(b'""', b'"').decode("utf-8", "replace") for text in texts]


def _line(record: bytes) -> str:
    return record.removesuffix(b"\n").decode("utf-8", "replace")


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}
