"""What the target's APIs hold: tables and partitions of the Glue catalog, and the objects of buckets in S3."""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_OBJECTS = 200_000  # of a bucket that are listed


@dataclass(frozen=True)
class ObjectFact:
    """An object of a bucket."""

    key: str
    size: int


@dataclass(frozen=True)
class BucketListing:
    """The objects of a bucket, by key. is_whole: False where it has more than are listed."""

    name: str
    objects: Sequence[ObjectFact]
    is_whole: bool = True
    keys: Sequence[str] = field(default=(), repr=False)

    def below(self, prefix: str) -> Sequence[ObjectFact]:
        """The objects whose keys start with a prefix."""
        start = bisect.bisect_left(self.keys, prefix)
        end = bisect.bisect_left(self.keys, prefix + "\U0010ffff")
        return self.objects[start:end]


@dataclass(frozen=True)
class PartitionFact:
    """A partition of a table, its values as the catalog has them."""

    values: tuple[str, ...]
    location: str


@dataclass(frozen=True)
class ColumnFact:
    """A column as the catalog has it."""

    name: str
    type: str
    comment: str
    is_partition: bool = False


@dataclass(frozen=True)
class TableFact:
    """A table of the catalog. kind: EXTERNAL_TABLE, VIRTUAL_VIEW, …; format: its classification."""

    database: str
    name: str
    comment: str
    kind: str
    format: str
    location: str
    columns: tuple[ColumnFact, ...]
    partitions: tuple[PartitionFact, ...]

    @property
    def id(self) -> str:
        """Its anchor on the page of data."""
        return f"{self.database}.{self.name}"

    @property
    def is_partitioned(self) -> bool:
        """Whether it has partition columns."""
        return any(column.is_partition for column in self.columns)


def catalog_tables(glue: Any) -> list[TableFact]:
    """All tables of all databases, in the catalog's order."""
    databases = [one["Name"] for page in glue.get_paginator("get_databases").paginate() for one in page["DatabaseList"]]
    return [
        _table(glue, database, table)
        for database in databases
        for page in glue.get_paginator("get_tables").paginate(DatabaseName=database)
        for table in page["TableList"]
    ]


def _table(glue: Any, database: str, table: dict[str, Any]) -> TableFact:
    storage, keys = table.get("StorageDescriptor", {}), table.get("PartitionKeys", [])
    columns = [_column(each) for each in storage.get("Columns", [])]
    partitions: list[PartitionFact] = []
    if keys:
        pages = glue.get_paginator("get_partitions").paginate(
            DatabaseName=database, TableName=table["Name"], ExcludeColumnSchema=True
        )
        for page in pages:
            partitions += [_partition(each) for each in page["Partitions"]]
    return TableFact(
        database=database,
        name=table["Name"],
        comment=table.get("Description", ""),
        kind=table.get("TableType", ""),
        format=table.get("Parameters", {}).get("classification", ""),
        location=storage.get("Location", ""),
        columns=(*columns, *(_column(each, is_partition=True) for each in keys)),
        partitions=tuple(sorted(partitions, key=lambda partition: partition.values)),
    )


def _column(column: dict[str, Any], *, is_partition: bool = False) -> ColumnFact:
    return ColumnFact(column["Name"], column.get("Type", ""), column.get("Comment", ""), is_partition)


def _partition(partition: dict[str, Any]) -> PartitionFact:
    return PartitionFact(tuple(partition["Values"]), partition.get("StorageDescriptor", {}).get("Location", ""))


def listed_bucket(s3: Any, bucket: str) -> BucketListing:
    """The objects of a bucket, at most MOST_OBJECTS of them; none where there is no such bucket."""
    objects: list[ObjectFact] = []
    is_whole = True
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            objects += [ObjectFact(each["Key"], each["Size"]) for each in page.get("Contents", [])]
            if len(objects) >= MOST_OBJECTS:
                is_whole = "NextContinuationToken" not in page
                break
    except s3.exceptions.NoSuchBucket:
        pass
    objects.sort(key=lambda each: each.key)
    return BucketListing(bucket, objects, is_whole, [each.key for each in objects])


def bucket_and_key(uri: str) -> tuple[str, str]:
    """The parts of s3://bucket/key."""
    bucket, _, key = uri.split("://", 1)[-1].partition("/")
    return bucket, key
