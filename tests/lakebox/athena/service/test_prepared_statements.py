"""Prepared statements and parameters through boto3."""

import pytest
from athena_sandbox import AthenaSandbox
from botocore.exceptions import ClientError


def test_prepared_statements_are_made_changed_and_deleted(sandbox: AthenaSandbox) -> None:
    athena = sandbox.athena
    named = {"StatementName": "by_b", "WorkGroup": "primary"}
    athena.create_prepared_statement(**named, QueryStatement="SELECT ?", Description="d")
    made = athena.get_prepared_statement(**named)["PreparedStatement"]
    assert (made["QueryStatement"], made["WorkGroupName"], made["Description"]) == ("SELECT ?", "primary", "d")
    athena.update_prepared_statement(**named, QueryStatement="SELECT ? + 1")
    assert athena.get_prepared_statement(**named)["PreparedStatement"]["QueryStatement"] == "SELECT ? + 1"
    listed = athena.list_prepared_statements(WorkGroup="primary")["PreparedStatements"]
    assert [one["StatementName"] for one in listed] == ["by_b"]
    batch = athena.batch_get_prepared_statement(PreparedStatementNames=["by_b", "by_c"], WorkGroup="primary")
    assert [one["StatementName"] for one in batch["PreparedStatements"]] == ["by_b"]
    assert [one["StatementName"] for one in batch["UnprocessedPreparedStatementNames"]] == ["by_c"]
    athena.delete_prepared_statement(**named)
    for call in (athena.get_prepared_statement, athena.delete_prepared_statement):
        with pytest.raises(ClientError) as raised:
            call(**named)
        assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_execute_runs_what_was_prepared(sandbox: AthenaSandbox) -> None:
    assert sandbox.run("PREPARE p FROM SELECT a FROM t WHERE b = ? AND c = ?")["StatementType"] == "UTILITY"
    execution = sandbox.run("EXECUTE p USING 1, 'x'")
    assert (execution["Query"], execution["SubstatementType"]) == ("EXECUTE p USING 1, 'x'", "SELECT")
    assert sandbox.engine.seen[-1].sql == "SELECT a FROM t WHERE b = 1 AND c = 'x'"
    sandbox.run("EXECUTE p", ExecutionParameters=["2", "it's"])
    assert sandbox.engine.seen[-1].sql == "SELECT a FROM t WHERE b = 2 AND c = 'it''s'"
    sandbox.run("DEALLOCATE PREPARE p")
    failed = sandbox.run("EXECUTE p USING 1, 2")["Status"]["StateChangeReason"]
    assert failed == "NOT_FOUND: line 1:1: Prepared statement not found: p in workgroup primary"


def test_parameters_are_put_into_the_statement(sandbox: AthenaSandbox) -> None:
    execution = sandbox.run("SELECT * FROM t WHERE a = ?", ExecutionParameters=["'x'"])
    assert execution["ExecutionParameters"] == ["'x'"]
    assert execution["Query"] == "SELECT * FROM t WHERE a = ?"
    assert sandbox.engine.seen[0].sql == "SELECT * FROM t WHERE a = 'x'"
    error = sandbox.run("SELECT ?, ?", ExecutionParameters=["1"])["Status"]["AthenaError"]
    assert (error["ErrorCategory"], error["ErrorType"]) == (2, 1100)
