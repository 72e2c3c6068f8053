"""Job runs: StartJobRun, GetJobRun, GetJobRuns, BatchStopJobRun. A run's state is what its process did."""

import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.data_catalog.pages import page_of
from lakebox.glue.jobs.arguments import argv_of, special_of
from lakebox.glue.jobs.definitions import Definitions
from lakebox.glue.jobs.host import Host, Running
from lakebox.glue.jobs.owner import Owner
from lakebox.glue.jobs.place import Script
from lakebox.glue.jobs.record import new_run

RUN, OWNER = "job run", "owner of a job run"
ENDED = ("STOPPED", "SUCCEEDED", "FAILED", "TIMEOUT", "ERROR")
LOST = "The endpoint ended during this run, and the run with it; start it again"


class Runs:
    """The job runs of this endpoint, some at a time; the others wait their turn."""

    def __init__(self, documents: Documents, host: Host, owners: Path, at_once: int | None = None) -> None:
        self._documents, self._host = documents, host
        self._owner = Owner(owners)
        self._definitions = Definitions(documents)
        self._pool = ThreadPoolExecutor(at_once or max(2, (os.cpu_count() or 2) // 2), thread_name_prefix="job run")
        self._working: dict[str, Running] = {}
        self._lock = threading.Lock()
        self._closing = False
        self._end_lost_runs(lambda owner: not self._owner.lives(owner))

    def operations(self) -> Mapping[str, Operation]:
        """The operations on job runs."""
        return {
            "StartJobRun": self.start,
            "GetJobRun": lambda request: {"JobRun": self._run_of(request["JobName"], request["RunId"])},
            "GetJobRuns": self.get_all,
            "BatchStopJobRun": self.stop,
            "GetJobBookmark": self.get_bookmark,
            "ResetJobBookmark": self.reset_bookmark,
        }

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        """StartJobRun: the run is accepted, and starts when it is its turn."""
        return {"JobRunId": self.start_job(self._definitions.get(request["JobName"]), request)}

    def start_job(self, job: Document, request: dict[str, Any]) -> str:
        """Start a run of a job, which need not be defined; the run's id. Raises ServiceError."""
        with self._lock:
            active = [run for run in self._of_job(job["Name"]) if run["JobRunState"] not in ENDED]
            if len(active) >= job["ExecutionProperty"].get("MaxConcurrentRuns", 1):
                raise ServiceError("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {job['Name']}")
            if "JobRunId" in request:
                self._run_of(job["Name"], request["JobRunId"])
            run = new_run(job, request)
            special_of(run["Arguments"])
            self._add(run)
        self._pool.submit(self._attempts, job, run)
        return str(run["Id"])

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

    def get_bookmark(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetJobBookmark: what the job's reads have seen, as JSON."""
        kept = self._host.bookmark(request["JobName"])
        if kept is None:
            text = f"Continuation for job {request['JobName']} not found. It has kept no bookmark"
            raise ServiceError("EntityNotFoundException", text)
        return {"JobBookmarkEntry": {"JobName": request["JobName"], "JobBookmark": kept}}

    def reset_bookmark(self, request: dict[str, Any]) -> dict[str, Any]:
        """ResetJobBookmark: the job's next run reads everything again."""
        entry = self.get_bookmark(request)["JobBookmarkEntry"]
        self._host.forget_bookmark(request["JobName"])
        return {"JobBookmarkEntry": {"JobName": entry["JobName"]}}

    def close(self) -> None:
        """End all runs; what was at work has failed, as it would without the endpoint."""
        self._closing = True
        for process in list(self._working.values()):
            process.end()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._end_lost_runs(lambda owner: owner == self._owner.name)
        self._owner.close()

    def _add(self, run: Document) -> None:
        self._documents.add(OWNER, run["Id"], {"name": self._owner.name})
        self._documents.add(RUN, run["Id"], run)

    def _end_lost_runs(self, is_lost: Callable[[str], bool]) -> None:
        for run in self._documents.all(RUN):
            owner = self._documents.get(OWNER, run["Id"]) or {"name": ""}
            if run["JobRunState"] not in ENDED and is_lost(owner["name"]):
                self._end(run["Id"], "FAILED", LOST)

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

    def _attempts(self, job: Document, run: Document) -> None:
        """A run, and its retries for as long as it fails."""
        for attempt in range(job.get("MaxRetries", 0) + 1):
            if attempt:
                again: Document = {"Id": f"{run['Id'].split('_attempt_')[0]}_attempt_{attempt}", "Attempt": attempt}
                again |= {"PreviousRunId": run["Id"], "JobRunState": "STARTING", "StartedOn": datetime.now(UTC)}
                run = run | again
                self._add(run)
            if self._attempt(job, run) != "FAILED" or self._closing:
                return

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
        def ended(run: Document) -> Document:
            now = datetime.now(UTC)
            seconds = max(0, round((now - run["StartedOn"]).total_seconds()))
            end = {"JobRunState": state, "CompletedOn": now, "LastModifiedOn": now, "ExecutionTime": seconds}
            end["DPUSeconds"] = seconds * run["MaxCapacity"]
            return run | end | ({"ErrorMessage": message} if message else {})

        self._documents.change(RUN, run_id, ended)
        return state
