"""What a crawl has found -> TableInput and PartitionInput, as Glue's crawlers write them."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.tables import DATABASE, Table
from lakebox.glue.crawlers.formats.schema import FileSchema
from lakebox.glue.crawlers.formats.types import Columns, parsed, text_of, with_new_fields
from lakebox.glue.crawlers.grouping import CrawledFile, FoundTable, schema_of_all
from lakebox.glue.crawlers.targets import Place
from lakebox.glue.data_catalog.documents import Document

LONGEST_NAME = 128
OWNER, DEPRECATED = "UPDATED_BY_CRAWLER", "DEPRECATED_BY_CRAWLER"  # parameters that say so
HIVE = "org.apache.hadoop.hive"
TEXT = ("org.apache.hadoop.mapred.TextInputFormat", f"{HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat")
FORMATS = {
    "parquet": (
        f"{HIVE}.ql.io.parquet.MapredParquetInputFormat",
        f"{HIVE}.ql.io.parquet.MapredParquetOutputFormat",
        f"{HIVE}.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "orc": (f"{HIVE}.ql.io.orc.OrcInputFormat", f"{HIVE}.ql.io.orc.OrcOutputFormat", f"{HIVE}.ql.io.orc.OrcSerde"),
    "avro": (
        f"{HIVE}.ql.io.avro.AvroContainerInputFormat",
        f"{HIVE}.ql.io.avro.AvroContainerOutputFormat",
        f"{HIVE}.serde2.avro.AvroSerDe",
    ),
    "json": (*TEXT, "org.openx.data.jsonserde.JsonSerDe"),
    "csv": (*TEXT, f"{HIVE}.serde2.lazy.LazySimpleSerDe"),
}
OPEN_CSV = f"{HIVE}.serde2.OpenCSVSerde"


@dataclass(frozen=True)
class Registrable:
    """A table that a crawl would register: its name but for collisions, its TableInput without one, its partitions."""

    name: str
    table: Document
    partitions: tuple[Document, ...] = ()

    @property
    def location(self) -> str:
        """Where its files lie."""
        return str(self.table["StorageDescriptor"]["Location"])


def registrable(found: FoundTable, place: Place, crawler: Document, exclusions: Sequence[str]) -> Registrable:
    """A table that was found below a target."""
    schema, keys = found.schema, found.keys
    taken = {name.lower() for name, _ in schema.columns}
    if schema.classification == "csv":  # its columns are read by place, so a key that is called alike gives way
        keys = tuple(f"partition_{at}" if key in taken else key for at, key in enumerate(keys))
    marks = {"exclusions": json.dumps([f"{place.uri}{place.key}{glob}" for glob in exclusions])} if exclusions else {}
    descriptor = _descriptor(schema, keys, found.files, f"{place.uri}{found.folder}", marks)
    partitions = []
    for partition in found.partitions:
        own = schema_of_all(partition.files)
        at = _descriptor(own, keys, partition.files, f"{place.uri}{partition.folder}", {})
        partitions.append({"Values": list(partition.values), "StorageDescriptor": at, "Parameters": at["Parameters"]})
    table = _table(descriptor, [{"Name": key, "Type": "string"} for key in keys])
    return Registrable(table_name(place, found.folder, crawler.get("TablePrefix", "")), table, tuple(partitions))


def known_registrable(known: Table, found: FoundTable, place: Place, crawler: Document) -> Registrable:
    """A table of catalog/: its columns and partition keys are as there; columns that only files have come last."""
    there = {column.name for column in (*known.columns, *known.partitions)}
    more = [(name, kind) for name, kind in found.schema.columns if name not in there] if found.files else []
    columns = [{"Name": one.name, "Type": one.type, "Comment": one.comment} for one in known.columns]
    columns += [{"Name": name, "Type": text_of(kind)} for name, kind in more]
    schema = found.schema if found.files else FileSchema("parquet", "none", (), 0, 0)
    descriptor = _descriptor(schema, (), found.files, f"{place.uri}{known.location}", {}) | {"Columns": columns}
    partitions = []
    for partition in found.partitions:
        own = _descriptor(schema_of_all(partition.files), (), partition.files, f"{place.uri}{partition.folder}", {})
        own |= {"Columns": columns}
        partitions.append({"Values": list(partition.values), "StorageDescriptor": own, "Parameters": own["Parameters"]})
    keys = [{"Name": one.name, "Type": one.type, "Comment": one.comment} for one in known.partitions]
    name = known.name
    if crawler.get("DatabaseName", "").lower() != DATABASE:
        name = table_name(place, known.location, crawler.get("TablePrefix", ""))
    return Registrable(name, _table(descriptor, keys) | {"Description": known.comment}, tuple(partitions))


def table_name(place: Place, folder: str, prefix: str) -> str:
    """A table's name: its folder's, or the bucket's, in letters, digits and underscores, behind the prefix."""
    last = folder.rstrip("/").rpartition("/")[2] or place.bucket
    return re.sub(r"[^a-z0-9_]", "_", f"{prefix}{last}".lower())[:LONGEST_NAME]


