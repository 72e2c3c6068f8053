"""Glue's workflows and triggers as one resource: their operations, the thread of their schedules, and their restart."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from lakebox.endpoint.service import Operation
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.jobs.runs import Runs
from lakebox.glue.schedules.scheduler import Clock, Scheduler, Timetable
from lakebox.glue.workflows.crawls import Crawlers
from lakebox.glue.workflows.definitions import Definitions
from lakebox.glue.workflows.engine import Engine
from lakebox.glue.workflows.graph import graph
from lakebox.glue.workflows.runs import WorkflowRuns
from lakebox.glue.workflows.triggers import Triggers


class Workflows:
    """The workflows and triggers of an endpoint, over its job runs and crawlers."""

    def __init__(self, documents: Documents, runs: Runs, crawlers: Crawlers) -> None:
        self._documents = documents
        self._definitions = Definitions(documents)
        self._engine = Engine(documents, runs, crawlers)
        self._runs = WorkflowRuns(documents, self._definitions, self._engine, runs.attempts)
        self._triggers = Triggers(documents, self._definitions, self._runs, self._engine)
        self.crawl_ended = self._engine.crawl_ended

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateWorkflow": self._definitions.create,
            "GetWorkflow": lambda request: {"Workflow": self._shown(self._definitions.get(request["Name"]), request)},
            "ListWorkflows": self._definitions.list,
            "BatchGetWorkflows": self.batch_get,
            "UpdateWorkflow": self._definitions.update,
            "DeleteWorkflow": self._definitions.delete,
            **self._runs.operations(),
            **self._triggers.operations(),
        }

    @contextmanager
    def at_work(self, timetables: Sequence[Timetable], clock: Clock | None = None) -> Iterator[None]:
        """Go on with what endpoints that have ended left behind; then fire schedules, for as long as the context lasts.

        timetables: whose schedules are fired beside those of triggers, such as the crawlers'
        """
        self._engine.recover()
        scheduler = Scheduler(self._documents, [self._triggers, *timetables], clock)
        for timetable in (self._triggers, *timetables):
            timetable.on_change = scheduler.changed
        self._engine.on_failure = lambda: scheduler.repair(self._engine.recover)
        with scheduler:
            yield

    def batch_get(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchGetWorkflows."""
        found = {name: self._definitions.find(name) for name in request["Names"]}
        return {
            "Workflows": [self._shown(workflow, request) for workflow in found.values() if workflow is not None],
            "MissingWorkflows": [name for name, workflow in found.items() if workflow is None],
        }

    def _shown(self, workflow: Document, request: dict[str, Any]) -> Document:
        last = self._runs.last(workflow["Name"], request)
        shown = workflow if last is None else workflow | {"LastRun": last}
        if request.get("IncludeGraph", False):
            triggers = self._definitions.triggers(workflow["Name"])
            shown = shown | {"Graph": graph(workflow["Name"], triggers, [], lambda _: [])}
        return shown
