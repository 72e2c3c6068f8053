"""What a workflow run must do next, as pure functions of its record; so a restart goes on where a crash left off.

A record's own fields: Triggers (their definitions when the run started), Fired (the names of those that have fired) and
Actions (each job run and crawl that a fired trigger has asked for, as the trigger defines it, with Trigger, RunId and,
once it has ended, State). A chain of triggers outside of workflows has such a record, too, without Triggers.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from lakebox.glue.data_catalog.documents import Document

AT_WORK = ("RUNNING", "STOPPING")
OF_AN_END = ("State", "StartedOn", "CompletedOn", "ErrorMessage", "CrawlId")


def fired(run: Document, triggers: Iterable[Document]) -> Document:
    """A run in which these triggers have fired: each of their actions is to start, under an id that it has from now."""
    names, actions = list(run["Fired"]), list(run["Actions"])
    for trigger in triggers:
        names.append(trigger["Name"])
        before = met(trigger["Predicate"], run["Actions"]) if trigger["Type"] == "CONDITIONAL" else []
        predecessors = [{"JobName": one["JobName"], "RunId": one["RunId"]} for one in before if "JobName" in one]
        for number, action in enumerate(trigger["Actions"]):
            own = {"RunId": _run_id(run, trigger["Name"], number), "PredecessorRuns": predecessors}
            actions.append(action | {"Trigger": trigger["Name"]} | own)
    return run | {"Fired": names, "Actions": actions}


def ended(run: Document, ends: Mapping[str, Document]) -> Document:
    """A run in which these actions have ended; ends: State, CompletedOn and ErrorMessage, by the actions' RunId."""
    return run | {
        "Actions": [
            action | ends[action["RunId"]] if action["RunId"] in ends and "State" not in action else action
            for action in run["Actions"]
        ]
    }


def step(run: Document, triggers: Sequence[Document], now: datetime) -> Document:
    """What a run is after what has happened: triggers whose conditions hold have fired, or it is over.

    A run in which a trigger should have fired, but was never activated, says so at its end; Glue leaves you to guess.
    """
    if run["Status"] not in AT_WORK:
        return run
    if run["Status"] == "RUNNING":
        run = fired(run, [one for one in triggers if _is_due(one, run) and one["State"] == "ACTIVATED"])
    if not all("State" in action for action in run["Actions"]):
        return run
    if run["Status"] == "STOPPING":
        return run | {"Status": "STOPPED", "CompletedOn": now}
    asleep = ", ".join(trigger["Name"] for trigger in triggers if _is_due(trigger, run))
    text = f"Not ACTIVATED, so not fired: {asleep}; call StartTrigger, or create triggers with StartOnCreation"
    return run | {"Status": "COMPLETED", "CompletedOn": now} | ({"ErrorMessage": text} if asleep else {})


def met(predicate: Mapping[str, Any], actions: Sequence[Document]) -> list[Document]:
    """The ended actions by which a predicate holds; empty where it doesn't hold."""
    by_condition = [
        [action for action in actions if _is_met(condition, action)] for condition in predicate["Conditions"]
    ]
    if predicate.get("Logical") != "ANY" and not all(by_condition):
        return []
    return [action for found in by_condition for action in found]


def resumed(run: Document, names: Iterable[tuple[str, str]], new: Document) -> Document:
    """A new run that starts some jobs and crawlers of an ended one again, and all that depends on them.

    names: JobName or CrawlerName, and its value; new: the new run's Id and what else is its own
    What is not run again is copied, so that triggers that depend on both fire.
    """
    again = set(names)
    downstream: set[str] = set()
    affected = set(again)
    while found := [trigger for trigger in run["Triggers"] if _watches(trigger, affected, downstream)]:
        downstream |= {trigger["Name"] for trigger in found}
        affected |= {thing_of(action) for trigger in found for action in trigger["Actions"]}
    kept = {name: value for name, value in run.items() if name not in OF_AN_END}
    started: Document = kept | new | {"Fired": [name for name in run["Fired"] if name not in downstream], "Actions": []}
    for number, action in enumerate(run["Actions"]):
        if action["Trigger"] not in downstream:
            claim = {name: value for name, value in action.items() if name not in OF_AN_END}
            claim["RunId"] = _run_id(started, action["Trigger"], number)
            started["Actions"].append(claim if thing_of(action) in again else action)
    return started


def thing_of(part: Mapping[str, Any]) -> tuple[str, str]:
    """What an action or a condition is about: ("JobName", …) or ("CrawlerName", …)."""
    kind = "JobName" if "JobName" in part else "CrawlerName"
    return kind, part[kind]


def _is_due(trigger: Document, run: Document) -> bool:
    if trigger["Type"] != "CONDITIONAL" or trigger["Name"] in run["Fired"]:
        return False
    return bool(met(trigger["Predicate"], run["Actions"]))


def _is_met(condition: Mapping[str, Any], action: Document) -> bool:
    state = condition.get("State") if "JobName" in condition else condition.get("CrawlState")
    return thing_of(condition) == thing_of(action) and action.get("State") == state


def _watches(trigger: Document, things: set[tuple[str, str]], known: set[str]) -> bool:
    conditions = trigger.get("Predicate", {}).get("Conditions", [])
    return trigger["Name"] not in known and any(thing_of(condition) in things for condition in conditions)


def _run_id(run: Document, trigger: str, number: int) -> str:
    """The id that an action's job run has in a run: the same one each time, so that it never starts twice."""
    text = "\0".join((run["Id"], trigger, str(number)))
    return f"jr_{hashlib.sha256(text.encode()).hexdigest()}"
