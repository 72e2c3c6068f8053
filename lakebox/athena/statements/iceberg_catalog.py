"""pyiceberg's Glue catalog over the sandbox's own operations, so that Iceberg's commits are Glue's UpdateTable."""

from typing import Any

from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    HourTransform,
    IdentityTransform,
    MonthTransform,
    Transform,
    TruncateTransform,
    YearTransform,
)

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Context
from lakebox.athena.statements.iceberg_transforms import transform_in_python
from lakebox.athena.statements.words import Words
from lakebox.athena.tables.catalog_tables import CatalogTable
from lakebox.endpoint.service import ServiceError

TIMES: dict[str, Transform[Any, Any]] = {
    "year": YearTransform(), "month": MonthTransform(), "day": DayTransform(), "hour": HourTransform(),
    "years": YearTransform(), "months": MonthTransform(), "days": DayTransform(), "hours": HourTransform(),
}  # fmt: skip


class _Errors:
    """The errors that pyiceberg knows of boto3's Glue client, by their codes."""

    def __init__(self) -> None:
        names = ("EntityNotFoundException", "AlreadyExistsException", "ConcurrentModificationException",
                 "InvalidInputException")  # fmt: skip
        for name in names:
            setattr(self, name, type(name, (Exception,), {}))


class _Client:
    """What pyiceberg uses of boto3's Glue client, answered by the catalog's operations."""

    def __init__(self, context: Context) -> None:
        self._operations, self.exceptions = context.tables.operations, _Errors()

    def __getattr__(self, name: str) -> Any:
        operation = self._operations["".join(word.title() for word in name.split("_"))]

        def call(**request: Any) -> Any:
            try:
                return operation(request)
            except ServiceError as error:
                raise getattr(self.exceptions, error.code, RuntimeError)(error.message) from None

        return call


def iceberg_catalog(context: Context) -> GlueCatalog:
    """pyiceberg's catalog over a context's."""
    client: Any = _Client(context)
    transform_in_python()
    return GlueCatalog("awsdatacatalog", client=client, **context.tables.file_io())


def loaded(table: CatalogTable, context: Context) -> Table:
    """An Iceberg table to be changed. Raises SqlError where pyiceberg can't divide its rows."""
    try:
        found = iceberg_catalog(context).load_table((table.database, table.name))
    except (NoSuchTableError, ServiceError, OSError) as error:
        raise SqlError(f"the Iceberg metadata of {table} can't be read: {error}", "ICEBERG_INVALID_METADATA") from None
    check_writable(found.spec())
    return found


def check_writable(spec: PartitionSpec) -> None:
    """Raise SqlError where two parts of a specification come from one column, which pyiceberg does not divide by."""
    if len({field.source_id for field in spec.fields}) < len(spec.fields):
        shown = ", ".join(f"{field.transform}({field.name})" for field in spec.fields)
        problem = f"an Iceberg table partitioned twice by a column ({shown}) is not written by the embedded engine"
        raise SqlError(f"{problem}; write it in a Glue job, or on the stack", "NOT_SUPPORTED")


def partition_spec(transforms: list[str], schema: Schema) -> PartitionSpec:
    """A specification from texts such as `category`, `day(at)`, `bucket(16, id)`. Raises SqlError on others."""
    fields = []
    for number, text in enumerate(transforms):
        name, column, transform = _transform(text)
        try:
            source = schema.find_field(column, case_sensitive=False)
        except ValueError:
            known = ", ".join(field.name for field in schema.fields)
            raise SqlError(f"Column '{column}' of the partitioning {text} does not exist; columns: {known}",
                           "COLUMN_NOT_FOUND") from None  # fmt: skip
        fields.append(PartitionField(source.field_id, 1000 + number, transform, name))
    return PartitionSpec(*fields)


def _transform(text: str) -> tuple[str, str, Transform[Any, Any]]:
    """The name of a partition's field, its column, and how its value comes from the column's."""
    words = Words(text)
    name = words.name().lower()
    if words.peek() == "":
        return name, name, IdentityTransform()
    given = words.listed(words.value if words.peek(1).isdigit() else words.name)
    if name in TIMES and len(given) == 1:
        return f"{given[0].lower()}_{name.removesuffix('s')}", given[0].lower(), TIMES[name]
    number = next((one for one in given if one.isdigit()), None)
    column = next((one for one in given if not one.isdigit()), "").lower()
    if name == "bucket" and number and column:
        return f"{column}_bucket", column, BucketTransform(int(number))
    if name == "truncate" and number and column:
        return f"{column}_trunc", column, TruncateTransform(int(number))
    raise SqlError(f"the partitioning {text} is not Iceberg's; write a column, year(c), month(c), day(c), hour(c), "
                   "bucket(16, c) or truncate(4, c)", "INVALID_TABLE_PROPERTY")  # fmt: skip


def committed(change: Any) -> Any:
    """What a change gives. Raises SqlError where another writer was faster."""
    try:
        return change()
    except CommitFailedException as error:
        raise SqlError(f"Failed to commit Iceberg update to table: {error}; run the statement again",
                       "ICEBERG_COMMIT_ERROR") from error  # fmt: skip
