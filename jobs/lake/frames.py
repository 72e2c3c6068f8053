"""Reads and writes the lake's Parquet files as DataFrames; the lake chooses the file names."""

import contextlib
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DoubleType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from catalog.tables import Column, Table
from jobs.lake.layout import PartitionValues, Staged, escape_path_name
from jobs.lake.parquet import RowWriter, copy_into_one
from jobs.lake.protocol import Lake
from jobs.lake.store import STAGING, Store, StoredObject

PARTITION_BYTES = 512 << 20  # a partition is one object up to this size
WRITTEN = pa.schema([("key", pa.string()), ("rows", pa.int64())])
MANY_FILES = 256  # more of them are copied into one,
SMALL_BYTES = 64 << 20  # if they have at most as many bytes together
GLOB_CHARACTERS = re.compile(r"[{}\[\]*?\\]")
SparkSource = Callable[[], SparkSession]
SESSION_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "snappy",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}
SPARK_TYPES: dict[str, DataType] = {
    "string": StringType(),
    "bigint": LongType(),
    "double": DoubleType(),
    "boolean": BooleanType(),
    "timestamp": TimestampType(),
    "date": DateType(),
}


def spark_session() -> SparkSession:
    """The session of this process (Glue's, a cluster's or a local one), with what the jobs rely on set."""
    builder = SparkSession.builder
    for name, value in SESSION_SETTINGS.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


@contextlib.contextmanager
def starting(spark: SparkSource) -> Iterator[SparkSource]:
    """Spark starts while the caller does something else. At the end it is there, or what was in its way is raised."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        session = pool.submit(spark)
        yield session.result
        session.result()


def literal_path(path: str) -> str:
    """A path for spark.read, which takes a path for a pattern: `lake[1]` as it is would name `lake1`."""
    return GLOB_CHARACTERS.sub(r"\\\g<0>", path)


def schema_of(columns: Iterable[Column]) -> StructType:
    """Columns of the catalog as a Spark schema object."""
    return StructType([StructField(column.name, SPARK_TYPES[column.type]) for column in columns])


def ddl(table: Table, *, with_partitions: bool = False) -> str:
    """A table's columns as a Spark schema."""
    columns = table.columns + (table.partitions if with_partitions else ())
    return ", ".join(f"{column.name} {column.type}" for column in columns)


class Frames:
    """A lake's tables as DataFrames of a Spark session."""

    def __init__(self, lake: Lake, spark: SparkSession) -> None:
        self.lake, self.spark = lake, spark
        self.staging = f"{STAGING}{uuid.uuid4().hex}/"

    def read_files(self, keys: Sequence[str], schema: str) -> DataFrame:
        """Parquet objects of the lake with a schema (DDL); no keys, no rows."""
        if not keys:
            return self._no_rows(schema)
        return self.spark.read.schema(schema).parquet(*[self._path(key) for key in keys])

    def files_of_table(self, table: Table, keys: Sequence[str], schema: StructType | str) -> DataFrame:
        """Parquet objects of a table, one at least, with a schema that names the partition columns, too."""
        location = self.lake.store.uri(table.location)
        return self.spark.read.schema(schema).option("basePath", location).parquet(*map(self._path, keys))

    def table(self, table: Table, partitions: Mapping[PartitionValues, Sequence[StoredObject]]) -> DataFrame:
        """Rows of some partitions of a table, which are given with their objects, with the partition columns."""
        schema = ddl(table, with_partitions=True)
        keys = [stored.key for objects in partitions.values() for stored in objects]
        return self.files_of_table(table, keys, schema) if keys else self._no_rows(schema)

    def table_in_few_files(
        self, table: Table, partitions: Mapping[PartitionValues, Sequence[StoredObject]]
    ) -> DataFrame:
        """The same rows, to be read whole and more than once: many small files are copied into one first.

        Spark takes a millisecond or two to open a file, in each scan of a query; pyarrow reads it whole in less.
        """
        sizes = [stored.size for objects in partitions.values() for stored in objects]
        if len(sizes) <= MANY_FILES or sum(sizes) > SMALL_BYTES:
            return self.table(table, partitions)
        key = f"{self.staging}{table.name}.parquet"
        copy_into_one(self.lake.store, table, partitions, key)
        return self.read_files([key], ddl(table, with_partitions=True))

    def stage(self, frame: DataFrame, name: str, partition_by: Sequence[str] = ()) -> Staged:
        """Write a DataFrame's rows to objects below a staging prefix, in a folder a partition, as Hive names it.

        The processes that hold the rows write them with pyarrow. Spark's own writer starts a `chmod` process for each
        folder and file on a machine without Hadoop's native library: 60 s for 3,600 small partitions.
        Rows of one partition should lie together in the DataFrame: one object each time that they do.
        """
        prefix = f"{self.staging}{name}/"
        columns = [column for column in frame.columns if column not in partition_by]
        schema = to_arrow_schema(frame.select(columns).schema)
        write = partial(_write_partitions, self.lake.store, prefix, schema, partition_by)
        written = frame.select(*columns, *partition_by).mapInArrow(write, from_arrow_schema(WRITTEN)).collect()
        return Staged(prefix, tuple(row["key"] for row in written), sum(row["rows"] for row in written))

    def _no_rows(self, schema: str) -> DataFrame:
        """An empty DataFrame; createDataFrame would import pandas for it, which takes 0.4 s."""
        fields = [field.split(" ") for field in schema.split(", ")]
        nulls = [F.lit(None).cast(type_name).alias(name) for name, type_name in fields]
        return self.spark.range(1).filter(F.lit(False)).select(*nulls)

    def _path(self, key: str) -> str:
        """A key as Spark reads it: the characters of patterns are taken literally."""
        return literal_path(self.lake.store.uri(key))


def _write_partitions(
    store: Store, prefix: str, schema: pa.Schema, partition_by: Sequence[str], batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Write the rows of one Spark task: a batch in, and out the key of each object that is finished, and its rows."""
    task = TaskContext.get()
    stem = f"part-{task.partitionId():05d}-{task.taskAttemptId()}" if task else "part"
    writer: RowWriter | None = None
    folder, number = None, 0
    for batch in batches:
        for values, rows in _runs(batch, partition_by):
            if writer is None or values != folder:
                yield from _finished(writer)
                names = (f"{name}={escape_path_name(value)}/" for name, value in zip(partition_by, values, strict=True))
                stem_here = f"{prefix}{''.join(names)}{stem}-{number:05d}"
                writer, folder, number = RowWriter(store, stem_here, schema, PARTITION_BYTES), values, number + 1
            writer.add_batch(pa.RecordBatch.from_arrays(rows.columns[: len(schema)], schema=schema))
    yield from _finished(writer)


def _runs(batch: pa.RecordBatch, partition_by: Sequence[str]) -> Iterator[tuple[PartitionValues, pa.RecordBatch]]:
    """Neighbouring rows of one partition, and its values as text; partition columns are the batch's last ones."""
    if not partition_by:
        yield (), batch
        return
    texts = [batch.column(name).cast(pa.string()).to_pylist() for name in partition_by]
    start = 0
    for values, rows in groupby(zip(*texts, strict=True)):
        length = sum(1 for _ in rows)
        yield values, batch.slice(start, length)
        start += length


def _finished(writer: RowWriter | None) -> Iterator[pa.RecordBatch]:
    if writer is not None:
        keys = writer.close()
        rows = [writer.rows] + [0] * (len(keys) - 1)
        yield pa.RecordBatch.from_pydict({"key": list(keys), "rows": rows}, schema=WRITTEN)
