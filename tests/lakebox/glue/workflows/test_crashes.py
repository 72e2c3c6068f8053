"""Any workflow, any ends of its actions, and crashes between any two writes: each action starts once, and all ends."""

import itertools
import secrets
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lakebox.glue.data_catalog.documents import Document, SqliteDocuments
from lakebox.glue.jobs.runs import ENDED, OWNER, RUN
from lakebox.glue.workflows.engine import WORKFLOW_RUN, Engine
from lakebox.glue.workflows.progress import fired, met

JOB_STATES, CRAWL_STATES = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT"), ("SUCCEEDED", "FAILED", "CANCELLED")
CRAWL = "crawl"


class Crash(BaseException):
    """The process is gone."""


class CrashingDocuments(SqliteDocuments):
    """Documents whose process ends before one of its writes."""

    writes_left = -1

    def run(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        if not statement.startswith("SELECT"):
            if self.writes_left == 0:
                raise Crash
            self.writes_left -= 1
        return super().run(statement, *values)


class OneProcessRuns:
    """Job runs that end when the test says so; what a process has left behind is FAILED at the next one's start."""

    def __init__(self, documents: SqliteDocuments) -> None:
        self._documents, self.owner = documents, secrets.token_hex(4)
        self.on_end: Callable[[Document, str], None] = lambda _run, _starter: None
        for run in documents.all(RUN):
            if run["JobRunState"] not in ENDED:
                documents.change(RUN, run["Id"], lambda run: run | {"JobRunState": "FAILED"})
            documents.delete(OWNER, run["Id"])

    def lives(self, owner: str) -> bool:
        return owner == self.owner

    def start_for(self, starter: str, request: dict[str, Any], own: Document) -> None:
        if not self.attempts(own["Id"]):
            self._documents.add(OWNER, own["Id"], {"starter": starter})
            self._documents.add(RUN, own["Id"], request | own | {"JobRunState": "RUNNING"})

    def attempts(self, run_id: str) -> list[Document]:
        run = self._documents.get(RUN, run_id)
        return [] if run is None else [run]

    def is_over(self, run_id: str) -> bool:
        return self._documents.get(OWNER, run_id) is None

    def at_work(self) -> list[str]:
        return [run["Id"] for run in self._documents.all(RUN) if run["JobRunState"] not in ENDED]

    def end(self, run_id: str, state: str) -> None:
        owner = self._documents.get(OWNER, run_id) or {}
        run = self._documents.change(
            RUN, run_id, lambda run: run | {"JobRunState": state, "CompletedOn": datetime.now(UTC)}
        )
        self._documents.delete(OWNER, run_id)
        self.on_end(run or {}, owner["starter"])

    def stop(self, request: dict[str, Any]) -> None:
        for run_id in request["JobRunIds"]:
            self.end(run_id, "STOPPED")


class OneProcessCrawlers:
    """Crawls likewise."""

    def __init__(self, documents: SqliteDocuments) -> None:
        self._documents = documents
        self.on_end: Callable[[str, str, str], None] = lambda _name, _crawl, _state: None
        for crawl_id in self.at_work():
            documents.change(CRAWL, crawl_id, lambda crawl: crawl | {"State": "FAILED"})

    def start(self, name: str) -> str:
        crawl_id = secrets.token_hex(8)
        self._documents.add(CRAWL, crawl_id, {"Id": crawl_id, "Name": name, "State": "RUNNING"})
        return crawl_id

    def at_work(self) -> list[str]:
        return [crawl["Id"] for crawl in self._documents.all(CRAWL) if crawl["State"] == "RUNNING"]

    def state(self, crawl_id: str) -> str | None:
        state = (self._documents.get(CRAWL, crawl_id) or {})["State"]
        return None if state == "RUNNING" else str(state)

    def end(self, crawl_id: str, state: str) -> None:
        crawl = self._documents.change(CRAWL, crawl_id, lambda crawl: crawl | {"State": state}) or {}
        self.on_end(crawl["Name"], crawl_id, state)

    def stop(self, name: str) -> None:
        for crawl in self._documents.all(CRAWL):
            if crawl["Name"] == name and crawl["State"] == "RUNNING":
                self.end(crawl["Id"], "CANCELLED")


class Process:
    """An endpoint's process, as far as workflows know it."""

    def __init__(self, path: Path, writes: int) -> None:
        self.documents = CrashingDocuments(path)
        self.documents.writes_left = writes
        try:
            self.runs, self.crawlers = OneProcessRuns(self.documents), OneProcessCrawlers(self.documents)
            self.engine = Engine(self.documents, self.runs, self.crawlers)  # type: ignore[arg-type]
            self.crawlers.on_end = self.engine.crawl_ended
            self.engine.recover()
        except Crash:
            self.documents.close()
            raise


THINGS = st.sampled_from(["job a", "job b", "job c", "job d", "crawler x", "crawler y"])


def action(thing: str) -> Document:
    """The action that starts a job or crawler."""
    kind, name = thing.split()
    return {"JobName" if kind == "job" else "CrawlerName": name}


@st.composite
def conditionals(draw: st.DrawFn, number: int) -> Document:
    """A conditional trigger."""
    things = draw(st.lists(THINGS, min_size=2, max_size=4, unique=True))
    watched = things[: draw(st.integers(1, len(things) - 1))]
    conditions = []
    for thing in watched:
        state, states = ("State", JOB_STATES) if thing.startswith("job") else ("CrawlState", CRAWL_STATES)
        conditions.append(action(thing) | {state: draw(st.sampled_from(states[:2]))})
    predicate = {"Conditions": conditions, "Logical": draw(st.sampled_from(["AND", "ANY"]))}
    actions = [action(thing) for thing in things[len(watched) :]]
    return {
        "Name": f"t{number}",
        "Type": "CONDITIONAL",
        "State": "ACTIVATED",
        "Predicate": predicate,
        "Actions": actions,
    }


@st.composite
def workflows(draw: st.DrawFn) -> list[Document]:
    """A workflow's triggers, the first of which starts it."""
    things = draw(st.lists(THINGS, min_size=1, max_size=3, unique=True))
    start = {"Name": "t0", "Type": "ON_DEMAND", "State": "CREATED", "Actions": [action(thing) for thing in things]}
    return [start, *(draw(conditionals(number)) for number in range(1, draw(st.integers(1, 6))))]


def run_to_its_end(path: Path, triggers: list[Document], crashes: list[int], ends: list[int], stop_at: int) -> Document:
    """A run of a workflow whose process crashes after so many writes each; the run's record at the end."""
    new = {"Id": "wr_1", "Workflow": "flow", "Status": "RUNNING", "Triggers": triggers, "Fired": [], "Actions": []}
    writes, choices, steps = iter(crashes), itertools.cycle(ends), itertools.count()
    process: Process | None = None
    while True:
        try:
            process = process or Process(path, next(writes, -1))
            run = process.documents.get(WORKFLOW_RUN, "wr_1")
            if run is None:
                run = fired(new | {"Owner": process.engine.owner}, triggers[:1])
                process.documents.add(WORKFLOW_RUN, "wr_1", run)
                process.engine.begin(run)
            elif run["Status"] not in ("RUNNING", "STOPPING"):
                process.documents.close()
                return run
            elif next(steps) == stop_at and run["Status"] == "RUNNING":
                process.documents.change(WORKFLOW_RUN, "wr_1", lambda run: run | {"Status": "STOPPING"})
                process.engine.stop("wr_1")
            else:
                end_one(process, choices)
        except Crash:
            if process is not None:
                process.documents.close()
            process = None


def end_one(process: Process, choices: "itertools.cycle[int]") -> None:
    """End one of the job runs and crawls that are at work."""
    jobs, crawls = process.runs.at_work(), process.crawlers.at_work()
    assert jobs or crawls, "the run waits for nothing"
    chosen = next(choices) % (len(jobs) + len(crawls))
    if chosen < len(jobs):
        process.runs.end(jobs[chosen], JOB_STATES[next(choices) % 4])
    else:
        process.crawlers.end(crawls[chosen - len(jobs)], CRAWL_STATES[next(choices) % 3])


@settings(max_examples=150)
@given(
    workflows(),
    st.lists(st.integers(0, 25), max_size=6),
    st.lists(st.integers(0, 11), min_size=1, max_size=12),
    st.integers(-1, 5),
)
def test_each_action_starts_once_whatever_happens(
    triggers: list[Document], crashes: list[int], ends: list[int], stop_at: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.sqlite"
        run = run_to_its_end(path, triggers, crashes, ends, stop_at)
        documents = SqliteDocuments(path)
        job_runs, crawls = documents.all(RUN), documents.all(CRAWL)
        documents.close()
    actions = [each for trigger in triggers if trigger["Name"] in run["Fired"] for each in trigger["Actions"]]
    assert Counter(one.get("JobName") for one in run["Actions"]) == Counter(one.get("JobName") for one in actions)
    assert len(run["Fired"]) == len(set(run["Fired"]))
    assert all("State" in one for one in run["Actions"])
    asked = [one["RunId"] for one in run["Actions"] if "JobName" in one]
    started = [one["Id"] for one in job_runs]
    if run["Status"] == "COMPLETED":
        assert sorted(asked) == sorted(started)
        expected = ["t0", *(one["Name"] for one in triggers[1:] if met(one["Predicate"], run["Actions"]))]
        assert sorted(run["Fired"]) == sorted(expected)
    else:
        assert run["Status"] == "STOPPED"
        assert set(started) <= set(asked)
    assert len(crawls) <= sum("CrawlerName" in one for one in run["Actions"]) + len(crashes)
