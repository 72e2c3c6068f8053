"""The sandbox of one test on the stack, which testcontainers starts where it is not up."""

import contextlib
from collections.abc import Iterator

from testcontainers.compose import DockerCompose

from lakebox.api.stack_runs import StackRuns, user_keys
from lakebox.settings import REPOSITORY, api_port, s3_url
from lakebox.stack.compose import running_services
from lakebox.testing.sandbox import Sandbox


@contextlib.contextmanager
def running_stack() -> Iterator[Sandbox]:
    """The stack of this checkout (compose.yaml); one that was not up is stopped at the end, its data is kept."""
    was_up = "api" in running_services()
    stack = DockerCompose(REPOSITORY, wait=True)
    stack.start()
    try:
        keys, url = user_keys(), f"http://127.0.0.1:{api_port(None)}"
        yield Sandbox(url, s3_url(), keys, StackRuns(url, s3_url(), keys).run)
    finally:
        if not was_up:
            stack.stop(down=False)


@contextlib.contextmanager
def emptied_after(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Take away the buckets, databases and jobs that a test has made."""
    before = _made(sandbox)
    try:
        yield sandbox
    finally:
        buckets, databases, jobs = (now - then for now, then in zip(_made(sandbox), before, strict=True))
        glue, s3 = sandbox.client("glue"), sandbox.client("s3")
        for name in jobs:
            glue.delete_job(JobName=name)
        for name in databases:
            glue.delete_database(Name=name)
        for name in buckets:
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
                for stored in page.get("Contents", []):
                    s3.delete_object(Bucket=name, Key=stored["Key"])
            s3.delete_bucket(Bucket=name)


def _made(sandbox: Sandbox) -> tuple[set[str], set[str], set[str]]:
    """Names of buckets, databases and jobs."""
    glue = sandbox.client("glue")
    databases = glue.get_paginator("get_databases").paginate()
    jobs = glue.get_paginator("get_jobs").paginate()
    return (
        {bucket["Name"] for bucket in sandbox.client("s3").list_buckets()["Buckets"]},
        {found["Name"] for page in databases for found in page["DatabaseList"]},
        {found["Name"] for page in jobs for found in page["Jobs"]},
    )
