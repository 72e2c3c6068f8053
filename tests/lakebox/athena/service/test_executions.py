"""Query executions through boto3: states, context, tokens, lists, statistics, reuse of results."""

import re
from datetime import UTC, datetime

import pytest
from athena_sandbox import AthenaSandbox, Waiting
from botocore.exceptions import ClientError

from lakebox.athena.service.results.columns import result_column
from lakebox.athena.service.statement import Control, Statement, StatementError, StatementResult

TOKEN = "0123456789abcdef0123456789abcdef"


def test_a_query_ends_with_rows_and_statistics(sandbox: AthenaSandbox) -> None:
    context = {"Database": "sales", "Catalog": "AwsDataCatalog"}
    execution = sandbox.run("SELECT 1 -- one\n;", QueryExecutionContext=context)
    query_id = execution["QueryExecutionId"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", query_id)
    seen = sandbox.engine.seen[0]
    assert (seen.sql, seen.database, seen.catalog) == ("SELECT 1 -- one\n", "sales", "AwsDataCatalog")
    bucket = "aws-athena-query-results-000000000000-us-east-1"
    assert seen.table_location == f"s3://{bucket}/tables/{query_id}/"
    assert execution["Query"] == "SELECT 1 -- one\n;"
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "SELECT")
    assert execution["ResultConfiguration"] == {"OutputLocation": f"s3://{bucket}/{query_id}.csv"}
    assert (execution["QueryExecutionContext"], execution["WorkGroup"]) == (context, "primary")
    assert execution["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"
    assert execution["Status"]["State"] == "SUCCEEDED"
    assert execution["Status"]["SubmissionDateTime"] <= execution["Status"]["CompletionDateTime"] <= datetime.now(UTC)
    statistics = execution["Statistics"]
    assert statistics["DataScannedInBytes"] == 16
    assert statistics["TotalExecutionTimeInMillis"] >= statistics["EngineExecutionTimeInMillis"] > 0
    assert statistics["ResultReuseInformation"] == {"ReusedPreviousResult": False}
    assert sandbox.rows(execution) == [["sql"], ["SELECT 1 -- one\n"]]


def test_a_database_may_be_quoted(sandbox: AthenaSandbox) -> None:
    sandbox.run("SELECT 1", QueryExecutionContext={"Database": "`my-sales`"})
    assert sandbox.engine.seen[0].database == "my-sales"


def test_results_come_only_after_the_end(sandbox: AthenaSandbox) -> None:
    sandbox.engine.answers["SELECT 1"] = waiting = Waiting()
    query_id = sandbox.start("SELECT 1")
    assert waiting.begun.wait(60)
    assert sandbox.execution(query_id)["Status"]["State"] == "RUNNING"
    with pytest.raises(ClientError) as raised:
        sandbox.athena.get_query_results(QueryExecutionId=query_id)
    assert raised.value.response["Error"]["Message"] == "Query has not yet finished. Current state: RUNNING"
    assert raised.value.response["AthenaErrorCode"] == "INVALID_QUERY_EXECUTION_STATE"
    waiting.go_on.set()
    assert sandbox.rows(sandbox.wait(query_id)) == [["sql"], ["SELECT 1"]]


def test_a_token_starts_one_query(sandbox: AthenaSandbox) -> None:
    first = sandbox.start("SELECT 1", ClientRequestToken=TOKEN)
    sandbox.wait(first)
    assert sandbox.start("SELECT 1", ClientRequestToken=TOKEN) == first
    assert len(sandbox.engine.seen) == 1
    with pytest.raises(ClientError, match="Idempotent parameters do not match"):
        sandbox.start("SELECT 2", ClientRequestToken=TOKEN)


def test_text_that_is_no_statement_is_refused(sandbox: AthenaSandbox) -> None:
    with pytest.raises(ClientError) as raised:
        sandbox.start("SELEC 1")
    assert raised.value.response["Error"]["Code"] == "InvalidRequestException"
    assert raised.value.response["Error"]["Message"] == "line 1:1: mismatched input 'SELEC'"
    assert raised.value.response["AthenaErrorCode"] == "MALFORMED_QUERY"
    assert sandbox.athena.list_query_executions()["QueryExecutionIds"] == []


def test_a_failure_has_category_type_and_place(sandbox: AthenaSandbox) -> None:
    def fails(_: Statement, control: Control) -> StatementResult:
        control.scanned(5)
        raise StatementError("line 1:8: Column 'nope' cannot be resolved", "COLUMN_NOT_FOUND")

    sandbox.engine.answers["SELECT nope"] = fails
    execution = sandbox.run("SELECT nope")
    reason = "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"
    assert execution["Status"]["StateChangeReason"] == reason
    error = {"ErrorCategory": 2, "ErrorType": 1006, "Retryable": False, "ErrorMessage": reason}
    assert execution["Status"]["AthenaError"] == error
    assert execution["Statistics"]["DataScannedInBytes"] == 5
    with pytest.raises(ClientError, match=r"did not finish successfully\. Final query state: FAILED"):
        sandbox.rows(execution)


def test_an_engine_that_breaks_fails_the_query(sandbox: AthenaSandbox) -> None:
    sandbox.engine.answers["SELECT 1"] = lambda *_: 1 / 0  # type: ignore[assignment,return-value]
    status = sandbox.run("SELECT 1")["Status"]
    assert status["StateChangeReason"] == "lakebox failed on this query; the log of `lakebox serve` says why"
    assert (status["AthenaError"]["ErrorCategory"], status["AthenaError"]["ErrorType"]) == (1, 100)


def test_rows_that_break_leave_no_file(sandbox: AthenaSandbox) -> None:
    def breaks(*_: object) -> StatementResult:
        def rows() -> object:
            yield ["1"]
            raise StatementError("Division by zero", "DIVISION_BY_ZERO")

        return StatementResult([result_column("a", "integer")], rows())  # type: ignore[arg-type]

    sandbox.engine.answers["SELECT 1"] = breaks
    execution = sandbox.run("SELECT 1")
    assert execution["Status"]["AthenaError"]["ErrorType"] == 1001
    bucket = "aws-athena-query-results-000000000000-us-east-1"
    assert "Contents" not in sandbox.s3.list_objects_v2(Bucket=bucket)


def test_lists_are_of_one_workgroup_newest_first(sandbox: AthenaSandbox) -> None:
    sandbox.athena.create_work_group(Name="other")
    ids = [sandbox.run(f"SELECT {number}")["QueryExecutionId"] for number in range(3)]
    page = sandbox.athena.list_query_executions(MaxResults=2)
    assert page["QueryExecutionIds"] == [ids[2], ids[1]]
    more = sandbox.athena.list_query_executions(MaxResults=2, NextToken=page["NextToken"])
    assert (more["QueryExecutionIds"], "NextToken" in more) == ([ids[0]], False)
    assert sandbox.athena.list_query_executions(WorkGroup="other")["QueryExecutionIds"] == []


def test_batch_tells_what_it_did_not_find(sandbox: AthenaSandbox) -> None:
    query_id = sandbox.run("SELECT 1")["QueryExecutionId"]
    batch = sandbox.athena.batch_get_query_execution(QueryExecutionIds=[query_id, "none"])
    assert [one["QueryExecutionId"] for one in batch["QueryExecutions"]] == [query_id]
    missing = {"ErrorCode": "QUERY_EXECUTION_NOT_FOUND", "ErrorMessage": "QueryExecution none was not found"}
    assert batch["UnprocessedQueryExecutionIds"] == [{"QueryExecutionId": "none", **missing}]


def test_runtime_statistics_tell_rows_and_bytes(sandbox: AthenaSandbox) -> None:
    execution = sandbox.run("SELECT 1")
    told = sandbox.athena.get_query_runtime_statistics(QueryExecutionId=execution["QueryExecutionId"])
    statistics = told["QueryRuntimeStatistics"]
    assert statistics["Rows"] == {"InputBytes": 8, "OutputBytes": 17, "OutputRows": 1}
    total = execution["Statistics"]["TotalExecutionTimeInMillis"]
    assert statistics["Timeline"]["TotalExecutionTimeInMillis"] == total


def test_a_result_is_reused_where_asked(sandbox: AthenaSandbox) -> None:
    reuse = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 5}}
    first = sandbox.run("SELECT 1", ResultReuseConfiguration=reuse)
    second = sandbox.run("SELECT 1", ResultReuseConfiguration=reuse)
    other = sandbox.run("SELECT 1", ResultReuseConfiguration=reuse, QueryExecutionContext={"Database": "other"})
    third = sandbox.run("SELECT 1")
    reused = [
        one["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"] for one in (first, second, other, third)
    ]
    assert reused == [False, True, False, False]
    assert second["ResultConfiguration"] == first["ResultConfiguration"]
    assert second["Statistics"]["DataScannedInBytes"] == 0
    assert sandbox.rows(second) == [["sql"], ["SELECT 1"]]
    assert len(sandbox.engine.seen) == 3
