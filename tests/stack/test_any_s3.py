"""Any S3 will do: the stack without MinIO, on another S3 server, set by environment variables alone."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from stack.running_stack import LAKE, PORTS, RAW, Stack, docker, no_engine

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(1800)]

TABLE = "ai_lakehouse_db.stack_test"


@pytest.fixture(scope="module")
def other_s3() -> Iterator[str]:
    """The endpoint of moto's S3, on the address that containers reach this machine by."""
    reason = no_engine()
    if reason:
        pytest.skip(reason)
    gateway = docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}").strip()
    server = ThreadedMotoServer(ip_address=gateway, port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


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


def test_jobs_metastore_and_trino_work_on_another_s3(other_stack: Stack, other_s3: str) -> None:
    job = Path(__file__).with_name("spark_job.py")
    run = ("run", "--rm", "--no-TTY", "--volume", f"{job}:/tmp/job.py:ro", "--entrypoint", "spark-submit", "lakebox")
    assert "rows: 2" in other_stack.compose(*run, "/tmp/job.py", TABLE, f"s3://{LAKE}/bronze/stack_test").stdout
    assert other_stack.sql(f"SELECT count(*) FROM awsdatacatalog.{TABLE} WHERE event_type = 'Größe/ 1'") == [[1]]
    assert other_stack.compose("ps", "--all", "--quiet", "minio").stdout == ""
    keys = {"aws_access_key_id": "other", "aws_secret_access_key": "other-secret", "region_name": "us-east-1"}
    buckets = boto3.client("s3", endpoint_url=other_s3, **keys).list_buckets()["Buckets"]
    assert {bucket["Name"] for bucket in buckets} == {LAKE, RAW}
