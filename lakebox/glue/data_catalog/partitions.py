"""Partitions of tables, one by one and in batches; GetPartitions with expressions, segments and pages."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import ACCOUNT, Operation, ServiceError, page_of
from lakebox.glue.data_catalog.documents import Document
from lakebox.glue.data_catalog.expression import partition_filter
from lakebox.glue.data_catalog.rows import CatalogRows
from lakebox.glue.data_catalog.tables import Tables, errors_of


class Partitions:
    """The operations on partitions."""

    def __init__(self, store: CatalogRows, tables: Tables) -> None:
        self._store, self._tables = store, tables

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreatePartition": self.create,
            "BatchCreatePartition": self.batch_create,
            "GetPartition": self.get,
            "GetPartitions": self.get_all,
            "BatchGetPartition": self.batch_get,
            "UpdatePartition": self.update,
            "BatchUpdatePartition": self.batch_update,
            "DeletePartition": self.delete,
            "BatchDeletePartition": self.batch_delete,
        }

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreatePartition."""
        with self._store.changing():
            self._create(self._table(request), request["PartitionInput"])
        return {}

    def batch_create(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchCreatePartition: what is there already, or is wrong, is listed; the rest is made."""
        with self._store.changing():
            table = self._table(request)
            errors = errors_of(request["PartitionInputList"], lambda given: self._create(table, given), "Input")
        return {"Errors": [_error(error["Input"]["Values"], error) for error in errors]}

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetPartition."""
        return {"Partition": self._existing(self._table(request), request["PartitionValues"])}

    def get_all(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetPartitions: those that meet the expression, of the segment, a page of them."""
        table = self._table(request)
        values = self._store.partition_values(table)
        if request.get("Expression", "").strip():
            keys = [(key["Name"], key.get("Type", "string")) for key in table["PartitionKeys"]]
            meets = partition_filter(request["Expression"], keys)
            values = [value for value in values if meets(value)]
        if "Segment" in request:
            number, total = request["Segment"]["SegmentNumber"], request["Segment"]["TotalSegments"]
            values = [value for value in values if _bucket(value) % total == number]
        page = page_of(values, request, "Partitions", most=1000)
        listed = self._store.partitions(table, page["Partitions"])
        if request.get("ExcludeColumnSchema", False):
            listed = [_without_columns(partition) for partition in listed]
        return page | {"Partitions": listed}

    def batch_get(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchGetPartition: what isn't there is left out."""
        table = self._table(request)
        wanted = [entry["Values"] for entry in request["PartitionsToGet"]]
        found = self._store.partitions(table, wanted)
        return {"Partitions": found, "UnprocessedKeys": []}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdatePartition: also its values may change."""
        with self._store.changing():
            self._update(self._table(request), request["PartitionValueList"], request["PartitionInput"])
        return {}

    def batch_update(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchUpdatePartition."""
        with self._store.changing():
            table = self._table(request)
            errors = errors_of(
                request["Entries"],
                lambda entry: self._update(table, entry["PartitionValueList"], entry["PartitionInput"]),
                "Entry",
            )
        listed = [
            {"PartitionValueList": e["Entry"]["PartitionValueList"], "ErrorDetail": e["ErrorDetail"]} for e in errors
        ]
        return {"Errors": listed}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeletePartition; files stay."""
        with self._store.changing():
            table = self._table(request)
            self._existing(table, request["PartitionValues"])
            self._store.delete_partition(table["DatabaseName"], table["Name"], request["PartitionValues"])
        return {}

    def batch_delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchDeletePartition."""
        self._table(request)
        named = [{"PartitionValues": entry["Values"]} for entry in request["PartitionsToDelete"]]
        errors = errors_of(named, lambda one: self.delete({**request, **one}), "One")
        return {"Errors": [_error(error["One"]["PartitionValues"], error) for error in errors]}

    def _table(self, request: dict[str, Any]) -> Document:
        return self._tables.get(request["DatabaseName"], request["TableName"], request)

    def _existing(self, table: Document, values: list[str]) -> Document:
        partition = self._store.partition(table["DatabaseName"], table["Name"], values)
        if partition is None:
            raise ServiceError("EntityNotFoundException", f"Cannot find partition {values}.")
        return partition

    def _create(self, table: Document, given: Document) -> None:
        values = _checked(table, given)
        if self._store.partition(table["DatabaseName"], table["Name"], values) is not None:
            raise ServiceError("AlreadyExistsException", "Partition already exists.")
        self._store.put_partition(table, values, _partition(table, given))

    def _update(self, table: Document, values: list[str], given: Document) -> None:
        before = self._existing(table, values)
        after = _checked(table, given)
        if after != values:
            if self._store.partition(table["DatabaseName"], table["Name"], after) is not None:
                raise ServiceError("AlreadyExistsException", "Partition already exists.")
            self._store.delete_partition(table["DatabaseName"], table["Name"], values)
        partition = _partition(table, given) | {"CreationTime": before["CreationTime"]}
        self._store.put_partition(table, after, partition)


def _checked(table: Document, given: Document) -> list[str]:
    """The partition's values. Raises ServiceError where there are not as many as the table has keys."""
    values: list[str] = given.get("Values", [])
    if len(values) != len(table["PartitionKeys"]):
        text = "The number of partition keys do not match the number of partition values"
        raise ServiceError("InvalidInputException", text)
    return values


def _partition(table: Document, given: Document) -> Document:
    own = {"DatabaseName": table["DatabaseName"], "TableName": table["Name"], "CatalogId": ACCOUNT}
    return given | own | {"CreationTime": datetime.now(UTC)}


def _without_columns(partition: Document) -> Document:
    descriptor = {name: value for name, value in partition.get("StorageDescriptor", {}).items() if name != "Columns"}
    return partition | ({"StorageDescriptor": descriptor} if descriptor else {})


def _bucket(values: list[str]) -> int:
    return int.from_bytes(hashlib.sha256(json.dumps(values).encode()).digest()[:4])


def _error(values: list[str], error: Document) -> Document:
    return {"PartitionValues": values, "ErrorDetail": error["ErrorDetail"]}
