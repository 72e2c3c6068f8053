"""Workflow runs through boto3: order, failures, statistics, graph, arguments, properties, stops and limits."""

import pytest
from botocore.exceptions import ClientError
from flows import Flows, chain, counts, states
from job_sandbox import JobSandbox

WAITS_TO_BE_KILLED = "import signal\nprint('at work', flush=True)\nsignal.pause()\n"


def test_jobs_run_in_the_order_of_the_graph(flows: Flows) -> None:
    flows.jobs("one", "two", "three", "four")
    chain(flows)
    run = flows.run("flow")
    assert run["Status"] == "COMPLETED"
    assert states(run) == {name: ["SUCCEEDED"] for name in ("one", "two", "three", "four")}
    assert counts(run) == {"Total": 4, "Succeeded": 4}
    runs = {node["Name"]: node["JobDetails"]["JobRuns"][0] for node in run["Graph"]["Nodes"] if node["Type"] == "JOB"}
    assert runs["one"]["CompletedOn"] <= runs["two"]["StartedOn"]
    assert max(runs["two"]["CompletedOn"], runs["three"]["CompletedOn"]) <= runs["four"]["StartedOn"]
    assert [runs[name]["TriggerName"] for name in ("one", "two", "four")] == ["begin", "after-one", "after-both"]
    before = sorted(runs["four"]["PredecessorRuns"], key=lambda one: str(one["JobName"]))
    assert before == [{"JobName": name, "RunId": runs[name]["Id"]} for name in ("three", "two")]


def test_the_graph_says_who_starts_whom(flows: Flows) -> None:
    chain(flows)
    graph = flows.glue.get_workflow(Name="flow", IncludeGraph=True)["Workflow"]["Graph"]
    names = {node["UniqueId"]: node["Name"] for node in graph["Nodes"]}
    edges = [f"{names[edge['SourceId']]} > {names[edge['DestinationId']]}" for edge in graph["Edges"]]
    assert sorted(edges) == [
        "after-both > four", "after-one > three", "after-one > two", "begin > one",
        "one > after-one", "three > after-both", "two > after-both",
    ]  # fmt: skip
    trigger = next(node for node in graph["Nodes"] if node["Name"] == "after-one")
    assert trigger["TriggerDetails"]["Trigger"]["State"] == "ACTIVATED"
    assert "Graph" not in flows.glue.get_workflow(Name="flow")["Workflow"]


def test_a_failed_job_stops_what_depends_on_it(flows: Flows, sandbox: JobSandbox) -> None:
    flows.jobs("one", "three", "four", "alarm")
    sandbox.define("two", "1 / 0\n", MaxRetries=1)
    chain(flows)
    flows.follows("on-failure", ["two=FAILED", "three=FAILED"], "alarm", Logical="ANY", WorkflowName="flow")
    run = flows.run("flow")
    assert run["Status"] == "COMPLETED"
    assert states(run) == {
        "one": ["SUCCEEDED"], "two": ["FAILED", "FAILED"], "three": ["SUCCEEDED"], "four": [], "alarm": ["SUCCEEDED"],
    }  # fmt: skip
    assert counts(run) == {"Total": 5, "Succeeded": 3, "Failed": 1}


def test_timeouts_and_lost_jobs_are_counted(flows: Flows, sandbox: JobSandbox) -> None:
    sandbox.define("slow", WAITS_TO_BE_KILLED, Timeout=1)
    flows.jobs("busy", "late")
    flows.glue.create_workflow(Name="flow")
    flows.starts("begin", "slow", "gone", WorkflowName="flow")
    flows.follows("on-timeout", ["slow=STOPPED"], "late", WorkflowName="flow")
    run_id = flows.start("flow")
    slow = flows.glue.get_job_runs(JobName="slow")["JobRuns"][0]
    flows.glue.batch_stop_job_run(JobName="slow", JobRunIds=[slow["Id"]])
    run = flows.wait("flow", run_id)
    assert counts(run) == {"Total": 3, "Stopped": 1, "Errored": 1, "Succeeded": 1}
    assert states(run) == {"slow": ["STOPPED"], "gone": ["ERROR"], "late": ["SUCCEEDED"]}
    nodes = {node["Name"]: node for node in run["Graph"]["Nodes"]}
    assert nodes["gone"]["JobDetails"]["JobRuns"][0]["ErrorMessage"] == "Job with name: gone not found."


