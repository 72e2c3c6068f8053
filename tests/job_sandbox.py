"""A sandbox for job runs: an endpoint in this process, a bucket as a folder, and a boto3 client of Glue."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from lakebox.api.serve import serving
from lakebox.glue.data_catalog.documents import Documents
from lakebox.glue.jobs.runs import ENDED, Runs

PATIENCE_S = 600


@dataclass
class JobSandbox:
    """Scripts in, runs and their output out."""

    root: Path
    glue: Any
    runs: Runs
    documents: Documents

    def script(self, name: str, text: str, bucket: str = "scripts") -> str:
        """Put a script into a bucket; its URI."""
        path = self.root / bucket / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return f"s3://{bucket}/{name}"

    def define(self, name: str, text: str, kind: str = "pythonshell", **more: Any) -> None:
        """Define a job that runs this script."""
        command = {"Name": kind, "ScriptLocation": self.script(f"{name}.py", text)}
        self.glue.create_job(Name=name, Role="role", Command=command, **more)

    def start(self, name: str, **arguments: Any) -> str:
        """Start a run; its id."""
        return str(self.glue.start_job_run(JobName=name, **arguments)["JobRunId"])

    def state(self, name: str, run_id: str) -> str:
        """The run's state."""
        return str(self.glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]["JobRunState"])

    def wait(self, name: str, run_id: str, *states: str) -> dict[str, Any]:
        """The run, when it has come to one of these states, or to its end."""
        return wait_for_run(self.glue, name, run_id, *states)

    def run(self, name: str, **arguments: Any) -> dict[str, Any]:
        """A run, from start to end."""
        return self.wait(name, self.start(name, **arguments))

    def output(self, run: dict[str, Any]) -> str:
        """What a run has printed."""
        return (self.root / ".lakebox" / "runs" / run["Id"] / "output.log").read_text(encoding="utf-8")


def wait_for_run(glue: Any, name: str, run_id: str, *states: str) -> dict[str, Any]:
    """A run, when it has come to one of these states, or to its end."""
    pause = threading.Event()
    for _ in range(PATIENCE_S * 20):
        run: dict[str, Any] = glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
        if run["JobRunState"] in (states or ENDED):
            return run
        pause.wait(0.05)
    raise AssertionError(f"the run is {run['JobRunState']} after {PATIENCE_S} s")


def open_sandbox(root: Path) -> Iterator[JobSandbox]:
    """A sandbox over a folder, until the generator is closed."""
    with serving(str(root), checked=True, lasting=True) as endpoint:
        glue = boto3.client(
            "glue",
            endpoint_url=endpoint.url,
            region_name="us-east-1",
            aws_access_key_id=endpoint.keys.access_key,
            aws_secret_access_key=endpoint.keys.secret_key,
        )
        yield JobSandbox(root, glue, endpoint.runs, endpoint.documents)
