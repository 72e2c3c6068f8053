"""A workflow's graph and a run's statistics, in the shapes of GetWorkflow and GetWorkflowRun."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from lakebox.glue.data_catalog.documents import Document
from lakebox.glue.workflows.progress import thing_of

COUNTED_AS = {
    "SUCCEEDED": "SucceededActions",
    "FAILED": "FailedActions",
    "TIMEOUT": "TimeoutActions",
    "STOPPED": "StoppedActions",
    "CANCELLED": "StoppedActions",
    "ERROR": "ErroredActions",
}
CRAWL = ("State", "StartedOn", "CompletedOn", "ErrorMessage")
JobRuns = Callable[[str], list[Document]]  # the job runs by an action's RunId: the run and its retries


def statistics(run: Document) -> Document:
    """How many actions a run has, those to come included, and how those that have started ended."""
    counts = dict.fromkeys(("TotalActions", *COUNTED_AS.values(), "RunningActions", "WaitingActions"), 0)
    counts["TotalActions"] = sum(len(trigger["Actions"]) for trigger in run["Triggers"])
    for action in run["Actions"]:
        counts[COUNTED_AS[action["State"]] if "State" in action else "RunningActions"] += 1
    return counts


def graph(workflow: str, triggers: Sequence[Document], actions: Sequence[Document], job_runs: JobRuns) -> Document:
    """Triggers, jobs and crawlers as nodes, with what `actions` (of a run) have done; who starts whom as edges."""
    nodes, edges = {}, []
    for trigger in triggers:
        trigger_id = node_id(workflow, "TRIGGER", trigger["Name"])
        nodes[trigger_id] = _node("TRIGGER", trigger["Name"], trigger_id, {"TriggerDetails": {"Trigger": trigger}})
    for trigger in triggers:
        trigger_id = node_id(workflow, "TRIGGER", trigger["Name"])
        watched = [thing_of(condition) for condition in trigger.get("Predicate", {}).get("Conditions", [])]
        started = [thing_of(action) for action in trigger["Actions"]]
        for thing in dict.fromkeys(watched + started):
            kind, name = "JOB" if thing[0] == "JobName" else "CRAWLER", thing[1]
            thing_id = node_id(workflow, kind, name)
            if thing_id not in nodes:
                own = [action for action in actions if thing_of(action) == thing]
                nodes[thing_id] = _node(kind, name, thing_id, _details(kind, own, job_runs))
            edges += [{"SourceId": thing_id, "DestinationId": trigger_id}] if thing in watched else []
            edges += [{"SourceId": trigger_id, "DestinationId": thing_id}] if thing in started else []
    return {"Nodes": list(nodes.values()), "Edges": edges}


def node_id(workflow: str, kind: str, name: str) -> str:
    """A node's UniqueId: the same in all runs of a workflow."""
    return f"wnode_{hashlib.sha256(chr(0).join((workflow, kind, name)).encode()).hexdigest()}"


def _node(kind: str, name: str, unique_id: str, details: dict[str, Any]) -> Document:
    return {"Type": kind, "Name": name, "UniqueId": unique_id, **details}


def _details(kind: str, actions: Sequence[Document], job_runs: JobRuns) -> dict[str, Any]:
    if kind == "JOB":
        return {"JobDetails": {"JobRuns": [run for action in actions for run in job_runs(action["RunId"])]}}
    return {"CrawlerDetails": {"Crawls": [_crawl(action) for action in actions]}}


def _crawl(action: Document) -> Document:
    shown = {name: action[name] for name in CRAWL if name in action}
    return {"State": "RUNNING"} | shown | {"LogGroup": "/aws-glue/crawlers", "LogStream": action["CrawlerName"]}
