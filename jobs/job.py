"""What every job does: parse Glue's arguments, lock the lake, record the run, say what went wrong in one line.

A job is a function of a lake, its arguments and a source of Spark sessions, and returns what it did. It asks for a
session only when there is work, so that a run with nothing new starts no Spark.
"""

import contextlib
import difflib
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from pyspark.errors import PySparkException

from jobs.lake.errors import LakeboxError
from jobs.lake.frames import SparkSource, spark_session
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from jobs.lake.run_records import JobRun, flush_records, iso, mark_killed, new_run_id, write_record
from jobs.lake.store import StorageError

STORAGE_ERROR = re.compile(r"jobs\.lake\.\w+\.StorageError: (.*)")
JAVA_CAUSE = re.compile(r"^(?:Caused by)?: [\w.$]+\.(\w+): (.+)$", re.MULTILINE)

OURS = {
    "lake_uri": "root of the lake: a folder or s3://bucket/prefix",
    "raw_uri": "where the raw JSON files are: a folder or s3://bucket/prefix",
    "mapping_uri": "TOML file that maps the source's names to ours",
    "training_date": "day of the Gold snapshot, YYYY-MM-DD (default: the day on which the run starts, UTC)",
    "run_id": "name of the run that the job is part of (default: made from the clock)",
    "run_started_at": "clock of the run, ISO 8601 (default: now)",
    "recheck": "true: check_silver checks again what it has checked already",
}
GLUE_OWN = {
    "JOB_NAME",
    "JOB_ID",
    "JOB_RUN_ID",
    "WORKFLOW_NAME",
    "WORKFLOW_RUN_ID",
    "SECURITY_CONFIGURATION",
    "TempDir",
    "RedshiftTempDir",
    "additional-python-modules",
    "python-modules-installer-option",
    "class",
    "conf",
    "customer-driver-env-vars",
    "customer-executor-env-vars",
    "datalake-formats",
    "disable-proxy-v2",
    "encryption-type",
    "executor-cores",
    "extra-files",
    "extra-jars",
    "extra-py-files",
    "job-language",
    "scriptLocation",
    "spark-event-logs-path",
    "use-postgres-driver",
    "user-jars-first",
}
GLUE_PREFIXES = ("enable-", "continuous-log-", "job-bookmark-", "auto-scale-", "write-shuffle-")


class JobError(LakeboxError):
    """A job failed."""


class UsageError(LakeboxError):
    """Wrong arguments."""

    exit_status = 2


@dataclass(frozen=True)
class JobArguments:
    """What a job works with; times are UTC."""

    lake_uri: str
    raw_uri: str | None
    mapping_uri: str | None
    training_date: date
    run_id: str
    run_started_at: datetime
    recheck: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a job did: rows read and written, the newest event_timestamp it knows (ISO), and a line for the user."""

    rows_in: int
    rows_out: int
    max_event_timestamp: str | None
    summary: str
    skipped: bool = False


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
    """A job as a script: reads sys.argv and the clock, prints one line, and ends with status 1 or 2 where it fails."""
    try:
        arguments = job_arguments(sys.argv[1:], required, datetime.now(UTC))
        try:
            print(f"{name}: {run_job(name, job, arguments, spark_session).summary}")
        finally:
            lake = Lake(open_store(arguments.lake_uri))
            with lake.hold(arguments.run_id):
                flush_records(lake)
    except LakeboxError as error:
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(error.exit_status)


def job_arguments(argv: Sequence[str], required: Sequence[str], now: datetime) -> JobArguments:
    """Read `--name value` and `--name=value`. Arguments that Glue adds are left alone, typos raise UsageError.

    now: the clock (UTC), for the defaults of run_id, run_started_at and training_date.
    """
    given = _ours(_pairs(argv))
    missing = [name for name in required if not given.get(name)]
    if missing:
        raise UsageError(f"--{missing[0]} is missing ({OURS[missing[0]]})")
    started_at = _time(given.get("run_started_at"), now)
    return JobArguments(
        lake_uri=given["lake_uri"],
        raw_uri=given.get("raw_uri"),
        mapping_uri=given.get("mapping_uri") or None,
        training_date=training_day(given.get("training_date"), started_at),
        run_id=given.get("run_id") or new_run_id(started_at),
        run_started_at=started_at,
        recheck=given.get("recheck", "").lower() == "true",
    )


def training_day(text: str | None, started_at: datetime) -> date:
    """The snapshot's day: as given (YYYY-MM-DD), else the day of the run's start."""
    if not text:
        return started_at.date()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text or not 1970 <= day.year <= 2100:
        raise UsageError(f"--training_date {text!r} is not a day of 1970 to 2100; write it as YYYY-MM-DD")
    return day


def _time(text: str | None, now: datetime) -> datetime:
    if not text:
        return now
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--run_started_at {text!r} is not a time; write it as YYYY-MM-DDTHH:MM:SSZ") from None
    return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)


def _pairs(argv: Sequence[str]) -> dict[str, str]:
    """Names and values; a name without a value (a flag of Glue's) has the empty one."""
    pairs: dict[str, str] = {}
    name = None
    for word in argv:
        if word.startswith("--"):
            name, _, value = word[2:].partition("=")
            pairs[name] = value
        elif name is None or pairs[name]:
            raise UsageError(f"{word!r} stands alone; arguments are written --name value")
        else:
            pairs[name] = word
    return pairs


def _ours(pairs: dict[str, str]) -> dict[str, str]:
    in_glue = "JOB_RUN_ID" in pairs
    unknown = [name for name in pairs if not (name in OURS or name in GLUE_OWN or name.startswith(GLUE_PREFIXES))]
    if unknown and not in_glue:
        close = difflib.get_close_matches(unknown[0], OURS, n=1)
        hint = f"did you mean --{close[0]}?" if close else "known: " + ", ".join(f"--{name}" for name in OURS)
        raise UsageError(f"--{unknown[0]} is not an argument of this job; {hint}")
    return {name: value for name, value in pairs.items() if name in OURS}
