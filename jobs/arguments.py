"""A job's arguments in Glue's form -> JobArguments. Imports no Spark, so that commands can read them at once."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

from jobs.lake.errors import LakeboxError
from jobs.lake.layout import new_run_id
from jobs.lake.run_properties import WorkflowRun

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


def job_arguments(
    argv: Sequence[str], required: Sequence[str], now: datetime, properties: Mapping[str, str] | None = None
) -> JobArguments:
    """Read `--name value` and `--name=value`. Arguments that Glue adds are left alone, typos raise UsageError.

    now: the clock (UTC), for the defaults of run_id, run_started_at and training_date
    properties: of the workflow run, over argv; others than ours are left alone, too
    """
    given = _ours(_pairs(argv)) | {name: value for name, value in (properties or {}).items() if name in OURS}
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


def workflow_run_of(argv: Sequence[str]) -> WorkflowRun | None:
    """The workflow run that started a job, by what Glue passes to it; None where none did."""
    names = ("WORKFLOW_NAME", "WORKFLOW_RUN_ID", "JOB_NAME")
    given = dict(pairwise(argv))
    values = [given.get(f"--{name}", "") for name in names]
    return WorkflowRun(*values) if all(values) else None


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
