"""Scripts and runs on the embedded target: in this process's own endpoint, and in the lake's state."""

import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from lakebox.api.records import job_name
from lakebox.api.serve import Serving, serving, state_folder
from lakebox.glue.data_catalog.documents import Document, SqliteDocuments
from lakebox.glue.jobs.definitions import with_defaults
from lakebox.glue.jobs.processes import follow
from lakebox.glue.jobs.runs import ENDED, RUN, Runs


class EmbeddedRuns:
    """The runs of a lake's folder."""

    def __init__(self, lake: str) -> None:
        self._lake = lake

    def run(self, script: str, arguments: Mapping[str, str], kind: str, out: IO[bytes]) -> Document:
        """Run a script in a process of its own, without a definition."""
        with serving(self._lake) as endpoint:
            return run_script(endpoint, script, arguments, kind, out)

    def all(self) -> list[Document]:
        """All runs that the lake's state knows."""
        path = state_folder(self._lake) / "glue.sqlite"
        return SqliteDocuments(path).all(RUN) if path.exists() else []

    def copy_log(self, run_id: str, out: IO[bytes]) -> None:
        """Copy the run's output file."""
        if log_of(self._lake, run_id).exists():
            with log_of(self._lake, run_id).open("rb") as log:
                shutil.copyfileobj(log, out)


def run_script(endpoint: Serving, script: str, arguments: Mapping[str, str], kind: str, out: IO[bytes]) -> Document:
    """Run a script at an endpoint of this process, without a definition; its output goes to `out` as it comes."""
    location = script if "://" in script else str(Path(script).absolute())
    job = with_defaults({"Name": job_name(script), "Command": {"Name": kind, "ScriptLocation": location}})
    run_id = endpoint.runs.start_job(job, {"Arguments": dict(arguments)})
    is_over = threading.Event()
    watch = threading.Thread(target=_wait, args=(endpoint.runs, run_id, is_over))
    watch.start()
    follow(log_of(endpoint.lake, run_id), is_over, out)
    watch.join()
    return endpoint.runs.run(run_id)


def log_of(lake: str, run_id: str) -> Path:
    """The file of what a run has printed."""
    return state_folder(lake) / "runs" / run_id / "output.log"


def _wait(runs: Runs, run_id: str, is_over: threading.Event) -> None:
    while runs.run(run_id)["JobRunState"] not in ENDED:
        is_over.wait(0.05)
    is_over.set()
