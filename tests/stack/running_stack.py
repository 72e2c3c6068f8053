"""The stack under test: `docker compose` on a project of its own, and what a client on the host needs of it."""

import configparser
import functools
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from stack.trino_client import query
from testcontainers.compose import DockerCompose

from lakebox.athena.trino_engine import TrinoEngine
from lakebox.glue.metastore_catalog import MetastoreCatalog

REPOSITORY = Path(__file__).parents[2]
PROJECT = "lakebox-test"
PORTS = {
    "LAKEBOX_MINIO_PORT": 19000,
    "LAKEBOX_MINIO_CONSOLE_PORT": 19001,
    "LAKEBOX_SPARK_PORT": 18081,
    "LAKEBOX_TRINO_PORT": 18082,
    "LAKEBOX_JUPYTER_PORT": 18888,
    "LAKEBOX_API_PORT": 14566,
}
DATABASE = "awsdatacatalog.ai_lakehouse_db"
OURS = "WHERE table_schema = 'ai_lakehouse_db'"
LAKE, RAW = "ai-lakehouse-project", "ai-lakehouse-raw"
S3_CLIENTS = ("jobs", "landing", "sql", "metastore", "notebooks", "user")
LONG_RUNNING = ("minio", "postgres", "metastore", "spark-master", "spark-worker", "trino", "jupyter", "api", "driver",
                "lake-driver")  # fmt: skip
ONE_SHOTS = ("secrets", "storage", "catalog")


def no_engine() -> str | None:
    """Why no stack can run here; None where one can."""
    if shutil.which("docker") is None:
        return "no docker command"
    info = subprocess.run(["docker", "info"], capture_output=True, text=True, check=False)
    return None if info.returncode == 0 else f"no Docker engine: {info.stderr.strip().splitlines()[-1]}"


@functools.cache
def build_images() -> None:
    """Build what has changed since the images were built, once a session.

    As `docker compose build` does it: an image is another one where a label has another project's name.
    """
    Stack("lakebox").compose("build", "--quiet", timeout_s=1500)


@dataclass(frozen=True)
class Stack:
    """A compose project. `environment` is added to the variables that compose.yaml reads."""

    project: str = PROJECT
    environment: dict[str, str] = field(
        default_factory=lambda: {name: str(port) for name, port in PORTS.items()} | {"LAKEBOX_WAIT_S": "600"}
    )

    def compose(self, *arguments: str, check: bool = True, timeout_s: float = 600) -> subprocess.CompletedProcess[str]:
        """Run `docker compose …`; its output as text. With `check`, a failure is an AssertionError that shows it."""
        done = subprocess.run(
            ["docker", "compose", *arguments],
            cwd=REPOSITORY,
            env=self.compose_environment(),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        assert done.returncode == 0 or not check, f"docker compose {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done

    def up(self) -> None:
        """Start what isn't running, and wait until it is ready, on images of today's docker/."""
        build_images()
        with patch.dict(os.environ, self.compose_environment(), clear=True):
            try:
                DockerCompose(REPOSITORY, wait=True).start()
            except subprocess.CalledProcessError as error:
                raise AssertionError(error.stderr.decode()) from error

    def lakebox(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the command on the host, on this stack, as a user does."""
        done = subprocess.run(
            [sys.executable, "-m", "lakebox", *arguments],
            cwd=REPOSITORY,
            env=self.lakebox_environment(),
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == 0 or not check, f"lakebox {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done

    def compose_environment(self) -> dict[str, str]:
        """The environment in which `docker compose` works on this stack."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LAKEBOX_")}
        return inherited | self.environment | {"COMPOSE_PROJECT_NAME": self.project}

    def lakebox_environment(self) -> dict[str, str]:
        """The environment in which `lakebox` on the host works on this stack."""
        return self.compose_environment() | {"LAKEBOX_TARGET": "compose"}

    def start_over(self) -> None:
        """Empty the lake, the raw bucket and the database, as on the first day."""
        for name, kind in self.sql(
            f"SELECT table_name, table_type FROM awsdatacatalog.information_schema.tables {OURS}"
        ):
            self.sql(f'DROP {"VIEW" if kind == "VIEW" else "TABLE"} {DATABASE}."{name}"', user="lakebox")
        root = self.s3("root")
        for bucket in (LAKE, RAW):
            pages = root.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            for item in [item for page in pages for item in page.get("Contents", [])]:
                if not item["Key"].startswith("_state/ready/"):
                    root.delete_object(Bucket=bucket, Key=item["Key"])

    def containers(self, *, one_shots: bool = True) -> list[dict[str, Any]]:
        """`docker inspect` of each container, those that ended included."""
        names = [*LONG_RUNNING, *(ONE_SHOTS if one_shots else ())]
        identifiers = self.compose("ps", "--all", "--quiet", *names).stdout.split()
        inspected: list[dict[str, Any]] = json.loads(docker("inspect", *identifiers))
        return inspected

    def container(self, service: str) -> dict[str, Any]:
        """`docker inspect` of a service's first container."""
        inspected: dict[str, Any] = json.loads(
            docker("inspect", self.compose("ps", "--all", "--quiet", service).stdout.split()[0])
        )[0]
        return inspected

    def secret(self, service: str, path: str) -> str:
        """A secret, read where its client has it."""
        return self.compose("exec", "--no-TTY", service, "cat", f"/run/lakebox/{path}").stdout

    def credentials(self) -> configparser.ConfigParser:
        """S3 credentials, a profile a client, as the host gets them."""
        script = ("secrets", "secrets_of_clients.py", *S3_CLIENTS)
        profiles = configparser.ConfigParser()
        profiles.read_string(self.compose("run", "--rm", "--no-deps", "--no-TTY", *script).stdout)
        return profiles

    def s3(self, client: str | None) -> Any:
        """boto3's S3 as a client of the lake; as MinIO's root; as nobody with None."""
        retries: Any = {"total_max_attempts": 1}
        settings: dict[str, Any] = {"config": Config(signature_version=UNSIGNED, retries=retries)}
        if client == "root":
            secrets = [self.secret("minio", f"minio/root-{name}") for name in ("user", "password")]
            keys = zip(("aws_access_key_id", "aws_secret_access_key"), secrets, strict=True)
            settings = {"config": Config(retries=retries)} | dict(keys)
        elif client is not None:
            profile = credentials_of(self)[client]
            settings = {"config": Config(retries=retries)} | {
                name: profile[name] for name in ("aws_access_key_id", "aws_secret_access_key")
            }
        port = self.environment["LAKEBOX_MINIO_PORT"]
        return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", **settings)

    def sql(self, statement: str, user: str = "tests") -> list[list[Any]]:
        """Rows of a Trino query."""
        return query(int(self.environment["LAKEBOX_TRINO_PORT"]), statement, user)

    def engine(self) -> TrinoEngine:
        """Athena's SQL, as `lakebox sql` has it here."""
        url = f"http://127.0.0.1:{self.environment['LAKEBOX_TRINO_PORT']}"
        return TrinoEngine(url, MetastoreCatalog(url))


_CREDENTIALS: dict[str, configparser.ConfigParser] = {}


def credentials_of(stack: Stack) -> configparser.ConfigParser:
    """A stack's credentials, asked for once."""
    if stack.project not in _CREDENTIALS:
        _CREDENTIALS[stack.project] = stack.credentials()
    return _CREDENTIALS[stack.project]


def docker(*arguments: str) -> str:
    """Output of `docker …`."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout
