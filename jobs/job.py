"""The frame that all jobs share: arguments, the lake's lock, the record of the run, and errors in one clear line.

A job is a function of a lake, its settings and a source of Spark sessions, and returns what it did. It asks for a
session only when there is work, so that a run with nothing new starts no Spark.
"""

import contextlib
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pyspark.errors import PySparkException

from jobs.arguments import Settings, job_settings
from jobs.lake.errors import LakeboxError
from jobs.lake.frames import SparkSource, spark_session
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from jobs.lake.run_records import JobRun, flush_records, iso, mark_killed, write_record
from jobs.lake.store import StorageError

STORAGE_ERROR = re.compile(r"jobs\.lake\.\w+\.StorageError: (.*)")
JAVA_CAUSE = re.compile(r"^(?:Caused by)?: [\w.$]+\.(\w+): (.+)$", re.MULTILINE)


class JobError(LakeboxError):
    """A job failed."""


@dataclass(frozen=True)
class Outcome:
    """What a job did: rows read and written, the newest event_timestamp it knows (ISO), and a line for the user."""

    rows_in: int
    rows_out: int
    max_event_timestamp: str | None
    summary: str
    skipped: bool = False


Job = Callable[[Lake, Settings, SparkSource], Outcome]


def run_job(name: str, job: Job, settings: Settings, spark: SparkSource) -> Outcome:
    """Run a job on its lake under the lake's lock, and put it on record. Failures are raised as LakeboxError."""
    lake = Lake(open_store(settings.lake_uri))
    with lake.hold(settings.run_id) as joined:
        mark_killed(lake, settings.run_started_at, at_work=settings.run_id if joined else None)
        record = JobRun(settings.run_id, name, iso(datetime.now(UTC)))
        write_record(lake, record)
        with _own_scratch(settings) as own:
            return _recorded(lake, record, job, own, spark)


@contextlib.contextmanager
def _own_scratch(settings: Settings) -> Iterator[Settings]:
    """Settings with a scratch folder of the job's own, which is gone at its end; as they are where none is needed."""
    if settings.scratch_dir is None:
        yield settings
        return
    Path(settings.scratch_dir).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lakebox-", dir=settings.scratch_dir) as folder:
        yield replace(settings, scratch_dir=folder)


def _recorded(lake: Lake, record: JobRun, job: Job, settings: Settings, spark: SparkSource) -> Outcome:
    try:
        outcome = job(lake, settings, spark)
    except Exception as error:
        failed = replace(record, status="FAILED", message=one_line(error), finished_at=iso(datetime.now(UTC)))
        with contextlib.suppress(StorageError):  # what failed first says why; the next run closes the record
            write_record(lake, replace(failed, max_event_timestamp=lake.bronze().watermark))
        if isinstance(error, LakeboxError):
            raise
        raise JobError(f"{record.job_name}: {one_line(error)}") from error
    ended = replace(
        record,
        status="SKIPPED" if outcome.skipped else "SUCCEEDED",
        finished_at=iso(datetime.now(UTC)),
        rows_in=outcome.rows_in,
        rows_out=outcome.rows_out,
        max_event_timestamp=outcome.max_event_timestamp,
    )
    write_record(lake, ended)
    return outcome


def one_line(error: Exception) -> str:
    """What went wrong, in one line: the storage error inside a Spark error where there is one, else the first cause."""
    text = str(error)
    inner = STORAGE_ERROR.search(text)
    if inner:
        return inner.group(1).strip()
    causes = JAVA_CAUSE.findall(text)
    if causes:
        return f"Spark: {causes[-1][1].strip()} ({causes[-1][0]})"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = lines[0] if lines else type(error).__name__
    return f"Spark: {first}" if isinstance(error, PySparkException) else first


def run_script(name: str, job: Job, required: Sequence[str]) -> None:
    """A job as a script: reads sys.argv and the clock, prints one line, and ends with status 1 or 2 where it fails."""
    try:
        settings = job_settings(sys.argv[1:], required, datetime.now(UTC))
        try:
            print(f"{name}: {run_job(name, job, settings, spark_session).summary}")
        finally:
            lake = Lake(open_store(settings.lake_uri))
            with lake.hold(settings.run_id):
                flush_records(lake)
    except LakeboxError as error:
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
