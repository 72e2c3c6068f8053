"""The sandbox of one test: an embedded endpoint over a temporary folder."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest

from lakebox.api.serve import Serving, serving
from lakebox.glue.jobs.definitions import with_defaults
from lakebox.glue.jobs.runs import ENDED

READERS = {".parquet": "read_parquet", ".json": "read_json_auto", ".csv": "read_csv_auto"}
POLL_S = 0.05


class JobFailed(AssertionError):  # noqa: N818 it is what a test fails with
    """A job run did not succeed; the message has its error and the end of its output."""


@dataclass(frozen=True)
class JobResult:
    """A run that succeeded: its id and what it has printed."""

    run_id: str
    output: str


@dataclass(frozen=True)
class Sandbox:
    """A lake of the test's own. Buckets are folders below `root`; clients talk to the sandbox alone."""

    root: Path
    serving: Serving

    def client(self, service: str) -> Any:
        """A boto3 client: glue, s3 or sts."""
        keys = self.serving.keys
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.serving.url,
            region_name="us-east-1",
            aws_access_key_id=keys.access_key,
            aws_secret_access_key=keys.secret_key,
        )

    def put(self, uri: str, content: str | bytes) -> None:
        """Put an object, its bucket made where it is not there: `put("s3://in/people.csv", "name,age\\n…")`."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        self.serving.buckets.folder(bucket).mkdir(parents=True, exist_ok=True)
        path = self.serving.buckets.path(bucket, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def make_bucket(self, name: str) -> None:
        """Make a bucket; Spark sees the buckets that are there when a run starts."""
        self.serving.buckets.folder(name).mkdir(parents=True, exist_ok=True)

    def run_job(
        self, script: str | Path, arguments: Mapping[str, str] | None = None, *, spark: bool = True
    ) -> JobResult:
        """Run a Glue script as it is to its end. arguments: with or without dashes. Raises JobFailed."""
        command = {"Name": "glueetl" if spark else "pythonshell", "ScriptLocation": str(Path(script).absolute())}
        job = with_defaults({"Name": Path(script).stem, "Command": command})
        run_id = self.serving.runs.start_job(job, {"Arguments": dict(arguments or {})})
        pause = threading.Event()
        while (run := self.serving.runs.run(run_id))["JobRunState"] not in ENDED:
            pause.wait(POLL_S)
        log = self.root / ".lakebox" / "runs" / run_id / "output.log"
        output = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        if run["JobRunState"] != "SUCCEEDED":
            raise JobFailed(f"{run['JobRunState']}: {run.get('ErrorMessage', '')}\n{output[-4000:]}")
        return JobResult(run_id, output)

    def rows(self, uri: str) -> list[dict[str, Any]]:
        """All rows of the Parquet, JSON Lines or CSV files below an s3:// path, partition columns included."""
        folder = self.serving.buckets.path_of(uri.rstrip("/"))
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix in READERS]
        if not files:
            return []
        names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
        reader = READERS[files[0].suffix]
        with contextlib.closing(duckdb.connect()) as database:
            result = database.execute(f"SELECT * FROM {reader}([{names}], hive_partitioning = true)")  # noqa: S608 our paths
            columns = [column[0] for column in result.description]
            return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]

    def table(self, database: str, name: str) -> list[dict[str, Any]]:
        """All rows of a table of the catalog."""
        location = self.client("glue").get_table(DatabaseName=database, Name=name)["Table"]["StorageDescriptor"][
            "Location"
        ]
        return self.rows(location)


@contextlib.contextmanager
def open_sandbox(root: Path) -> Iterator[Sandbox]:
    """A sandbox over a folder, for as long as the context lasts."""
    with serving(str(root)) as endpoint:
        yield Sandbox(root, endpoint)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """An empty sandbox of the test's own."""
    with open_sandbox(tmp_path / "lake") as opened:
        yield opened
