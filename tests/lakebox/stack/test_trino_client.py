"""What the client says of a Trino that is not there, or of what is there in its place."""

import json
from collections.abc import Callable

import pytest
from commands import lakebox

from lakebox.stack.trino_client import TrinoClient, TrinoStatementError, TrinoUnreachableError

QUERY = {"id": "q", "infoUri": "http://127.0.0.1/q", "stats": {"state": "FAILED"}}
SYNTAX = {"message": "line 1:1: mismatched\n input 'SELEC'", "errorType": "USER_ERROR", "errorName": "SYNTAX_ERROR"}
DATE = {"name": "d", "type": "date", "typeSignature": {"rawType": "date", "arguments": []}}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, "<h1>Not Found</h1>", "error 404"),
        (401, "log in", "error 401"),
        (502, "", "error 502"),
        (503, "", "error 503"),
        (504, "", "error 504"),
        (200, "<html>\nhello\n</html>", "not JSON"),
        (200, "[]", "not JSON"),
        (200, '{"hello": 1}', "not JSON"),
    ],
)
def test_another_program_on_the_port_is_one_clear_line(
    answer_with: Callable[[int, str], str], status: int, body: str, said: str
) -> None:
    url = answer_with(status, body)
    with pytest.raises(TrinoUnreachableError) as raised:
        TrinoClient(url, "athena").run("SELECT 1")
    assert str(raised.value).startswith(f"Trino at {url} does not answer as Trino does ({said}")
    assert "lakebox status says what runs" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_nobody_on_the_port_is_one_clear_line() -> None:
    with pytest.raises(TrinoUnreachableError, match=r"^Trino at http://127.0.0.1:1 does not answer \(\w+\); is the"):
        TrinoClient("http://127.0.0.1:1", "athena").run("SELECT 1")


def test_a_failed_statement_is_told_in_trinos_words(answer_with: Callable[[int, str], str]) -> None:
    url = answer_with(200, json.dumps({**QUERY, "error": SYNTAX}))
    with pytest.raises(TrinoStatementError, match=r"^line 1:1: mismatched input 'SELEC'$"):
        TrinoClient(url, "athena").run("SELEC 1")


def test_a_value_that_python_cannot_hold_is_no_fault_of_the_connection(answer_with: Callable[[int, str], str]) -> None:
    url = answer_with(200, json.dumps({**QUERY, "columns": [DATE], "data": [["10000-01-01"]]}))
    with pytest.raises(TrinoStatementError, match="10000-01-01"):
        TrinoClient(url, "athena").run("SELECT DATE '10000-01-01'")


def test_the_command_leaves_no_traceback(answer_with: Callable[[int, str], str]) -> None:
    port = answer_with(404, "nothing here").rpartition(":")[2]
    done = lakebox("sql", "SELECT 1", LAKEBOX_TARGET="compose", LAKEBOX_API_PORT=port)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "error 404" in done.stderr
