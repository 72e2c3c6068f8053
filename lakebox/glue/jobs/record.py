"""The record of a job run: what it takes from its job, and what its own request says otherwise."""

import secrets
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import ServiceError
from lakebox.glue.data_catalog.documents import Document
from lakebox.glue.jobs.arguments import merged
from lakebox.glue.jobs.definitions import capacity, check_capacity

TAKEN_FROM_JOB = ("WorkerType", "NumberOfWorkers", "MaxCapacity", "Timeout", "ExecutionClass", "GlueVersion",
                  "SecurityConfiguration", "NotificationProperty")  # fmt: skip


def new_run(job: Document, request: dict[str, Any]) -> Document:
    """The record of a run that has just been accepted. Raises ServiceError where its size is given in two ways."""
    check_capacity(request)
    now = datetime.now(UTC)
    own = {name: request[name] for name in TAKEN_FROM_JOB if name in request}
    previous = {"PreviousRunId": request["JobRunId"]} if "JobRunId" in request else {}
    return {
        "Id": f"jr_{secrets.token_hex(32)}",
        "Attempt": 0,
        **previous,
        "JobName": job["Name"],
        "StartedOn": now,
        "LastModifiedOn": now,
        "JobRunState": "STARTING",
        "Arguments": merged(job, request.get("Arguments", {})),
        "PredecessorRuns": [],
        "ExecutionTime": 0,
        "LogGroupName": "/aws-glue/jobs",
        "ExecutionClass": "STANDARD",
        **{name: job[name] for name in TAKEN_FROM_JOB if name in job},
        **own,
        **_size(job, request),
    }


def refused_run(request: dict[str, Any], error: ServiceError) -> Document:
    """The record of a run that a trigger asked for, and that could not start. It has no Id yet."""
    now = datetime.now(UTC)
    return {
        "Attempt": 0,
        "JobName": request["JobName"],
        "StartedOn": now,
        "LastModifiedOn": now,
        "CompletedOn": now,
        "JobRunState": "ERROR" if error.code == "EntityNotFoundException" else "FAILED",
        "ErrorMessage": error.message,
        "Arguments": request.get("Arguments", {}),
        "ExecutionTime": 0,
        "MaxCapacity": 0.0,
        "AllocatedCapacity": 0,
        "LogGroupName": "/aws-glue/jobs",
    }


def ended_run(run: Document, state: str, message: str | None) -> Document:
    """The record of a run that ends now."""
    now = datetime.now(UTC)
    seconds = max(0, round((now - run["StartedOn"]).total_seconds()))
    end = {"JobRunState": state, "CompletedOn": now, "LastModifiedOn": now, "ExecutionTime": seconds}
    end["DPUSeconds"] = seconds * run["MaxCapacity"]
    return run | end | ({"ErrorMessage": message} if message else {})


def next_attempt(run: Document, number: int) -> Document:
    """The record of a retry of a run that has failed."""
    own = {"Id": f"{first_attempt(run['Id'])}_attempt_{number}", "Attempt": number, "PreviousRunId": run["Id"]}
    return run | own | {"JobRunState": "STARTING", "StartedOn": datetime.now(UTC)}


def first_attempt(run_id: str) -> str:
    """The id of a run, given that of one of its retries."""
    return run_id.split("_attempt_")[0]


def _size(job: Document, request: dict[str, Any]) -> Document:
    """MaxCapacity and AllocatedCapacity: in DPUs where the request says so, else by workers or the job."""
    asked = request.get("MaxCapacity", request.get("AllocatedCapacity"))
    if asked is not None:
        return {"MaxCapacity": float(asked), "AllocatedCapacity": int(asked)}
    return capacity(job | {name: request[name] for name in ("WorkerType", "NumberOfWorkers") if name in request})
