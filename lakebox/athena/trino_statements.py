"""Statements of Athena's API on Trino, in whose own SQL they are: rows as they come, stopped by Trino's DELETE.

Queries run as a user who may read and nothing else. What is no query goes to another engine, for Athena's SHOW and
DESCRIBE answer otherwise than Trino's.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lakebox.athena.result_text import cell_text
from lakebox.athena.service.kinds import kind_of
from lakebox.athena.service.results.columns import result_column
from lakebox.athena.service.statement import (
    Control,
    ResultColumn,
    Statement,
    StatementEngine,
    StatementError,
    StatementResult,
)
from lakebox.athena.trino_engine import READER, athena_type, plain
from lakebox.stack.trino_client import TrinoClient, TrinoStatementError, TrinoUnreachableError

ON_TRINO = ("SELECT", "EXPLAIN")
LINE = re.compile(r"^line (\d+):")


class TrinoStatements:
    """Queries on Trino; `others` runs all other statements."""

    def __init__(self, url: str, others: StatementEngine) -> None:
        self._trino, self._others = TrinoClient(url, READER), others

    def check(self, sql: str) -> None:
        """Let Trino parse a query: PREPARE reads nothing."""
        if kind_of(sql).substatement_type not in ON_TRINO:
            self._others.check(sql)
            return
        try:
            self._trino.run(f"PREPARE lakebox_check FROM\n{sql}")
        except TrinoStatementError as error:
            if error.name == "SYNTAX_ERROR":
                raise StatementError(_moved_back(str(error)), error.name) from None
        except TrinoUnreachableError:
            return  # the query itself will tell

    def execute(self, statement: Statement, control: Control) -> StatementResult:
        """Start a query; its rows are read as they are asked for."""
        if kind_of(statement.sql).substatement_type not in ON_TRINO:
            return self._others.execute(statement, control)
        stream = self._stream(statement, control)
        columns = next(stream)
        return StatementResult(columns, stream)  # type: ignore[arg-type]

    def _stream(self, statement: Statement, control: Control) -> Iterator[Sequence[ResultColumn] | list[str | None]]:
        """First the columns, then the rows."""

        def told(stats: dict[str, Any]) -> None:
            control.scanned(int(stats.get("physicalInputBytes", 0)))

        try:
            with self._trino.cursor(statement.database, told) as cursor:
                control.on_cancel(cursor.cancel)
                try:
                    cursor.execute(statement.sql)
                    yield [result_column(str(one[0]), athena_type(str(one[1]))) for one in cursor.description or ()]
                    for row in cursor:
                        yield [None if value is None else cell_text(plain(value)) for value in row]
                except (GeneratorExit, StatementError):  # nobody reads on, or it has read too much
                    cursor.cancel()
                    raise
        except TrinoStatementError as error:
            raise StatementError(str(error), error.name) from None
        except TrinoUnreachableError as error:
            raise StatementError(str(error), "NO_NODES_AVAILABLE") from None


def _moved_back(message: str) -> str:
    """A message on the second line of a PREPARE, as one on the first line of what is prepared."""
    return LINE.sub(lambda match: f"line {int(match[1]) - 1}:", message)
