"""The queue: turns, cancels, cutoffs, restarts; no query stays RUNNING."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from athena_sandbox import AthenaSandbox, ScriptedEngine, Waiting, open_athena, text_of
from botocore.exceptions import ClientError

from lakebox.athena.service.results.columns import result_column
from lakebox.athena.service.statement import Control, Statement, StatementResult

LOST = "The endpoint ended while this query was at work, and the query with it; start it again"


def test_queries_wait_for_their_turn(tmp_path: Path) -> None:
    engine = ScriptedEngine()
    first, second = Waiting(), Waiting()
    engine.answers |= {"SELECT 1": first, "SELECT 2": second}
    with open_athena(tmp_path, engine, at_once=1) as sandbox:
        ids = [sandbox.start("SELECT 1"), sandbox.start("SELECT 2")]
        assert first.begun.wait(60)
        assert [sandbox.execution(one)["Status"]["State"] for one in ids] == ["RUNNING", "QUEUED"]
        first.go_on.set()
        second.go_on.set()
        assert [sandbox.wait(one)["Status"]["State"] for one in ids] == ["SUCCEEDED", "SUCCEEDED"]


def test_stop_ends_the_engines_work(sandbox: AthenaSandbox) -> None:
    sandbox.engine.answers["SELECT 1"] = waiting = Waiting()
    query_id = sandbox.start("SELECT 1")
    assert waiting.begun.wait(60)
    sandbox.athena.stop_query_execution(QueryExecutionId=query_id)
    status = sandbox.execution(query_id)["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Query cancelled by user")
    assert waiting.stopped.is_set()
    assert "AthenaError" not in sandbox.wait(query_id)["Status"]
    with pytest.raises(ClientError, match="Could not find results"):
        sandbox.athena.get_query_results(QueryExecutionId=query_id)


def test_a_waiting_query_that_is_stopped_never_runs(tmp_path: Path) -> None:
    engine = ScriptedEngine()
    engine.answers["SELECT 1"] = waiting = Waiting()
    with open_athena(tmp_path, engine, at_once=1) as sandbox:
        first, second = sandbox.start("SELECT 1"), sandbox.start("SELECT 2")
        sandbox.athena.stop_query_execution(QueryExecutionId=second)
        waiting.go_on.set()
        sandbox.wait(first)
        assert sandbox.run("SELECT 3")["Status"]["State"] == "SUCCEEDED"
        assert sandbox.execution(second)["Status"]["State"] == "CANCELLED"
        assert [one.sql for one in engine.seen] == ["SELECT 1", "SELECT 3"]


def test_stopping_what_has_ended_changes_nothing(sandbox: AthenaSandbox) -> None:
    execution = sandbox.run("SELECT 1")
    sandbox.athena.stop_query_execution(QueryExecutionId=execution["QueryExecutionId"])
    assert sandbox.execution(execution["QueryExecutionId"]) == execution


def test_the_cutoff_cancels_a_query(sandbox: AthenaSandbox) -> None:
    def greedy(_: Statement, control: Control) -> StatementResult:
        def rows() -> object:
            for number in range(1, 100):
                control.scanned(number * 1_000_000)
                yield ["1"]

        return StatementResult([result_column("a", "integer")], rows())  # type: ignore[arg-type]

    sandbox.engine.answers["SELECT 1"] = greedy
    output = {"OutputLocation": "s3://aws-athena-query-results-000000000000-us-east-1/"}
    limits = {"BytesScannedCutoffPerQuery": 10_000_000, "ResultConfiguration": output}
    sandbox.athena.create_work_group(Name="thrifty", Configuration=limits)
    execution = sandbox.run("SELECT 1", WorkGroup="thrifty")
    assert execution["Status"]["State"] == "CANCELLED"
    assert execution["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
    assert execution["Statistics"]["DataScannedInBytes"] == 11_000_000
    assert sandbox.run("SELECT 1")["Status"]["State"] == "SUCCEEDED"


def test_the_end_of_the_endpoint_fails_its_queries(tmp_path: Path) -> None:
    engine = ScriptedEngine()
    engine.answers["SELECT 1"] = waiting = Waiting()
    with open_athena(tmp_path, engine, at_once=1) as sandbox:
        ids = [sandbox.start("SELECT 1"), sandbox.start("SELECT 2")]
        assert waiting.begun.wait(60)
    assert waiting.stopped.is_set()
    with open_athena(tmp_path, ScriptedEngine()) as sandbox:
        for query_id in ids:
            status = sandbox.execution(query_id)["Status"]
            assert (status["State"], status["StateChangeReason"]) == ("FAILED", LOST)


def test_a_restart_keeps_results(tmp_path: Path) -> None:
    with open_athena(tmp_path, ScriptedEngine()) as sandbox:
        execution = sandbox.run("SELECT 1")
    with open_athena(tmp_path, ScriptedEngine()) as sandbox:
        assert sandbox.execution(execution["QueryExecutionId"]) == execution
        assert sandbox.rows(execution) == [["sql"], ["SELECT 1"]]


def test_many_queries_at_once_all_end(sandbox: AthenaSandbox) -> None:
    sandbox.engine.answers["SELECT 0"] = text_of
    clients = [sandbox.client("athena") for _ in range(8)]

    def start(number: int) -> str:
        client = clients[number % 8]
        return str(client.start_query_execution(QueryString=f"SELECT {number}")["QueryExecutionId"])

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(start, range(48)))
    rows = [sandbox.rows(sandbox.wait(query_id)) for query_id in ids]
    assert rows == [[["sql"], [f"SELECT {number}"]] for number in range(48)]
