"""Statements of Athena's API on an engine that answers one query at a time, whole (Engine.query)."""

from collections.abc import Callable

from lakebox.athena.engine import Engine, SqlError
from lakebox.athena.result_text import cell_text
from lakebox.athena.service.kinds import kind_of
from lakebox.athena.service.results.columns import result_column
from lakebox.athena.service.statement import (
    Control,
    ResultColumn,
    Statement,
    StatementError,
    StatementResult,
)


class EngineStatements:
    """Statements on the engine that `open_engine` gives, a new one for each: it sees what the catalog says by then."""

    def __init__(self, open_engine: Callable[[], Engine]) -> None:
        self._open_engine = open_engine

    def check(self, sql: str) -> None:
        """The engine says so itself when it runs the statement."""

    def execute(self, statement: Statement, control: Control) -> StatementResult:
        """Answer a query, SHOW or DESCRIBE."""
        try:
            result = self._open_engine().query(statement.sql)
        except SqlError as error:
            raise StatementError(str(error)) from None
        control.scanned(result.scanned_bytes)
        is_query = kind_of(statement.sql).statement_type == "DML"
        columns = [
            result_column(name, kind) if is_query else ResultColumn(name, "string") for name, kind in result.columns
        ]
        rows = ([None if value is None else cell_text(value) for value in row] for row in result.rows)
        return StatementResult(columns, rows)
