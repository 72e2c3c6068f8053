"""Partition indexes of tables: kept and told. GetPartitions reads every partition's values anyway, and needs none."""

from collections.abc import Mapping
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.data_catalog.names import missing, taken
from lakebox.glue.data_catalog.tables import Tables

INDEXES = "partition-indexes"
MOST = 3


class PartitionIndexes:
    """The operations on partition indexes. A table that is made anew has none of those before it."""

    def __init__(self, documents: Documents, tables: Tables) -> None:
        self._documents, self._tables = documents, tables

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateTable": self.create_table,
            "CreatePartitionIndex": self.create,
            "GetPartitionIndexes": self.get_all,
            "DeletePartitionIndex": self.delete,
        }

    def create_table(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateTable, with the PartitionIndexes that it gives."""
        self._tables.create(request)
        for index in request.get("PartitionIndexes", []):
            named = {"DatabaseName": request["DatabaseName"], "TableName": request["TableInput"]["Name"]}
            self.create(named | {"PartitionIndex": index})
        return {}

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreatePartitionIndex: it is ACTIVE at once."""
        table, indexes = self._of(request)
        given = request["PartitionIndex"]
        types = {key["Name"]: key.get("Type") for key in table["PartitionKeys"]}
        keys = [key.lower() for key in given["Keys"]]
        if unknown := [key for key in keys if key not in types]:
            raise ServiceError("InvalidInputException", f"{', '.join(unknown)} is no partition key of {table['Name']}")
        if given["IndexName"] in [index["IndexName"] for index in indexes]:
            raise taken("Index", given["IndexName"])
        if len(indexes) == MOST:
            text = f"a table has at most {MOST} partition indexes"
            raise ServiceError("ResourceNumberLimitExceededException", text)
        described = [{"Name": key, "Type": types[key]} for key in keys]
        self._keep(table, [*indexes, {"IndexName": given["IndexName"], "Keys": described, "IndexStatus": "ACTIVE"}])
        return {}

    def get_all(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetPartitionIndexes."""
        return page_of(self._of(request)[1], request, "PartitionIndexDescriptorList")

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeletePartitionIndex."""
        table, indexes = self._of(request)
        others = [index for index in indexes if index["IndexName"] != request["IndexName"]]
        if len(others) == len(indexes):
            raise missing("Index", request["IndexName"])
        self._keep(table, others)
        return {}

    def _of(self, request: dict[str, Any]) -> tuple[Document, list[Document]]:
        table = self._tables.get(request["DatabaseName"], request["TableName"], request)
        kept = self._documents.get(INDEXES, _name(table)) or {}
        return table, kept["Indexes"] if kept.get("CreateTime") == table["CreateTime"] else []

    def _keep(self, table: Document, indexes: list[Document]) -> None:
        self._documents.put(INDEXES, _name(table), {"CreateTime": table["CreateTime"], "Indexes": indexes})


def _name(table: Document) -> str:
    return f"{table['DatabaseName']}.{table['Name']}"
