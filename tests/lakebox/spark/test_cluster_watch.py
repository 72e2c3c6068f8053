"""A run on a cluster that can't go on is cancelled with the reason, by what the master's page says."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest

from lakebox.glue.jobs.warm import process
from lakebox.spark import cluster_watch
from lakebox.spark.cluster_watch import ClusterWatch, ask, trouble_of

WORKER = {"state": "ALIVE", "coresfree": 0, "memoryfree": 512}
RUNNING = {"id": "app-1", "name": "lakebox", "cores": 2, "memoryperexecutor": 1024, "state": "RUNNING"}
WAITING = {**RUNNING, "cores": 0, "state": "WAITING"}
OTHER = {**RUNNING, "id": "app-2", "name": "a shell"}
WELL = {"status": "ALIVE", "aliveworkers": 1, "cores": 2, "workers": [WORKER], "activeapps": [RUNNING]}


class FakeSession:
    """A session that counts how often its jobs were cancelled. It is its own context."""

    applicationId = "app-1"  # noqa: N815 PySpark's name

    def __init__(self) -> None:
        self.sparkContext = self
        self.cancelled = 0
        self.was_cancelled = threading.Event()

    def cancelAllJobs(self) -> None:  # noqa: N802 likewise
        self.cancelled += 1
        self.was_cancelled.set()


@pytest.fixture
def master(answer_with: Callable[[int, str], str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The stub server as a cluster's master; the watch looks at it often, and is not patient."""
    monkeypatch.setattr(cluster_watch, "ASK_S", 0.01)
    monkeypatch.setattr(cluster_watch, "PATIENCE_S", 0.1)
    monkeypatch.setattr(cluster_watch, "PAGE_PORT", urlsplit(answer_with(200, json.dumps(WELL))).port)
    return "spark://127.0.0.1:7077"


@pytest.fixture
def watch(master: str) -> Iterator[ClusterWatch]:
    """A watch at work over a session that runs; it has seen the master's page."""
    made = ClusterWatch(master, FakeSession())  # type: ignore[arg-type]
    made.begin()
    while not made._page_seen:
        time.sleep(0.01)
    yield made
    made.end()


def session_of(watch: ClusterWatch) -> Any:
    return watch._session


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": "RECOVERING"}, "has no master that answers; lakebox status"),
        ({"aliveworkers": 0, "workers": []}, "has no worker; lakebox status"),
        ({"activeapps": [OTHER]}, "was started anew and has lost this run; lakebox status"),
        (
            {"activeapps": [OTHER, WAITING]},
            "gives this run no executor: all 2 cores are taken; wait for a shell (app-2) to end, or start more workers",
        ),
        (
            {"activeapps": [WAITING], "workers": [{**WORKER, "coresfree": 2}, {**WORKER, "memoryfree": 4096}]},
            "one asks for 1,024 MB, and no worker has more than 512 MB free; lakebox status says what runs, or give",
        ),
        (
            {"activeapps": [WAITING], "workers": [{**WORKER, "coresfree": 2, "state": "DEAD"}]},
            "gives this run no executor: all 2 cores are taken; lakebox status",
        ),
    ],
)
def test_each_trouble_has_its_reason(change: dict[str, Any], why: str) -> None:
    assert why in str(trouble_of({**WELL, **change}, "app-1"))


def test_an_application_with_an_executor_goes_on() -> None:
    assert trouble_of(WELL, "app-1") is None
    assert trouble_of({**WELL, "activeapps": [OTHER, RUNNING]}, "app-1") is None


def test_no_answer_is_no_master() -> None:
    assert str(trouble_of(None, "app-1")).startswith("has no master that answers")


@pytest.mark.parametrize(("status", "body"), [(404, ""), (500, "{}"), (200, "<html>"), (200, "[]"), (200, "")])
def test_another_programs_page_is_no_answer(answer_with: Callable[[int, str], str], status: int, body: str) -> None:
    assert ask(answer_with(status, body)) is None


def test_a_masters_page_is_read(answer_with: Callable[[int, str], str]) -> None:
    assert ask(answer_with(200, json.dumps(WELL))) == WELL
    assert ask("http://127.0.0.1:1/json/") is None


