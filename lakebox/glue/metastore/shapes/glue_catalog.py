"""The operations of the Glue Data Catalog, called in this process: answers of several pages come as one."""

from collections.abc import Iterator, Mapping
from typing import Any

from lakebox.endpoint.service import Operation, all_of

Answer = Mapping[str, Any]


class GlueCatalog:
    """Glue's operations by name, each a function of a request; both in boto3's shapes. They raise ServiceError."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._operations = operations

    def call(self, operation: str, **request: Any) -> Answer:
        """The answer of one operation."""
        return self._operations[operation](request)

    def listed(self, operation: str, field: str, **request: Any) -> Iterator[Answer]:
        """All items of the list `field`, page by page."""
        return all_of(self._operations[operation], request, field)

    def table(self, database: str, name: str) -> Answer:
        """A table as Glue describes it."""
        table: Answer = self.call("GetTable", DatabaseName=database, Name=name)["Table"]
        return table
