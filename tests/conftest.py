"""Fixtures that all tests share: one Spark session, one S3 server, a lake a test."""

import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import lakebox
from hypothesis import HealthCheck, settings
from moto.server import ThreadedMotoServer
from pyspark.sql import SparkSession

from jobs.lake.open_store import open_store
from jobs.lake.s3 import S3Store
from jobs.lake.store import Store
from lakebox.spark.local_session import local_session

settings.register_profile("lakebox", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # machines are busy
settings.load_profile("lakebox")
pytest_plugins = ["pytester"]
os.environ["TZ"] = "UTC"  # PySpark gives timestamps in the zone of the process
time.tzset()
os.fsync = lambda _: None  # tests kill processes, and never cut a machine's power


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """A Spark session in local mode, as the embedded target has it."""
    session = local_session()
    yield session
    session.stop()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demo has run: its lake, and what it printed (screen.txt). Tests change copies of it."""
    folder = tmp_path_factory.mktemp("demo")
    done = lakebox("demo", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "screen.txt").write_text(done.stderr + done.stdout)
    return folder


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """An S3 server on loopback; boto3 clients made after this talk to it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    yield settings["AWS_ENDPOINT_URL_S3"]
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
    server.stop()


@pytest.fixture
def s3_uri(s3_endpoint: str) -> str:
    """A prefix in a bucket of its own."""
    import boto3

    bucket = f"bucket-{uuid.uuid4().hex}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/lake"


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store of each kind; a lock on S3 is renewed every second, so that who waits for it soon knows."""
    monkeypatch.setattr(S3Store, "HEARTBEAT_S", 1.0)
    uri = str(tmp_path / "lake") if request.param == "folder" else request.getfixturevalue("s3_uri")
    return open_store(uri)
