"""Athena's SQL on DuckDB, over every database and table of the embedded Data Catalog."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from catalog.tables import DATABASE
from lakebox.athena.dialect.syntax import parsed
from lakebox.athena.duckdb_session import Session, opened
from lakebox.athena.engine import QueryResult, SqlError
from lakebox.athena.result_text import cell_text
from lakebox.athena.result_types import athena_type, athenas_rows
from lakebox.athena.service.results.columns import result_column
from lakebox.athena.service.statement import Control, Statement, StatementResult
from lakebox.athena.statements.answer import statement_result
from lakebox.athena.statements.catalog_statements import check_catalog_statement
from lakebox.athena.statements.folder_context import FolderContext
from lakebox.athena.statements.run import statement_of
from lakebox.athena.tables.binding import Binder
from lakebox.athena.tables.catalog_tables import CATALOGS
from lakebox.athena.tables.folder_tables import FolderTables
from lakebox.endpoint.buckets import Buckets
from lakebox.endpoint.service import Operation

STACK_DEPTH = 20_000  # of Python's calls: sqlglot takes about twenty for each pair of parentheses
ROWS = 10_000  # that are read from DuckDB at a time
TOO_DEEP = "the query is nested too deeply; take inner parts out with WITH"


class DuckDbEngine:
    """Statements over the tables that the catalog's operations name; `folder` holds the buckets."""

    def __init__(self, operations: Mapping[str, Operation], folder: str) -> None:
        self._tables = FolderTables(operations, Buckets(Path(folder)))
        sys.setrecursionlimit(max(sys.getrecursionlimit(), STACK_DEPTH))

    def query(self, sql: str, database: str = DATABASE) -> QueryResult:
        """Answer one statement in Athena's SQL; raises SqlError."""
        start = monotonic()
        try:
            found = statement_of(sql)
            if found is not None:
                run, words = found
                answer = run(words, FolderContext(self._tables, database, statement=sql))
                rows: list[tuple[Any, ...]] = list(answer.rows)
                if answer.update_count is not None:
                    rows = [(answer.update_count,)]
                return QueryResult(answer.columns, rows, answer.scanned_bytes, monotonic() - start)
            with opened(self._tables) as session:
                names, kinds, batches = _queried(session, self._tables, sql, database)
                columns = tuple((name, athena_type(kind)) for name, kind in zip(names, kinds, strict=True))
                rows = [row for batch in batches for row in batch]
                return QueryResult(columns, rows, session.scanned_bytes(), monotonic() - start)
        except RecursionError:
            raise SqlError(TOO_DEEP, "STACK_OVERFLOW") from None

    def check(self, sql: str) -> None:
        """Raise SqlError on a text that is no statement; question marks may stand for values."""
        try:
            if not check_catalog_statement(sql) and statement_of(sql) is None:
                parsed(sql)
        except SqlError as error:
            if error.name == "SYNTAX_ERROR":
                raise
        except RecursionError:
            raise SqlError(TOO_DEEP, "STACK_OVERFLOW") from None

    def execute(self, statement: Statement, control: Control) -> StatementResult:
        """Run one statement of any kind. Raises SqlError; `control` hears of the bytes that were read."""
        if statement.catalog.lower() not in CATALOGS:
            raise SqlError(
                f"Catalog '{statement.catalog}' does not exist; there is AwsDataCatalog", "CATALOG_NOT_FOUND"
            )
        try:
            found = statement_of(statement.sql)
            if found is None:
                return self._select(statement, control)
            run, words = found
            context = FolderContext(self._tables, statement.database, statement.table_location, control, statement.sql)
            answer = run(words, context)
        except RecursionError:
            raise SqlError(TOO_DEEP, "STACK_OVERFLOW") from None
        control.scanned(answer.scanned_bytes)
        return statement_result(answer)

    def _select(self, statement: Statement, control: Control) -> StatementResult:
        """A query's columns, and its rows as they are read; the connection lives as long as they do."""
        rows = self._printed_rows(statement, control)
        names, kinds = next(rows)
        return StatementResult(tuple(map(result_column, names, kinds)), rows)

    def _printed_rows(self, statement: Statement, control: Control) -> Iterator[Any]:
        """First the columns' names and types, then each row as text."""
        with opened(self._tables, control) as session:
            try:
                names, kinds, batches = _queried(session, self._tables, statement.sql, statement.database)
                yield names, [athena_type(kind) for kind in kinds]
                for batch in batches:
                    for row in batch:
                        yield tuple(None if value is None else cell_text(value) for value in row)
            finally:
                control.scanned(session.scanned_bytes())


def _queried(
    session: Session, tables: FolderTables, sql: str, database: str
) -> tuple[list[str], list[Any], Iterator[list[tuple[Any, ...]]]]:
    """The names and DuckDB types of a query's columns, and its rows, some at a time."""
    cursor = session.execute(session.prepare(Binder(tables).bind(sql, database)))
    description = cursor.description or ()
    kinds = [column[1] for column in description]

    def batches() -> Iterator[list[tuple[Any, ...]]]:
        while True:
            with session.errors():
                rows = cursor.fetchmany(ROWS)
            if not rows:
                return
            yield list(athenas_rows(rows, kinds))

    return session.names, kinds, batches()
