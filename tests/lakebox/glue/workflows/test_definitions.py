"""Workflow definitions through boto3, and the example of the docs."""

import re
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from flows import Flows

DOCS = Path(__file__).parents[4] / "docs" / "glue-workflows.md"


def test_a_workflow_is_kept_and_changed(flows: Flows) -> None:
    flows.glue.create_workflow(Name="flow", Description="x", DefaultRunProperties={"a": "1"}, Tags={"team": "a"})
    flows.glue.update_workflow(Name="flow", MaxConcurrentRuns=3)
    workflow = flows.glue.get_workflow(Name="flow")["Workflow"]
    assert workflow.pop("LastModifiedOn") >= workflow.pop("CreatedOn")
    kept = {"Name": "flow", "Description": "x", "DefaultRunProperties": {"a": "1"}, "MaxConcurrentRuns": 3}
    assert workflow == kept
    arn = "arn:aws:glue:us-east-1:000000000000:workflow/flow"
    assert flows.glue.get_tags(ResourceArn=arn)["Tags"] == {"team": "a"}


def test_workflows_are_listed(flows: Flows) -> None:
    for name in ("a", "b", "c"):
        flows.glue.create_workflow(Name=name)
    page = flows.glue.list_workflows(MaxResults=2)
    assert page["Workflows"] == ["a", "b"]
    assert flows.glue.list_workflows(NextToken=page["NextToken"])["Workflows"] == ["c"]
    assert flows.glue.batch_get_workflows(Names=["d"])["Workflows"] == []
    answer = flows.glue.batch_get_workflows(Names=["c", "d"], IncludeGraph=True)
    assert [(one["Name"], one["Graph"]) for one in answer["Workflows"]] == [("c", {"Nodes": [], "Edges": []})]
    assert answer["MissingWorkflows"] == ["d"]


def test_a_name_is_given_once(flows: Flows) -> None:
    flows.glue.create_workflow(Name="flow")
    with pytest.raises(ClientError, match="already exists"):
        flows.glue.create_workflow(Name="flow")
    with pytest.raises(ClientError, match="Entity not found"):
        flows.glue.update_workflow(Name="other")


def test_the_example_of_the_docs_runs(flows: Flows, monkeypatch: pytest.MonkeyPatch) -> None:
    flows.jobs("load", "report")
    monkeypatch.setattr(boto3, "client", lambda _: flows.glue)
    example = re.search(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    names: dict[str, str] = {}
    exec(example[1], names)
    assert flows.wait("nightly", names["run_id"])["Statistics"]["SucceededActions"] == 2
    assert flows.only_run("report")["Arguments"]["--format"] == "csv"
