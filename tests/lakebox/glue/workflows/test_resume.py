"""Workflow runs that are resumed, through boto3."""

import pytest
from botocore.exceptions import ClientError
from flows import Flows, chain, counts, states
from job_sandbox import JobSandbox


def test_a_run_is_resumed_from_failed_nodes(flows: Flows, sandbox: JobSandbox) -> None:
    flows.jobs("one", "two", "four")
    sandbox.define("three", "1 / 0\n")
    chain(flows)
    first = flows.run("flow")
    flows.glue.update_job(
        JobName="three", JobUpdate={"Command": {"Name": "pythonshell", "ScriptLocation": "s3://scripts/one.py"}}
    )
    nodes = {node["Name"]: node["UniqueId"] for node in first["Graph"]["Nodes"]}
    run = {"Name": "flow", "RunId": first["WorkflowRunId"]}
    answer = flows.glue.resume_workflow_run(**run, NodeIds=[nodes["three"]])
    assert answer["NodeIds"] == [nodes["three"]]
    second = flows.wait("flow", answer["RunId"])
    assert (second["PreviousRunId"], counts(second)) == (first["WorkflowRunId"], {"Total": 4, "Succeeded": 4})
    graphs = [{node["Name"]: node for node in run["Graph"]["Nodes"]} for run in (first, second)]
    assert graphs[0]["one"]["JobDetails"] == graphs[1]["one"]["JobDetails"]
    assert [len(flows.glue.get_job_runs(JobName=name)["JobRuns"]) for name in ("two", "three", "four")] == [1, 2, 1]
    for wrong in (nodes["begin"], "wnode_none"):
        with pytest.raises(ClientError, match="no jobs or crawlers that workflow run"):
            flows.glue.resume_workflow_run(**run, NodeIds=[wrong])


def test_downstream_nodes_need_no_resume_of_their_own(flows: Flows, sandbox: JobSandbox) -> None:
    flows.jobs("one", "two", "three")
    sandbox.define("four", "1 / 0\n")
    chain(flows)
    first = flows.run("flow")
    nodes = {node["Name"]: node["UniqueId"] for node in first["Graph"]["Nodes"]}
    answer = flows.glue.resume_workflow_run(
        Name="flow", RunId=first["WorkflowRunId"], NodeIds=[nodes["two"], nodes["four"]]
    )
    assert answer["NodeIds"] == [nodes["two"]]
    assert states(flows.wait("flow", answer["RunId"]))["four"] == ["FAILED"]
    assert [len(flows.glue.get_job_runs(JobName=name)["JobRuns"]) for name in ("two", "three", "four")] == [2, 1, 2]