def test_a_job_at_its_limit_fails_the_action(flows: Flows, sandbox: JobSandbox) -> None:
    sandbox.define("single", WAITS_TO_BE_KILLED)
    flows.jobs("next")
    flows.glue.create_workflow(Name="flow")
    flows.starts("begin", "single", WorkflowName="flow")
    flows.follows("then", ["single"], "next", WorkflowName="flow")
    busy = sandbox.start("single")
    run = flows.run("flow")
    assert (run["Status"], counts(run)) == ("COMPLETED", {"Total": 2, "Failed": 1})
    record = next(run for run in flows.glue.get_job_runs(JobName="single")["JobRuns"] if run["Id"] != busy)
    assert (record["JobRunState"], record["ErrorMessage"]) == ("FAILED", "Concurrent runs exceeded for single")
    flows.glue.batch_stop_job_run(JobName="single", JobRunIds=[busy])


def test_jobs_are_told_their_workflow_run(flows: Flows, sandbox: JobSandbox) -> None:
    script = """
import sys, boto3
from awsglue.utils import getResolvedOptions

args = getResolvedOptions(sys.argv, ["WORKFLOW_NAME", "WORKFLOW_RUN_ID", "day"])
run = {"Name": args["WORKFLOW_NAME"], "RunId": args["WORKFLOW_RUN_ID"]}
glue = boto3.client("glue")
properties = glue.get_workflow_run_properties(**run)["RunProperties"]
print(args["day"], properties)
glue.put_workflow_run_properties(**run, RunProperties={"rows": "3"})
"""
    sandbox.define("told", script, DefaultArguments={"--day": "monday", "--fixed": "no"}, Timeout=5)
    flows.glue.create_workflow(Name="flow", DefaultRunProperties={"a": "1", "b": "1"})
    action = {"JobName": "told", "Arguments": {"--day": "friday"}, "Timeout": 7}
    flows.starts("begin", WorkflowName="flow", Actions=[action])
    run = flows.run("flow", RunProperties={"b": "2"})
    assert run["WorkflowRunProperties"] == {"a": "1", "b": "2", "rows": "3"}
    job_run = flows.only_run("told")
    assert sandbox.output(job_run) == "friday {'a': '1', 'b': '2'}\n"
    assert job_run["Timeout"] == 7
    assert job_run["Arguments"] == {
        "--day": "friday", "--fixed": "no", "--WORKFLOW_NAME": "flow", "--WORKFLOW_RUN_ID": run["WorkflowRunId"],
    }  # fmt: skip


def test_a_stopped_run_starts_nothing_more(flows: Flows, sandbox: JobSandbox) -> None:
    flows.jobs("two", "three", "four")
    sandbox.define("one", WAITS_TO_BE_KILLED)
    chain(flows)
    flows.follows("on-stop", ["one=STOPPED"], "four", WorkflowName="flow")
    run_id = flows.start("flow")
    assert counts(flows.get("flow", run_id)) == {"Total": 5, "Running": 1}
    flows.glue.stop_workflow_run(Name="flow", RunId=run_id)
    run = flows.wait("flow", run_id)
    assert (run["Status"], counts(run)) == ("STOPPED", {"Total": 5, "Stopped": 1})
    with pytest.raises(ClientError, match="is STOPPED; only a run that is RUNNING can be stopped") as raised:
        flows.glue.stop_workflow_run(Name="flow", RunId=run_id)
    assert raised.value.response["Error"]["Code"] == "IllegalWorkflowStateException"


def test_no_more_runs_than_a_workflow_allows(flows: Flows, sandbox: JobSandbox) -> None:
    sandbox.define("waits", WAITS_TO_BE_KILLED)
    flows.glue.create_workflow(Name="flow", MaxConcurrentRuns=1)
    flows.starts("begin", "waits", WorkflowName="flow")
    run_id = flows.start("flow")
    with pytest.raises(ClientError, match=r"Concurrent runs exceeded for workflow: flow\.") as raised:
        flows.glue.start_trigger(Name="begin")
    assert raised.value.response["Error"]["Code"] == "ConcurrentRunsExceededException"
    flows.glue.stop_workflow_run(Name="flow", RunId=run_id)
    flows.wait("flow", run_id)
    assert flows.start("flow") != run_id


