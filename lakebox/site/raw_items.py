"""Reads one item of a raw file, as it was delivered, for the pages that follow an event from its file on."""

import gzip
import json
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lakebox.site.inventory import bucket_and_key

LARGEST = 32 * 10**6  # bytes of a file that are read for one item
LONGEST = 2_000  # characters of an item that are shown


def raw_item(s3: Any, uri: str, line_number: int) -> str | None:
    """The text of the item that starts on a line; None where the file is gone, too large, or of another form."""
    content = _content(s3, uri)
    if content is None:
        return None
    lines = content.decode(errors="replace").splitlines(keepends=True)
    if not 0 < line_number <= len(lines):
        return None
    text = "".join(lines[line_number - 1 : line_number + 400]).lstrip(" \t[,")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        end = len(text.split("\n", 1)[0])
    return text[:end][:LONGEST]


def _content(s3: Any, uri: str) -> bytes | None:
    """A file's bytes, unpacked; None where it can't be had."""
    try:
        if uri.startswith(("s3://", "s3a://")):
            bucket, key = bucket_and_key(uri)
            answer = s3.get_object(Bucket=bucket, Key=key)
            content: bytes = answer["Body"].read(LARGEST + 1)
        else:
            with Path(uri.removeprefix("file://")).open("rb") as file:
                content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            return None
        return gzip.decompress(content) if uri.endswith(".gz") else content
    except (OSError, EOFError, ClientError, BotoCoreError):  # the raw files need not be there any more
        return None
