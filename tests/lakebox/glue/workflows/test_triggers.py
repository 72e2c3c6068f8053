"""Triggers through boto3: definitions, states, refusals, and chains of triggers outside of workflows."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from flows import Flows
from job_sandbox import JobSandbox

JOB = [{"JobName": "job"}]


def code_of(raised: pytest.ExceptionInfo[ClientError]) -> str:
    """The code of an error."""
    return str(raised.value.response["Error"]["Code"])


def test_a_trigger_is_kept_as_given(flows: Flows) -> None:
    given = {
        "Name": "nightly",
        "Type": "SCHEDULED",
        "Schedule": "cron(15 2 * * ? *)",
        "Description": "each night",
        "Actions": [{"JobName": "job", "Arguments": {"--a": "1"}, "Timeout": 5, "SecurityConfiguration": "none",
                     "NotificationProperty": {"NotifyDelayAfter": 3}}, {"CrawlerName": "crawler"}],
    }  # fmt: skip
    flows.glue.create_trigger(**given, Tags={"team": "a"})
    assert flows.glue.get_trigger(Name="nightly")["Trigger"] == given | {"State": "CREATED"}
    arn = "arn:aws:glue:us-east-1:000000000000:trigger/nightly"
    assert flows.glue.get_tags(ResourceArn=arn)["Tags"] == {"team": "a"}
    with pytest.raises(ClientError) as raised:
        flows.glue.create_trigger(**given)
    assert code_of(raised) == "AlreadyExistsException"


def test_a_trigger_is_started_and_stopped(flows: Flows) -> None:
    flows.glue.create_trigger(Name="nightly", Type="SCHEDULED", Schedule="cron(15 2 * * ? *)", Actions=JOB)
    seen = []
    for change in (flows.glue.start_trigger, flows.glue.stop_trigger, flows.glue.start_trigger):
        change(Name="nightly")
        seen.append(flows.glue.get_trigger(Name="nightly")["Trigger"]["State"])
    assert seen == ["ACTIVATED", "DEACTIVATED", "ACTIVATED"]
    flows.starts("begin", "job")
    with pytest.raises(ClientError, match="not allowed when trigger is in state: CREATED"):
        flows.glue.stop_trigger(Name="begin")


def test_a_trigger_is_changed(flows: Flows) -> None:
    flows.glue.create_trigger(
        Name="nightly",
        Type="SCHEDULED",
        Schedule="cron(15 2 * * ? *)",
        Actions=JOB,
        Description="x",
        StartOnCreation=True,
    )
    update = {"Schedule": "rate(1 hour)", "Actions": [{"JobName": "other"}]}
    expected = {"Name": "nightly", "Type": "SCHEDULED", "State": "ACTIVATED", **update}
    assert flows.glue.update_trigger(Name="nightly", TriggerUpdate=update)["Trigger"] == expected
    assert flows.glue.get_trigger(Name="nightly")["Trigger"] == expected
    with pytest.raises(ClientError, match="neither cron nor rate"):
        flows.glue.update_trigger(Name="nightly", TriggerUpdate={"Schedule": "hourly"})
    assert flows.glue.get_trigger(Name="nightly")["Trigger"] == expected


def test_triggers_are_found_by_job_and_tags(flows: Flows) -> None:
    flows.starts("a", "x", Tags={"team": "one"})
    flows.starts("b", "y")
    assert flows.glue.list_triggers()["TriggerNames"] == ["a", "b"]
    assert flows.glue.list_triggers(Tags={"team": "one"})["TriggerNames"] == ["a"]
    assert flows.glue.list_triggers(DependentJobName="y")["TriggerNames"] == ["b"]
    assert [one["Name"] for one in flows.glue.get_triggers(DependentJobName="none")["Triggers"]] == ["a", "b"]
    answer = flows.glue.batch_get_triggers(TriggerNames=["b", "c"])
    assert ([one["Name"] for one in answer["Triggers"]], answer["TriggersNotFound"]) == (["b"], ["c"])


def test_what_is_deleted_is_gone(flows: Flows) -> None:
    flows.glue.create_workflow(Name="flow", Tags={"team": "a"})
    flows.starts("begin", "job", WorkflowName="flow")
    flows.starts("other", "job")
    for name in ("other", "other"):
        flows.glue.delete_trigger(Name=name)
    for _ in range(2):
        flows.glue.delete_workflow(Name="flow")
    assert flows.glue.list_triggers()["TriggerNames"] == []
    for call in (flows.glue.get_trigger, flows.glue.start_trigger, flows.glue.get_workflow):
        with pytest.raises(ClientError) as raised:
            call(Name="begin")
        assert code_of(raised) == "EntityNotFoundException"


def condition(**more: str) -> dict[str, Any]:
    """The predicate of one condition."""
    return {"Predicate": {"Conditions": [more]}}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"Type": "EVENT"}, "lakebox has no EVENT triggers"),
        ({"Type": "SCHEDULED"}, "Schedule cannot be null or empty"),
        ({"Type": "SCHEDULED", "Schedule": "0 2 * * *"}, "neither cron nor rate"),
        ({"Type": "ON_DEMAND", "StartOnCreation": True}, "not supported for ON_DEMAND triggers"),
        ({"Type": "ON_DEMAND", "Actions": [{}]}, "needs a JobName or a CrawlerName"),
        ({"Type": "ON_DEMAND", "Actions": [{"JobName": "a", "CrawlerName": "b"}]}, "cannot be set together"),
        ({"Type": "ON_DEMAND", "WorkflowName": "flow"}, "has the start trigger begin already"),
        ({"Type": "ON_DEMAND", "WorkflowName": "none"}, "Entity not found"),
        ({"Type": "CONDITIONAL"}, "Predicate cannot be null or empty"),
        ({"Type": "CONDITIONAL", "Predicate": {"Conditions": []}}, "Predicate cannot be null or empty"),
        ({"Type": "CONDITIONAL", **condition(JobName="a", State="FAILED")}, "Logical operator cannot be null or empty"),
        (
            {"Type": "CONDITIONAL", **condition(LogicalOperator="EQUALS", JobName="a", State="RUNNING")},
            r"RUNNING cannot be watched, choose from .* \[SUCCEEDED, STOPPED, FAILED, TIMEOUT\]",
        ),
        (
            {"Type": "CONDITIONAL", **condition(LogicalOperator="EQUALS", CrawlerName="a", State="FAILED")},
            r"State cannot be null or empty, choose from .* crawler state: \[SUCCEEDED, FAILED, CANCELLED\]",
        ),
        (
            {"Type": "CONDITIONAL", **condition(LogicalOperator="EQUALS", JobName="job", State="FAILED")},
            "Job cannot be a Predicate and Action for Conditional Trigger",
        ),
    ],
)
def test_a_trigger_that_can_not_be_is_refused(flows: Flows, given: dict[str, Any], message: str) -> None:
    flows.glue.create_workflow(Name="flow")
    flows.starts("begin", "job", WorkflowName="flow")
    with pytest.raises(ClientError, match=message):
        flows.glue.create_trigger(**({"Name": "bad", "Actions": JOB} | given))
    assert flows.glue.list_triggers()["TriggerNames"] == ["begin"]


def test_triggers_outside_workflows_form_a_chain(flows: Flows, sandbox: JobSandbox) -> None:
    flows.jobs("one", "two", "three", "never")
    flows.starts("begin", "one")
    flows.follows("then", ["one"], "two")
    flows.follows("both", ["one", "two"], "three")
    flows.follows("asleep", ["one"], "never", StartOnCreation=False)
    flows.glue.start_trigger(Name="begin")
    third = flows.only_run("three")
    assert (third["TriggerName"], third["JobRunState"]) == ("both", "SUCCEEDED")
    assert "--WORKFLOW_NAME" not in third["Arguments"]
    assert flows.glue.get_job_runs(JobName="never")["JobRuns"] == []


def test_a_run_by_hand_fires_nothing(flows: Flows, sandbox: JobSandbox) -> None:
    flows.jobs("one", "two", "three")
    flows.follows("then", ["one"], "two")
    sandbox.run("one")
    flows.starts("begin", "three")
    flows.follows("after-three", ["three"], "one")
    flows.glue.start_trigger(Name="begin")
    flows.only_run("two")
    assert len(flows.glue.get_job_runs(JobName="one")["JobRuns"]) == 2


def test_triggers_inside_and_outside_do_not_mix(flows: Flows) -> None:
    flows.jobs("shared", "inside", "outside")
    flows.glue.create_workflow(Name="flow")
    flows.starts("begin", "shared", WorkflowName="flow")
    flows.follows("in", ["shared"], "inside", WorkflowName="flow")
    flows.follows("out", ["shared"], "outside")
    flows.run("flow")
    assert len(flows.glue.get_job_runs(JobName="inside")["JobRuns"]) == 1
    assert flows.glue.get_job_runs(JobName="outside")["JobRuns"] == []


def test_starting_a_workflows_trigger_starts_the_workflow(flows: Flows) -> None:
    flows.jobs("job")
    flows.glue.create_workflow(Name="flow")
    flows.starts("begin", "job", WorkflowName="flow")
    flows.glue.start_trigger(Name="begin")
    run = flows.glue.get_workflow(Name="flow")["Workflow"]["LastRun"]
    assert flows.wait("flow", run["WorkflowRunId"])["Statistics"]["SucceededActions"] == 1
