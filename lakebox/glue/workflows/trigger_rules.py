"""What Glue refuses in a trigger's definition, in Glue's own words where they are known."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import ServiceError
from lakebox.glue.data_catalog.documents import Document
from lakebox.glue.schedules.expressions import next_time
from lakebox.glue.workflows.progress import thing_of

WATCHED = (
    ("job", "JobName", "State", ("SUCCEEDED", "STOPPED", "FAILED", "TIMEOUT")),
    ("crawler", "CrawlerName", "CrawlState", ("SUCCEEDED", "FAILED", "CANCELLED")),
)


def checked(trigger: Document) -> Document:
    """A trigger as it is kept. Raises ServiceError on what Glue refuses, and on EVENT triggers."""
    if trigger["Type"] not in ("ON_DEMAND", "SCHEDULED", "CONDITIONAL"):
        text = f"lakebox has no {trigger['Type']} triggers, as it has no EventBridge: use a SCHEDULED trigger, or an"
        raise refused(f"{text} ON_DEMAND one and StartWorkflowRun where the event happens")
    for action in trigger["Actions"]:
        if ("JobName" in action) == ("CrawlerName" in action):
            both = "Both JobName and CrawlerName cannot be set together in an action"
            raise refused(both if "JobName" in action else "An action needs a JobName or a CrawlerName")
    if trigger["Type"] == "SCHEDULED":
        if not trigger.get("Schedule"):
            raise refused("Schedule cannot be null or empty for a SCHEDULED trigger")
        next_time(trigger["Schedule"], datetime.now(UTC))
    if trigger["Type"] != "CONDITIONAL":
        return trigger
    conditions = trigger.get("Predicate", {}).get("Conditions")
    if not conditions:
        raise refused("Predicate cannot be null or empty")
    kept = [_condition(condition) for condition in conditions]
    for kind, _ in {thing_of(condition) for condition in kept} & {thing_of(action) for action in trigger["Actions"]}:
        raise refused(f"{kind.removesuffix('Name')} cannot be a Predicate and Action for Conditional Trigger.")
    return trigger | {"Predicate": trigger["Predicate"] | {"Conditions": kept}}


def refused(message: str) -> ServiceError:
    """The error of a definition that can't be."""
    return ServiceError("InvalidInputException", message)


def _condition(given: Mapping[str, Any]) -> Document:
    """A condition as it is kept: about a job where it names a job and a crawler, as on Glue."""
    if "LogicalOperator" not in given:
        raise refused("Logical operator cannot be null or empty")
    if "JobName" not in given and "CrawlerName" not in given:
        raise refused("JobName or CrawlerName in condition cannot be null or empty")
    kind, name, field, states = WATCHED[0] if "JobName" in given else WATCHED[1]
    if given.get(field) not in states:
        problem = f"{given[field]} cannot be watched" if given.get(field) else "cannot be null or empty"
        raise refused(f"State {problem}, choose from one of the following {kind} state: [{', '.join(states)}]")
    return {"LogicalOperator": given["LogicalOperator"], name: given[name], field: given[field]}
