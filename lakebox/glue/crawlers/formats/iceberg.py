"""Iceberg tables in a crawl: the newest metadata file of a folder -> the table as the catalog keeps it."""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from jobs.lake.store import StorageError, Store, StoredObject
from lakebox.glue.crawlers.formats.types import Array, HiveType, Map, Struct, text_of
from lakebox.glue.data_catalog.documents import Document

METADATA = re.compile(r"(.*/|)metadata/v?(\d+)(?:-[^/]*)?(?:\.gz)?\.metadata\.json")
TYPES = {"boolean": "boolean", "int": "int", "long": "bigint", "float": "float", "double": "double", "date": "date",
         "time": "string", "timestamp": "timestamp", "timestamptz": "timestamp", "timestamp_ns": "timestamp",
         "timestamptz_ns": "timestamp", "string": "string", "uuid": "string", "binary": "binary"}  # fmt: skip
DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")


def iceberg_tables(objects: Iterable[StoredObject]) -> dict[str, StoredObject]:
    """Folders that hold an Iceberg table, each with its newest metadata file."""
    found: dict[str, list[tuple[int, str, StoredObject]]] = defaultdict(list)
    for stored in objects:
        match = METADATA.fullmatch(stored.key)
        if match:
            found[match[1]].append((int(match[2]), stored.key, stored))
    return {folder: max(versions)[2] for folder, versions in found.items()}


def iceberg_input(store: Store, folder: str, newest: StoredObject, uri: str) -> Document:
    """The TableInput of an Iceberg table, without a name. uri: the bucket's. Raises StorageError on broken metadata."""
    try:
        content = store.read(newest.key) or b""
        metadata = json.loads(gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content)
        schema = _schema(metadata)
        columns = [
            {"Name": field["name"].lower(), "Type": text_of(_type(field["type"]))}
            | ({"Comment": field["doc"]} if field.get("doc") else {})
            for field in schema["fields"]
        ]
    except (ValueError, KeyError, TypeError, OSError, EOFError) as error:
        raise StorageError(f"{store.uri(newest.key)} is no Iceberg metadata ({error!r}); restore it") from error
    descriptor = {
        "Columns": columns,
        "Location": f"{uri}{folder}".rstrip("/"),
        "InputFormat": "org.apache.hadoop.mapred.FileInputFormat",
        "OutputFormat": "org.apache.hadoop.mapred.FileOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
        "Compressed": False,
        "NumberOfBuckets": 0,
        "StoredAsSubDirectories": False,
    }
    parameters = {"table_type": "ICEBERG", "metadata_location": f"{uri}{newest.key}"}
    return {
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "StorageDescriptor": descriptor,
        "PartitionKeys": [],
    }


def _schema(metadata: dict[str, Any]) -> dict[str, Any]:
    """The current schema: format 1 may have it alone."""
    current = metadata.get("current-schema-id")
    listed = [schema for schema in metadata.get("schemas", []) if schema.get("schema-id") == current]
    schema: dict[str, Any] = listed[0] if listed else metadata["schema"]
    return schema


def _type(kind: Any) -> HiveType:
    if isinstance(kind, str):
        decimal = DECIMAL.fullmatch(kind)
        return f"decimal({decimal[1]},{decimal[2]})" if decimal else TYPES.get(kind, "binary")
    if kind["type"] == "list":
        return Array(_type(kind["element"]))
    if kind["type"] == "map":
        return Map(_type(kind["key"]), _type(kind["value"]))
    return Struct(tuple((field["name"], _type(field["type"])) for field in kind["fields"]))
