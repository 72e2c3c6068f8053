"""Workflows and triggers of a sandbox, made, started and waited for through boto3."""

import threading
from typing import Any

from job_sandbox import PATIENCE_S, JobSandbox


class Flows:
    """Workflows and triggers of a sandbox, in few words."""

    def __init__(self, sandbox: JobSandbox) -> None:
        self.sandbox, self.glue = sandbox, sandbox.glue

    def jobs(self, *names: str, **more: Any) -> None:
        """Define jobs that succeed."""
        for name in names:
            self.sandbox.define(name, "print('done')\n", **more)

    def starts(self, name: str, *jobs: str, **more: Any) -> None:
        """A trigger on demand that starts jobs."""
        actions = [{"JobName": job} for job in jobs]
        self.glue.create_trigger(Name=name, Type="ON_DEMAND", **({"Actions": actions} | more))

    def follows(self, name: str, watched: list[str], *jobs: str, **more: Any) -> None:
        """An active trigger that starts jobs when others (`job` or `job=STATE`) have ended so, or have succeeded."""
        pairs = [each.split("=") if "=" in each else (each, "SUCCEEDED") for each in watched]
        conditions = [{"LogicalOperator": "EQUALS", "JobName": job, "State": state} for job, state in pairs]
        given = {
            "Predicate": {"Conditions": conditions} | ({"Logical": more.pop("Logical")} if "Logical" in more else {}),
            "Actions": [{"JobName": job} for job in jobs],
            "StartOnCreation": True,
        }
        self.glue.create_trigger(Name=name, Type="CONDITIONAL", **(given | more))

    def start(self, workflow: str, **more: Any) -> str:
        """Start a workflow run; its id."""
        return str(self.glue.start_workflow_run(Name=workflow, **more)["RunId"])

    def get(self, workflow: str, run_id: str) -> dict[str, Any]:
        """A workflow run with its graph."""
        run: dict[str, Any] = self.glue.get_workflow_run(Name=workflow, RunId=run_id, IncludeGraph=True)["Run"]
        return run

    def wait(self, workflow: str, run_id: str) -> dict[str, Any]:
        """A workflow run, when it has ended."""
        return wait_for_workflow(self.glue, workflow, run_id)

    def run(self, workflow: str, **more: Any) -> dict[str, Any]:
        """A workflow run, from start to end."""
        return self.wait(workflow, self.start(workflow, **more))

    def only_run(self, job: str) -> dict[str, Any]:
        """The run of a job that has run once, or will have run once soon, when it has ended."""
        pause = threading.Event()
        for _ in range(PATIENCE_S * 20):
            runs: list[dict[str, Any]] = self.glue.get_job_runs(JobName=job)["JobRuns"]
            if runs:
                assert len(runs) == 1
                return self.sandbox.wait(job, runs[0]["Id"])
            pause.wait(0.05)
        raise AssertionError(f"{job} has not started after {PATIENCE_S} s")


def wait_for_workflow(glue: Any, workflow: str, run_id: str) -> dict[str, Any]:
    """A workflow run with its graph, when it has ended."""
    pause = threading.Event()
    for _ in range(PATIENCE_S * 20):
        run: dict[str, Any] = glue.get_workflow_run(Name=workflow, RunId=run_id, IncludeGraph=True)["Run"]
        if run["Status"] not in ("RUNNING", "STOPPING"):
            return run
        pause.wait(0.05)
    raise AssertionError(f"workflow run {run_id} has not ended after {PATIENCE_S} s")


def states(run: dict[str, Any]) -> dict[str, list[str]]:
    """The states of each job's runs and each crawler's crawls in a graph, by node."""
    found = {}
    for node in run["Graph"]["Nodes"]:
        if node["Type"] == "JOB":
            found[node["Name"]] = [one["JobRunState"] for one in node["JobDetails"]["JobRuns"]]
        if node["Type"] == "CRAWLER":
            found[node["Name"]] = [one["State"] for one in node["CrawlerDetails"]["Crawls"]]
    return found


def counts(run: dict[str, Any]) -> dict[str, int]:
    """The statistics that are not zero, by the first word."""
    return {name.removesuffix("Actions"): count for name, count in run["Statistics"].items() if count}


def chain(flows: Flows) -> None:
    """The workflow `flow`: one, then two and three, then four when both have succeeded."""
    flows.glue.create_workflow(Name="flow")
    flows.starts("begin", "one", WorkflowName="flow")
    flows.follows("after-one", ["one"], "two", "three", WorkflowName="flow")
    flows.follows("after-both", ["two", "three"], "four", Logical="AND", WorkflowName="flow")
