"""Tables of the Glue Data Catalog as reads and sinks need them, by the API itself (boto3)."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from .jdbc import DRIVERS

PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}
TEXT = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
}
STORED_AS: dict[str, dict[str, Any]] = {
    "parquet": PARQUET,
    "glueparquet": PARQUET,
    "json": TEXT | {"SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"}},
    "csv": TEXT
    | {
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ","},
        }
    },
    "orc": {
        "InputFormat": "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.orc.OrcSerde"},
    },
    "avro": {
        "InputFormat": "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.avro.AvroSerDe"},
    },
}
ICEBERG = "iceberg"
HOURS_KEPT = 168
MOST_AT_ONCE = 100


@cache
def glue() -> Any:
    """A client of Glue, where the run's environment says that it is."""
    return boto3.client("glue")


@dataclass(frozen=True)
class CatalogTable:
    """A table: its place, columns and partition keys as (name, Hive type), and how its files are read."""

    database: str
    name: str
    location: str
    columns: tuple[tuple[str, str], ...]
    partition_keys: tuple[tuple[str, str], ...]
    format: str
    format_options: Mapping[str, Any]

    @property
    def key_names(self) -> list[str]:
        """Names of the partition columns."""
        return [name for name, _ in self.partition_keys]

    def schema(self) -> str:
        """All columns as a Spark schema in DDL."""
        return ", ".join(f"`{name}` {type_name}" for name, type_name in (*self.columns, *self.partition_keys))

    def partitions(self) -> list[tuple[list[str], str]]:
        """The registered partitions: values and location."""
        pages = glue().get_paginator("get_partitions").paginate(DatabaseName=self.database, TableName=self.name)
        return [
            (part["Values"], part["StorageDescriptor"]["Location"]) for page in pages for part in page["Partitions"]
        ]


def table_of(database: str, name: str) -> CatalogTable:
    """A table as the catalog has it; names are folded as Glue folds them."""
    table = glue().get_table(DatabaseName=database.lower(), Name=name.lower())["Table"]
    descriptor = table["StorageDescriptor"]
    serde = descriptor.get("SerdeInfo", {})
    settings = {**table.get("Parameters", {}), **descriptor.get("Parameters", {}), **serde.get("Parameters", {})}
    format_name = _format_of(serde.get("SerializationLibrary", ""), settings)
    return CatalogTable(
        database.lower(),
        name.lower(),
        descriptor["Location"],
        tuple((column["Name"], column["Type"]) for column in descriptor["Columns"]),
        tuple((column["Name"], column["Type"]) for column in table.get("PartitionKeys", [])),
        format_name,
        _options_of(format_name, settings, descriptor["Location"]),
    )


def _options_of(format_name: str, settings: Mapping[str, str], location: str) -> dict[str, Any]:
    """How the rows are read: a CSV's settings, or the connection and name of a database's table."""
    if format_name in DRIVERS:
        database, _, table = location.partition(".")  # database.schema.table, or database.table
        return {"connectionName": settings.get("connectionName"), "database": database, "dbtable": table}
    if format_name != "csv":
        return {}
    return {
        "separator": settings.get("field.delim", settings.get("separatorChar", ",")),
        "quoteChar": settings.get("quoteChar", '"'),
        "withHeader": settings.get("skip.header.line.count", "0") != "0",
    }


def _format_of(library: str, settings: Mapping[str, str]) -> str:
    if settings.get("table_type", "").lower() == ICEBERG:
        return ICEBERG
    named = settings.get("classification", "").lower()
    if named in STORED_AS or named in DRIVERS:
        return named
    for word, name in (("parquet", "parquet"), ("orc", "orc"), ("json", "json"), ("avro", "avro")):
        if word in library.lower():
            return name
    return "csv"


def register(database: str, name: str, location: str, frame_schema: StructType, stored: Mapping[str, Any]) -> None:
    """Make or update a table for files that a sink has written. stored: format, keys (names), updates (bool)."""
    keys: Sequence[str] = stored["keys"]
    columns = [
        {"Name": field.name.lower(), "Type": field.dataType.simpleString()}
        for field in frame_schema.fields
        if field.name not in keys
    ]
    types = {field.name: field.dataType.simpleString() for field in frame_schema.fields}
    descriptor = {"Columns": columns, "Location": location, **STORED_AS[stored["format"]]}
    given = {
        "Name": name.lower(),
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet" if stored["format"] == "glueparquet" else stored["format"]},
        "PartitionKeys": [{"Name": key.lower(), "Type": types[key]} for key in keys],
        "StorageDescriptor": descriptor,
    }
    client = glue()
    try:
        table = client.get_table(DatabaseName=database.lower(), Name=name.lower())["Table"]
    except client.exceptions.EntityNotFoundException:
        client.create_table(DatabaseName=database.lower(), TableInput=given)
        return
    known = {column["Name"] for column in table["StorageDescriptor"]["Columns"]}
    added = [column for column in columns if column["Name"] not in known]
    if stored["updates"] and added:
        wider = table["StorageDescriptor"] | {"Columns": [*table["StorageDescriptor"]["Columns"], *added]}
        kept = {field: table[field] for field in ("TableType", "Parameters", "PartitionKeys") if field in table}
        client.update_table(
            DatabaseName=database.lower(), TableInput={"Name": name.lower(), **kept, "StorageDescriptor": wider}
        )


def add_partitions(database: str, name: str, partitions: Sequence[tuple[list[str], str]]) -> None:
    """Register partitions (values, location) of a table; those that it has already stay as they are."""
    client = glue()
    table = client.get_table(DatabaseName=database.lower(), Name=name.lower())["Table"]
    inputs = [
        {"Values": values, "StorageDescriptor": table["StorageDescriptor"] | {"Location": location}}
        for values, location in partitions
    ]
    for start in range(0, len(inputs), MOST_AT_ONCE):
        answer = client.batch_create_partition(
            DatabaseName=database.lower(),
            TableName=name.lower(),
            PartitionInputList=inputs[start : start + MOST_AT_ONCE],
        )
        failed = [e for e in answer.get("Errors", []) if e["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException"]
        if failed:
            raise RuntimeError(f"a partition could not be registered: {failed[0]['ErrorDetail']['ErrorMessage']}")


def purge(spark: SparkSession, path: str, options: Mapping[str, Any]) -> None:
    """Delete the files below a path that are older than retentionPeriod hours."""
    jvm: Any = spark._jvm
    root = jvm.org.apache.hadoop.fs.Path(path)
    system = root.getFileSystem(spark._jsc.hadoopConfiguration())
    if not system.exists(root):
        return
    newest = (time.time() - float(options.get("retentionPeriod", HOURS_KEPT)) * 3600) * 1000
    statuses = list(system.listStatus(root))
    while statuses:
        status = statuses.pop()
        if status.isDirectory():
            statuses += system.listStatus(status.getPath())
        elif status.getModificationTime() <= newest:
            system.delete(status.getPath(), False)
