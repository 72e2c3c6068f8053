"""What Athena's API asks of a SQL engine: one statement in, its columns and rows as Athena prints them out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from jobs.lake.errors import LakeboxError


class StatementError(LakeboxError):
    """A statement failed, or is refused.

    name: Trino's name of the error, by which the API knows Athena's category and type, such as COLUMN_NOT_FOUND,
    TABLE_NOT_FOUND, SYNTAX_ERROR, TYPE_MISMATCH, DIVISION_BY_ZERO, NOT_SUPPORTED; empty where there is none.
    message: starts with `line 1:8: ` where the place is known.
    """

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.message, self.name = message, name


@dataclass(frozen=True)
class Statement:
    """A statement to run. Its parameters are in the text already; PREPARE, EXECUTE and DEALLOCATE never come here.

    table_location: s3:// folder, ending in /, where CREATE TABLE AS keeps its files if it names no external_location
    """

    sql: str
    database: str
    catalog: str
    table_location: str


@dataclass(frozen=True)
class ResultColumn:
    """A column of a result.

    type: Athena's name without parameters: varchar, decimal, timestamp, timestamp with time zone, array, row, map …;
    in results of DDL and SHOW it is string. precision and scale: as Athena gives them (decimal(10,2): 10 and 2)
    """

    name: str
    type: str
    precision: int = 0
    scale: int = 0
    nullable: str = "UNKNOWN"


@dataclass(frozen=True)
class StatementResult:
    """What a statement gave.

    rows: read once, in the thread that called execute, and closed where it has a close(); errors may come from it, too.
    A DDL or SHOW row is a line of the .txt file, its cells joined by tabs: DESCRIBE pads them itself, as Athena does.
    update_count: rows that INSERT, CREATE TABLE AS, UNLOAD, UPDATE, DELETE or MERGE wrote. manifest: URIs of the
    objects written by INSERT, CREATE TABLE AS and UNLOAD; None for all other statements. planning_s: if known.
    """

    columns: Sequence[ResultColumn] = ()
    rows: Iterable[Sequence[str | None]] = ()
    update_count: int | None = None
    manifest: Sequence[str] | None = None
    planning_s: float | None = None


class Control(Protocol):
    """How the API follows and stops a statement that is at work."""

    def on_cancel(self, stop: Callable[[], None]) -> None:
        """Say how to stop the work (DuckDB's interrupt, Trino's DELETE).

        `stop` is called from another thread, and at once where the statement is cancelled already; it may come more
        than once and after the end. What the engine raises then does not matter.
        """

    def scanned(self, total_bytes: int) -> None:
        """Say how many bytes have been read so far, whenever known; also at the end, and before raising an error.

        Raises StatementError where that is more than the workgroup allows: the statement must end then.
        """


class StatementEngine(Protocol):
    """What a target must do with a statement. Called from several threads at once."""

    def check(self, sql: str) -> None:
        """Raise StatementError (SYNTAX_ERROR) on a text that is no statement; reads no table, takes milliseconds.

        Athena refuses such a text before it makes a query execution of it; its parameters are still question marks.
        """

    def execute(self, statement: Statement, control: Control) -> StatementResult:
        """Run one statement of any kind. Raises StatementError; the last call of `scanned` is its bytes."""
