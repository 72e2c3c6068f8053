"""The metastore's methods that make, change and drop partitions of a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from hive_metastore.ttypes import AddPartitionsResult

from lakebox.endpoint.service import ServiceError
from lakebox.glue.metastore.folders import Folders
from lakebox.glue.metastore.partition_reads import values_of
from lakebox.glue.metastore.shapes.from_glue import hive_partitions, partition_name
from lakebox.glue.metastore.shapes.glue_catalog import GlueCatalog
from lakebox.glue.metastore.shapes.to_glue import partition_input

Answer = Mapping[str, Any]
BATCH = 100  # partitions, as many as Glue takes at once


class PartitionChanges:
    """Each public method is one of the thrift interface, under its name there."""

    def __init__(self, glue: GlueCatalog, folders: Folders) -> None:
        self._glue = glue
        self._folders = folders

    def add_partition(self, partition: Any) -> Any:
        """Make a partition; one without a location lies below the table, by its name."""
        self._add(partition.dbName, partition.tableName, [partition], keep_existing=False)
        return partition

    def add_partitions(self, partitions: list[Any]) -> int:
        """Make partitions of one table."""
        if partitions:
            self._add(partitions[0].dbName, partitions[0].tableName, partitions, keep_existing=False)
        return len(partitions)

    def add_partitions_req(self, request: Any) -> Any:
        """Make the partitions of a request; with `ifNotExists` those that are there stay as they are."""
        self._add(request.dbName, request.tblName, request.parts, keep_existing=bool(request.ifNotExists))
        return AddPartitionsResult(partitions=request.parts if request.needResult else None)

    def drop_partition(self, database: str, table: str, values: list[str], delete_data: bool) -> bool:
        """Drop a partition; the data of a managed table's goes, too, where the client says so."""
        described = self._glue.table(database, table)
        location = self._location(described, values)
        self._glue.call("DeletePartition", DatabaseName=database, TableName=table, PartitionValues=values)
        if delete_data and described.get("TableType") == "MANAGED_TABLE":
            self._folders.delete(location)
        return True

    def drop_partition_by_name(self, database: str, table: str, name: str, delete_data: bool) -> bool:
        """Drop the partition of that name (`year=2025/month=1`)."""
        return self.drop_partition(database, table, values_of(name), delete_data)

    def alter_partition(self, database: str, table: str, partition: Any) -> None:
        """Replace the partition of the same values."""
        self.alter_partitions(database, table, [partition])

    def alter_partitions(self, database: str, table: str, partitions: Sequence[Any]) -> None:
        """Replace partitions, each the one of the same values."""
        update_partitions(self._glue, database, table, [partition_input(one) for one in partitions])

    def rename_partition(self, database: str, table: str, values: list[str], renamed: Any) -> None:
        """Give a partition other values. The folder of a managed table's is renamed, too, as Hive does it."""
        described = self._glue.table(database, table)
        old, moved = self._location(described, values), partition_input(renamed)
        named = {"DatabaseName": database, "TableName": table, "PartitionValueList": values}
        if described.get("TableType") != "MANAGED_TABLE":
            self._glue.call("UpdatePartition", **named, PartitionInput=moved)
            return
        new = _default_location(described, renamed.values)
        moved["StorageDescriptor"] = {**moved["StorageDescriptor"], "Location": new}
        self._glue.call("UpdatePartition", **named, PartitionInput=moved)
        self._folders.move(old, new)

    def _add(self, database: str, table: str, partitions: Sequence[Any], *, keep_existing: bool) -> None:
        described = self._glue.table(database, table)
        for partition in partitions:
            if partition.sd is not None and not partition.sd.location:
                partition.sd.location = _default_location(described, partition.values)
        inputs = [partition_input(one) for one in partitions]
        create_partitions(self._glue, database, table, inputs, keep_existing=keep_existing)
        for partition in partitions:
            if partition.sd is not None:
                self._folders.make(partition.sd.location)

    def _location(self, table: Answer, values: list[str]) -> str:
        named = {"DatabaseName": table["DatabaseName"], "TableName": table["Name"]}
        answer = self._glue.call("GetPartition", **named, PartitionValues=values)
        location: str = next(hive_partitions(table, [answer["Partition"]])).sd.location
        return location


def _default_location(table: Answer, values: Sequence[str]) -> str:
    location = table["StorageDescriptor"]["Location"]
    return f"{location.rstrip('/')}/{partition_name([key['Name'] for key in table['PartitionKeys']], values)}"


def create_partitions(
    glue: GlueCatalog, database: str, table: str, inputs: Sequence[dict[str, Any]], *, keep_existing: bool = False
) -> None:
    """Make partitions. One that is there is left as it is (`keep_existing`), or raises AlreadyExistsException."""
    table_name = {"DatabaseName": database, "TableName": table}
    for start in range(0, len(inputs), BATCH):
        batch = list(inputs[start : start + BATCH])
        answer = glue.call("BatchCreatePartition", **table_name, PartitionInputList=batch)
        _raise_first(answer.get("Errors"), ignored="AlreadyExistsException" if keep_existing else "")


def update_partitions(glue: GlueCatalog, database: str, table: str, inputs: Sequence[dict[str, Any]]) -> None:
    """Replace partitions that are there by others of the same values."""
    entries = [{"PartitionValueList": one["Values"], "PartitionInput": one} for one in inputs]
    for start in range(0, len(entries), BATCH):
        batch = entries[start : start + BATCH]
        answer = glue.call("BatchUpdatePartition", DatabaseName=database, TableName=table, Entries=batch)
        _raise_first(answer.get("Errors"))


def _raise_first(errors: Sequence[dict[str, Any]] | None, ignored: str = "") -> None:
    for error in errors or ():
        detail = error["ErrorDetail"]
        if detail["ErrorCode"] != ignored:
            values = error.get("PartitionValues") or error.get("PartitionValueList")
            raise ServiceError(detail["ErrorCode"], f"{detail['ErrorMessage']} (partition {values})")
