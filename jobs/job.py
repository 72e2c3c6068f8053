"""What every job does: read its arguments, lock the lake, record the run, say what went wrong in one line.

A job is a function of a lake, its arguments and a source of Spark sessions, and returns what it did. It asks for a
session only when there is work, so that a run with nothing new starts no Spark.
"""

import contextlib
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from jobs.arguments import JobArguments, job_arguments, workflow_run_of
from jobs.lake.errors import LakeboxError
from jobs.lake.frames import SparkSource, spark_session
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from jobs.lake.run_properties import STARTING_SPARK, Outcome, WorkflowRun
from jobs.lake.run_records import JobRun, flush_records, iso, mark_killed, write_record

STORAGE_ERROR = re.compile(r"jobs\.lake\.\w+\.StorageError: (.*)")
JAVA_CAUSE = re.compile(r"^(?:Caused by)?: [\w.$]+\.(\w+): (.+)$", re.MULTILINE)


class JobError(LakeboxError):
    """A job failed."""


class JobFailed(SystemExit):
    """Ends a script whose job failed, with the error's line and exit status; Glue shows it as the run's error."""

    def __init__(self, error: LakeboxError) -> None:
        super().__init__(str(error))
        self.code = error.exit_status


class JobMisused(JobFailed):
    """Ends a script that was given wrong arguments."""


Job = Callable[[Lake, JobArguments, SparkSource], Outcome]


def run_job(name: str, job: Job, arguments: JobArguments, spark: SparkSource) -> Outcome:
    """Run a job on its lake under the lake's lock, and put it on record. Failures are raised as LakeboxError."""
    lake = Lake(open_store(arguments.lake_uri))
    with lake.hold(arguments.run_id) as joined:
        mark_killed(lake, arguments.run_started_at, at_work=arguments.run_id if joined else None)
        record = JobRun(arguments.run_id, name, iso(datetime.now(UTC)))
        write_record(lake, record)
        return _recorded(lake, record, job, arguments, spark)


def _recorded(lake: Lake, record: JobRun, job: Job, arguments: JobArguments, spark: SparkSource) -> Outcome:
    try:
        outcome = job(lake, arguments, spark)
    except Exception as error:
        failed = replace(record, status="FAILED", message=one_line(error), finished_at=iso(datetime.now(UTC)))
        with contextlib.suppress(LakeboxError):  # what failed first says why; the next run closes the record
            lake.clear_staging()  # it may be what has filled the disk
        with contextlib.suppress(LakeboxError):
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
    lake.clear_staging()
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
    """A job as a script: reads sys.argv and the clock, prints one line, and ends with status 1 or 2 where it fails.

    In a workflow run its properties are arguments, too, and take the job's outcome.
    """
    run = workflow_run_of(sys.argv[1:])
    try:
        given = run.properties() if run is not None else {}
        arguments = job_arguments(sys.argv[1:], required, datetime.now(UTC), given)
        try:
            outcome = run_job(name, job, arguments, lambda: _session(run))
        finally:
            lake = Lake(open_store(arguments.lake_uri))
            with lake.hold(arguments.run_id):
                flush_records(lake)
        print(f"{name}: {outcome.summary}")
        if run is not None:
            run.put_outcome(name, outcome)
    except LakeboxError as error:
        print(f"{name}: {error}", file=sys.stderr)
        raise (JobMisused if error.exit_status == 2 else JobFailed)(error) from None


def _session(run: WorkflowRun | None) -> SparkSession:
    """The Spark session; the first one takes seconds, which who follows the run is told."""
    if run is not None and SparkSession.getActiveSession() is None:
        run.put({"state": STARTING_SPARK})
    return spark_session()
