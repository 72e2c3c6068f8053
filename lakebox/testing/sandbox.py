"""The sandbox of one test: clients of an endpoint with nothing in it, runs of scripts, rows of tables and paths."""

import contextlib
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import duckdb

from lakebox.api.clients import clients_of
from lakebox.api.embedded_runs import run_script
from lakebox.api.serve import serving
from lakebox.endpoint.keys import Keys
from lakebox.glue.data_catalog.documents import Document

READERS = {".parquet": "read_parquet", ".json": "read_json_auto", ".csv": "read_csv_auto"}
Run = Callable[[str, Mapping[str, str], str, IO[bytes]], Document]  # as JobRuns.run


class JobFailed(AssertionError):  # noqa: N818 it is what a test fails with
    """A job run did not succeed; the message has its error and the end of its output."""


@dataclass(frozen=True)
class JobResult:
    """A run that succeeded: its id and what it has printed."""

    run_id: str
    output: str


@dataclass(frozen=True)
class Sandbox:
    """Buckets, catalog and jobs of the test's own. Clients talk to the sandbox alone."""

    url: str
    s3_url: str
    keys: Keys
    run: Run

    def client(self, service: str) -> Any:
        """A boto3 client: glue, athena, s3 or sts."""
        return clients_of(self.keys, self.url, self.s3_url)(service)

    def put(self, uri: str, content: str | bytes) -> None:
        """Put an object, its bucket made where it is not there: `put("s3://input/people.csv", "name,age\\n…")`."""
        bucket, key = _bucket_and_key(uri)
        self.make_bucket(bucket)
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=content)

    def make_bucket(self, name: str) -> None:
        """Make a bucket, if it is not there; Spark sees the buckets that are there when a run starts."""
        s3 = self.client("s3")
        if name not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
            s3.create_bucket(Bucket=name)

    def run_job(
        self, script: str | Path, arguments: Mapping[str, str] | None = None, *, spark: bool = True
    ) -> JobResult:
        """Run a Glue script as it is to its end. arguments: with or without dashes. Raises JobFailed."""
        out = io.BytesIO()
        run = self.run(str(script), arguments or {}, "glueetl" if spark else "pythonshell", out)
        output = out.getvalue().decode(errors="replace")
        if run["JobRunState"] != "SUCCEEDED":
            raise JobFailed(f"{run['JobRunState']}: {run.get('ErrorMessage', '')}\n{output[-4000:]}")
        return JobResult(run["Id"], output)

    def rows(self, uri: str) -> list[dict[str, Any]]:
        """All rows of the Parquet, JSON Lines or CSV files below an s3:// path, partition columns included."""
        bucket, prefix = _bucket_and_key(uri.rstrip("/") + "/")
        s3 = self.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = sorted(stored["Key"] for page in pages for stored in page.get("Contents", []))
        with tempfile.TemporaryDirectory() as folder, contextlib.closing(duckdb.connect()) as database:
            files = [Path(folder, key.removeprefix(prefix)) for key in keys if Path(key).suffix in READERS]
            for file in files:
                file.parent.mkdir(parents=True, exist_ok=True)
                s3.download_file(bucket, prefix + file.relative_to(folder).as_posix(), str(file))
            if not files:
                return []
            names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
            reader = READERS[files[0].suffix]
            result = database.execute(f"SELECT * FROM {reader}([{names}], hive_partitioning = true)")  # noqa: S608 our paths
            columns = [column[0] for column in result.description]
            return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]

    def table(self, database: str, name: str) -> list[dict[str, Any]]:
        """All rows of a table of the catalog."""
        table = self.client("glue").get_table(DatabaseName=database, Name=name)["Table"]
        return self.rows(table["StorageDescriptor"]["Location"])


@contextlib.contextmanager
def open_sandbox(root: Path) -> Iterator[Sandbox]:
    """An embedded sandbox over a folder, for as long as the context lasts."""
    with serving(str(root)) as endpoint:
        yield Sandbox(endpoint.url, endpoint.url, endpoint.keys, partial(run_script, endpoint))


def _bucket_and_key(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.partition("://")[2].partition("/")
    return bucket, key
