"""Job definitions: CreateJob, GetJob, GetJobs, ListJobs, BatchGetJobs, UpdateJob, DeleteJob."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.data_catalog.connections import forget_tags, keep_tags, with_tags
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.jobs.host import Host

JOB = "job"
COMMANDS = ("glueetl", "pythonshell")
DPUS = {"G.025X": 0.25, "G.1X": 1.0, "G.2X": 2.0, "G.4X": 4.0, "G.8X": 8.0, "G.12X": 12.0, "G.16X": 16.0,
        "R.1X": 1.0, "R.2X": 2.0, "R.4X": 4.0, "R.8X": 8.0, "Standard": 1.0}  # fmt: skip


def job_operations(documents: Documents, host: Host) -> Mapping[str, Operation]:
    """The operations on job definitions; a job that is deleted takes its bookmark with it."""
    definitions = Definitions(documents)

    def delete(request: dict[str, Any]) -> dict[str, Any]:
        host.forget_bookmark(request["JobName"])
        return definitions.delete(request)

    return {
        "CreateJob": definitions.create,
        "GetJob": lambda request: {"Job": definitions.get(request["JobName"])},
        "GetJobs": lambda request: page_of(documents.all(JOB), request, "Jobs"),
        "ListJobs": definitions.list,
        "BatchGetJobs": definitions.batch_get,
        "UpdateJob": definitions.update,
        "DeleteJob": delete,
    }


class Definitions:
    """The jobs that clients have defined."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def get(self, name: str) -> Document:
        """A job's definition. Raises ServiceError where there is none."""
        job = self._documents.get(JOB, name)
        if job is None:
            raise _no_job(name)
        return job

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListJobs: the names of those that have the given Tags."""
        names = [job["Name"] for job in self._documents.all(JOB)]
        tagged = with_tags(self._documents, "job", names, request.get("Tags", {}))
        return page_of(tagged, request, "JobNames")

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateJob: what is not given has Glue's defaults."""
        now = datetime.now(UTC)
        given = {name: value for name, value in request.items() if name != "Tags"}
        job = with_defaults(given) | {"CreatedOn": now, "LastModifiedOn": now}
        if not self._documents.add(JOB, request["Name"], job):
            raise ServiceError("AlreadyExistsException", f"Job with name {request['Name']} already submitted")
        keep_tags(self._documents, f"job/{request['Name']}", request.get("Tags", {}))
        return {"Name": request["Name"]}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateJob: replaces the whole definition, as Glue does."""
        job = with_defaults({"Name": request["JobName"]} | request["JobUpdate"])

        def changed(before: Document) -> Document:
            return job | {"CreatedOn": before["CreatedOn"], "LastModifiedOn": datetime.now(UTC)}

        if self._documents.change(JOB, request["JobName"], changed) is None:
            raise _no_job(request["JobName"])
        return {"JobName": request["JobName"]}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteJob: a job that is not there is no error, as in Glue."""
        self._documents.delete(JOB, request["JobName"])
        forget_tags(self._documents, f"job/{request['JobName']}")
        return {"JobName": request["JobName"]}

    def batch_get(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchGetJobs."""
        jobs, missing = self._documents.get_each(JOB, request["JobNames"])
        return {"Jobs": jobs, "JobsNotFound": missing}


def with_defaults(given: Document) -> Document:
    """A definition with what Glue fills in. Raises ServiceError on a job that Glue or lakebox can't run."""
    command = given.get("Command", {})
    kind = command.get("Name", "glueetl")
    if kind not in COMMANDS:
        text = f"lakebox runs {' and '.join(COMMANDS)} jobs, not {kind}: streaming and Ray jobs need AWS"
        raise ServiceError("InvalidInputException", text)
    if not command.get("ScriptLocation"):
        raise ServiceError("InvalidInputException", "Command.ScriptLocation is missing: name the script's s3:// URI")
    check_capacity(given)
    job: Document = {
        "Role": "",
        "ExecutionProperty": {"MaxConcurrentRuns": 1},
        "MaxRetries": 0,
        "Timeout": 2880 if kind == "pythonshell" else 480,
        "GlueVersion": "5.1" if kind == "glueetl" else "3.0",
        "JobMode": "SCRIPT",
    } | given
    job["Command"] = {"Name": kind, "PythonVersion": "3" if kind == "glueetl" else "3.9"} | command
    return job | capacity(job)


def check_capacity(given: Document) -> None:
    """Raise ServiceError where the size of a job or a run is given in two ways."""
    if "MaxCapacity" in given and ("WorkerType" in given or "NumberOfWorkers" in given):
        text = "Please do not set Max Capacity if using Worker Type and Number of Workers."
        raise ServiceError("InvalidInputException", text)
    if "MaxCapacity" in given and "AllocatedCapacity" in given:
        raise ServiceError("InvalidInputException", "Please set only Allocated Capacity or Max Capacity")


def capacity(job: Document) -> Document:
    """MaxCapacity and AllocatedCapacity (DPUs) by what was asked for: workers, capacity, or the kind's default."""
    if job["Command"]["Name"] == "pythonshell":
        most = float(job.get("MaxCapacity", 0.0625))
    elif "WorkerType" in job or "NumberOfWorkers" in job:
        most = DPUS.get(job.get("WorkerType", "G.1X"), 1.0) * job.get("NumberOfWorkers", 10)
    else:
        most = float(job.get("MaxCapacity") or job.get("AllocatedCapacity") or 10)
    return {"MaxCapacity": most, "AllocatedCapacity": int(most)}


def _no_job(name: str) -> ServiceError:
    return ServiceError("EntityNotFoundException", f"Job with name: {name} not found.")
