"""Evaluation runs by boto3: tables of the catalog, evaluated by Spark in a process of its own."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from job_sandbox import PATIENCE_S, JobSandbox, open_sandbox

from lakebox.api.serve import serving

pytestmark = pytest.mark.spark

ORDERS = {"GlueTable": {"DatabaseName": "shop", "TableName": "orders"}}
CUSTOMERS = {"GlueTable": {"DatabaseName": "shop", "TableName": "customers"}}
ENDED = ("STOPPED", "SUCCEEDED", "FAILED", "TIMEOUT")


def started(sandbox: JobSandbox, *rulesets: str, source: Any = ORDERS, **more: Any) -> str:
    """The id of a run that has just been started."""
    answer = sandbox.glue.start_data_quality_ruleset_evaluation_run(
        DataSource=source, Role="role", RulesetNames=list(rulesets), **more
    )
    return str(answer["RunId"])


def ended(sandbox: JobSandbox, run_id: str) -> dict[str, Any]:
    """A run, at its end."""
    pause = threading.Event()
    for _ in range(PATIENCE_S * 10):
        run: dict[str, Any] = sandbox.glue.get_data_quality_ruleset_evaluation_run(RunId=run_id)
        if run["Status"] in ENDED:
            return run
        pause.wait(0.1)
    raise AssertionError(f"the run is {run['Status']} after {PATIENCE_S} s")


def results(sandbox: JobSandbox, run: dict[str, Any]) -> list[dict[str, Any]]:
    """The results of a run that succeeded."""
    assert run["Status"] == "SUCCEEDED", run.get("ErrorString")
    return [sandbox.glue.get_data_quality_result(ResultId=result_id) for result_id in run["ResultIds"]]


def test_a_table_is_evaluated_with_references_and_results_are_written(sandbox: JobSandbox) -> None:
    rules = """
        RowCount = 3, IsComplete "n", Mean "price" > 6 labels = ["team" = "a"],
        ReferentialIntegrity "name" "people.name" > 0.6, CustomSql "select count(*) from shop.customers" = 2,
        (IsComplete "n") or (ColumnValues "price" > 6), Sum "n" > 0 where "nope > 1", RowCount > last()
    """
    sandbox.glue.create_data_quality_ruleset(Name="orders", Ruleset=f'Rules = [{rules}] Analyzers = [ Sum "n" ]')
    sandbox.glue.create_data_quality_ruleset(Name="more", Ruleset='Rules = [ ColumnExists "day" ]')
    options = {"ResultsS3Prefix": "s3://data/results/", "CompositeRuleEvaluationMethod": "ROW"}
    run_id = started(
        sandbox, "orders", "more", AdditionalDataSources={"people": CUSTOMERS}, AdditionalRunOptions=options
    )
    run = ended(sandbox, run_id)
    first, second = results(sandbox, run)
    found = {result["Description"]: result for result in first["RuleResults"]}
    assert {text: result["Result"] for text, result in found.items()} == {
        "RowCount = 3": "PASS",
        'IsComplete "n"': "FAIL",
        'Mean "price" > 6': "PASS",
        'ReferentialIntegrity "name" "people.name" > 0.6': "PASS",
        'CustomSql "select count(*) from shop.customers" = 2': "PASS",
        '(IsComplete "n") or (ColumnValues "price" > 6)': "PASS",
        'Sum "n" > 0 where "nope > 1"': "ERROR",
        "RowCount > last()": "PASS",
    }
    assert found['IsComplete "n"']["EvaluationMessage"] == "of 3 rows, 1 without n"
    assert found['Mean "price" > 6']["EvaluatedMetrics"] == {"Column.price.Mean": 19 / 3}
    assert found['Mean "price" > 6']["Labels"] == {"team": "a"}
    assert found["RowCount > last()"]["EvaluatedRule"] == "RowCount > 0.0"
    assert first["AnalyzerResults"][0]["EvaluatedMetrics"] == {"Column.n.Sum": 4.0}
    assert (first["Score"], first["DataSource"], first["RulesetName"]) == (0.75, ORDERS, "orders")
    assert (second["Score"], second["RulesetName"], second["RulesetEvaluationRunId"]) == (1.0, "more", run_id)
    written = sandbox.root / "data" / "results" / run_id / "orders.json"
    assert json.loads(written.read_text(encoding="utf-8"))["Score"] == 0.75
    listed = sandbox.glue.list_data_quality_results(Filter={"DataSource": ORDERS})["Results"]
    assert [result["ResultId"] for result in listed] == list(reversed(run["ResultIds"]))
    runs = sandbox.glue.list_data_quality_ruleset_evaluation_runs(Filter={"DataSource": ORDERS})["Runs"]
    assert [(listed_run["RunId"], listed_run["Status"]) for listed_run in runs] == [(run_id, "SUCCEEDED")]


def test_dynamic_rules_see_past_runs_of_the_table_and_predicates_choose_partitions(sandbox: JobSandbox) -> None:
    sandbox.glue.create_data_quality_ruleset(Name="grows", Ruleset="Rules = [ RowCount > last() ]")
    one_day = {"GlueTable": {**ORDERS["GlueTable"], "AdditionalOptions": {"pushDownPredicate": "day = '2026-01-01'"}}}
    (before,) = results(sandbox, ended(sandbox, started(sandbox, "grows", source=one_day)))
    assert [result["EvaluatedMetrics"] for result in before["RuleResults"]] == [{"Dataset.*.RowCount": 2.0}]
    (after,) = results(sandbox, ended(sandbox, started(sandbox, "grows")))
    assert [(result["Result"], result["EvaluatedRule"]) for result in after["RuleResults"]] == [
        ("PASS", "RowCount > 2.0")
    ]


def test_a_run_is_cancelled_and_one_that_has_ended_is_not(sandbox: JobSandbox) -> None:
    sandbox.glue.create_data_quality_ruleset(Name="any", Ruleset="Rules = [ RowCount > 0 ]")
    run_id = started(sandbox, "any", ClientToken="once")
    assert started(sandbox, "any", ClientToken="once") == run_id
    sandbox.glue.cancel_data_quality_ruleset_evaluation_run(RunId=run_id)
    run = ended(sandbox, run_id)
    assert (run["Status"], "ResultIds" in run) == ("STOPPED", False)
    with pytest.raises(ClientError, match="is in state STOPPED, which is final"):
        sandbox.glue.cancel_data_quality_ruleset_evaluation_run(RunId=run_id)


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        ({"RulesetNames": ["nope"]}, "EntityNotFoundException", "Data Quality Ruleset nope does not exist"),
        (
            {"DataSource": {"GlueTable": {"DatabaseName": "shop", "TableName": "nope"}}},
            "EntityNotFoundException",
            "Table nope not found",
        ),
        (
            {"AdditionalRunOptions": {"RowLevelResults": {"MaxRowsToWrite": 3}}},
            "InvalidInputException",
            "AdditionalRunOptions.RowLevelResults is not supported by lakebox",
        ),
        (
            {"DataSource": {"GlueTable": {**ORDERS["GlueTable"], "AdditionalOptions": {"x": "y"}}}},
            "InvalidInputException",
            "AdditionalOptions.x is not supported by lakebox; supported: pushDownPredicate",
        ),
        ({"DataSource": {}}, "InvalidInputException", "A DataSource needs a GlueTable"),
    ],
)
def test_a_run_that_can_not_be_is_refused(
    sandbox: JobSandbox, request_: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(ClientError) as refused:
        sandbox.glue.start_data_quality_ruleset_evaluation_run(
            **{"DataSource": ORDERS, "Role": "role", "RulesetNames": ["any"]} | request_
        )
    assert refused.value.response["Error"]["Code"] == code
    assert message in refused.value.response["Error"]["Message"]


def test_a_run_that_the_endpoint_lost_has_failed(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    lost = {"Id": "jr_1", "JobName": "x", "JobRunState": "RUNNING", "MaxCapacity": 1.0, "StartedOn": now}
    run = {"RunId": "dqrun-1", "JobRunId": "jr_1", "JobName": "x", "DataSource": ORDERS, "RulesetNames": ["r"]}
    with serving(str(tmp_path)) as endpoint:
        endpoint.documents.add("job run", "jr_1", lost)
        endpoint.documents.add("data quality evaluation run", "dqrun-1", run)
    for sandbox in open_sandbox(tmp_path):
        shown = sandbox.glue.get_data_quality_ruleset_evaluation_run(RunId="dqrun-1")
        assert shown["Status"] == "FAILED"
        assert shown["ErrorString"] == "The endpoint ended during this run, and the run with it; start it again"
