"""Reads of DynamicFrames and DataFrames: files on S3, and tables of the catalog."""

from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from .bookmarks import bookmarks
from .catalog import ICEBERG, CatalogTable, table_of
from .formats import UnsupportedError, read_files
from .iceberg import read_table
from .jdbc import DRIVERS, read_jdbc

FILES = ("s3", "file", "parquet", "orc", "csv", "json", "avro")
ADVICE = {
    "dynamodb": "read the table with boto3",
    "redshift": "use spark.read.jdbc with Redshift's driver (--extra-jars)",
    "mongodb": "use Spark's MongoDB connector (--extra-jars)",
    "kinesis": "streaming jobs need AWS",
    "kafka": "streaming jobs need AWS",
}


def frame_from_options(
    spark: SparkSession, connection_type: str, connection_options: Mapping[str, Any], options: Mapping[str, Any]
) -> DataFrame:
    """Files below `paths` (a text or a list), in a format, or a table by JDBC. Raises UnsupportedError for others."""
    if connection_type in DRIVERS or connection_type == "jdbc":
        return read_jdbc(spark, connection_options)
    if connection_type not in FILES:
        advice = ADVICE.get(connection_type, "use spark.read.jdbc with the driver's jar (--extra-jars)")
        raise UnsupportedError(f"connection_type={connection_type!r} is not supported by lakebox: {advice}")
    given = connection_options.get("paths", connection_options.get("path", []))
    paths = [given] if isinstance(given, str) else list(given)
    name = options.get("format") or (connection_type if connection_type not in ("s3", "file") else "parquet")
    settings = {**(options.get("format_options") or {}), "recurse": connection_options.get("recurse", False)}
    unseen = bookmarks.new_files(spark, paths, options.get("transformation_ctx", ""))
    return read_files(spark, paths if unseen is None else unseen, name, settings)


def frame_from_catalog(spark: SparkSession, database: str, table_name: str, options: Mapping[str, Any]) -> DataFrame:
    """A table with the catalog's column names and types, its partition columns last.

    push_down_predicate chooses partitions by their values before their files are read.
    """
    table = table_of(database, table_name)
    if table.format == ICEBERG:
        return read_table(spark, table.database, table.name, options)
    predicate = options.get("push_down_predicate") or ""
    if not table.partition_keys:
        return _typed(_files_of(spark, table, [table.location], options), table, {})
    parts = table.partitions()
    chosen = _matching(spark, table, [values for values, _ in parts], predicate)
    frames = [
        _typed(_files_of(spark, table, [location], options), table, dict(zip(table.key_names, values, strict=True)))
        for values, location in parts
        if tuple(values) in chosen
    ]
    if not frames:
        return spark.createDataFrame([], table.schema())
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.unionByName(frame)
    return whole


def _files_of(spark: SparkSession, table: CatalogTable, paths: list[str], options: Mapping[str, Any]) -> DataFrame:
    unseen = bookmarks.new_files(spark, paths, options.get("transformation_ctx", ""))
    return read_files(spark, paths if unseen is None else unseen, table.format, table.format_options)


def _typed(frame: DataFrame, table: CatalogTable, partition: Mapping[str, str]) -> DataFrame:
    """The catalog's columns: by name where the file has names, by place where a CSV has none; missing ones are null."""
    names = {name.lower(): name for name in frame.columns}
    by_place = table.format == "csv" and not table.format_options.get("withHeader")
    columns = []
    for number, (name, type_name) in enumerate(table.columns):
        source = frame.columns[number] if by_place and number < len(frame.columns) else names.get(name.lower())
        value = F.lit(None) if source is None or (by_place and number >= len(frame.columns)) else F.col(f"`{source}`")
        columns.append(value.cast(type_name).alias(name))
    keys = [F.lit(partition[name]).cast(type_name).alias(name) for name, type_name in table.partition_keys if partition]
    return frame.select(*columns, *keys)


def _matching(
    spark: SparkSession, table: CatalogTable, partitions: list[list[str]], predicate: str
) -> set[tuple[str, ...]]:
    """The partitions whose values meet a predicate, evaluated by Spark on the values alone."""
    if not predicate:
        return {tuple(values) for values in partitions}
    names = [f"value_{number}" for number in range(len(table.key_names))]
    frame = spark.createDataFrame(
        [tuple(values) for values in partitions], ", ".join(f"{name} string" for name in names)
    )
    typed = [
        F.col(name).cast(type_name).alias(key)
        for name, (key, type_name) in zip(names, table.partition_keys, strict=True)
    ]
    return {tuple(row) for row in frame.select(*names, *typed).filter(predicate).select(*names).collect()}
