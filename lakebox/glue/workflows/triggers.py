"""Triggers: CreateTrigger, GetTrigger(s), ListTriggers, BatchGetTriggers, UpdateTrigger, DeleteTrigger, Start, Stop.

Deleting, changing or stopping a trigger does nothing to workflow runs that have started.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.data_catalog.connections import forget_tags, keep_tags, with_tags
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.workflows.definitions import Definitions
from lakebox.glue.workflows.engine import CHAIN, TRIGGER, Engine
from lakebox.glue.workflows.progress import fired
from lakebox.glue.workflows.runs import WorkflowRuns
from lakebox.glue.workflows.trigger_rules import checked, refused

UPDATED = ("Description", "Schedule", "Actions", "Predicate", "EventBatchingCondition")
CREATED_WITH = ("Name", "WorkflowName", "Type", *UPDATED)


class Triggers:
    """The triggers that clients have defined; a timetable of those that are scheduled."""

    kind = "trigger"

    def __init__(self, documents: Documents, workflows: Definitions, runs: WorkflowRuns, engine: Engine) -> None:
        self._documents, self._workflows, self._runs, self._engine = documents, workflows, runs, engine
        self.on_change: Callable[[], None] = lambda: None

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateTrigger": self.create,
            "GetTrigger": lambda request: {"Trigger": self.get(request["Name"])},
            "GetTriggers": lambda request: page_of(self._starting(request), request, "Triggers"),
            "ListTriggers": self.list_names,
            "BatchGetTriggers": self.batch_get,
            "UpdateTrigger": self.update,
            "DeleteTrigger": self.delete,
            "StartTrigger": self.start,
            "StopTrigger": self.stop,
        }

    def schedules(self) -> Mapping[str, str]:
        """The schedules of all active triggers that have one."""
        triggers = self._documents.all(TRIGGER)
        return {one["Name"]: one["Schedule"] for one in triggers if _is_active(one) and one["Type"] == "SCHEDULED"}

    def fire(self, name: str) -> None:
        """Start what a trigger starts, or the workflow that it belongs to, because it is due."""
        trigger = self._documents.get(TRIGGER, name)
        if trigger is not None and _is_active(trigger):
            if "WorkflowName" in trigger:
                self._runs.start_by_schedule(trigger["WorkflowName"])
            else:
                self._begin_chain(trigger)

    def get(self, name: str) -> Document:
        """A trigger. Raises ServiceError where there is none."""
        trigger = self._documents.get(TRIGGER, name)
        if trigger is None:
            raise _no_trigger(name)
        return trigger

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateTrigger."""
        is_active = request.get("StartOnCreation", False)
        trigger = checked({name: request[name] for name in CREATED_WITH if name in request})
        if is_active and trigger["Type"] == "ON_DEMAND":
            raise refused("StartOnCreation is not supported for ON_DEMAND triggers: call StartTrigger")
        if "WorkflowName" in trigger:
            self._check_place(trigger)
        if not self._documents.add(
            TRIGGER, trigger["Name"], trigger | {"State": "ACTIVATED" if is_active else "CREATED"}
        ):
            raise ServiceError("AlreadyExistsException", f"Trigger with name {trigger['Name']} already submitted")
        keep_tags(self._documents, f"trigger/{trigger['Name']}", request.get("Tags", {}))
        self.on_change()
        return {"Name": trigger["Name"]}

    def list_names(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListTriggers: the names of those that start DependentJobName and have the given Tags."""
        names = [trigger["Name"] for trigger in self._starting(request)]
        tagged = with_tags(self._documents, "trigger", names, request.get("Tags", {}))
        return page_of(tagged, request, "TriggerNames")

    def batch_get(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchGetTriggers."""
        triggers, missing = self._documents.get_each(TRIGGER, request["TriggerNames"])
        return {"Triggers": triggers, "TriggersNotFound": missing}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateTrigger: replaces the definition; what a trigger can't be without stays where it is not given."""
        given = {name: value for name, value in request["TriggerUpdate"].items() if name in UPDATED}

        def changed(before: Document) -> Document:
            return checked({name: value for name, value in before.items() if name != "Description"} | given)

        trigger = self._documents.change(TRIGGER, request["Name"], changed)
        if trigger is None:
            raise _no_trigger(request["Name"])
        self.on_change()
        return {"Trigger": trigger}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteTrigger: a trigger that is not there is no error, as in Glue."""
        self._documents.delete(TRIGGER, request["Name"])
        forget_tags(self._documents, f"trigger/{request['Name']}")
        self.on_change()
        return {"Name": request["Name"]}

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        """StartTrigger: fires a trigger on demand (one of a workflow starts a run of it), activates any other one."""
        trigger = self.get(request["Name"])
        if trigger["Type"] != "ON_DEMAND":
            self._set_state(trigger["Name"], "ACTIVATED")
        elif "WorkflowName" in trigger:
            self._runs.start(trigger["WorkflowName"], {})
        else:
            self._begin_chain(trigger)
        return {"Name": trigger["Name"]}

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        """StopTrigger: an active trigger fires no more until it is started again."""
        trigger = self.get(request["Name"])
        if not _is_active(trigger):
            raise refused(f"The operation is not allowed when trigger is in state: {trigger['State']}")
        self._set_state(trigger["Name"], "DEACTIVATED")
        return {"Name": trigger["Name"]}

    def _check_place(self, trigger: Document) -> None:
        """Raise ServiceError where a workflow can't take a trigger: it isn't there, or it has a start trigger."""
        name = trigger["WorkflowName"]
        self._workflows.get(name)
        starts = [other["Name"] for other in self._workflows.triggers(name) if other["Type"] != "CONDITIONAL"]
        if starts and trigger["Type"] != "CONDITIONAL" and trigger["Name"] not in starts:
            raise refused(f"Workflow {name} has the start trigger {starts[0]} already, and can have one only")

    def _begin_chain(self, trigger: Document) -> None:
        own = {"Id": f"chain_{secrets.token_hex(16)}", "Owner": self._engine.owner, "Status": "RUNNING"}
        chain = fired(own | {"Fired": [], "Actions": []}, [trigger])
        with self._engine.undisturbed():
            self._documents.add(CHAIN, chain["Id"], chain)
            self._engine.begin(chain)

    def _set_state(self, name: str, state: str) -> None:
        self._documents.change(TRIGGER, name, lambda trigger: trigger | {"State": state})
        self.on_change()

    def _starting(self, request: dict[str, Any]) -> list[Document]:
        """The triggers that start DependentJobName; all where there is none, as in Glue."""
        triggers, job = self._documents.all(TRIGGER), request.get("DependentJobName")
        starting = [one for one in triggers if any(action.get("JobName") == job for action in one["Actions"])]
        return starting if job and starting else triggers


def _is_active(trigger: Document) -> bool:
    return bool(trigger["State"] == "ACTIVATED")


def _no_trigger(name: str) -> ServiceError:
    return ServiceError("EntityNotFoundException", f"Trigger with name: {name} not found.")
