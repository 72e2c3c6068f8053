"""A driver on a Spark standalone cluster waits without an end for a cluster that has forgotten it. This ends the wait.

While jobs run, the master is asked for its workers and applications every few seconds. Where it has answered for a
while that it has no worker, or does not know this application, or has not answered at all, Spark's jobs are cancelled,
and the run fails with that reason.
"""

import json
import threading
import urllib.error
import urllib.request
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from pyspark.sql import SparkSession

ASK_S = 5.0
PATIENCE_S = 90.0
PAGE_PORT = 8080


class ClusterWatch:
    """Watches over the jobs of one session. `lost` says why they were cancelled; None while all is well."""

    def __init__(self, master: str, session: SparkSession) -> None:
        self.lost: str | None = None
        self._page = f"http://{urlsplit(master).hostname}:{PAGE_PORT}/json/"
        self._session = session
        self._application = session.sparkContext.applicationId
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True, name="cluster watch").start()

    def end(self) -> None:
        """Stop watching."""
        self._ended.set()

    def _watch(self) -> None:
        well_at = monotonic()
        while not self._ended.wait(ASK_S):
            trouble = trouble_of(ask(self._page), self._application)
            if trouble is None:
                well_at = monotonic()
            elif monotonic() - well_at > PATIENCE_S:
                self.lost = f"the Spark cluster {trouble}; lakebox status says what runs, then run again"
                self._session.sparkContext.cancelAllJobs()
                return


def ask(page: str) -> dict[str, Any] | None:
    """What the master says of itself; None where it does not answer."""
    try:
        with urllib.request.urlopen(page, timeout=5) as answer:  # noqa: S310 http, as made above
            said: dict[str, Any] = json.load(answer)
            return said
    except (urllib.error.URLError, OSError, ValueError):
        return None


def trouble_of(said: dict[str, Any] | None, application: str) -> str | None:
    """Why an application can't go on, by what its master says; None where it can."""
    if said is None or said.get("status") != "ALIVE":
        return "has no master that answers"
    if not said.get("aliveworkers"):
        return "has no worker"
    known = {active["id"] for active in said.get("activeapps", [])}
    return None if application in known else "was started anew and has lost this run"
