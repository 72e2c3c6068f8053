"""The SQL engine seam: a query in Athena's SQL to rows, with the bytes that the engine had to read for it."""

from dataclasses import dataclass
from typing import Any, Protocol

from lakebox.athena.service.statement import StatementError

USD_PER_TB = 5.0
MEGABYTE = 10**6
LEAST_BILLED = 10 * MEGABYTE


class SqlError(StatementError):
    """A query can't be answered: wrong SQL, an unknown name, or something this engine does not do as Athena does."""


@dataclass(frozen=True)
class QueryResult:
    """Rows of a query. `columns` are (name, Athena type); `scanned_bytes` are compressed column chunks read."""

    columns: tuple[tuple[str, str], ...]
    rows: list[tuple[Any, ...]]
    scanned_bytes: int
    duration_s: float


class Engine(Protocol):
    """What a target must do with a query."""

    def query(self, sql: str) -> QueryResult:
        """Answer one statement in Athena's SQL; raises SqlError."""


def athena_price_usd(scanned_bytes: int) -> float:
    """What Athena charges for a query in US dollars: 5 a terabyte, in whole megabytes, at least ten of them.

    Source: Amazon Athena pricing, SQL queries by data scanned. Statements that scan nothing are free.
    """
    if scanned_bytes == 0:
        return 0.0
    billed = max(LEAST_BILLED, -(-scanned_bytes // MEGABYTE) * MEGABYTE)
    return billed / 10**12 * USD_PER_TB


def query_cost(result: QueryResult) -> str:
    """Rows, run time, bytes scanned and what Athena would charge, in one line."""
    rows = "1 row" if len(result.rows) == 1 else f"{len(result.rows)} rows"
    price = athena_price_usd(result.scanned_bytes)
    return f"{rows}, {result.duration_s:.2f} s, {result.scanned_bytes:,} bytes scanned, Athena price ${price:.6f}"
