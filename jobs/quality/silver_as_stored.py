"""A table read with the catalog's schema -> its rows and schema as its files have them: what the catalog would hide.

Read with the catalog's schema, a column that a file lacks is null, and a text in place of a number ends Spark's job in
an error that doesn't name the column. The gate has to say which column it is, and go on to its report.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import NamedTuple
from urllib.parse import unquote

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StringType, StructField, StructType

from catalog.tables import Table
from jobs.lake.frames import schema_of
from jobs.quality.rows import column_of, types_of

MERGE_FAILED = "CANNOT_MERGE_SCHEMAS"

FilesBySchema = Mapping[StructType, list[str]]


class Stored(NamedTuple):
    """Rows of a table, and its schema as stored, partition columns included.

    Where files disagree on a column's type, the rows have it as text, the one type that holds all its values, and the
    schema has the type that is not the catalog's.
    """

    rows: DataFrame
    schema: StructType


def as_stored(imposed: DataFrame, table: Table) -> Stored:
    """Rows and schema of a table as its files have them.

    In:  the table as read with the catalog's schema; its files lie in folders of its partitions
    Out: the same DataFrame where the stored types are the catalog's
    All footers are read, in one Spark job; one by one only where they disagree on a type. Not seen: a column that older
    files lack and the newest partition has. Raises Spark's error where a file is no Parquet.
    """
    files = sorted(unquote(uri) for uri in imposed.inputFiles())
    if not files:
        return Stored(imposed, imposed.schema)
    spark, expected = imposed.sparkSession, types_of(schema_of(table.columns))
    newest = max(files, key=lambda file: file.rsplit(f"/{table.partition_names[-1]}=", 1)[1])
    groups = _files_by_schema(spark, files)
    schema = _one_schema(groups, expected)
    in_newest = types_of(spark.read.parquet(newest).schema)
    stored = StructType([field for field in schema if field.name in in_newest] + list(schema_of(table.partitions)))
    as_expected = all(types_of(schema).get(name, type_) == type_ for name, type_ in expected.items())
    return Stored(imposed if as_expected else _rows(spark, groups, table), stored)


def _files_by_schema(spark: SparkSession, files: list[str]) -> FilesBySchema:
    """The files of each schema; one for all where their columns have one type each."""
    try:
        return {spark.read.option("mergeSchema", "true").parquet(*files).schema: files}
    except Exception as error:  # which class it is depends on Spark's being here or behind Connect
        if MERGE_FAILED not in str(error):
            raise
    groups: dict[StructType, list[str]] = {}
    for file in files:
        groups.setdefault(spark.read.parquet(file).schema, []).append(file)
    return groups


def _one_schema(schemas: Iterable[StructType], expected: Mapping[str, str]) -> StructType:
    """All columns of some schemas, each with the type that is not the expected one, where there is one."""
    found: dict[str, StructField] = {}
    for field in (field for schema in schemas for field in schema):
        unexpected = field.dataType.simpleString() != expected.get(field.name)
        if field.name not in found or unexpected:
            found[field.name] = field
    return StructType(list(found.values()))


def _rows(spark: SparkSession, groups: FilesBySchema, table: Table) -> DataFrame:
    """Rows of all files with the types they are stored with, as text where these are several."""
    types: dict[str, set[str]] = {}
    for name, type_ in (item for schema in groups for item in types_of(schema).items()):
        types.setdefault(name, set()).add(type_)
    as_text = {name: column_of(name).cast(StringType()) for name, several in types.items() if len(several) > 1}
    frames = []
    for schema, files in groups.items():
        root = files[0][: files[0].rindex(f"/{table.partition_names[0]}=")]
        whole = StructType([*schema, *schema_of(table.partitions)])
        read = spark.read.schema(whole).option("basePath", root).parquet(*files)
        frames.append(read.withColumns({name: text for name, text in as_text.items() if name in read.columns}))
    return reduce(lambda rows, more: rows.unionByName(more, allowMissingColumns=True), frames)
