"""The record of Athena's queries, as a person reads it: one a line, and what they would cost a workgroup on AWS."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jobs.lake.errors import LakeboxError
from lakebox.athena.engine import athena_price_usd

LONGEST_SQL = 60


class NoQueriesError(LakeboxError):
    """No query has been made."""

    exit_status = 2


def print_queries(executions: Sequence[dict[str, Any]], console: Console) -> None:
    """A table of queries as GetQueryExecution gives them, then their sum a workgroup."""
    if not executions:
        raise NoQueriesError("no query has been made by Athena's API yet; docs/clients.md shows how")
    table = Table()
    for name in ("query", "workgroup", "state", "started (UTC)", "seconds", "bytes", "price", "SQL", "reason"):
        right = name in ("seconds", "bytes", "price")
        table.add_column(name, overflow="fold", justify="right" if right else "left")
    sums: dict[str, tuple[int, int, float]] = {}
    for execution in executions:
        statistics, status = execution["Statistics"], execution["Status"]
        scanned = int(statistics.get("DataScannedInBytes", 0))
        count, total, price = sums.get(execution["WorkGroup"], (0, 0, 0.0))
        sums[execution["WorkGroup"]] = (count + 1, total + scanned, price + athena_price_usd(scanned))
        sql = " ".join(execution["Query"].split())
        table.add_row(
            execution["QueryExecutionId"][:13],
            execution["WorkGroup"],
            status["State"],
            f"{status['SubmissionDateTime'].astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            f"{statistics.get('TotalExecutionTimeInMillis', 0) / 1000:.2f}",
            f"{scanned:,}",
            f"${athena_price_usd(scanned):.6f}",
            escape(sql if len(sql) <= LONGEST_SQL else sql[: LONGEST_SQL - 1] + "…"),
            escape(status.get("StateChangeReason", "")),
        )
    console.print(table)
    for workgroup, (count, total, price) in sorted(sums.items()):
        said = "1 query" if count == 1 else f"{count} queries"
        console.print(f"{workgroup}: {said}, {total:,} bytes scanned, Athena price ${price:.6f}", highlight=False)
