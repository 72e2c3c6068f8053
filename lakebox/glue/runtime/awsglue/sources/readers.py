"""Reads of DynamicFrames and DataFrames: files on S3, and tables of the catalog."""

from collections.abc import Mapping
from functools import reduce
from typing import Any

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import _parse_datatype_string

from .bookmarks import bookmarks
from .catalog import ICEBERG, CatalogTable, table_of
from .choice_types import choices_of_table
from .formats import UnsupportedError, read_files
from .iceberg import read_table
from .jdbc import DRIVERS, read_jdbc
from .table_types import fitted

FOLDER = "folder of the file"
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
        return read_jdbc(spark, connection_options, options.get("transformation_ctx", ""))
    if connection_type not in FILES:
        advice = ADVICE.get(connection_type, "use spark.read.jdbc with the driver's jar (--extra-jars)")
        raise UnsupportedError(f"connection_type={connection_type!r} is not supported by lakebox: {advice}")
    if connection_options.get("exclusions"):
        raise UnsupportedError("exclusions are not supported by lakebox: name the files in paths, with wildcards")
    given = connection_options.get("paths", connection_options.get("path", []))
    paths = [given] if isinstance(given, str) else list(given)
    name = options.get("format") or (connection_type if connection_type not in ("s3", "file") else "parquet")
    settings = {**(options.get("format_options") or {}), "recurse": connection_options.get("recurse", False)}
    unseen = bookmarks.new_files(spark, paths, options.get("transformation_ctx", ""))
    return read_files(spark, paths if unseen is None else unseen, name, settings)


def frame_from_catalog(spark: SparkSession, database: str, table_name: str, options: Mapping[str, Any]) -> DataFrame:
    """A table with the catalog's column names and types, its partition columns last.

    With `choices`, a column of numbers in which a CSV or JSON file has other values is a choice; else these are null.
    push_down_predicate, and catalogPartitionPredicate of additional_options, choose partitions by their values before
    their files are read.
    """
    table = table_of(database, table_name)
    more = options.get("additional_options") or {}
    if table.format == ICEBERG:
        return read_table(spark, table.database, table.name, options)
    if table.format in DRIVERS:
        return read_jdbc(spark, {**table.format_options, **more}, options.get("transformation_ctx", ""))
    parts: list[tuple[list[str], str]] = [([], table.location)]
    if table.partition_keys:
        parts = table.partitions()
        for predicate in (options.get("push_down_predicate"), more.get("catalogPartitionPredicate")):
            chosen = _matching(spark, table, [values for values, _ in parts], predicate or "")
            parts = [(values, location) for values, location in parts if tuple(values) in chosen]
    try:
        return _rows(spark, table, parts, options)
    except Py4JJavaError as error:
        if "CANNOT_MERGE_SCHEMAS" not in str(error.java_exception):
            raise
        return reduce(DataFrame.unionByName, [_rows(spark, table, [part], options) for part in parts])


def _rows(
    spark: SparkSession, table: CatalogTable, parts: list[tuple[list[str], str]], options: Mapping[str, Any]
) -> DataFrame:
    """The rows of some partitions, given by their values and locations: all files are read as one frame."""
    locations = list(dict.fromkeys(location for _, location in parts))
    unseen = bookmarks.new_files(spark, locations, options.get("transformation_ctx", ""))
    settings = {**table.format_options, "columns": [name for name, _ in table.columns]}
    files = read_files(spark, locations if unseen is None else unseen, table.format, settings)
    if not files.columns:
        return spark.createDataFrame([], table.schema())
    names = {name.lower(): name for name in files.columns}
    has_choices = options.get("choices") and table.format in ("csv", "json")
    choices = choices_of_table(files, table.columns) if has_choices else {}
    typed = [
        choices[name] if name in choices else _typed(files, names.get(name.lower()), type_name).alias(name)
        for name, type_name in table.columns
    ]
    if not table.partition_keys:
        return files.select(*typed)
    values = [(_folder(location), *values) for values, location in parts]
    keys = [f"value_{number}" for number in range(len(table.partition_keys))]
    known = spark.createDataFrame(values, ", ".join(f"`{name}` string" for name in (FOLDER, *keys)))
    columns = [
        _partition_value(key).cast(type_name).alias(name)
        for key, (name, type_name) in zip(keys, table.partition_keys, strict=True)
    ]
    rows = files.select(*typed, _folder_of_file().alias(FOLDER)).join(F.broadcast(known), FOLDER)
    return rows.select(*[f"`{name}`" for name, _ in table.columns], *columns)


def _typed(files: DataFrame, name: str | None, type_name: str) -> Column:
    """A column of the files as the catalog's type; null where the files don't have it."""
    if name is None:
        return F.lit(None).cast(type_name)
    return fitted(F.col(f"`{name}`"), files.schema[name].dataType, _parse_datatype_string(type_name))


def _folder(location: str) -> str:
    return location.partition("://")[2].rstrip("/")


def _folder_of_file() -> Column:
    """The folder of the file that a row is read from, without its scheme; Spark gives the file's URL."""
    path = F.url_decode(F.replace(F.input_file_name(), F.lit("+"), F.lit("%2B")))
    return F.regexp_replace(path, r"^\w+://|/[^/]*$", "")


def _partition_value(column: str) -> Column:
    return F.when(F.col(column) != "__HIVE_DEFAULT_PARTITION__", F.col(column))


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
        _partition_value(name).cast(type_name).alias(key)
        for name, (key, type_name) in zip(names, table.partition_keys, strict=True)
    ]
    return {tuple(row) for row in frame.select(*names, *typed).filter(predicate).select(*names).collect()}
