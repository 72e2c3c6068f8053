"""Carries workflow runs on: starts what their records say must start, and notes what has ended.

A workflow run is a document; so is a chain, which is what a trigger outside of workflows sets off, until it is over.
Every step is one transaction on that document, written before anything starts. So whoever finds the document after a
crash (`recover`) knows what may have been started, and job runs have ids by which none starts twice.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from lakebox.endpoint.service import ServiceError
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.jobs.record import first_attempt
from lakebox.glue.jobs.runs import ENDED, Runs
from lakebox.glue.workflows.crawls import Crawlers
from lakebox.glue.workflows.progress import AT_WORK, ended, step

TRIGGER, WORKFLOW_RUN, CHAIN = "trigger", "workflow run", "chain of triggers"
LOST = "The endpoint ended during this crawl, and the crawl with it; start it again"
JOB_REQUEST = ("JobName", "Arguments", "Timeout", "NotificationProperty", "SecurityConfiguration")


class Engine:
    """The runs of this endpoint's workflows and triggers."""

    def __init__(self, documents: Documents, runs: Runs, crawlers: Crawlers) -> None:
        self._documents, self._runs, self._crawlers = documents, runs, crawlers
        self._lock = threading.RLock()  # between a step and the starts that it asks for, nobody else takes a step
        self._crawls: dict[str, tuple[str, str]] = {}  # the run and the action that a crawl is for
        self.on_failure: Callable[[], None] = lambda: None
        runs.on_end = self._job_ended

    @property
    def owner(self) -> str:
        """The name under which this process looks after runs."""
        return self._runs.owner

    def is_lost(self, run: Document) -> bool:
        """Whether a run is at work by its record, and its endpoint has ended."""
        return run["Status"] in AT_WORK and not self._runs.lives(run["Owner"])

    def begin(self, run: Document) -> None:
        """Go on with a run that has just been put on record: start its actions."""
        with self.undisturbed():
            self._start(run, run["Actions"])
            self._advance(run["Id"], {})

    def stop(self, run_id: str) -> None:
        """Stop the job runs and crawls of a workflow run whose record says STOPPING; it ends when they have ended."""
        with self.undisturbed():
            run = self._documents.get(WORKFLOW_RUN, run_id)
            for action in [] if run is None else run["Actions"]:
                if "State" not in action:
                    self._stop(action)
            if run is not None and not self._runs.lives(run["Owner"]):
                self._recover(WORKFLOW_RUN, run)
            self._advance(run_id, {})

    def crawl_ended(self, name: str, crawl_id: str, state: str) -> None:  # noqa: ARG002 the crawlers' own words
        """Note that a crawl has ended: SUCCEEDED, FAILED or CANCELLED."""
        with self.undisturbed():
            if crawl_id in self._crawls:
                run_id, action_id = self._crawls.pop(crawl_id)
                self._advance(run_id, {action_id: {"State": state, "CompletedOn": datetime.now(UTC)}})

    def recover(self) -> None:
        """Go on with the runs that nobody looks after: those of endpoints that have ended, and what this one missed."""
        with self._lock:
            for kind in (WORKFLOW_RUN, CHAIN):
                for run in self._documents.all(kind):
                    is_ours = run["Owner"] == self.owner
                    if self.is_lost(run) or (is_ours and run["Status"] in AT_WORK):
                        self._recover(kind, run)

    def _recover(self, kind: str, run: Document) -> None:
        self._documents.change(kind, run["Id"], lambda run: run | {"Owner": self.owner})
        at_work = [action for action in run["Actions"] if "State" not in action]
        ends = {action["RunId"]: end for action in at_work if (end := self._end_of(action, run)) is not None}
        unstarted = [action for action in at_work if action["RunId"] not in ends and not self._is_started(action)]
        if run["Status"] == "STOPPING":
            ends |= {action["RunId"]: {"State": "STOPPED", "CompletedOn": datetime.now(UTC)} for action in unstarted}
            unstarted = []
        self._advance(run["Id"], ends)
        self._start(run, unstarted)

    def _end_of(self, action: Document, run: Document) -> Document | None:
        """How an action ended, as the records of job runs and crawls say; None where it may be at work."""
        if "JobName" in action:
            attempts = self._runs.attempts(action["RunId"])
            over = attempts and self._runs.is_over(action["RunId"])
            return end_of(attempts[-1]) if over else None
        if "CrawlId" not in action or action["CrawlId"] in self._crawls:
            return None
        state = self._crawlers.state(action["CrawlId"])
        if state is None:
            self._crawls[action["CrawlId"]] = run["Id"], action["RunId"]
            return None
        return {"State": state, "CompletedOn": datetime.now(UTC)} | (
            {"ErrorMessage": LOST} if state == "FAILED" else {}
        )

    def _is_started(self, action: Document) -> bool:
        return bool(self._runs.attempts(action["RunId"])) if "JobName" in action else "CrawlId" in action

    def _job_ended(self, job_run: Document, starter: str) -> None:
        if starter:
            with self.undisturbed():
                self._advance(starter, {first_attempt(job_run["Id"]): end_of(job_run)})

    @contextlib.contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Nobody else takes a step meanwhile. `on_failure` is told of an error: `recover` must be called after it."""
        with self._lock:
            try:
                yield
            except ServiceError:
                raise
            except Exception:
                self.on_failure()
                raise

    def _advance(self, run_id: str, ends: Mapping[str, Document]) -> None:
        """Note what has ended, and start what must start now."""
        kind = kind_of(run_id)
        claimed: dict[str, Document] = {}

        def change(before: Document) -> Document:
            after = step(ended(before, ends), self._triggers(before), datetime.now(UTC))
            claimed.update({one["RunId"]: one for one in after["Actions"][len(before["Actions"]) :]})
            return after

        run = self._documents.change(kind, run_id, change)
        if run is not None and kind == CHAIN and run["Status"] not in AT_WORK:
            self._documents.delete(CHAIN, run_id)
        elif run is not None:
            self._start(run, claimed.values())

    def _triggers(self, run: Document) -> list[Document]:
        """A workflow run has its triggers as they were when it started; a chain has those that there are now."""
        if "Triggers" in run:
            return list(run["Triggers"])
        return [trigger for trigger in self._documents.all(TRIGGER) if "WorkflowName" not in trigger]

    def _start(self, run: Document, actions: Iterable[Document]) -> None:
        for action in actions:
            if "State" not in action:
                self._start_job(run, action) if "JobName" in action else self._start_crawl(run, action)

    def _start_job(self, run: Document, action: Document) -> None:
        request = {name: action[name] for name in JOB_REQUEST if name in action}
        if "Workflow" in run:
            names = {"--WORKFLOW_NAME": run["Workflow"], "--WORKFLOW_RUN_ID": run["Id"]}
            request["Arguments"] = request.get("Arguments", {}) | names
        own = {"Id": action["RunId"], "TriggerName": action["Trigger"], "PredecessorRuns": action["PredecessorRuns"]}
        self._runs.start_for(run["Id"], request, own)

    def _start_crawl(self, run: Document, action: Document) -> None:
        name, now = action["CrawlerName"], datetime.now(UTC)
        try:
            crawl_id = self._crawlers.start(name)
        except ServiceError as error:
            state = "ERROR" if error.code == "EntityNotFoundException" else "FAILED"
            end = {"State": state, "StartedOn": now, "CompletedOn": now, "ErrorMessage": error.message}
            self._advance(run["Id"], {action["RunId"]: end})
            return
        self._crawls[crawl_id] = run["Id"], action["RunId"]
        self._put(run["Id"], action["RunId"], {"CrawlId": crawl_id, "StartedOn": now})
        state_now = self._crawlers.state(crawl_id)
        if state_now is not None:  # it was over before its id was known here
            self.crawl_ended(name, crawl_id, state_now)

    def _put(self, run_id: str, action_id: str, own: Document) -> None:
        def put(run: Document) -> Document:
            return run | {"Actions": [one | own if one["RunId"] == action_id else one for one in run["Actions"]]}

        self._documents.change(kind_of(run_id), run_id, put)

    def _stop(self, action: Document) -> None:
        if "JobName" in action:
            attempt = self._runs.attempts(action["RunId"])[-1:]
            ids = [run["Id"] for run in attempt if run["JobRunState"] not in ENDED]
            self._runs.stop({"JobName": action["JobName"], "JobRunIds": ids})
        else:
            with contextlib.suppress(ServiceError):  # it has just ended
                self._crawlers.stop(action["CrawlerName"])


def kind_of(run_id: str) -> str:
    """The kind of document that an id is of."""
    return WORKFLOW_RUN if run_id.startswith("wr_") else CHAIN


def end_of(job_run: Document) -> Document:
    """What a run's record keeps of a job run that is over."""
    names = {"JobRunState": "State", "CompletedOn": "CompletedOn", "ErrorMessage": "ErrorMessage"}
    return {ours: job_run[theirs] for theirs, ours in names.items() if theirs in job_run}