def test_runs_are_listed_newest_first(flows: Flows) -> None:
    flows.glue.create_workflow(Name="flow")
    ids = [flows.run("flow")["WorkflowRunId"] for _ in range(3)]
    page = flows.glue.get_workflow_runs(Name="flow", MaxResults=2)
    assert [run["WorkflowRunId"] for run in page["Runs"]] == [ids[2], ids[1]]
    rest = flows.glue.get_workflow_runs(Name="flow", MaxResults=2, NextToken=page["NextToken"])["Runs"]
    assert [(run["WorkflowRunId"], run["Status"]) for run in rest] == [(ids[0], "COMPLETED")]
    workflow = flows.glue.get_workflow(Name="flow")["Workflow"]
    assert workflow["LastRun"]["WorkflowRunId"] == ids[2]


def test_a_trigger_that_sleeps_is_named(flows: Flows) -> None:
    flows.jobs("one", "two")
    flows.glue.create_workflow(Name="flow")
    flows.starts("begin", "one", WorkflowName="flow")
    flows.follows("sleeps", ["one"], "two", WorkflowName="flow", StartOnCreation=False)
    run = flows.run("flow")
    assert (run["Status"], counts(run)) == ("COMPLETED", {"Total": 2, "Succeeded": 1})
    assert run["ErrorMessage"].startswith("Not ACTIVATED, so not fired: sleeps; call StartTrigger")


@pytest.mark.slow
def test_twenty_runs_at_once_all_end(flows: Flows) -> None:
    flows.jobs("one", "two", "three", "four", ExecutionProperty={"MaxConcurrentRuns": 20})
    chain(flows)
    ids = [flows.start("flow") for _ in range(20)]
    assert [flows.wait("flow", run_id)["Statistics"]["SucceededActions"] for run_id in ids] == [4] * 20


def test_a_run_keeps_the_triggers_it_started_with(flows: Flows, sandbox: JobSandbox) -> None:
    sandbox.define("one", WAITS_TO_BE_KILLED)
    flows.jobs("two", "other")
    flows.glue.create_workflow(Name="flow")
    flows.starts("begin", "one", WorkflowName="flow")
    flows.follows("then", ["one=STOPPED"], "two", WorkflowName="flow")
    run_id = flows.start("flow")
    flows.glue.update_trigger(Name="then", TriggerUpdate={"Actions": [{"JobName": "other"}]})
    one = flows.glue.get_job_runs(JobName="one")["JobRuns"][0]
    flows.glue.batch_stop_job_run(JobName="one", JobRunIds=[one["Id"]])
    assert states(flows.wait("flow", run_id)) == {"one": ["STOPPED"], "two": ["SUCCEEDED"]}
    assert flows.glue.get_job_runs(JobName="other")["JobRuns"] == []


SPARK = """
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "WORKFLOW_NAME", "WORKFLOW_RUN_ID"])
context = GlueContext(SparkContext.getOrCreate())
job = Job(context)
job.init(args["JOB_NAME"], args)
rows = context.spark_session.range(3)
rows.write.mode("overwrite").parquet("s3://scripts/" + args["WORKFLOW_NAME"] + "/rows/")
job.commit()
"""


@pytest.mark.spark
def test_a_shell_job_reads_what_spark_wrote(flows: Flows, sandbox: JobSandbox) -> None:
    sandbox.define("writes", SPARK, kind="glueetl")
    sandbox.define(
        "counts", "import boto3\nprint(boto3.client('s3').list_objects_v2(Bucket='scripts')['KeyCount'] > 3)\n"
    )
    flows.glue.create_workflow(Name="flow")
    flows.starts("begin", "writes", WorkflowName="flow")
    flows.follows("then", ["writes"], "counts", WorkflowName="flow")
    run = flows.run("flow")
    assert counts(run) == {"Total": 2, "Succeeded": 2}
    assert sandbox.output(flows.only_run("counts")) == "True\n"
