"""One API on two targets: the same clients, scripts and questions for `lakebox serve` and for the stack's service api."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet as pq
from client_lines import environment_of
from job_sandbox import PATIENCE_S, wait_for_run
from stack.running_stack import Stack, credentials_of

from lakebox.api.serve import serving
from lakebox.endpoint.keys import Keys, variables

BUCKET = "api-test"
DATABASES = {"crawler-database", "made_by_spark", "lake_db", "statements_db", "second_db"}


@dataclass(frozen=True)
class Target:
    """Clients of a target's endpoint and S3."""

    glue: Any
    s3: Any
    athena: Any

    def start_over(self) -> None:
        """Leave a bucket with nothing in it, and none of the jobs, crawlers and databases that tests make."""
        if BUCKET in [bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]]:
            for key in [stored["Key"] for stored in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]:
                self.s3.delete_object(Bucket=BUCKET, Key=key)
        else:
            self.s3.create_bucket(Bucket=BUCKET)
        for job in self.glue.get_jobs()["Jobs"]:
            self.glue.delete_job(JobName=job["Name"])
        for crawler in self.glue.get_crawlers()["Crawlers"]:
            self.glue.delete_crawler(Name=crawler["Name"])
        self.glue.delete_workflow(Name="medallion")  # so that lakebox makes its own jobs and crawlers again
        for name in {one["Name"] for one in self.glue.get_databases()["DatabaseList"]} & DATABASES:
            self.glue.delete_database(Name=name)

    def define(self, name: str, script: str, kind: str = "glueetl", **more: Any) -> None:
        """Put a script into the bucket and define a job of it."""
        self.s3.put_object(Bucket=BUCKET, Key=f"scripts/{name}.py", Body=script.encode())
        command = {"Name": kind, "ScriptLocation": f"s3://{BUCKET}/scripts/{name}.py"}
        self.glue.create_job(Name=name, Role="role", Command=command, **more)

    def start(self, name: str, **arguments: str) -> str:
        """Start a run; its id."""
        given = {f"--{key.replace('_', '-')}": value for key, value in arguments.items()}
        return str(self.glue.start_job_run(JobName=name, Arguments=given)["JobRunId"])

    def wait(self, name: str, run_id: str, *states: str) -> dict[str, Any]:
        """The run, when it has come to one of these states, or to its end."""
        return wait_for_run(self.glue, name, run_id, *states)

    def run(self, name: str, **arguments: str) -> None:
        """A run from start to end, which must be good."""
        run = self.wait(name, self.start(name, **arguments))
        assert (run["JobRunState"], run.get("ErrorMessage")) == ("SUCCEEDED", None)

    def await_key(self, key: str) -> None:
        """Come back when an object is there."""
        pause = threading.Event()
        for _ in range(PATIENCE_S * 5):
            if key in self.keys(key):
                return
            pause.wait(0.2)
        raise AssertionError(f"no object {key} after {PATIENCE_S} s")

    def put(self, key: str, text: str) -> None:
        """Put an object into the bucket."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())

    def keys(self, prefix: str) -> list[str]:
        """Keys below a prefix, folder markers left out."""
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return [stored["Key"] for stored in listed if not stored["Key"].endswith("/")]

    def rows(self, prefix: str) -> list[dict[str, Any]]:
        """Rows of the Parquet files below a prefix, sorted by their text; folder names are not columns."""
        found = []
        for key in self.keys(prefix):
            body = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            found += pq.read_table(io.BytesIO(body)).to_pylist()
        return sorted(found, key=str)


@contextmanager
def embedded_target(lake: Path) -> Iterator[Target]:
    """The API over a folder, in this process."""
    with serving(str(lake)) as endpoint:
        keys = endpoint.keys
        yield _target(endpoint.url, endpoint.url, keys.access_key, keys.secret_key)


@contextmanager
def open_target(name: str, stack: Stack, lake: Path) -> Iterator[Target]:
    """`embedded`, over a folder, or `stack`; without what other tests have made."""
    with embedded_target(lake) if name == "embedded" else nullcontext(stack_target(stack)) as found:
        found.start_over()
        yield found


def stack_target(stack: Stack) -> Target:
    """The stack's API."""
    profile = credentials_of(stack)["user"]
    api, s3 = (f"http://127.0.0.1:{stack.environment[f'LAKEBOX_{name}_PORT']}" for name in ("API", "MINIO"))
    return _target(api, s3, profile["aws_access_key_id"], profile["aws_secret_access_key"])


def _target(api_url: str, s3_url: str, access_key: str, secret_key: str) -> Target:
    settings: dict[str, Any] = {
        "region_name": "us-east-1",
        "aws_access_key_id": access_key,
        "aws_secret_access_key": secret_key,
    }
    glue = boto3.client("glue", endpoint_url=api_url, **settings)
    s3 = boto3.client("s3", endpoint_url=s3_url, **settings)
    return Target(glue, s3, boto3.client("athena", endpoint_url=api_url, **settings))


def delete_bucket(s3: Any, bucket: str) -> None:
    """Delete a bucket with all that is in it."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for stored in page.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=stored["Key"])
    s3.delete_bucket(Bucket=bucket)


def user_environment(stack: Stack, home: Path) -> dict[str, str]:
    """The shell of a user who has done `eval "$(LAKEBOX_TARGET=compose lakebox env)"`."""
    user, api = stack.credentials()["user"], f"http://127.0.0.1:{stack.environment['LAKEBOX_API_PORT']}"
    s3 = {"AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{stack.environment['LAKEBOX_MINIO_PORT']}"}
    return environment_of(variables(Keys(user["aws_access_key_id"], user["aws_secret_access_key"]), api) | s3, home)
