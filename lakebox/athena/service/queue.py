"""Runs queries, some at a time, each to an end that its record tells; the others wait their turn."""

import logging
import math
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

from lakebox.athena.service.data_catalogs import CATALOG
from lakebox.athena.service.errors import NOT_WRITTEN, TIMED_OUT, failed_status, system_status
from lakebox.athena.service.history import ENDED, History, state_of, with_status
from lakebox.athena.service.kinds import Kind
from lakebox.athena.service.parameters import preparation_of
from lakebox.athena.service.prepared_statements import PreparedStatements
from lakebox.athena.service.results.columns import column_info
from lakebox.athena.service.results.files import write_result
from lakebox.athena.service.results.objects import ResultObjects
from lakebox.athena.service.statement import Statement, StatementEngine, StatementError, StatementResult
from lakebox.endpoint.service import ServiceError
from lakebox.glue.data_catalog.documents import Document

LOG = logging.getLogger("lakebox.athena")
TIMEOUT_S = 30 * 60.0  # of Athena's DML queries
CANCELLED = {"State": "CANCELLED", "StateChangeReason": "Query cancelled by user"}
OVER_CUTOFF = {"State": "CANCELLED", "StateChangeReason": "Bytes scanned limit was exceeded"}
BROKEN = "lakebox failed on this query; the log of `lakebox serve` says why"


@dataclass(frozen=True)
class Target:
    """Where queries run: the engine, the place of results, and how many may be at work at once."""

    engine: StatementEngine
    objects: ResultObjects
    at_once: int = 4


class Queue:
    """The queries of this endpoint."""

    def __init__(
        self,
        history: History,
        target: Target,
        prepared: PreparedStatements,
    ) -> None:
        self._history, self._target, self._prepared = history, target, prepared
        self._pool = ThreadPoolExecutor(target.at_once, thread_name_prefix="query")
        self._working: dict[str, Work] = {}
        self._lock = threading.Lock()

    def submit(self, query_id: str) -> None:
        """Run a query when it is its turn."""
        self._pool.submit(self._run, query_id)

    def stop(self, query_id: str) -> None:
        """Cancel a query that waits or is at work; one that has ended stays as it is."""
        self._change(query_id, lambda record: with_status(record, CANCELLED))
        with self._lock:
            work = self._working.get(query_id)
        if work is not None:
            work.cancel(CANCELLED)

    def close(self) -> None:
        """End what is at work; its records say that it was lost, as they would if this process had been killed."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._history.close()
        with self._lock:
            working = list(self._working.values())
        for work in working:
            work.cancel(CANCELLED)
        self._pool.shutdown(wait=True)

    def _change(self, query_id: str, change: Callable[[Document], Document]) -> None:
        """Change the record of a query that has not ended."""
        self._history.change(query_id, lambda record: record if state_of(record) in ENDED else change(record))

    def _run(self, query_id: str) -> None:
        """One query, from its turn to its end. Nothing that it raises is lost."""
        try:
            work = Work(self._history.get(query_id)["Cutoff"])
            with self._lock:
                self._working[query_id] = work
            self._change(query_id, lambda record: with_status(record, {"State": "RUNNING"}))
            record = self._history.get(query_id)
            if state_of(record) == "RUNNING":
                self._work(query_id, record, work)
        except Exception:
            LOG.exception("the record of query %s can't be kept", query_id)
        finally:
            with self._lock:
                self._working.pop(query_id, None)

    def _work(self, query_id: str, record: Document, work: "Work") -> None:
        timer = threading.Timer(TIMEOUT_S, work.cancel, [system_status("Query timeout", TIMED_OUT)])
        timer.daemon = True
        timer.start()
        kept: Document = {}
        try:
            kept = self._answered(query_id, record, work)
            status: Document = {"State": "SUCCEEDED"}
        except StatementError as error:
            status = failed_status(error)
        except (ServiceError, OSError) as error:
            status = system_status(f"Failed to write query results to Amazon S3: {error}", NOT_WRITTEN)
        except Exception:
            if work.status is None:
                LOG.exception("query %s failed", query_id)
            status = system_status(BROKEN)
        finally:
            timer.cancel()
        statistics = work.statistics(record) | kept.pop("Statistics", {})
        end = work.status or status
        self._history.change(query_id, lambda now: _ended(now, end, kept, statistics))

    def _answered(self, query_id: str, record: Document, work: "Work") -> Document:
        """Run a query's statement and write its result; what the record keeps of it."""
        try:
            result = self._result(query_id, record, work)
            with closing(result.rows) if isinstance(result.rows, Generator) else nullcontext():
                written = write_result(self._target.objects, record["Base"], query_id, Kind(*record["Kind"]), result)
        finally:
            work.engine_ended = datetime.now(UTC)
        statistics: Document = {} if written.manifest is None else {"DataManifestLocation": written.manifest}
        if result.planning_s is not None:
            statistics["QueryPlanningTimeInMillis"] = math.ceil(result.planning_s * 1000)
        return {
            "Columns": [column_info(column) for column in result.columns],
            "UpdateCount": result.update_count,
            "Rows": written.rows,
            "Size": written.size,
            "Statistics": statistics,
        }

    def _result(self, query_id: str, record: Document, work: "Work") -> StatementResult:
        if "Error" in record:
            raise StatementError(*record["Error"])
        execution = record["QueryExecution"]
        preparation = preparation_of(record["Sql"])
        if preparation is not None:
            self._prepared.keep(preparation, execution["WorkGroup"])
            return StatementResult()
        context = execution["QueryExecutionContext"]
        database = context.get("Database", "default").strip("`")  # awswrangler quotes it for some statements
        catalog = context.get("Catalog", CATALOG)
        if catalog.lower() != CATALOG.lower():
            raise StatementError(f"Catalog '{catalog}' not found; lakebox has {CATALOG}", "CATALOG_NOT_FOUND")
        location = f"{record['Base']}tables/{query_id}/"
        return self._target.engine.execute(Statement(record["Sql"], database, catalog, location), work)


