"""Starts the workflow `medallion` by Glue's API, follows its graph, and says what failed: on any target.

Who asks for a run names its raw files, mapping and day in the run's properties, where each job also leaves what it did
(jobs/lake/run_properties.py). What is shown here comes from GetWorkflowRun alone.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from jobs.arguments import JobArguments
from jobs.lake.run_properties import STARTING_SPARK, Outcome
from lakebox.flow.crawls import crawl
from lakebox.flow.errors import FlowError
from lakebox.steps import Progress, Run, Step

WORKFLOW = "medallion"
GATE = "dq_checks_silver_layer"
AT_WORK = ("STARTING", "RUNNING", "STOPPING", "WAITING")
RAISED = re.compile(r"jobs\.job\.Job(Failed|Misused): (.*)", re.DOTALL)
PATIENCE_S = 10.0  # for a run that is stopped
AWAY_S = 90.0  # for an API that does not answer


class Flow:
    """The flow of a target.

    glue: a boto3 client; poll_s: between two looks at a run; check: raises where the target can't go on with it
    """

    def __init__(self, glue: Any, poll_s: float, check: Callable[[], None] = lambda: None) -> None:
        self.glue, self._poll_s, self._check = glue, poll_s, check

    def run(self, arguments: JobArguments, progress: Progress) -> Run:
        """Run the workflow to its end. Raises FlowError where it does not end well."""
        run_id = self._start(_properties(arguments))
        try:
            run, steps = self._followed(run_id, progress)
        except KeyboardInterrupt:
            self._stop(run_id)
            raise
        raise_failure(run)
        return Run(arguments.run_id, arguments.training_date, tuple(steps))

    def check_gate(self) -> None:
        """Run the quality gate alone, also where it has seen Silver as it is. Raises FlowError where it fails."""
        try:
            run_id = self.glue.start_job_run(JobName=GATE, Arguments={"--recheck": "true"})["JobRunId"]
        except (ClientError, BotoCoreError) as error:
            raise FlowError(f"the quality gate can't be started: {error}") from None
        ask = partial(self.glue.get_job_run, JobName=GATE, RunId=run_id)
        while (run := self._answered(ask)["JobRun"])["JobRunState"] in AT_WORK:
            self._wait()
        if run["JobRunState"] != "SUCCEEDED":
            raise job_error(GATE, run)

    def crawled(self, *wanted: str) -> Iterator[str]:
        """A line a crawler that has ended: all of them, or those of these names or of tables' names."""
        return crawl(self.glue, wanted, self._poll_s)

    def _start(self, properties: Mapping[str, str]) -> str:
        try:
            return str(self.glue.start_workflow_run(Name=WORKFLOW, RunProperties=dict(properties))["RunId"])
        except self.glue.exceptions.ConcurrentRunsExceededException:
            raise FlowError(f"a run of {WORKFLOW} is at work already; wait for its end, then run again") from None
        except (ClientError, BotoCoreError) as error:
            raise FlowError(f"the workflow {WORKFLOW} can't be started: {error}") from None

    def _followed(self, run_id: str, progress: Progress) -> tuple[dict[str, Any], list[Step]]:
        """The run when it is over, and what each of its jobs did; progress is told meanwhile."""
        steps: list[Step] = []
        shown: set[str] = set()
        ask = partial(self.glue.get_workflow_run, Name=WORKFLOW, RunId=run_id, IncludeGraph=True)
        while True:
            run = self._answered(ask)["Run"]
            for name, job_run in _job_runs(run):
                said = json.loads(run.get("WorkflowRunProperties", {}).get(name, "{}"))
                if f"{name} started" not in shown:
                    progress.started(name)
                if said.get("state") == STARTING_SPARK and STARTING_SPARK not in shown:
                    progress.said(STARTING_SPARK)
                    shown.add(STARTING_SPARK)
                if job_run["JobRunState"] == "SUCCEEDED" and name not in shown:
                    steps.append(_step(said, job_run))
                    progress.ended(steps[-1])
                    shown.add(name)
                shown.add(f"{name} started")
            if run["Status"] not in AT_WORK:
                return run, steps
            self._wait()

    def _answered(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What the API answers; asked again for a while where it is away, as when it is started anew.

        The run goes on without who follows it.
        """
        deadline = time.monotonic() + AWAY_S
        while True:
            try:
                return ask()
            except (ClientError, BotoCoreError) as error:
                refused = isinstance(error, ClientError) and error.response["ResponseMetadata"]["HTTPStatusCode"] < 500
                if refused or time.monotonic() > deadline:
                    raise FlowError(f"the run can't be followed: {error}; lakebox runs tells how it goes on") from None
            self._wait()

    def _wait(self) -> None:
        self._check()
        time.sleep(self._poll_s)

    def _stop(self, run_id: str) -> None:
        """Stop a run, and wait a while until what it has at work is gone."""
        try:
            self.glue.stop_workflow_run(Name=WORKFLOW, RunId=run_id)
            deadline = time.monotonic() + PATIENCE_S
            while self.glue.get_workflow_run(Name=WORKFLOW, RunId=run_id)["Run"]["Status"] in AT_WORK:
                if time.monotonic() > deadline:
                    return
                time.sleep(self._poll_s)
        except (ClientError, BotoCoreError):
            return  # it has just ended


def raise_failure(run: Mapping[str, Any]) -> None:
    """Raise FlowError where a run that is over has not done all that it should."""
    for name, job_run in _job_runs(run):
        if job_run["JobRunState"] != "SUCCEEDED":
            raise job_error(name, job_run)
    for node in run["Graph"]["Nodes"]:
        for one in node.get("CrawlerDetails", {}).get("Crawls", [])[-1:]:
            if one["State"] != "SUCCEEDED":
                raise FlowError(f"crawler {node['Name']} {one['State'].lower()}: {one.get('ErrorMessage', '')}")
    if run["Status"] != "COMPLETED" or "ErrorMessage" in run:
        why = run.get("ErrorMessage", "somebody stopped it; run again, nothing is lost")
        raise FlowError(f"the workflow run ended {run['Status']}: {why}")


def job_error(name: str, job_run: Mapping[str, Any]) -> FlowError:
    """Why a job run did not succeed: what our own script said, or else what Glue says of it."""
    message = job_run.get("ErrorMessage", "")
    raised = RAISED.search(message)
    if raised is not None:
        return FlowError(raised[2], 2 if raised[1] == "Misused" else 1)
    return FlowError(f"job {name} {job_run['JobRunState'].lower()}: {message or 'see lakebox logs'}")


def _job_runs(run: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The newest run of each job that has started, by the job's name, in the order of their start."""
    nodes = [node for node in run["Graph"]["Nodes"] if node.get("JobDetails", {}).get("JobRuns")]
    newest = [(node["Name"], node["JobDetails"]["JobRuns"][-1]) for node in nodes]
    return sorted(newest, key=lambda pair: pair[1]["StartedOn"])


def _step(said: dict[str, Any], job_run: Mapping[str, Any]) -> Step:
    duration = (job_run["CompletedOn"] - job_run["StartedOn"]).total_seconds()
    outcome = {name: value for name, value in said.items() if name != "job"}
    return Step(said["job"], Outcome(**outcome), duration)


def _properties(arguments: JobArguments) -> dict[str, str]:
    """The run properties that say what a run works with; the lake is the jobs' own argument."""
    given = {
        "raw_uri": arguments.raw_uri,
        "mapping_uri": arguments.mapping_uri,
        "training_date": arguments.training_date.isoformat(),
        "run_id": arguments.run_id,
        "run_started_at": arguments.run_started_at.isoformat(),
    }
    return {name: value for name, value in given.items() if value}
