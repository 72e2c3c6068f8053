"""What a statement other than a query gives, and what it is run with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lakebox.athena.engine import SqlError
from lakebox.athena.service.results.columns import result_column
from lakebox.athena.service.statement import Control, StatementResult
from lakebox.athena.tables.catalog_tables import CatalogTable, CatalogTables
from lakebox.endpoint.service import ServiceError

TASK_FAILED = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask."
WIDTH = 20  # to which Hive pads names, types and comments


@dataclass(frozen=True)
class Answer:
    """Columns (name, type) and rows of text; both empty where a statement only changes something.

    padded: Athena's result file has each cell padded to 20 characters
    update_count, manifest: rows and s3:// objects that INSERT, CREATE TABLE AS and UNLOAD wrote; None for all else
    """

    columns: tuple[tuple[str, str], ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    padded: bool = False
    update_count: int | None = None
    manifest: Sequence[str] | None = None
    scanned_bytes: int = 0


def padded(statement: str, query: str) -> str:
    """A query of a statement with spaces in the place of what stands before it, so that errors tell its place."""
    return re.sub(r"\S", " ", statement[: max(statement.find(query), 0)]) + query


def statement_result(answer: Answer) -> StatementResult:
    """An answer as the API takes it; cells that Hive pads are padded."""
    columns = tuple(result_column(name, kind) for name, kind in answer.columns)
    rows = [tuple(cell.ljust(WIDTH) for cell in row) for row in answer.rows] if answer.padded else answer.rows
    return StatementResult(columns, rows, answer.update_count, answer.manifest)


@dataclass(frozen=True)
class QueryColumn:
    """A column of a query: its name, the engine's type, the catalog's type."""

    name: str
    type: str
    hive_type: str


@dataclass
class Context:
    """The catalog, the database of names without one, and where CREATE TABLE AS keeps files if it names no place.

    Each target has a subclass that asks its engine. statement: the whole text, in which errors tell their places.
    """

    tables: CatalogTables
    database: str
    table_location: str = ""
    control: Control | None = None
    statement: str = ""

    def columns_of(self, sql: str) -> list[QueryColumn]:
        """The columns of a query, which is not run. Raises SqlError where it is wrong."""
        raise NotImplementedError

    def view_text(self, sql: str) -> str:
        """A view's query as it is kept: as it is written."""
        return sql

    def scanned(self, total_bytes: int) -> None:
        """Tell the API how many bytes the statement has read. Raises StatementError above a workgroup's limit."""
        if self.control is not None:
            self.control.scanned(total_bytes)

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """The answer of one of the catalog's operations. Raises SqlError, in Hive's words, on Glue's errors."""
        try:
            return self.tables.operations[operation](request)
        except ServiceError as error:
            raise SqlError(f"{TASK_FAILED} {error.code}(message:{error.message})", error.code) from None

    def table(self, name: tuple[str | None, str]) -> CatalogTable:
        """A table or view by (database or None, name). Raises SqlError where there is none."""
        database, table = (name[0] or self.database).lower(), name[1].lower()
        found = self.tables.table(database, table)
        if found is None:
            known = [one.name for one in self.tables.tables(database)] if self.tables.has_database(database) else []
            hint = f"; tables of {database}: {', '.join(known[:12])}" if known else f"; {database} has no tables"
            text = f"FAILED: SemanticException [Error 10001]: Table not found {database}.{table}{hint}"
            raise SqlError(text, "TABLE_NOT_FOUND")
        return found

    def update(self, table: CatalogTable, **changes: Any) -> None:
        """Change parts of a table: its StorageDescriptor, Parameters, …"""
        kept = {name: table.document[name] for name in TABLE_INPUT if name in table.document}
        self.call("UpdateTable", DatabaseName=table.database, TableInput=kept | changes)


TABLE_INPUT = ("Name", "Description", "Owner", "LastAccessTime", "LastAnalyzedTime", "Retention", "StorageDescriptor",
               "PartitionKeys", "ViewOriginalText", "ViewExpandedText", "TableType", "Parameters",
               "TargetTable")  # fmt: skip
