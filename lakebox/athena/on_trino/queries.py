"""Statements that Trino answers: rows as they come, stopped by Trino's DELETE, errors with Trino's names."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lakebox.athena.result_text import cell_text
from lakebox.athena.service.results.columns import result_column
from lakebox.athena.service.statement import Control, StatementError, StatementResult
from lakebox.athena.trino_engine import athena_type, plain
from lakebox.stack.trino_client import TrinoClient, TrinoStatementError, TrinoUnreachableError

USER = "api"  # Trino's name for who has the user's own rights in S3
PLACE = re.compile(r"^line (\d+):(\d+):")


@dataclass(frozen=True)
class Written:
    """What a statement wrote: the count of rows, and Trino's id of it, with which the names of its files start."""

    rows: int
    query_id: str


class Queries:
    """Statements in Trino's SQL, as the user who may write, and who has a secret name."""

    def __init__(self, url: str, secret_name: str) -> None:
        self._trino = TrinoClient(url, USER, secret_name)

    def check(self, sql: str) -> None:
        """Let Trino parse a statement: PREPARE reads nothing. Raises StatementError where it is none."""
        try:
            with self._errors():
                self._trino.run(f"PREPARE lakebox_check FROM\n{sql}")
        except StatementError as error:
            if error.name == "SYNTAX_ERROR":  # on all else the statement itself will tell
                raise StatementError(placed(error.message, sql, 0), error.name) from None

    def read(self, sql: str, database: str, control: Control) -> StatementResult:
        """Start a query; its rows are read as they are asked for."""
        stream = self._stream(sql, database, control)
        return StatementResult(next(stream), stream)

    def columns(self, sql: str, database: str) -> list[tuple[str, str]]:
        """Names and Trino's types of the columns of a query, of which no row is read. It starts on the second line."""
        with self._errors(), self._trino.cursor(database) as cursor:
            cursor.execute(f"SELECT * FROM (\n{sql}\n) LIMIT 0")  # noqa: S608 a query as the user wrote it
            cursor.fetchall()
            return [(str(one[0]), str(one[1])) for one in cursor.description or ()]

    def write(
        self, sql: str, database: str, control: Control | None, properties: Mapping[str, str] | None = None
    ) -> Written:
        """Run a statement to its end."""
        with self._errors(), self._trino.cursor(database, _told(control), properties) as cursor:
            if control is not None:
                control.on_cancel(cursor.cancel)
            try:
                cursor.execute(sql)
                rows = cursor.fetchall()
            except StatementError:  # it has read too much
                cursor.cancel()
                raise
            count = rows[0][0] if rows and isinstance(rows[0][0], int) else 0
            return Written(count, str(cursor.query_id))

    def _stream(self, sql: str, database: str, control: Control) -> Iterator[Any]:
        """First the columns, then the rows."""
        with self._errors(), self._trino.cursor(database, _told(control)) as cursor:
            control.on_cancel(cursor.cancel)
            try:
                cursor.execute(sql)
                yield [result_column(str(one[0]), athena_type(str(one[1]))) for one in cursor.description or ()]
                for row in cursor:
                    yield [None if value is None else cell_text(plain(value)) for value in row]
            except (GeneratorExit, StatementError):  # nobody reads on, or it has read too much
                cursor.cancel()
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Trino's errors as the API's."""
        try:
            yield
        except TrinoStatementError as error:
            raise StatementError(str(error), error.name) from None
        except TrinoUnreachableError as error:
            raise StatementError(str(error), "NO_NODES_AVAILABLE") from None


def placed(message: str, sql: str, start: int) -> str:
    """A message about a text that Trino had after a line of ours, with the place in the user's statement.

    start: where that text starts in the statement `sql`
    """
    line_before, column_before = sql.count("\n", 0, start), start - (sql.rfind("\n", 0, start) + 1)

    def place(match: "re.Match[str]") -> str:
        line, column = int(match[1]) - 1, int(match[2])
        if line < 1:
            return "line 1:1:"
        return f"line {line_before + line}:{column + column_before if line == 1 else column}:"

    return PLACE.sub(place, message)


def _told(control: Control | None) -> Any:
    """What hears Trino's statistics, and tells the bytes that it read."""
    if control is None:
        return None
    return lambda stats: control.scanned(int(stats.get("physicalInputBytes", 0)))
