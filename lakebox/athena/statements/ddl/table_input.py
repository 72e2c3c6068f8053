"""CREATE EXTERNAL TABLE to the catalog's document of a table: columns, row format, storage, properties."""

import re
from dataclasses import dataclass, field
from time import time
from typing import Any

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.words import Words
from lakebox.athena.tables.hive_types import hive_name, hive_type

HIVE = "org.apache.hadoop.hive"
LAZY = f"{HIVE}.serde2.lazy.LazySimpleSerDe"
TEXT = ("org.apache.hadoop.mapred.TextInputFormat", f"{HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat")
FORMATS: dict[str, tuple[str, str, str]] = {  # input format, output format, SerDe
    "PARQUET": (f"{HIVE}.ql.io.parquet.MapredParquetInputFormat", f"{HIVE}.ql.io.parquet.MapredParquetOutputFormat",
                f"{HIVE}.ql.io.parquet.serde.ParquetHiveSerDe"),
    "ORC": (f"{HIVE}.ql.io.orc.OrcInputFormat", f"{HIVE}.ql.io.orc.OrcOutputFormat", f"{HIVE}.ql.io.orc.OrcSerde"),
    "AVRO": (f"{HIVE}.ql.io.avro.AvroContainerInputFormat", f"{HIVE}.ql.io.avro.AvroContainerOutputFormat",
             f"{HIVE}.serde2.avro.AvroSerDe"),
    "TEXTFILE": (*TEXT, LAZY),
    "JSON": (*TEXT, "org.apache.hive.hcatalog.data.JsonSerDe"),
    "JSONFILE": (*TEXT, "org.apache.hive.hcatalog.data.JsonSerDe"),
    "RCFILE": (f"{HIVE}.ql.io.RCFileInputFormat", f"{HIVE}.ql.io.RCFileOutputFormat",
               f"{HIVE}.serde2.columnar.LazyBinaryColumnarSerDe"),
    "SEQUENCEFILE": ("org.apache.hadoop.mapred.SequenceFileInputFormat",
                     f"{HIVE}.ql.io.HiveSequenceFileOutputFormat", LAZY),
    "ION": ("com.amazon.ionhiveserde.formats.IonInputFormat", "com.amazon.ionhiveserde.formats.IonOutputFormat",
            "com.amazon.ionhiveserde.IonHiveSerDe"),
}  # fmt: skip


NO_LOCATION = (
    "FAILED: SemanticException No location was specified for table. An S3 location must be specified: "
    "LOCATION 's3://bucket/folder/'"
)


@dataclass
class Definition:
    """A table as CREATE TABLE defines it. Columns are (name, type, comment); transforms are Iceberg's, as written."""

    name: tuple[str | None, str]
    columns: list[tuple[str, str, str]]
    keys: list[tuple[str, str, str]] = field(default_factory=list)
    transforms: list[str] = field(default_factory=list)
    comment: str = ""
    location: str = ""
    serde: str = ""
    serde_parameters: dict[str, str] = field(default_factory=dict)
    formats: tuple[str, str] | None = None
    buckets: tuple[list[str], int] | None = None
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def is_iceberg(self) -> bool:
        """Whether the properties ask for an Iceberg table."""
        return self.properties.get("table_type", "").upper() == "ICEBERG"


def read_definition(words: Words) -> Definition:
    """What stands after CREATE [EXTERNAL] TABLE [IF NOT EXISTS]. Raises SqlError on other words."""
    definition = Definition(words.table_name(), words.listed(lambda: column(words)))
    while words.peek() not in ("", ";"):
        _read_clause(words, definition)
    words.end()
    return definition


def column(words: Words) -> tuple[str, str, str]:
    """`name type [COMMENT 'text']`; the name and the type in lower case."""
    name, kind = words.name().lower(), words.type_text()
    return name, hive_name(hive_type(re.sub(r"\s+", " ", kind))), words.string() if words.accept("COMMENT") else ""


