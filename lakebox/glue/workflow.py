"""Runs the four jobs in the order of the data flow, as one run that holds the lake from start to end."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from time import monotonic

from jobs.arguments import JobArguments
from jobs.lake.errors import LakeboxError
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from jobs.lake.run_records import flush_records, mark_killed
from lakebox.glue.job_runner import Runner
from lakebox.spark.without_pandas import look_without_pandas
from lakebox.steps import Progress, Run, Step

WORKFLOW = ("raw_to_bronze", "bronze_to_silver", "check_silver", "silver_to_gold")


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
