"""What a Hive client sends (thrift's structs) -> the inputs of Glue's operations (boto3's dicts).

Glue knows more of a column than Hive does (Parameters, where Iceberg and crawlers keep notes). A change that a Hive
client makes to a table takes those of columns that stay the same along.
"""

from collections.abc import Mapping
from typing import Any

Input = dict[str, Any]
PARTITION_INPUT = ("Values", "LastAccessTime", "StorageDescriptor", "Parameters", "LastAnalyzedTime")  # Glue's fields


def database_input(database: Any) -> Input:
    """DatabaseInput of CreateDatabase and UpdateDatabase."""
    return _given(
        Name=database.name,
        Description=database.description or None,
        LocationUri=database.locationUri or None,
        Parameters=database.parameters,
    )


def table_input(table: Any, current: Mapping[str, Any]) -> Input:
    """TableInput of CreateTable and UpdateTable; current: Glue's table that it replaces, {} where it is new."""
    parameters = table.parameters or {}
    return _given(
        Name=table.tableName,
        Description=parameters.get("comment") or None,
        Owner=table.owner or None,
        Retention=table.retention or 0,
        StorageDescriptor=table.sd and _storage_input(table.sd, current.get("StorageDescriptor") or {}),
        PartitionKeys=_columns(table.partitionKeys, current.get("PartitionKeys")),
        ViewOriginalText=table.viewOriginalText,
        ViewExpandedText=table.viewExpandedText,
        TableType=table.tableType or "MANAGED_TABLE",
        Parameters=parameters,
        TargetTable=current.get("TargetTable"),
    )


def partition_input(partition: Any) -> Input:
    """PartitionInput of the calls that make and change partitions."""
    return _given(
        Values=partition.values,
        StorageDescriptor=partition.sd and _storage_input(partition.sd, {}),
        Parameters=partition.parameters or {},
    )


def _storage_input(storage: Any, current: Mapping[str, Any]) -> Input:
    skewed = storage.skewedInfo
    return _given(
        Columns=_columns(storage.cols, current.get("Columns")),
        Location=storage.location or current.get("Location"),
        InputFormat=storage.inputFormat,
        OutputFormat=storage.outputFormat,
        Compressed=bool(storage.compressed),
        NumberOfBuckets=storage.numBuckets,
        SerdeInfo=_serde(storage.serdeInfo),
        BucketColumns=storage.bucketCols or [],
        SortColumns=[{"Column": order.col, "SortOrder": order.order} for order in storage.sortCols or ()],
        Parameters=storage.parameters or {},
        SkewedInfo=_given(SkewedColumnNames=skewed.skewedColNames) if skewed and skewed.skewedColNames else None,
        StoredAsSubDirectories=bool(storage.storedAsSubDirectories),
        SchemaReference=current.get("SchemaReference"),
    )


def _serde(serde: Any) -> Input | None:
    """A SerDe; None where it says nothing: Hive gives one to every table, also to one that was made without."""
    if not serde or not (serde.name or serde.serializationLib or serde.parameters):
        return None
    return _given(Name=serde.name, SerializationLibrary=serde.serializationLib, Parameters=serde.parameters or {})


def _columns(columns: Any, current: Any) -> list[Input]:
    notes = {(column["Name"], column.get("Type")): column.get("Parameters") for column in current or ()}
    return [
        _given(Name=one.name, Type=one.type, Comment=one.comment, Parameters=notes.get((one.name, one.type)))
        for one in columns or ()
    ]


def _given(**fields: Any) -> Input:
    return {name: value for name, value in fields.items() if value is not None}