def _read_clause(words: Words, definition: Definition) -> None:
    if words.accept("COMMENT"):
        definition.comment = words.string()
    elif words.accept("PARTITIONED", "BY"):
        _read_keys(words, definition)
    elif words.accept("CLUSTERED", "BY"):
        names = words.listed(words.name)
        words.expect("INTO")
        definition.buckets = (names, words.number())
        words.expect("BUCKETS")
    elif words.accept("ROW", "FORMAT", "SERDE"):
        definition.serde = words.string()
        if words.accept("WITH", "SERDEPROPERTIES"):
            definition.serde_parameters |= words.properties()
    elif words.accept("ROW", "FORMAT", "DELIMITED"):
        _read_delimiters(words, definition)
    elif words.accept("WITH", "SERDEPROPERTIES"):
        definition.serde_parameters |= words.properties()
    elif words.accept("STORED", "AS"):
        _read_format(words, definition)
    elif words.accept("LOCATION"):
        definition.location = words.string()
    else:
        words.expect("TBLPROPERTIES")
        definition.properties |= words.properties()


def _read_keys(words: Words, definition: Definition) -> None:
    """Partition columns with types, or, for Iceberg, columns of the table and transforms of them."""

    def key() -> None:
        start = words.start()
        if words.peek(1) in (",", ")", "("):
            words.name()
            depth = 0
            while words.peek() and not (depth == 0 and words.peek() in (",", ")")):
                depth += {"(": 1, ")": -1}.get(words.peek(), 0)
                words.skip()
            definition.transforms.append(words.between(start))
        else:
            definition.keys.append(column(words))

    words.listed(key)


def _read_delimiters(words: Words, definition: Definition) -> None:
    definition.serde = LAZY
    given = definition.serde_parameters
    while True:
        if words.accept("FIELDS", "TERMINATED", "BY"):
            given["field.delim"] = given["serialization.format"] = words.string()
        elif words.accept("ESCAPED", "BY"):
            given["escape.delim"] = words.string()
        elif words.accept("COLLECTION", "ITEMS", "TERMINATED", "BY"):
            given["collection.delim"] = words.string()
        elif words.accept("MAP", "KEYS", "TERMINATED", "BY"):
            given["mapkey.delim"] = words.string()
        elif words.accept("LINES", "TERMINATED", "BY"):
            given["line.delim"] = words.string()
        elif words.accept("NULL", "DEFINED", "AS"):
            given["serialization.null.format"] = words.string()
        else:
            return


def _read_format(words: Words, definition: Definition) -> None:
    if words.accept("INPUTFORMAT"):
        read = words.string()
        words.expect("OUTPUTFORMAT")
        definition.formats = (read, words.string())
        return
    if words.peek() not in FORMATS:
        raise words.wrong(", ".join(FORMATS))
    read, write, serde = FORMATS[words.name().upper()]
    definition.formats, definition.serde = (read, write), definition.serde or serde


def check_s3_path(location: str) -> None:
    """Raise SqlError where a location is missing, or no path in a bucket."""
    if not location:
        raise SqlError(NO_LOCATION, "INVALID_TABLE_PROPERTY")
    if not re.match(r"s3[an]?://[^/]+", location):
        raise SqlError(f"The location {location!r} is no S3 path; write 's3://bucket/folder/'",
                       "INVALID_TABLE_PROPERTY")  # fmt: skip


def table_input(definition: Definition) -> dict[str, Any]:
    """The document that CreateTable takes. Raises SqlError where the location is missing or no s3:// URI."""
    location = definition.location
    check_s3_path(location)
    read, write = definition.formats or TEXT
    given = {"serialization.format": "1"} | definition.serde_parameters
    storage: dict[str, Any] = {
        "Columns": [_column(one) for one in definition.columns],
        "Location": location,
        "InputFormat": read,
        "OutputFormat": write,
        "Compressed": False,
        "NumberOfBuckets": -1,
        "SerdeInfo": {"SerializationLibrary": definition.serde or LAZY, "Parameters": given},
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": {},
        "StoredAsSubDirectories": False,
    }
    if definition.buckets is not None:
        storage |= {"BucketColumns": definition.buckets[0], "NumberOfBuckets": definition.buckets[1]}
    table = {
        "Name": definition.name[1].lower(),
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "transient_lastDdlTime": str(int(time()))} | definition.properties,
        "PartitionKeys": [_column(one) for one in definition.keys],
        "StorageDescriptor": storage,
        "Retention": 0,
        "Owner": "hadoop",
    }
    return table | ({"Description": definition.comment} if definition.comment else {})


def _column(given: tuple[str, str, str]) -> dict[str, str]:
    name, kind, comment = given
    return {"Name": name, "Type": kind} | ({"Comment": comment} if comment else {})
