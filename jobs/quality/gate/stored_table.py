"""Reads a table with the columns and types that its files have, for the quality gate, which compares them.

Read with the catalog's types, a column that a file lacks is null, and a text in place of a number ends Spark's job with
an error that doesn't name the column.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import NamedTuple

from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StringType, StructField, StructType

from catalog.tables import Table
from jobs.lake.frames import Frames, schema_of
from jobs.lake.parquet import schemas
from jobs.quality.rows import column_of


class StoredTable(NamedTuple):
    """A table's rows, and its schema as stored, partition columns included.

    Where files disagree on a column's type, the rows have it as text, which holds all its values, and the schema has
    the type that is not the catalog's.
    """

    rows: DataFrame
    schema: StructType


def stored_table(frames: Frames, table: Table) -> StoredTable:
    """The registered partitions of a table, as their files have them. The footers of all files are read.

    A column counts as missing where the newest partition lacks it: older files may be from before it was added.
    Raises StorageError for a partition without files, which Spark would read as one without rows.
    """
    lake, expected, partition_columns = frames.lake, schema_of(table.columns), schema_of(table.partitions)
    partitions = lake.registered_partitions(table)
    objects = [stored for found in partitions.values() for stored in found]
    groups: dict[StructType, list[str]] = {}
    for stored, schema in zip(objects, schemas(lake.store, objects), strict=True):
        groups.setdefault(from_arrow_schema(schema, prefer_timestamp_ntz=True), []).append(stored.key)
    fields = _unexpected_first(groups, expected) if groups else {field.name: field for field in expected}
    as_expected = all(fields.get(field.name, field).dataType == field.dataType for field in expected)
    rows = frames.table_in_few_files(table, partitions) if as_expected else _rows(frames, table, groups)
    newest = max(partitions, key=lambda values: values[-1], default=())
    in_newest = next((schema for schema, keys in groups.items() if partitions[newest][0].key in keys), expected)
    kept = [fields[name] for name in fields if name in in_newest.names]
    return StoredTable(rows, StructType([*kept, *partition_columns]))


def _unexpected_first(schemas: Iterable[StructType], expected: StructType) -> dict[str, StructField]:
    """All columns of some schemas by name, each with the type that is not the expected one, where there is one."""
    types = {field.name: field.dataType for field in expected}
    fields: dict[str, StructField] = {}
    for field in (field for schema in schemas for field in schema):
        if field.name not in fields or field.dataType != types.get(field.name):
            fields[field.name] = field
    return fields


def _rows(frames: Frames, table: Table, groups: Mapping[StructType, Sequence[str]]) -> DataFrame:
    """Rows of all files with the types that they are stored with, as text where these are several."""
    types: dict[str, set[str]] = {}
    for field in (field for schema in groups for field in schema):
        types.setdefault(field.name, set()).add(field.dataType.simpleString())
    several = {name for name, names in types.items() if len(names) > 1}
    parts = []
    for schema, keys in groups.items():
        stored = frames.files_of_table(table, keys, StructType([*schema, *schema_of(table.partitions)]))
        texts = {name: column_of(name).cast(StringType()) for name in schema.names if name in several}
        parts.append(stored.withColumns(texts))
    return reduce(lambda rows, more: rows.unionByName(more, allowMissingColumns=True), parts)
