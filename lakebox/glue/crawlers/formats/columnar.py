"""Parquet, ORC and Avro -> columns, from what the file itself says of them; no rows are read."""

import json
from typing import Any, BinaryIO

import pyarrow as pa

from jobs.lake.parquet import ObjectFile, footer
from jobs.lake.store import Store, StoredObject
from lakebox.glue.crawlers.formats.schema import FileSchema, UnreadableError
from lakebox.glue.crawlers.formats.types import Array, Columns, HiveType, Map, Struct, parsed
from lakebox.glue.parquet_schema import hive_type_of_arrow

AVRO_TYPES = {"null": None, "boolean": "boolean", "int": "int", "long": "bigint", "float": "float", "double": "double",
              "bytes": "binary", "string": "string", "fixed": "binary", "enum": "string"}  # fmt: skip
AVRO_LOGICAL = {"date": "date", "timestamp-millis": "timestamp", "timestamp-micros": "timestamp",
                "local-timestamp-millis": "timestamp", "local-timestamp-micros": "timestamp"}  # fmt: skip
SYNC_BYTES = 16
LONGEST_NUMBER = 63  # bits


def parquet_schema(store: Store, stored: StoredObject) -> FileSchema:
    """The schema in a Parquet file's footer. Raises UnreadableError where it has none."""
    found = footer(store, stored)
    if found is None:
        raise UnreadableError("no Parquet file: its footer can't be read")
    columns = _arrow_columns(found.schema.to_arrow_schema())
    return FileSchema("parquet", "none", columns, found.num_rows, stored.size // max(1, found.num_rows))


def orc_schema(store: Store, stored: StoredObject) -> FileSchema:
    """The schema in an ORC file's footer. Raises UnreadableError where it has none."""
    from pyarrow import orc  # takes 20 ms, and few lakes have ORC

    try:
        found = orc.ORCFile(ObjectFile(store, stored))
        columns = _arrow_columns(found.schema)
        return FileSchema("orc", "none", columns, found.nrows, stored.size // max(1, found.nrows))
    except (pa.ArrowException, OSError) as error:
        raise UnreadableError("no ORC file: its footer can't be read") from error


def avro_schema(content: BinaryIO, stored: StoredObject) -> FileSchema:
    """The schema at the beginning of an Avro file; the number of records is estimated by the first block.

    content: the file from its first byte on. Raises UnreadableError where the header is broken.
    """
    try:
        content.read(4)
        header: dict[str, bytes] = {}
        while count := _number(content):
            if count < 0:
                _number(content)  # size of the block in bytes
            for _ in range(abs(count)):
                name = content.read(_number(content)).decode()
                header[name] = content.read(_number(content))
        content.read(SYNC_BYTES)
        records, size = _first_block(content)
        text = header["avro.schema"].decode()
        kind = _avro_type(json.loads(text), {})
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise UnreadableError("no Avro file: its header can't be read") from error
    if not isinstance(kind, Struct):
        raise UnreadableError("an Avro file whose schema is not a record")
    blocks = round((stored.size - content.tell()) / (size + SYNC_BYTES))
    count = records * max(1, blocks)
    return FileSchema("avro", "none", _folded(kind.fields), count, size // max(1, records), {"avro_schema": text})


def _arrow_columns(schema: pa.Schema) -> Columns:
    named = [(field.name, hive_type_of_arrow(field.type)) for field in schema]
    return _folded(tuple((name, parsed(kind)) for name, kind in named if kind is not None))


def _folded(columns: Columns) -> Columns:
    """Names in lower case, as the catalog keeps them; the first of two that differ in case only."""
    found: dict[str, HiveType] = {}
    for name, kind in columns:
        found.setdefault(name.lower(), kind)
    return tuple(found.items())


def _first_block(content: BinaryIO) -> tuple[int, int]:
    """Records and bytes of the first block; zeros in a file without rows."""
    try:
        return _number(content), _number(content)
    except IndexError:
        return 0, 0


def _number(content: BinaryIO) -> int:
    """Avro's long: 7 bits a byte, the lowest first, the sign in the lowest bit. Raises IndexError, ValueError."""
    value = shift = 0
    while True:
        byte = content.read(1)[0]
        if shift > LONGEST_NUMBER:
            raise ValueError("a number that does not end")
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1)
        shift += 7


def _avro_type(schema: Any, named: dict[str, HiveType]) -> HiveType:
    if isinstance(schema, list):
        kinds = [_avro_type(one, named) for one in schema if one != "null"]
        return kinds[0] if len(kinds) == 1 else "string" if kinds else None
    if isinstance(schema, str):
        return AVRO_TYPES[schema] if schema in AVRO_TYPES else named[schema.rpartition(".")[2]]
    outer = schema["type"]
    if schema.get("logicalType") == "decimal":
        return f"decimal({schema['precision']},{schema.get('scale', 0)})"
    if schema.get("logicalType") in AVRO_LOGICAL:
        return AVRO_LOGICAL[schema["logicalType"]]
    if outer == "array":
        return Array(_avro_type(schema["items"], named))
    if outer == "map":
        return Map("string", _avro_type(schema["values"], named))
    if outer == "record":
        fields = tuple((field["name"], _avro_type(field["type"], named)) for field in schema["fields"])
        return named.setdefault(schema["name"].rpartition(".")[2], Struct(fields))
    kind = _avro_type(outer, named)
    if "name" in schema:
        named[schema["name"].rpartition(".")[2]] = kind
    return kind
