"""A container that dies during a job run: the run ends with the truth, never stuck, and the next one is right."""

import pytest
from stack.api_target import BUCKET, Target, stack_target
from stack.running_stack import Stack, docker

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

WAITS = """
import os
import threading
import boto3
s3 = boto3.client("s3")
s3.put_object(Bucket="api-test", Key="kills/started", Body=b"")
while "go" not in [one["Key"][6:] for one in s3.list_objects_v2(Bucket="api-test", Prefix="kills/")["Contents"]]:
    threading.Event().wait(0.2)
print(boto3.client("glue").get_databases()["DatabaseList"][0]["Name"])
"""


@pytest.fixture(scope="module")
def target(stack: Stack) -> Target:
    found = stack_target(stack)
    found.start_over()
    found.define("killed", WAITS, "pythonshell")
    return found


@pytest.mark.parametrize(
    ("service", "states"),
    [("driver", {"FAILED"}), ("api", {"FAILED"}), ("metastore", {"SUCCEEDED"}), ("postgres", {"SUCCEEDED"})],
)
def test_a_killed_service_leaves_no_run_stuck(stack: Stack, target: Target, service: str, states: set[str]) -> None:
    for key in ("kills/started", "kills/go"):
        target.s3.delete_object(Bucket=BUCKET, Key=key)
    run_id = target.start("killed")
    target.await_key("kills/started")
    container = stack.container(service)["Id"]
    docker("kill", container)
    docker("start", container)
    stack.up()
    target.put("kills/go", "")
    run = target.wait("killed", run_id)
    assert run["JobRunState"] in states, run
    assert ("ErrorMessage" in run) == (run["JobRunState"] == "FAILED")
    target.run("killed")
