"""Any S3 will do: the stack without MinIO, on another S3 server, set by environment variables alone."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from lakes import TestLake, engine_over
from moto.server import ThreadedMotoServer
from pyspark.sql import SparkSession
from stack.compared_rows import rows_of
from stack.running_stack import LAKE, PORTS, RAW, REPOSITORY, Stack, build_images, docker, no_engine

pytestmark = [pytest.mark.stack, pytest.mark.spark, pytest.mark.timeout(1800)]

DAY = "2025-06-18"


@pytest.fixture(scope="module")
def other_s3() -> Iterator[str]:
    """The endpoint of moto's S3, on the address that containers reach this machine by."""
    reason = no_engine()
    if reason:
        pytest.skip(reason)
    gateway = address_of_this_machine()
    server = ThreadedMotoServer(ip_address=gateway, port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def address_of_this_machine() -> str:
    """The address that containers reach this machine by: their default route."""
    build_images()
    routes = docker("run", "--rm", "--entrypoint", "cat", "lakebox/setup:0.1.0", "/proc/net/route").splitlines()
    gateway = next(fields[2] for fields in (line.split() for line in routes) if fields[1] == "00000000")
    return ".".join(str(part) for part in reversed(bytes.fromhex(gateway)))


@pytest.fixture(scope="module")
def other_stack(other_s3: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A second stack, with credentials of that S3 in a file, and without MinIO."""
    credentials = tmp_path_factory.mktemp("s3") / "credentials"
    credentials.write_text("[default]\naws_access_key_id = other\naws_secret_access_key = other-secret\n")
    for readable in (credentials, credentials.parent):
        readable.chmod(0o755)
    stack = Stack(
        project="lakebox-test-s3",
        environment={name: str(port + 1000) for name, port in PORTS.items()}
        | {"LAKEBOX_WAIT_S": "600"}
        | {
            "LAKEBOX_S3_ENDPOINT": other_s3,
            "LAKEBOX_S3_CREDENTIALS_FILE": str(credentials),
            "LAKEBOX_MINIO_SCALE": "0",
        },
    )
    try:
        stack.up()
        yield stack
    finally:
        stack.compose("down", "--volumes")


def test_the_flow_works_on_another_s3(other_stack: Stack, other_s3: str, spark: SparkSession, tmp_path: Path) -> None:
    embedded = TestLake(tmp_path, spark)
    embedded.run(training_date=DAY, raw=REPOSITORY / "sample_data")
    other_stack.lakebox("run", "--training_date", DAY)
    assert rows_of(other_stack.engine()) == rows_of(engine_over(embedded.lake))
    assert "Nothing new" in other_stack.lakebox("run", "--training_date", DAY).stdout
    assert other_stack.compose("ps", "--all", "--quiet", "minio").stdout == ""
    keys = {"aws_access_key_id": "other", "aws_secret_access_key": "other-secret", "region_name": "us-east-1"}
    buckets = boto3.client("s3", endpoint_url=other_s3, **keys).list_buckets()["Buckets"]
    assert {LAKE, RAW} <= {bucket["Name"] for bucket in buckets}  # other tests have theirs in moto's one memory


def test_down_with_purge_leaves_nothing_on_this_machine(other_stack: Stack) -> None:
    label = f"label=com.docker.compose.project={other_stack.project}"
    there = docker("volume", "ls", "--quiet", "--filter", label).split()
    assert len(there) > 5
    gone = other_stack.lakebox("down", "--purge").stderr
    assert {f"  deleted volume {name}" for name in there} <= set(gone.splitlines())
    assert docker("volume", "ls", "--quiet", "--filter", label) == ""
    assert docker("ps", "--all", "--quiet", "--filter", label) == ""
    assert docker("network", "ls", "--quiet", "--filter", label) == ""
