"""Workflow definitions through boto3."""

import pytest
from botocore.exceptions import ClientError
from flows import Flows


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
