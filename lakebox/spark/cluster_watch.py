"""Ends a job's wait for a Spark cluster that has no worker, no room or no master: Spark itself would wait for ever.

While a job runs, the master is asked for its workers and applications every few seconds. Where it has answered for a
while that it has no worker, or does not know this application, or gives it no executor, or has ceased to answer,
Spark's jobs are cancelled until the watch ends, and the run fails with that reason.
"""

import contextlib
import http.client
import json
import threading
import urllib.request
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark.sql import SparkSession

ASK_S = 5.0
PATIENCE_S = 90.0
PAGE_PORT = 8080
STOPPED = (Py4JError, AttributeError, OSError)  # from a session that has stopped, and has nothing left to cancel
LOOK = "lakebox status says what runs, then run again"


class ClusterWatch:
    """Watches over one session between begin() and end(). `lost` says why its jobs were cancelled; None: all is well.

    A master whose page was never seen says nothing: a cluster of the user's own may have it on another port.
    """

    def __init__(self, master: str, session: SparkSession) -> None:
        self.lost: str | None = None
        self._page = f"http://{urlsplit(master).hostname}:{PAGE_PORT}/json/"
        self._session = session
        self._application = session.sparkContext.applicationId
        self._page_seen = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Watch, until end(); it may be begun again."""
        if self._thread is None:
            self.lost = None
            self._ended.clear()
            self._thread = threading.Thread(target=self._watch, daemon=True, name="cluster watch")
            self._thread.start()

    def end(self) -> None:
        """Stop watching; nothing is cancelled from here on."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _watch(self) -> None:
        well_at = monotonic()
        while not self._ended.wait(ASK_S):
            trouble = self._trouble()
            if trouble is None:
                well_at = monotonic()
            elif monotonic() - well_at > PATIENCE_S:
                self.lost = self.lost or f"the Spark cluster {trouble}"
            if self.lost and not self._ended.is_set():
                with contextlib.suppress(*STOPPED):
                    self._session.sparkContext.cancelAllJobs()

    def _trouble(self) -> str | None:
        said = ask(self._page)
        self._page_seen = self._page_seen or said is not None
        return trouble_of(said, self._application) if self._page_seen else None


def ask(page: str) -> dict[str, Any] | None:
    """What the master says of itself; None where it does not answer, or not as a master does."""
    try:
        with urllib.request.urlopen(page, timeout=5) as answer:  # noqa: S310 http, as made above
            said = json.load(answer)
    except (OSError, http.client.HTTPException, ValueError):
        return None
    return said if isinstance(said, dict) else None


def trouble_of(said: dict[str, Any] | None, application: str) -> str | None:
    """Why an application can't go on, by what its master says, and what to do; None where it can."""
    if said is None or said.get("status") != "ALIVE":
        return f"has no master that answers; {LOOK}"
    if not said.get("aliveworkers"):
        return f"has no worker; {LOOK}"
    applications = {active["id"]: active for active in said.get("activeapps", [])}
    if application not in applications:
        return f"was started anew and has lost this run; {LOOK}"
    if applications[application]["cores"] > 0:
        return None
    others = ", ".join(f"{other['name']} ({name})" for name, other in applications.items() if other["cores"] > 0)
    return f"gives this run no executor: {_why_no_executor(said, applications[application], others)}"


def _why_no_executor(said: dict[str, Any], waiting: dict[str, Any], others: str) -> str:
    """Executors need a core and all their memory on one worker; `others` are the applications that hold some."""
    free_mb = [worker["memoryfree"] for worker in said["workers"] if worker["state"] == "ALIVE" and worker["coresfree"]]
    wait = f"wait for {others} to end" if others else "lakebox status says what runs"
    if not free_mb:
        return f"all {said['cores']} cores are taken; {wait}, or start more workers: lakebox up --scale N"
    asked = f"one asks for {waiting['memoryperexecutor']:,} MB, and no worker has more than {max(free_mb):,} MB free"
    return f"{asked}; {wait}, or give workers more: export LAKEBOX_WORKER_MEMORY=2g, then lakebox up"