def test_while_all_is_well_nothing_is_cancelled(watch: ClusterWatch) -> None:
    time.sleep(0.3)
    assert (watch.lost, session_of(watch).cancelled) == (None, 0)


def test_a_run_without_executor_is_cancelled(watch: ClusterWatch, answer_with: Callable[[int, str], str]) -> None:
    answer_with(200, json.dumps({**WELL, "activeapps": [WAITING]}))
    assert session_of(watch).was_cancelled.wait(10)
    assert str(watch.lost).startswith("the Spark cluster gives this run no executor")


def test_later_jobs_are_cancelled_too(watch: ClusterWatch, answer_with: Callable[[int, str], str]) -> None:
    answer_with(200, json.dumps({**WELL, "aliveworkers": 0}))
    for _ in range(3):
        assert session_of(watch).was_cancelled.wait(10)
        session_of(watch).was_cancelled.clear()
    watch.end()
    before = session_of(watch).cancelled
    time.sleep(0.1)
    assert session_of(watch).cancelled == before


@pytest.mark.parametrize(
    ("aliveworkers", "lost"), [([1, 0, 0, 1, 0, 0, 1, 0], False), ([1, 0, 0, 0, 1], True)], ids=["passes", "lasts"]
)
def test_trouble_counts_where_it_lasts_over_the_patience(
    master: str, monkeypatch: pytest.MonkeyPatch, aliveworkers: list[int], *, lost: bool
) -> None:
    watch, clock_s = ClusterWatch(master, FakeSession()), count(step=40.0)  # type: ignore[arg-type]

    def scripted(page: str) -> dict[str, Any]:
        said = {**WELL, "aliveworkers": aliveworkers.pop(0)}
        if not aliveworkers:
            watch._ended.set()
        return said

    monkeypatch.setattr(cluster_watch, "PATIENCE_S", 90.0)
    monkeypatch.setattr(cluster_watch, "monotonic", lambda: next(clock_s))
    monkeypatch.setattr(cluster_watch, "ask", scripted)
    watch._watch()
    assert (watch.lost is not None, session_of(watch).cancelled > 0) == (lost, lost)


def test_a_master_that_falls_silent_is_trouble(watch: ClusterWatch, answer_with: Callable[[int, str], str]) -> None:
    answer_with(503, "")
    assert session_of(watch).was_cancelled.wait(10)
    assert "has no master that answers" in str(watch.lost)


def test_a_page_never_seen_is_no_trouble(master: str, answer_with: Callable[[int, str], str]) -> None:
    answer_with(404, "")
    watch = ClusterWatch(master, FakeSession())  # type: ignore[arg-type]
    watch.begin()
    time.sleep(0.3)
    watch.end()
    assert (watch.lost, session_of(watch).cancelled) == (None, 0)


def test_a_session_that_has_stopped_is_left_alone(
    watch: ClusterWatch, answer_with: Callable[[int, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = threading.Event()

    def cancel() -> None:
        stopped.set()
        raise AttributeError("'NoneType' object has no attribute 'sc'")

    monkeypatch.setattr(session_of(watch), "cancelAllJobs", cancel)
    answer_with(200, json.dumps({**WELL, "aliveworkers": 0}))
    assert stopped.wait(10)
    watch.end()


def test_a_job_on_a_lost_cluster_says_why(
    master: str, answer_with: Callable[[int, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = FakeSession()
    monkeypatch.setattr(process, "spark_session", lambda: session)
    cluster = process.Cluster(master)

    def watches() -> int:
        return sum(thread.name == "cluster watch" for thread in threading.enumerate())

    assert cluster.lost() is None
    cluster.session()
    assert watches() == 1
    assert (cluster.lost(), watches()) == (None, 0)
    answer_with(200, json.dumps({**WELL, "activeapps": [WAITING]}))
    cluster.session()
    assert session.was_cancelled.wait(300)
    assert "the Spark cluster gives this run no executor" in (cluster.lost() or "")
    assert watches() == 0
