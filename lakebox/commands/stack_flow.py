"""The flow on the stack, in its service `lakebox`: the jobs run in this process, which holds the keys to the lake.

The stack's API has no keys by which jobs could write the lake; until it has, this is the stack's own way.
"""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import click

from jobs.arguments import JobArguments
from jobs.check_silver import GateFailed
from jobs.lake.errors import LakeboxError
from jobs.lake.layout import new_run_id
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from jobs.lake.run_properties import STARTING_SPARK
from lakebox.glue.crawler import crawl as crawl_lake
from lakebox.glue.workflow import WORKFLOW, run_workflow
from lakebox.progress import RunScreen
from lakebox.sample_data import refuse_own_events
from lakebox.settings import Settings
from lakebox.spark.local_session import end_spark
from lakebox.stack.landing import land
from lakebox.steps import Run, job_arguments
from lakebox.summary import print_failed_run, print_report, print_run
from lakebox.targets import open_engine, open_runner, publish


def run(settings: Settings, training_date: str | None) -> None:
    """Land the raw files where they have to be, and run the whole workflow. Raises LakeboxError where it fails."""
    screen = RunScreen()
    settings = replace(settings, raw_uri=land(settings, screen.say))
    refuse_own_events(settings)
    arguments = job_arguments(settings, datetime.now(UTC), training_date)
    engine = partial(open_engine, settings)
    try:
        ended = _run(settings, arguments, screen, WORKFLOW)
    except LakeboxError:
        print_failed_run(arguments, screen.steps, engine)
        raise
    print_run(arguments, ended, engine)


def check_gate(settings: Settings) -> None:
    """Run the quality gate alone, and print its report. Raises LakeboxError where a rule fails, or it can't be run."""
    arguments = replace(job_arguments(settings, datetime.now(UTC)), recheck=True)
    open_store(arguments.lake_uri, must_exist=True)
    try:
        _run(settings, arguments, RunScreen(), ("check_silver",))
    except GateFailed:
        print_report(arguments)
        raise
    print_report(arguments)


def crawl(settings: Settings, name: str | None) -> None:
    """Bring the lake's own record of its tables in line with what is there, and the metastore with it."""
    run_id, lake = new_run_id(datetime.now(UTC)), Lake(open_store(settings.lake_uri, must_exist=True))
    with lake.hold(run_id):
        for crawled in crawl_lake(lake, run_id, name):
            click.echo(str(crawled))
        publish(settings, lake)


def _run(settings: Settings, arguments: JobArguments, screen: RunScreen, jobs: tuple[str, ...]) -> Run:
    runner = open_runner(settings, on_spark_start=lambda: screen.say(STARTING_SPARK))
    try:
        with screen:
            return run_workflow(arguments, runner, screen.progress, jobs, partial(publish, settings))
    finally:
        end_spark()
