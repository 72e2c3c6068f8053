"""Runs statements as a client of Athena's API does: start, wait for the end, read all pages of the result."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

from lakebox.athena.engine import QueryResult
from lakebox.athena.service.statement import StatementError
from lakebox.endpoint.service import Service

SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.002, 0.5
WRITES = ("INSERT", "UNLOAD", "UPDATE", "DELETE", "MERGE", "CREATE_TABLE_AS_SELECT")
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


class QueryClient:
    """Statements in, results out. athena: Athena's operations by name, in this process or asked of an endpoint."""

    def __init__(self, athena: Service, database: str, workgroup: str) -> None:
        self._athena, self._database, self._workgroup = athena, database, workgroup

    def run(self, sql: str) -> QueryResult:
        """A statement's result, its values as text. What ends the wait (Ctrl-C) stops the statement.

        Raises StatementError where the statement fails, ServiceError where Athena refuses it.
        """
        context = {"Database": self._database}
        asked = {"QueryString": sql, "QueryExecutionContext": context, "WorkGroup": self._workgroup}
        started = self._athena["StartQueryExecution"](asked | {"ClientRequestToken": str(uuid.uuid4())})
        query_id = {"QueryExecutionId": started["QueryExecutionId"]}
        try:
            execution = self._ended(query_id)
        except BaseException:
            self._athena["StopQueryExecution"](query_id)
            raise
        if execution["Status"]["State"] != "SUCCEEDED":
            raise StatementError(execution["Status"].get("StateChangeReason", "the query was cancelled"))
        return self._result(execution)

    def _ended(self, query_id: dict[str, str]) -> dict[str, Any]:
        """A query at its end. The pauses between two looks are a twentieth of the time that it has taken so far."""
        start = time.monotonic()
        while True:
            execution: dict[str, Any] = self._athena["GetQueryExecution"](query_id)["QueryExecution"]
            if execution["Status"]["State"] in ENDED:
                return execution
            time.sleep(min(LONGEST_PAUSE_S, max(SHORTEST_PAUSE_S, (time.monotonic() - start) / 20)))

    def _result(self, execution: dict[str, Any]) -> QueryResult:
        statistics = execution["Statistics"]
        scanned, took_s = statistics.get("DataScannedInBytes", 0), statistics["TotalExecutionTimeInMillis"] / 1000
        pages = self._pages(execution["QueryExecutionId"])
        first = next(pages)
        if execution.get("SubstatementType") in WRITES:
            return QueryResult((("rows", "bigint"),), [(first.get("UpdateCount") or 0,)], scanned, took_s)
        columns = [(one["Name"], one["Type"]) for one in first["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
        rows = [row for page in (first, *pages) for row in _rows(page, len(columns))]
        has_header = execution.get("StatementType") == "DML" or execution.get("SubstatementType") == "SHOW_FUNCTIONS"
        return QueryResult(tuple(columns), rows[has_header:], scanned, took_s)

    def _pages(self, query_id: str) -> Iterator[dict[str, Any]]:
        request = {"QueryExecutionId": query_id}
        while True:
            page = self._athena["GetQueryResults"](request)
            yield page
            if not page.get("NextToken"):
                return
            request["NextToken"] = page["NextToken"]


def _rows(page: dict[str, Any], width: int) -> Iterator[tuple[str | None, ...]]:
    """The rows of a page. A row of DESCRIBE or SHOW is one value: its cells, padded, between tabs."""
    for row in page["ResultSet"]["Rows"]:
        cells = [datum.get("VarCharValue") for datum in row["Data"]]
        if len(cells) == 1 and width > 1:
            cells = [cell.strip() for cell in (cells[0] or "").split("\t")][:width]
            cells += [""] * (width - len(cells))
        yield tuple(cells)
