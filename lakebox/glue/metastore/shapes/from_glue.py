"""What Glue answers (boto3's dicts) -> what a Hive client reads (thrift's structs).

Glue lets clients leave out most fields, a Hive client reads all: what is missing becomes empty, and a partition's takes
its table's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from hive_metastore.ttypes import (
    Database,
    FieldSchema,
    Order,
    Partition,
    PrincipalType,
    SerDeInfo,
    SkewedInfo,
    StorageDescriptor,
    Table,
)

from jobs.lake.layout import escape_path_name

Answer = Mapping[str, Any]


def hive_database(database: Answer) -> Any:
    """A database; without a location it can have no managed tables of Spark's."""
    return Database(
        name=database["Name"],
        description=database.get("Description") or "",
        locationUri=database.get("LocationUri") or "",
        parameters=dict(database.get("Parameters") or {}),
        ownerType=PrincipalType.USER,
    )


def hive_table(table: Answer) -> Any:
    """A table. Glue's Description is what Hive calls the parameter `comment`; one of no type is external."""
    comment = {"comment": table["Description"]} if table.get("Description") else {}
    return Table(
        dbName=table["DatabaseName"],
        tableName=table["Name"],
        owner=table.get("Owner") or "",
        createTime=_seconds(table.get("CreateTime")),
        lastAccessTime=_seconds(table.get("LastAccessTime")),
        retention=table.get("Retention") or 0,
        sd=_storage(table.get("StorageDescriptor") or {}, _columns(table.get("StorageDescriptor") or {})),
        partitionKeys=[_column(key) for key in table.get("PartitionKeys") or ()],
        parameters=comment | dict(table.get("Parameters") or {}),
        viewOriginalText=table.get("ViewOriginalText"),
        viewExpandedText=table.get("ViewExpandedText"),
        tableType=table.get("TableType") or "EXTERNAL_TABLE",
    )


def hive_partitions(table: Answer, partitions: Iterable[Answer]) -> Iterator[Any]:
    """Partitions of a table. They share the structs that are equal, of which ten thousand would be slow to make."""
    defaults = table.get("StorageDescriptor") or {}
    keys = [key["Name"] for key in table.get("PartitionKeys") or ()]
    last_columns: Any = None
    columns: list[Any] = []
    for partition in partitions:
        values = list(partition["Values"])
        own = partition.get("StorageDescriptor") or {}
        storage = {**defaults, **{name: value for name, value in own.items() if value not in (None, "", [], {})}}
        if not own.get("Location") and defaults.get("Location"):
            storage["Location"] = f"{defaults['Location'].rstrip('/')}/{partition_name(keys, values)}"
        if storage.get("Columns") != last_columns:
            last_columns, columns = storage.get("Columns"), _columns(storage)
        yield Partition(
            values=values,
            dbName=table["DatabaseName"],
            tableName=table["Name"],
            createTime=_seconds(partition.get("CreationTime")),
            lastAccessTime=_seconds(partition.get("LastAccessTime")),
            sd=_storage(storage, columns),
            parameters=dict(partition.get("Parameters") or {}),
        )


def partition_name(keys: Sequence[str], values: Sequence[str]) -> str:
    """A partition's name, which is its folder's below the table: `year=2025/kind=a%2Fb`."""
    named = zip(keys, values, strict=True)
    return "/".join(f"{escape_path_name(key)}={escape_path_name(value)}" for key, value in named)


def _storage(storage: Answer, columns: list[Any]) -> Any:
    serde = storage.get("SerdeInfo") or {}
    skewed = storage.get("SkewedInfo") or {}
    return StorageDescriptor(
        cols=columns,
        location=storage.get("Location"),
        inputFormat=storage.get("InputFormat"),
        outputFormat=storage.get("OutputFormat"),
        compressed=bool(storage.get("Compressed")),
        numBuckets=storage.get("NumberOfBuckets") or 0,
        serdeInfo=SerDeInfo(
            name=serde.get("Name"),
            serializationLib=serde.get("SerializationLibrary"),
            parameters=dict(serde.get("Parameters") or {}),
        ),
        bucketCols=list(storage.get("BucketColumns") or ()),
        sortCols=[Order(col=one["Column"], order=one["SortOrder"]) for one in storage.get("SortColumns") or ()],
        parameters=dict(storage.get("Parameters") or {}),
        skewedInfo=SkewedInfo(
            skewedColNames=list(skewed.get("SkewedColumnNames") or ()),
            skewedColValues=[],
            skewedColValueLocationMaps={},
        ),
        storedAsSubDirectories=bool(storage.get("StoredAsSubDirectories")),
    )


def _columns(storage: Answer) -> list[Any]:
    return [_column(column) for column in storage.get("Columns") or ()]


def _column(column: Answer) -> Any:
    return FieldSchema(name=column["Name"], type=column.get("Type") or "string", comment=column.get("Comment"))


def _seconds(moment: Any) -> int:
    """Seconds since 1970 of a time as boto3 gives it (a datetime), or as a request may have it (a number)."""
    if moment is None:
        return 0
    return int(moment.timestamp() if hasattr(moment, "timestamp") else moment)