class Work:
    """One query at work: the Control of its engine. status: that of its end, where something else ended it."""

    def __init__(self, cutoff_bytes: int | None) -> None:
        self.status: Document | None = None
        self.scanned_bytes = 0
        self.engine_ended: datetime | None = None
        self._cutoff_bytes = cutoff_bytes
        self._started = datetime.now(UTC)
        self._stop: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def on_cancel(self, stop: Callable[[], None]) -> None:
        """Keep how to stop the work."""
        with self._lock:
            self._stop = stop
            is_cancelled = self.status is not None
        if is_cancelled:
            stop()

    def cancel(self, status: Document) -> None:
        """Stop the work; the query ends with this status."""
        with self._lock:
            self.status = self.status or status
        try:
            self._stop()
        except Exception:
            LOG.exception("an engine could not be stopped")

    def scanned(self, total_bytes: int) -> None:
        """Keep the count of bytes. Raises StatementError beyond the workgroup's limit."""
        self.scanned_bytes = total_bytes
        if self._cutoff_bytes is not None and total_bytes > self._cutoff_bytes:
            self.status = self.status or OVER_CUTOFF
            raise StatementError(OVER_CUTOFF["StateChangeReason"])

    def statistics(self, record: Document) -> Document:
        """Times in milliseconds, each rounded up, and bytes."""
        now, submitted = datetime.now(UTC), record["QueryExecution"]["Status"]["SubmissionDateTime"]
        engine_ended = self.engine_ended or now
        times = {
            "QueryQueueTimeInMillis": (submitted, self._started),
            "EngineExecutionTimeInMillis": (self._started, engine_ended),
            "ServiceProcessingTimeInMillis": (engine_ended, now),
            "TotalExecutionTimeInMillis": (submitted, now),
        }
        told = {name: math.ceil((end - start).total_seconds() * 1000) for name, (start, end) in times.items()}
        return told | {"DataScannedInBytes": self.scanned_bytes}


def _ended(record: Document, status: Document, kept: Document, statistics: Document) -> Document:
    """A record at its end; one that was stopped meanwhile stays so, and tells what its work has cost."""
    if state_of(record) in ENDED:
        execution = record["QueryExecution"]
        told = {"Statistics": execution["Statistics"] | statistics}
        return record | {"QueryExecution": execution | told}
    return with_status(record | kept, status, statistics)
