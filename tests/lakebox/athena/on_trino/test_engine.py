"""Athena's API over Trino's protocol: rows as they come, bytes, stops, errors with Trino's names."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lakebox.athena.on_trino.engine import TrinoStatements
from lakebox.athena.on_trino.queries import placed
from lakebox.athena.on_trino.s3_tables import S3Tables
from lakebox.athena.service.queue import Work
from lakebox.athena.service.statement import Statement, StatementError
from lakebox.endpoint.service import Operation

BIGINT = {"name": "n", "type": "bigint", "typeSignature": {"rawType": "bigint", "arguments": []}}


class FakeTrino(ThreadingHTTPServer):
    """A Trino of one query: its pages, one a request, and what it was asked."""

    def __init__(self, pages: list[dict[str, Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages, self.asked = pages, []  # type: ignore[var-annotated]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def page(self, number: int) -> bytes:
        more = {"nextUri": f"{self.url}/v1/{number + 1}"} if number + 1 < len(self.pages) else {}
        stats = {"state": "RUNNING", "physicalInputBytes": number * 1000}
        return json.dumps({"id": "q", "infoUri": self.url, "stats": stats} | more | self.pages[number]).encode()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(f"{self.headers['X-Trino-Schema']}: {text}", 0)

    def do_GET(self) -> None:
        self._answer("GET", int(self.path.rsplit("/", 1)[1]))

    def do_DELETE(self) -> None:
        self.server.asked.append("DELETE")  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def _answer(self, asked: str, number: int) -> None:
        self.server.asked.append(asked)  # type: ignore[attr-defined]
        body = self.server.page(number)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def trino() -> Iterator[FakeTrino]:
    """A Trino that answers three rows on two pages."""
    server = FakeTrino([{}, {"columns": [BIGINT], "data": [[1], [2]]}, {"columns": [BIGINT], "data": [[3]]}, {}])
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def engine_of(url: str) -> TrinoStatements:
    """Statements on a Trino, over a catalog with one empty database."""
    table = {"DatabaseName": "sales", "Name": "t", "StorageDescriptor": {}}
    operations: dict[str, Operation] = {
        "GetDatabase": lambda _: {"Database": {"Name": "sales"}},
        "GetTable": lambda _: {"Table": table},
        "GetTables": lambda _: {"TableList": []},
    }
    return TrinoStatements(url, S3Tables(operations, None, {}))


def statement(sql: str) -> Statement:
    return Statement(sql, "sales", "AwsDataCatalog", "s3://b/tables/q/")


def test_rows_come_as_they_are_read(trino: FakeTrino) -> None:
    work = Work(None)
    result = engine_of(trino.url).execute(statement("SELECT n FROM t"), work)
    assert [(column.name, column.type, column.precision) for column in result.columns] == [("n", "bigint", 19)]
    rows = iter(result.rows)
    assert (next(rows), "DELETE" in trino.asked) == (["1"], False)
    assert list(rows) == [["2"], ["3"]]
    assert trino.asked[0] == "sales: SELECT n FROM t"
    assert work.scanned_bytes == 3000
    assert "DELETE" not in trino.asked


def test_a_stopped_query_is_deleted_at_trino(trino: FakeTrino) -> None:
    work = Work(None)
    result = engine_of(trino.url).execute(statement("SELECT n FROM t"), work)
    next(iter(result.rows))
    work.cancel({"State": "CANCELLED"})
    assert trino.asked[-1] == "DELETE"


def test_what_reads_too_much_is_deleted_at_trino(trino: FakeTrino) -> None:
    engine, work = engine_of(trino.url), Work(1500)
    with pytest.raises(StatementError, match="Bytes scanned limit was exceeded"):
        list(engine.execute(statement("SELECT n FROM t"), work).rows)
    assert trino.asked[-1] == "DELETE"
    assert work.status is not None


def test_errors_have_trinos_names_and_places(trino: FakeTrino) -> None:
    error = {"message": "line 2:8: Column 'a' cannot be resolved", "errorType": "USER_ERROR", "errorCode": 47}
    trino.pages[:] = [{"error": error | {"errorName": "COLUMN_NOT_FOUND"}}]
    engine = engine_of(trino.url)
    with pytest.raises(StatementError) as raised:
        engine.execute(statement("SELECT\n  a"), Work(None))
    assert (raised.value.name, raised.value.message) == ("COLUMN_NOT_FOUND", "line 2:8: Column 'a' cannot be resolved")
    engine.check("SELECT\n  a")  # it is a statement
    trino.pages[:] = [{"error": error | {"message": "line 2:1: mismatched input", "errorName": "SYNTAX_ERROR"}}]
    with pytest.raises(StatementError, match=r"^line 1:1: mismatched input"):
        engine.check("SELECT FROM FROM")


def test_the_catalogs_statements_ask_no_trino(trino: FakeTrino) -> None:
    engine = engine_of(trino.url)
    engine.check("SHOW TABLES")
    assert list(engine.execute(statement("SHOW TABLES"), Work(None)).rows) == []
    with pytest.raises(StatementError, match=r"^line 1:27: mismatched input"):
        engine.check("CREATE EXTERNAL TABLE t (a)")
    with pytest.raises(StatementError, match="GRANT is not supported"):
        engine.execute(statement("GRANT ALL ON t TO u"), Work(None))
    assert trino.asked == []


def test_a_trino_that_is_away_is_the_systems_fault() -> None:
    engine = engine_of("http://127.0.0.1:1")
    engine.check("SELECT 1")
    with pytest.raises(StatementError) as raised:
        engine.execute(statement("SELECT 1"), Work(None))
    assert raised.value.name == "NO_NODES_AVAILABLE"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("line 2:8: Column 'a'", "line 3:12: Column 'a'"),
        ("line 4:3: Column 'a'", "line 5:3: Column 'a'"),
        ("line 1:5: Table", "line 1:1: Table"),
        ("Division by zero", "Division by zero"),
    ],
)
def test_errors_are_placed_in_the_whole_statement(message: str, expected: str) -> None:
    assert placed(message, "CREATE TABLE t\nAS\n    SELECT a\nFROM u\nWHERE a", 22) == expected
