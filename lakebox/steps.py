"""A run of the flow as the command sees it: what its jobs are given, what each did, and how it goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from jobs.arguments import JobArguments, training_day
from jobs.lake.layout import new_run_id
from jobs.lake.run_properties import Outcome
from lakebox.settings import Settings


@dataclass(frozen=True)
class Step:
    """A job of the run that has ended well, as the record of runs calls it, and how long it took."""

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
    """Functions that are called at each job's start and end, to show how the run goes on; said: what it does then."""

    started: Callable[[str], None] = lambda _: None
    ended: Callable[[Step], None] = lambda _: None
    said: Callable[[str], None] = lambda _: None


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
