"""The query executions that are kept, for 45 days as Athena keeps them, and at most so many."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lakebox.athena.service.errors import invalid, system_status
from lakebox.glue.data_catalog.documents import Document, Documents, SqliteDocuments
from lakebox.glue.jobs.owner import Owner

QUERY, INDEX, AT_WORK, TOKEN = "athena query", "athena query index", "athena query at work", "athena request token"
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
KEPT = timedelta(days=45)
MOST_KEPT = 10_000
PRUNED_EVERY = 500
LOST = "The endpoint ended while this query was at work, and the query with it; start it again"


class History:
    """Records of queries: what the API shows under QueryExecution, and what lakebox itself keeps beside it.

    owners: a folder on this machine, for the locks of the processes whose queries are at work.
    """

    def __init__(self, documents: Documents, owners: Path) -> None:
        self._documents = documents
        self._owner = Owner(owners)
        self._added = 0
        self._end_lost(lambda owner: not self._owner.lives(owner))
        self._prune()

    def add(self, query_id: str, record: Document, token: str, fingerprint: list[Any]) -> str:
        """Keep a new query; its id, or that of the query that the token made before. Raises ServiceError where that
        one was another query.
        """
        execution = record["QueryExecution"]
        entry = {"Id": query_id, "WorkGroup": execution["WorkGroup"], "At": execution["Status"]["SubmissionDateTime"]}
        with self._documents.changing():
            if self._documents.add(TOKEN, token, {"Id": query_id, "Fingerprint": fingerprint}):
                self._documents.add(QUERY, query_id, record | {"Owner": self._owner.name, "Token": token})
                self._documents.add(INDEX, query_id, entry)
                self._documents.add(AT_WORK, query_id, {"Id": query_id})
        before = self._documents.get(TOKEN, token) or {}
        if before["Fingerprint"] != fingerprint:
            raise invalid("Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH")
        self._added += 1
        if self._added % PRUNED_EVERY == 0:
            self._prune()
        return str(before["Id"])

    def get(self, query_id: str) -> Document:
        """A query's record. Raises ServiceError where there is none."""
        record = self._documents.get(QUERY, query_id)
        if record is None:
            raise invalid(f"QueryExecution {query_id} was not found", "QUERY_EXECUTION_NOT_FOUND")
        return record

    def change(self, query_id: str, change: Callable[[Document], Document]) -> None:
        """Change a query's record. Nothing happens where it was deleted meanwhile."""
        after = self._documents.change(QUERY, query_id, change)
        if after is None or state_of(after) in ENDED:
            self._documents.delete(AT_WORK, query_id)

    def ids(self, workgroup: str) -> list[str]:
        """The queries of a workgroup, the newest first."""
        return [entry["Id"] for entry in reversed(self._documents.all(INDEX)) if entry["WorkGroup"] == workgroup]

    def since(self, workgroup: str, time: datetime) -> Iterator[Document]:
        """The records of a workgroup's queries that were started after a time, the newest first."""
        for entry in reversed(self._documents.all(INDEX)):
            if entry["At"] < time:
                return
            record = self._documents.get(QUERY, entry["Id"]) if entry["WorkGroup"] == workgroup else None
            if record is not None:
                yield record

    def forget(self, query_id: str) -> None:
        """Delete a query's record."""
        record = self._documents.get(QUERY, query_id)
        with self._documents.changing():
            if record is not None:
                self._documents.delete(TOKEN, record["Token"])
            for kind in (QUERY, INDEX, AT_WORK):
                self._documents.delete(kind, query_id)

    def close(self) -> None:
        """End what this process has begun and not ended."""
        self._end_lost(lambda owner: owner == self._owner.name)
        self._owner.close()

    def _end_lost(self, is_lost: Callable[[str], bool]) -> None:
        def ended(record: Document) -> Document:
            return record if state_of(record) in ENDED else with_status(record, system_status(LOST))

        for entry in self._documents.all(AT_WORK):
            record = self._documents.get(QUERY, entry["Id"])
            if record is None or is_lost(record["Owner"]):
                self.change(entry["Id"], ended)

    def _prune(self) -> None:
        """Forget what is too old or too much."""
        too_many = self._documents.count(INDEX) - MOST_KEPT
        oldest = datetime.now(UTC) - KEPT
        while entries := self._documents.oldest(INDEX, PRUNED_EVERY):
            for entry in entries:
                if entry["At"] > oldest and too_many <= 0:
                    return
                self.forget(entry["Id"])
                too_many -= 1


def kept_executions(path: Path) -> list[Document]:
    """The queries that a lake's state knows, the newest first; none where there is no state yet."""
    if not path.exists():
        return []
    with closing(SqliteDocuments(path)) as documents:
        return [record["QueryExecution"] for record in reversed(documents.all(QUERY))]


def state_of(record: Document) -> str:
    """A query's state: QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED."""
    return str(record["QueryExecution"]["Status"]["State"])


def with_status(record: Document, status: Document, statistics: Document | None = None) -> Document:
    """A record with another state; an end has its time."""
    execution = record["QueryExecution"]
    end = {"CompletionDateTime": datetime.now(UTC)} if status["State"] in ENDED else {}
    changed = {"Status": execution["Status"] | status | end}
    changed["Statistics"] = execution["Statistics"] | (statistics or {})
    return record | {"QueryExecution": execution | changed}