def other_name(name: str, location: str) -> str:
    """The name where another table has it: with a hash of the location."""
    suffix = hashlib.md5(location.encode(), usedforsecurity=False).hexdigest()
    return f"{name[: LONGEST_NAME - len(suffix) - 1]}_{suffix}"


def written_by(crawler: str, crawl_id: str) -> dict[str, str]:
    """Parameters that say which crawler has written a table."""
    version = {"CrawlerSchemaDeserializerVersion": "1.0", "CrawlerSchemaSerializerVersion": "1.0"}
    return version | {OWNER: crawler, "CRAWL_RUN_ID": crawl_id}


def with_new_columns(before: Document, wanted: Document) -> Document:
    """A table or partition, with the columns and fields that it has not, and what the crawler says of its files."""
    old, new = before["StorageDescriptor"], wanted["StorageDescriptor"]
    seen = {column["Name"]: column for column in new["Columns"]}
    there = {column["Name"] for column in old.get("Columns", [])}
    columns = [
        column | {"Type": text_of(with_new_fields(parsed(column["Type"]), parsed(seen[column["Name"]]["Type"])))}
        if column["Name"] in seen and "struct<" in column.get("Type", "")
        else column
        for column in old.get("Columns", [])
    ]
    columns += [column for name, column in seen.items() if name not in there]
    serde = old.get("SerdeInfo", {})
    given = {**serde.get("Parameters", {}), **new.get("SerdeInfo", {}).get("Parameters", {})}
    descriptor = old | {"Columns": columns, "SerdeInfo": serde | {"Parameters": given}}
    parameters = {**before.get("Parameters", {}), **wanted["Parameters"]}
    parameters.pop(DEPRECATED, None)
    return before | {"StorageDescriptor": descriptor, "Parameters": parameters}


def _table(descriptor: Document, keys: list[Document]) -> Document:
    return {
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": descriptor["Parameters"],
        "StorageDescriptor": descriptor,
        "PartitionKeys": keys,
    }


def _descriptor(
    schema: FileSchema, keys: Sequence[str], files: Sequence[CrawledFile], location: str, marks: Mapping[str, str]
) -> Document:
    source, sink, library = FORMATS[schema.classification]
    library = OPEN_CSV if schema.details.get("serde") == "open" else library
    parameters = {
        "averageRecordSize": str(schema.record_bytes),
        "classification": schema.classification,
        "compressionType": schema.compression,
        "objectCount": str(len(files)),
        "recordCount": str(schema.records),
        "sizeKey": str(sum(file.stored.size for file in files)),
        "typeOfData": "file",
    }
    return {
        "Columns": _columns(schema.columns, keys),
        "Location": location,
        "InputFormat": source,
        "OutputFormat": sink,
        "Compressed": schema.compression != "none",
        "NumberOfBuckets": -1,
        "SerdeInfo": {"SerializationLibrary": library, "Parameters": _serde_parameters(schema)},
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": {**parameters, **_format_parameters(schema), **marks},
        "StoredAsSubDirectories": False,
    }


def _columns(columns: Columns, keys: Sequence[str]) -> list[Document]:
    """Columns with names in lower case, but for those that are called as a partition key: readers take the folder's."""
    found: dict[str, str] = {}
    for name, kind in columns:
        if name.lower() not in keys:
            found.setdefault(name.lower(), text_of(kind))
    return [{"Name": name, "Type": kind} for name, kind in found.items()]


def _serde_parameters(schema: FileSchema) -> dict[str, str]:
    details = schema.details
    if schema.classification == "json":
        return {"paths": ",".join(sorted(name for name, _ in schema.columns))}
    if schema.classification == "avro":
        return {"avro.schema.literal": details["avro_schema"], "serialization.format": "1"}
    if details.get("serde") == "open":
        return {"quoteChar": details.get("quote", '"'), "separatorChar": details["delimiter"]}
    return {"field.delim": details["delimiter"]} if schema.classification == "csv" else {"serialization.format": "1"}


def _format_parameters(schema: FileSchema) -> dict[str, str]:
    details = schema.details
    if schema.classification == "avro":
        return {"avro.schema.literal": details["avro_schema"]}
    if schema.classification == "json":
        return {"jsonPath": details["json_path"]} if "json_path" in details else {}
    if schema.classification != "csv":
        return {}
    quoted = "true" if details["quoted"] == "1" else "false"
    header = {"skip.header.line.count": "1"} if details["header"] == "1" else {}
    return {"areColumnsQuoted": quoted, "columnsOrdered": "true", "delimiter": details["delimiter"]} | header
