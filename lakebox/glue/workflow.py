"""Runs the four jobs in the order of the data flow, as one run that holds the lake from start to end."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from time import monotonic

from jobs.arguments import JobArguments, training_day
from jobs.lake.errors import LakeboxError
from jobs.lake.layout import new_run_id
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from jobs.lake.run_properties import Outcome
from jobs.lake.run_records import flush_records, mark_killed
from lakebox.glue.job_runner import Runner
from lakebox.settings import Settings
from lakebox.spark.without_pandas import look_without_pandas

WORKFLOW = ("raw_to_bronze", "bronze_to_silver", "check_silver", "silver_to_gold")


@dataclass(frozen=True)
class Step:
    """A job of the run that has ended well, and how long it took."""

    job_name: str
    outcome: Outcome
    duration_s: float


@dataclass(frozen=True)
class Run:
    """A run that has ended well."""

    run_id: str
    training_date: date
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Progress:
    """Functions that are called at each job's start and end, to show how the run goes on."""

    started: Callable[[str], None] = lambda _: None
    ended: Callable[[Step], None] = lambda _: None


def job_arguments(settings: Settings, now: datetime, training_date: str | None = None) -> JobArguments:
    """What all jobs of a run are given; the run's clock is read once, by the caller. Raises UsageError on a bad day."""
    return JobArguments(
        lake_uri=settings.lake_uri,
        raw_uri=settings.raw_uri,
        mapping_uri=settings.mapping_uri,
        training_date=training_day(training_date, now),
        run_id=new_run_id(now),
        run_started_at=now,
    )


def run_workflow(
    settings: JobArguments,
    runner: Runner,
    progress: Progress,
    jobs: tuple[str, ...] = WORKFLOW,
    publish: Callable[[Lake], None] = lambda _: None,
) -> Run:
    """Run the jobs one after the other; the first that fails ends the run. Raises JobError, LakeError, StorageError.

    publish: brings the target's catalog in line with the lake after each job, and once more with the record of the run.
    """
    look_without_pandas()
    lake = Lake(open_store(settings.lake_uri))
    steps = []
    with lake.hold(settings.run_id):
        mark_killed(lake, datetime.now(UTC))
        with _closing(lake, publish):
            for name in jobs:
                progress.started(name)
                start = monotonic()
                step = Step(name, runner.run(name, settings), monotonic() - start)
                if not step.outcome.skipped:
                    publish(lake)
                steps.append(step)
                progress.ended(step)
    return Run(settings.run_id, settings.training_date, tuple(steps))


@contextlib.contextmanager
def _closing(lake: Lake, publish: Callable[[Lake], None]) -> Iterator[None]:
    """Put the run on record at its end, however it ends; why a job failed is never hidden by what fails after it."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(LakeboxError):
            flush_records(lake)
            publish(lake)
        raise
    flush_records(lake)
    publish(lake)
