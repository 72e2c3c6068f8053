"""`lakebox run`, `dq` and `crawl`: the flow's runs with their progress, and the summary that ends them."""

import contextlib
from datetime import UTC, datetime
from functools import partial

import click

from jobs.lake.errors import LakeboxError
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from lakebox.flow.errors import FlowError
from lakebox.progress import RunScreen
from lakebox.sample_data import refuse_own_events
from lakebox.settings import Settings
from lakebox.steps import job_arguments
from lakebox.summary import print_failed_run, print_report, print_run
from lakebox.targets import open_engine, open_flow, within_reach


def run(settings: Settings, training_date: str | None) -> None:
    """Run the whole workflow. Raises LakeboxError where it fails."""
    screen = RunScreen()
    settings = within_reach(settings, screen.say)
    refuse_own_events(settings)
    arguments = job_arguments(settings, datetime.now(UTC), training_date)
    engine = partial(open_engine, settings)
    try:
        with open_flow(settings) as flow, screen:
            ended = flow.run(arguments, screen.progress)
    except LakeboxError:
        with contextlib.suppress(LakeboxError):  # a table may not be there yet; what failed first says why
            print_failed_run(arguments, screen.steps, engine)
        raise
    print_run(arguments, ended, engine)


def check_gate(settings: Settings) -> None:
    """Run the quality gate alone, and print its report. Raises LakeboxError where a rule fails, or it can't be run."""
    lake, arguments = Lake(open_store(settings.lake_uri, must_exist=True)), job_arguments(settings, datetime.now(UTC))
    try:
        with open_flow(settings) as flow:
            flow.check_gate()
    except FlowError as error:
        if lake.gate().get("message") == str(error):  # else it says nothing of this check
            print_report(arguments)
        raise
    print_report(arguments)


def crawl(settings: Settings, name: str | None) -> None:
    """Start all crawlers, or one, and print what each has changed. Raises FlowError where one fails."""
    open_store(settings.lake_uri, must_exist=True)
    with open_flow(settings) as flow:
        for line in flow.crawled(*([name] if name else [])):
            click.echo(line)
