"""Scripts and runs on the stack, by its API, with the keys of `lakebox env`."""

import configparser
import functools
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from jobs.lake.errors import LakeboxError
from lakebox.api.records import job_name
from lakebox.endpoint.keys import Keys
from lakebox.glue.data_catalog.documents import Document
from lakebox.glue.jobs.runs import ENDED
from lakebox.settings import user_credentials_file
from lakebox.stack.compose import compose

BUCKET = "lakebox-scripts"
OURS = "made by lakebox job run"
POLL_S = 0.5


class StackRunError(LakeboxError):
    """The stack's API can't be reached, or refuses."""


class StackRuns:
    """The runs of the stack's API. Scripts of this machine are put into the bucket `lakebox-scripts`."""

    def __init__(self, api_url: str, s3_url: str, keys: Keys) -> None:
        settings: dict[str, Any] = {
            "region_name": "us-east-1",
            "aws_access_key_id": keys.access_key,
            "aws_secret_access_key": keys.secret_key,
        }
        self._glue: Any = boto3.client("glue", endpoint_url=api_url, **settings)
        self._s3: Any = boto3.client("s3", endpoint_url=s3_url, **settings)

    def run(self, script: str, arguments: Mapping[str, str], kind: str, out: IO[bytes]) -> Document:
        """Define a job of the script's name, and run it. Raises StackRunError where a job of that name is another's."""
        name = job_name(script)
        try:
            self._define(name, {"Name": kind, "ScriptLocation": self._uploaded(script)})
            run_id = self._glue.start_job_run(JobName=name, Arguments=dict(arguments))["JobRunId"]
            while (run := self._glue.get_job_run(JobName=name, RunId=run_id)["JobRun"])["JobRunState"] not in ENDED:
                time.sleep(POLL_S)
        except (ClientError, BotoCoreError) as error:
            raise StackRunError(f"{error}; `lakebox status` tells whether the stack is well") from None
        self.copy_log(run_id, out)
        found: Document = run
        return found

    def all(self) -> list[Document]:
        """The runs of all jobs."""
        try:
            pages = self._glue.get_paginator("get_jobs").paginate()
            names = [job["Name"] for page in pages for job in page["Jobs"]]
            runs = self._glue.get_paginator("get_job_runs")
            return [run for name in names for page in runs.paginate(JobName=name) for run in page["JobRuns"]]
        except (ClientError, BotoCoreError) as error:
            raise StackRunError(f"{error}; `lakebox status` tells whether the stack is well") from None

    def copy_log(self, run_id: str, out: IO[bytes]) -> None:
        """Print the run's output, which lies with the driver that ran it."""
        log = f"/var/lib/lakebox/driver/runs/{run_id}/output.log"
        for driver in ("driver", "lake-driver"):
            out.write(compose("exec", "--no-TTY", driver, "cat", log, check=False).stdout.encode())
        out.flush()

    def _uploaded(self, script: str) -> str:
        if "://" in script:
            return script
        names = [bucket["Name"] for bucket in self._s3.list_buckets()["Buckets"]]
        if BUCKET not in names:
            self._s3.create_bucket(Bucket=BUCKET)
        self._s3.upload_file(script, BUCKET, Path(script).name)
        return f"s3://{BUCKET}/{Path(script).name}"

    def _define(self, name: str, command: dict[str, str]) -> None:
        definition = {"Role": "lakebox", "Command": command, "Description": OURS}
        try:
            there = self._glue.get_job(JobName=name)["Job"]
        except self._glue.exceptions.EntityNotFoundException:
            self._glue.create_job(Name=name, **definition)
            return
        if there.get("Description") != OURS:
            raise StackRunError(f"a job {name} is defined; start it with StartJobRun, or give the script another name")
        self._glue.update_job(JobName=name, JobUpdate=definition)


@functools.cache  # it starts a container
def user_keys() -> Keys:
    """The keys of `lakebox env` on the stack: on the host asked of it. Raises StackError where there is no stack."""
    profiles = configparser.ConfigParser(interpolation=None)
    file = user_credentials_file()
    if file is not None:
        profiles.read(file)
        return _keys(profiles["default"])
    script = ("secrets", "secrets_of_clients.py", "user")
    profiles.read_string(compose("run", "--rm", "--no-deps", "--no-TTY", *script).stdout)
    return _keys(profiles["user"])


def _keys(profile: Mapping[str, str]) -> Keys:
    return Keys(profile["aws_access_key_id"], profile["aws_secret_access_key"])
