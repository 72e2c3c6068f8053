"""Finds out an object's format and reads its schema: a user's own classifiers first, then Glue's built-in ones."""

import bz2
import io
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from jobs.lake.store import Store, StoredObject
from lakebox.glue.crawlers.formats.delimited import csv_schema, csv_schema_by
from lakebox.glue.crawlers.formats.json_records import json_schema
from lakebox.glue.crawlers.formats.schema import FileSchema, Sample, UnreadableError
from lakebox.glue.data_catalog.documents import Document

STEP, MOST = 1 << 20, 10 << 20  # Glue reads a megabyte, and up to ten where a record is that long
PARQUET, ORC, AVRO, GZIP, BZIP = b"PAR1", b"ORC", b"Obj\x01", b"\x1f\x8b", b"BZh"
LONGEST_MAGIC = 16
UNPACKERS: dict[bytes, tuple[str, Callable[[], Any]]] = {
    GZIP: ("gzip", lambda: zlib.decompressobj(zlib.MAX_WBITS | 16)),
    BZIP: ("bzip2", bz2.BZ2Decompressor),
}
REFUSED = {b"PK\x03\x04": "ZIP", b"\x04\x22\x4d\x18": "LZ4", b"\xff\x06\x00\x00sNaPpY": "Snappy",
           b"\x28\xb5\x2f\xfd": "Zstandard"}  # fmt: skip


def schema_of(store: Store, stored: StoredObject, classifiers: Sequence[Document] = ()) -> FileSchema:
    """The schema of an object. Raises UnreadableError where no classifier knows it, StorageError."""
    from lakebox.glue.crawlers.formats.columnar import avro_schema, orc_schema, parquet_schema  # pyarrow takes 0.2 s

    if stored.key.endswith(".parquet"):
        return parquet_schema(store, stored)
    with store.open(stored.key) as stream:
        head = stream.read(LONGEST_MAGIC)
        if head.startswith(PARQUET):
            return parquet_schema(store, stored)
        if head.startswith(ORC):
            return orc_schema(store, stored)
        if head.startswith(AVRO):
            return avro_schema(io.BytesIO(head + stream.read(STEP)), stored)
        for magic, name in REFUSED.items():
            if head.startswith(magic):
                raise UnreadableError(f"{name} files are not read by lakebox; store them as gzip or uncompressed")
        head += stream.read(STEP - len(head))
        while True:
            try:
                return _text_schema(_sample(head, stored.size), classifiers)
            except UnreadableError:
                more = stream.read(STEP) if _may_be_one_record(head) else b""
                if not more:
                    raise
                head += more


def _may_be_one_record(head: bytes) -> bool:
    return len(head) < MOST and (head.startswith((GZIP, BZIP)) or head.lstrip()[:1] in (b"{", b"["))


def _text_schema(sample: Sample, classifiers: Sequence[Document]) -> FileSchema:
    for classifier in classifiers:
        try:
            if "JsonPath" in classifier:
                return json_schema(sample, classifier["JsonPath"])
            return csv_schema_by(sample, classifier)
        except UnreadableError:
            continue
    if sample.text.lstrip()[:1] in ("{", "["):
        return json_schema(sample)
    return csv_schema(sample)


def _sample(head: bytes, size: int) -> Sample:
    """The beginning of a text file, decompressed. Raises UnreadableError where it is no text."""
    content, compression, whole_bytes, is_whole = head, "none", size, len(head) >= size
    try:
        for magic, (name, new_unpacker) in UNPACKERS.items():
            if head.startswith(magic):
                compression, content, ended = name, *_unpacked(head, magic, new_unpacker)
        if compression != "none":
            if is_whole and not ended and len(content) < MOST:
                raise UnreadableError(f"broken: the {compression} file ends too early")
            is_whole = is_whole and ended
            whole_bytes = len(content) if is_whole else round(len(content) / len(head) * size)
    except (zlib.error, OSError, ValueError) as error:
        raise UnreadableError(f"broken: {error}") from error
    if b"\0" in content:
        raise UnreadableError("neither text nor Parquet, ORC or Avro")
    text = content.decode("utf-8-sig", errors="replace")
    return Sample(text, is_whole, whole_bytes, compression)


def _unpacked(head: bytes, magic: bytes, new_unpacker: Callable[[], Any]) -> tuple[bytes, bool]:
    """What the beginning of a file, of one or several streams, unpacks to, and whether the last stream ended there."""
    content, rest = b"", head
    while rest.startswith(magic) and len(content) < MOST:
        unpacker = new_unpacker()
        content += unpacker.decompress(rest, MOST)
        if not unpacker.eof:
            return content, False
        rest = unpacker.unused_data
    return content, not rest
