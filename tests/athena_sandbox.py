"""A sandbox for Athena's API: an endpoint in this process over an engine that a test scripts, and boto3 clients."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from lakebox.athena.service.operations import Athena
from lakebox.athena.service.queue import Target
from lakebox.athena.service.results.columns import result_column
from lakebox.athena.service.results.objects import FolderObjects
from lakebox.athena.service.statement import Control, Statement, StatementEngine, StatementError, StatementResult
from lakebox.endpoint.buckets import Buckets
from lakebox.endpoint.keys import Keys, keys_of
from lakebox.endpoint.s3.multipart import Uploads
from lakebox.endpoint.s3.objects import Objects
from lakebox.endpoint.s3.service import S3
from lakebox.endpoint.server import Endpoint, running
from lakebox.glue.data_catalog.documents import SqliteDocuments
from lakebox.glue.data_catalog.operations import catalog_operations
from lakebox.glue.data_catalog.store import CatalogStore

PATIENCE_S = 120
OPEN = ("QUEUED", "RUNNING")
Answer = Callable[[Statement, Control], StatementResult]


class ScriptedEngine:
    """Answers each statement as a test says; others give one row: their text."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.seen: list[Statement] = []

    def check(self, sql: str) -> None:
        """A text that starts with SELEC is no statement."""
        if sql.startswith("SELEC "):
            raise StatementError("line 1:1: mismatched input 'SELEC'", "SYNTAX_ERROR")

    def execute(self, statement: Statement, control: Control) -> StatementResult:
        """Note the statement and answer it."""
        self.seen.append(statement)
        answer = self.answers.get(statement.sql, text_of)
        return answer(statement, control)


def text_of(statement: Statement, control: Control) -> StatementResult:
    """One row with the statement's text; it costs a byte a letter."""
    control.scanned(len(statement.sql))
    return StatementResult([result_column("sql", "varchar")], [[statement.sql]])


class Waiting:
    """An answer that comes when a test lets it go on, or never where the query is stopped."""

    def __init__(self) -> None:
        self.begun, self.go_on, self.stopped = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, statement: Statement, control: Control) -> StatementResult:
        """Wait, and answer."""
        control.on_cancel(self._stop)
        self.begun.set()
        assert self.go_on.wait(PATIENCE_S)
        if self.stopped.is_set():
            raise RuntimeError("interrupted")
        return text_of(statement, control)

    def _stop(self) -> None:
        self.stopped.set()
        self.go_on.set()


class AthenaSandbox:
    """Statements in, executions and rows out."""

    def __init__(self, root: Path, url: str, keys: Keys, engine: Any) -> None:
        self.root, self.engine = root, engine
        self._url, self._keys = url, keys
        self.athena, self.s3, self.glue = self.client("athena"), self.client("s3"), self.client("glue")

    def client(self, service: str) -> Any:
        """A client of another service of the endpoint."""
        return boto3.client(
            service,
            endpoint_url=self._url,
            region_name="us-east-1",
            aws_access_key_id=self._keys.access_key,
            aws_secret_access_key=self._keys.secret_key,
        )

    def start(self, sql: str, **more: Any) -> str:
        """Start a query; its id."""
        return str(self.athena.start_query_execution(QueryString=sql, **more)["QueryExecutionId"])

    def execution(self, query_id: str) -> Any:
        """A query as it is now."""
        return self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]

    def wait(self, query_id: str) -> Any:
        """A query at its end."""
        pause = threading.Event()
        for _ in range(PATIENCE_S * 50):
            execution = self.execution(query_id)
            if execution["Status"]["State"] not in OPEN:
                return execution
            pause.wait(0.02)
        raise AssertionError(f"the query is {execution['Status']['State']} after {PATIENCE_S} s")

    def run(self, sql: str, **more: Any) -> Any:
        """A query from start to end."""
        return self.wait(self.start(sql, **more))

    def rows(self, execution: Any, **more: Any) -> list[list[str | None]]:
        """The first page of a query's rows."""
        page = self.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"], **more)
        return [[datum.get("VarCharValue") for datum in row["Data"]] for row in page["ResultSet"]["Rows"]]

    def content(self, uri: str) -> bytes:
        """The bytes of an object."""
        return (self.root / uri.removeprefix("s3://")).read_bytes()


@contextmanager
def open_athena(root: Path, engine: StatementEngine, at_once: int = 4) -> Iterator[AthenaSandbox]:
    """A sandbox over a folder, until the context ends."""
    state = root / ".lakebox"
    keys, documents = keys_of(state), SqliteDocuments(state / "glue.sqlite")
    objects, store = Objects(Buckets(root), state), CatalogStore(state / "catalog.sqlite")
    tables = catalog_operations(store, documents)
    athena = Athena(documents, tables, Target(engine, FolderObjects(objects), at_once), state / "owners")
    endpoint = Endpoint({"athena": athena.operations(), "glue": tables}, keys, checked=True)
    endpoint.s3 = S3(objects, Uploads(objects, state / "uploads"))
    try:
        with running(endpoint) as url:
            yield AthenaSandbox(root, url, keys, engine)
    finally:
        athena.close()
        documents.close()
        store.close()
        objects.close()
