"""Job runs: StartJobRun, GetJobRun, GetJobRuns, BatchStopJobRun. A run's state is what its process did."""

import contextlib
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.jobs.arguments import argv_of, special_of
from lakebox.glue.jobs.bookmarks import bookmark_operations
from lakebox.glue.jobs.definitions import Definitions
from lakebox.glue.jobs.host import Host, Running
from lakebox.glue.jobs.owner import Owner
from lakebox.glue.jobs.place import Script
from lakebox.glue.jobs.record import ended_run, first_attempt, new_run, next_attempt, refused_run

RUN, OWNER = "job run", "owner of a job run"
ENDED = ("STOPPED", "SUCCEEDED", "FAILED", "TIMEOUT", "ERROR")
LOST = "The endpoint ended during this run, and the run with it; start it again"


class Runs:
    """The job runs of this endpoint, some at a time; the others wait their turn."""

    def __init__(self, documents: Documents, host: Host, owners: Path) -> None:
        self._documents, self._host = documents, host
        self._owner = Owner(owners)
        self._definitions = Definitions(documents)
        self._pool = ThreadPoolExecutor(max(2, (os.cpu_count() or 2) // 2), thread_name_prefix="job run")
        self._working: dict[str, Running] = {}
        self._lock = threading.Lock()
        self._closing = False
        self.owner, self.lives = self._owner.name, self._owner.lives
        self.on_end: Callable[[Document, str], None] = lambda _run, _starter: None
        self.on_trouble: Callable[[Exception], None] = lambda _error: None  # a run's end can't be put on record
        self._end_lost_runs(lambda owner: not self._owner.lives(owner))

    def operations(self) -> Mapping[str, Operation]:
        """The operations on job runs."""
        return {
            "StartJobRun": self.start,
            "GetJobRun": lambda request: {"JobRun": self._run_of(request["JobName"], request["RunId"])},
            "GetJobRuns": self.get_all,
            "BatchStopJobRun": self.stop,
            **bookmark_operations(self._host),
        }

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        """StartJobRun: the run is accepted, and starts when it is its turn."""
        return {"JobRunId": self.start_job(self._definitions.get(request["JobName"]), request)}

    def start_job(self, job: Document, request: dict[str, Any]) -> str:
        """Start a run of a job, which need not be defined; the run's id. Raises ServiceError."""
        with self._lock:
            run = self._accepted(job, request)
            self._add(run)
        self._pool.submit(self._attempts, job, run)
        return str(run["Id"])

    def start_for(self, starter: str, request: dict[str, Any], own: Document) -> None:
        """Start a run that a trigger asks for. Nothing happens where there is a run of its id.

        starter: what `on_end` is given with the run, once it is over, retries included
        request: as StartJobRun takes it; own: Id, TriggerName and PredecessorRuns for the record
        Where the run can't start, its record says why: FAILED, as on Glue, or ERROR where there is no such job.
        """
        with self._lock:
            if self._closing or self._documents.get(RUN, own["Id"]) is not None:
                return
            try:
                job = self._definitions.get(request["JobName"])
                run = self._accepted(job, request) | own
            except ServiceError as error:
                run = refused_run(request, error) | own
            self._add(run, starter)
        if run["JobRunState"] in ENDED:
            self._over(run)
        else:
            self._pool.submit(self._attempts, job, run)

    def attempts(self, run_id: str) -> list[Document]:
        """A run and its retries, oldest first; empty where there is none of that id."""
        attempts = [self._documents.get(RUN, run_id)]
        while attempts[-1] is not None:
            attempts.append(self._documents.get(RUN, f"{run_id}_attempt_{len(attempts)}"))
        return [attempt for attempt in attempts if attempt is not None]

    def is_over(self, run_id: str) -> bool:
        """Whether a run has ended for good: no retry will follow."""
        return self._documents.get(OWNER, first_attempt(run_id)) is None

    def _accepted(self, job: Document, request: dict[str, Any]) -> Document:
        active = [run for run in self._of_job(job["Name"]) if run["JobRunState"] not in ENDED]
        if len(active) >= job["ExecutionProperty"].get("MaxConcurrentRuns", 1):
            raise ServiceError("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {job['Name']}")
        if "JobRunId" in request:
            self._run_of(job["Name"], request["JobRunId"])
        run = new_run(job, request)
        special_of(run["Arguments"])
        return run

    def get_all(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetJobRuns: the newest first."""
        self._definitions.get(request["JobName"])
        newest_first = sorted(self._of_job(request["JobName"]), key=lambda run: run["StartedOn"], reverse=True)
        return page_of(newest_first, request, "JobRuns", most=200)

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchStopJobRun: a run that is at work is ended; one that has ended is an error."""
        stopped, errors = [], []
        for run_id in request["JobRunIds"]:
            try:
                self._stop(request["JobName"], run_id)
                stopped.append({"JobName": request["JobName"], "JobRunId": run_id})
            except ServiceError as error:
                detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
                errors.append({"JobName": request["JobName"], "JobRunId": run_id, "ErrorDetail": detail})
        return {"SuccessfulSubmissions": stopped, "Errors": errors}

    def close(self) -> None:
        """End all runs; what was at work has failed, as it would without the endpoint."""
        with self._lock:
            self._closing = True
        for process in list(self._working.values()):
            with contextlib.suppress(OSError):  # lost already, with the driver
                process.end()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._end_lost_runs(lambda owner: owner == self._owner.name)
        self._owner.close()

    def _add(self, run: Document, starter: str = "") -> None:
        self._documents.add(OWNER, run["Id"], {"name": self._owner.name, "run": run["Id"], "starter": starter})
        self._documents.add(RUN, run["Id"], run)

    def _over(self, run: Document) -> None:
        """Tell who has started a run that it is over, once."""
        first = first_attempt(run["Id"])
        owner = self._documents.get(OWNER, first)
        if owner is not None and not self._closing and self._documents.delete(OWNER, first):
            self.on_end(self.run(run["Id"]), owner.get("starter", ""))

    def _end_lost_runs(self, is_lost: Callable[[str], bool]) -> None:
        for run in self._documents.all(RUN):
            if run["JobRunState"] not in ENDED:
                owner = self._documents.get(OWNER, first_attempt(run["Id"])) or {"name": ""}
                if is_lost(owner["name"]):
                    self._end(run["Id"], "FAILED", LOST)
        for owner in self._documents.all(OWNER):
            if "run" in owner and is_lost(owner["name"]):
                self._documents.delete(OWNER, owner["run"])

    def run(self, run_id: str) -> Document:
        """The record of a run. Raises KeyError where there is none."""
        run = self._documents.get(RUN, run_id)
        if run is None:
            raise KeyError(run_id)
        return run

    def _run_of(self, job_name: str, run_id: str) -> Document:
        run = self._documents.get(RUN, run_id)
        if run is None or run["JobName"] != job_name:
            raise ServiceError("EntityNotFoundException", f"Job run {run_id} of job {job_name} does not exist")
        return run

    def _of_job(self, name: str) -> list[Document]:
        return [run for run in self._documents.all(RUN) if run["JobName"] == name]

    def _stop(self, job_name: str, run_id: str) -> None:
        run = self._run_of(job_name, run_id)
        if run["JobRunState"] in ENDED:
            text = f"Job run {run_id} is in state {run['JobRunState']}, which is final"
            raise ServiceError("InvalidInputException", text)
        with self._lock:
            self._documents.change(RUN, run_id, lambda run: run | {"JobRunState": "STOPPING"})
            process = self._working.get(run_id)
        if process is not None:
            process.end()
        else:
            self._end(run_id, "STOPPED")
            self._over(run)

    def _attempts(self, job: Document, run: Document) -> None:
        """A run, and its retries for as long as it fails."""
        try:
            self._attempt_each(job, run)
        except Exception as error:
            self.on_trouble(error)
            raise

    def _attempt_each(self, job: Document, run: Document) -> None:
        for attempt in range(job.get("MaxRetries", 0) + 1):
            if attempt:
                run = next_attempt(run, attempt)
                self._documents.add(RUN, run["Id"], run)
            if self._attempt(job, run) != "FAILED" or self._closing:
                break
        self._over(run)

    def _attempt(self, job: Document, run: Document) -> str:
        run_id = run["Id"]
        try:
            process = self._started(job, run)
        except ServiceError as error:
            return self._end(run_id, "FAILED", error.message)
        except OSError as error:
            return self._end(run_id, "ERROR", f"lakebox could not start the run: {error}")
        if process is None:
            return "STOPPED"
        try:
            status = process.wait(run["Timeout"] * 60)
            process.end()
        except OSError as error:
            return self._end(run_id, "FAILED", f"The run is lost: {error}; start it again")
        finally:
            with self._lock:
                del self._working[run_id]
        if self._run_of(job["Name"], run_id)["JobRunState"] == "STOPPING":
            return self._end(run_id, "STOPPED")
        if self._closing:
            return self._end(run_id, "FAILED", LOST)
        if status is None:
            return self._end(run_id, "TIMEOUT", f"The run took longer than its timeout of {run['Timeout']} minutes")
        if status == 0:
            return self._end(run_id, "SUCCEEDED")
        ended = f"the process was ended by signal {-status}" if status < 0 else f"the script ended with status {status}"
        return self._end(run_id, "FAILED", process.error() or ended)

    def _started(self, job: Document, run: Document) -> Running | None:
        """The run's process; None where the run was stopped before its turn came."""
        arguments = run["Arguments"]
        names = {"JOB_NAME": job["Name"], "JOB_ID": f"j_{job['Name']}", "JOB_RUN_ID": run["Id"]}
        spark = job["Command"]["Name"] == "glueetl"
        script = Script(job["Command"]["ScriptLocation"], argv_of(arguments, names), special_of(arguments), spark)
        self._host.prepare(run["Id"], script)
        with self._lock:
            if self._closing or self._run_of(job["Name"], run["Id"])["JobRunState"] != "STARTING":
                return None
            process = self._host.start(run["Id"], job["Name"])
            self._working[run["Id"]] = process
            self._documents.change(RUN, run["Id"], lambda run: run | {"JobRunState": "RUNNING"})
        return process

    def _end(self, run_id: str, state: str, message: str | None = None) -> str:
        self._documents.change(RUN, run_id, lambda run: ended_run(run, state, message))
        return state
