"""Workflow runs: StartWorkflowRun, GetWorkflowRun(s), StopWorkflowRun, ResumeWorkflowRun and the runs' properties."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.workflows.definitions import Definitions, not_found
from lakebox.glue.workflows.engine import WORKFLOW_RUN, Engine
from lakebox.glue.workflows.graph import JobRuns, graph, node_id, statistics
from lakebox.glue.workflows.progress import AT_WORK, fired, resumed, thing_of

SHOWN = ("PreviousRunId", "StartedOn", "CompletedOn", "Status", "ErrorMessage")
LOST = {"ErrorMessage": "The endpoint ended during this run, and the next run found it so"}
NODE_KINDS = {"JobName": "JOB", "CrawlerName": "CRAWLER"}


class WorkflowRuns:
    """The runs of all workflows."""

    def __init__(self, documents: Documents, definitions: Definitions, engine: Engine, job_runs: JobRuns) -> None:
        self._documents, self._definitions, self._engine = documents, definitions, engine
        self._job_runs = job_runs

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "StartWorkflowRun": lambda request: {
                "RunId": self.start(request["Name"], request.get("RunProperties", {}))
            },
            "GetWorkflowRun": lambda request: {"Run": self._shown(self._of(request), request)},
            "GetWorkflowRuns": self.get_all,
            "StopWorkflowRun": self.stop,
            "ResumeWorkflowRun": self.resume,
            "GetWorkflowRunProperties": lambda request: {"RunProperties": self._of(request)["Properties"]},
            "PutWorkflowRunProperties": self.put_properties,
        }

    def start(self, name: str, properties: Mapping[str, str]) -> str:
        """Start a run: its start trigger fires; the run's id. Raises ServiceError where too many runs are at work."""
        workflow, triggers = self._definitions.get(name), self._definitions.triggers(name)
        run = self._new(workflow) | {
            "Properties": workflow.get("DefaultRunProperties", {}) | dict(properties),
            "Triggers": triggers,
        }
        run = fired(run, [trigger for trigger in triggers if trigger["Type"] != "CONDITIONAL"])
        self._begin(run, workflow)
        return str(run["Id"])

    def start_by_schedule(self, name: str) -> None:
        """Start a run because its trigger is due; where too many are at work, a run in the state ERROR says so."""
        try:
            self.start(name, {})
        except ServiceError as error:
            workflow = self._definitions.find(name)
            if workflow is not None:  # deleted a moment ago
                run = self._new(workflow) | {"Status": "ERROR", "ErrorMessage": error.message}
                run |= {"CompletedOn": run["StartedOn"], "Properties": {}, "Triggers": []}
                self._documents.add(WORKFLOW_RUN, run["Id"], run)

    def get_all(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetWorkflowRuns: the newest first."""
        self._definitions.get(request["Name"])
        page = page_of(self._all(request["Name"]), request, "Runs")
        return page | {"Runs": [self._shown(run, request) for run in page["Runs"]]}

    def last(self, name: str, request: dict[str, Any]) -> Document | None:
        """A workflow's newest run, as GetWorkflow shows it; None where it has never run."""
        return next((self._shown(run, request) for run in self._all(name)), None)

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        """StopWorkflowRun: what is at work is stopped, and nothing more is started."""

        def stopping(run: Document) -> Document:
            if run["Status"] != "RUNNING":
                text = f"Workflow run {run['Id']} is {run['Status']}; only a run that is RUNNING can be stopped"
                raise ServiceError("IllegalWorkflowStateException", text)
            return run | {"Status": "STOPPING"}

        run_id = self._of(request)["Id"]
        self._documents.change(WORKFLOW_RUN, run_id, stopping)
        self._engine.stop(run_id)
        return {}

    def resume(self, request: dict[str, Any]) -> dict[str, Any]:
        """ResumeWorkflowRun: a new run of the nodes that are named and of all that depends on them."""
        run, workflow = self._of(request), self._definitions.get(request["Name"])
        if run["Status"] != "COMPLETED":
            text = f"Workflow run {run['Id']} is {run['Status']}; only a run that is COMPLETED can be resumed"
            raise ServiceError("IllegalWorkflowStateException", text)
        tried = {self._node_id(run, action): thing_of(action) for action in run["Actions"]}
        unknown = [node for node in request["NodeIds"] if node not in tried]
        if unknown:
            text = f"Nodes {', '.join(unknown)} are no jobs or crawlers that workflow run {run['Id']} has tried to run"
            raise ServiceError("InvalidInputException", text)
        own = self._new(workflow) | {"PreviousRunId": run["Id"]}
        again = resumed(run, [tried[node] for node in request["NodeIds"]], own)
        nodes = [self._node_id(run, action) for action in again["Actions"] if "State" not in action]
        self._begin(again, workflow)
        return {"RunId": again["Id"], "NodeIds": nodes}

    def put_properties(self, request: dict[str, Any]) -> dict[str, Any]:
        """PutWorkflowRunProperties: they are added to those that the run has, and replace those of the same name."""

        def put(run: Document) -> Document:
            return run | {"Properties": run["Properties"] | request["RunProperties"]}

        self._documents.change(WORKFLOW_RUN, self._of(request)["Id"], put)
        return {}

    def _new(self, workflow: Document) -> Document:
        own = {"Id": f"wr_{secrets.token_hex(32)}", "Workflow": workflow["Name"], "Owner": self._engine.owner}
        return own | {"Status": "RUNNING", "StartedOn": datetime.now(UTC), "Fired": [], "Actions": []}

    def _begin(self, run: Document, workflow: Document) -> None:
        """Start a new run. Raises ServiceError where the workflow has as many at work as it may have.

        Runs whose endpoint has ended are not: they are stopped, unless `lakebox serve` has gone on with them.
        """
        with self._engine.undisturbed():
            for lost in (other for other in self._all(workflow["Name"]) if self._engine.is_lost(other)):
                self._documents.change(WORKFLOW_RUN, lost["Id"], lambda run: run | {"Status": "STOPPING"} | LOST)
                self._engine.stop(lost["Id"])
            with self._documents.changing():
                at_work = [other for other in self._all(workflow["Name"]) if other["Status"] in AT_WORK]
                if 0 < workflow.get("MaxConcurrentRuns", 0) <= len(at_work):
                    text = f"Concurrent runs exceeded for workflow: {workflow['Name']}."
                    raise ServiceError("ConcurrentRunsExceededException", text)
                self._documents.add(WORKFLOW_RUN, run["Id"], run)
            self._engine.begin(run)

    def _all(self, name: str) -> list[Document]:
        runs = [run for run in self._documents.all(WORKFLOW_RUN) if run["Workflow"] == name]
        return sorted(runs, key=lambda run: run["StartedOn"], reverse=True)

    def _of(self, request: dict[str, Any]) -> Document:
        run = self._documents.get(WORKFLOW_RUN, request["RunId"])
        if run is None or run["Workflow"] != request["Name"]:
            raise not_found()
        return run

    def _shown(self, run: Document, request: dict[str, Any]) -> Document:
        shown = {name: run[name] for name in SHOWN if name in run}
        shown |= {"Name": run["Workflow"], "WorkflowRunId": run["Id"], "WorkflowRunProperties": run["Properties"]}
        shown["Statistics"] = statistics(run)
        if request.get("IncludeGraph", False):
            shown["Graph"] = graph(run["Workflow"], run["Triggers"], run["Actions"], self._job_runs)
        return shown

    @staticmethod
    def _node_id(run: Document, action: Document) -> str:
        kind, name = thing_of(action)
        return node_id(run["Workflow"], NODE_KINDS[kind], name)
