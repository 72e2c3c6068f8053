"""The sandbox of one test on the stack, which testcontainers starts where it is not up."""

import contextlib
from collections.abc import Iterator
from typing import Any

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
    """Take away the buckets, databases, jobs and whatever else of Glue a test has made."""
    before, buckets = _made(sandbox), _buckets(sandbox)
    try:
        yield sandbox
    finally:
        glue, s3 = sandbox.client("glue"), sandbox.client("s3")
        for kind, names in _made(sandbox).items():
            for name in names - before[kind]:
                getattr(glue, f"delete_{kind}")(**{"JobName" if kind == "job" else "Name": name})
        for name in _buckets(sandbox) - buckets:
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
                for stored in page.get("Contents", []):
                    s3.delete_object(Bucket=name, Key=stored["Key"])
            s3.delete_bucket(Bucket=name)


def _made(sandbox: Sandbox) -> dict[str, set[str]]:
    """Names of what Glue has, by kind, in an order in which it can be deleted."""
    glue = sandbox.client("glue")

    def listed(operation: str, field: str) -> list[Any]:
        return [one for page in glue.get_paginator(operation).paginate() for one in page[field]]

    return {
        "trigger": {one["Name"] for one in listed("get_triggers", "Triggers")},
        "workflow": set(listed("list_workflows", "Workflows")),
        "crawler": {one["Name"] for one in listed("get_crawlers", "Crawlers")},
        "classifier": {next(iter(one.values()))["Name"] for one in listed("get_classifiers", "Classifiers")},
        "data_quality_ruleset": {one["Name"] for one in glue.list_data_quality_rulesets(MaxResults=1000)["Rulesets"]},
        "job": {one["Name"] for one in listed("get_jobs", "Jobs")},
        "database": {one["Name"] for one in listed("get_databases", "DatabaseList")},
    }


def _buckets(sandbox: Sandbox) -> set[str]:
    return {bucket["Name"] for bucket in sandbox.client("s3").list_buckets()["Buckets"]}
