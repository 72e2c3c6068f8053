"""The `lakebox` command: one function a verb, which reads its flags and calls the module that does the work.

Each verb imports what it needs inside its function, so that none waits for what only another one uses.
"""

import signal
from collections.abc import Mapping
from typing import Any, NoReturn

import click

from jobs.lake.errors import LakeboxError
from lakebox.commands.api import VERBS
from lakebox.commands.quality import QUALITY_VERBS
from lakebox.commands.report import report
from lakebox.commands.site import site
from lakebox.commands.sql import sql
from lakebox.settings import is_aws, read_settings
from lakebox.stack.command import in_stack, is_on_host, run_in_stack

INTERRUPTED = 130  # the exit status that shells give to what Ctrl-C has ended
LAKE = click.option("--lake", metavar="DIR", help="Folder of the lake [LAKEBOX_LAKE; lake]")


def run_on_stack(verb: str, paths: Mapping[str, str | None], *arguments: str, **flags: str | None) -> NoReturn:
    """Hand a verb to the stack, its paths mounted there, and end with the exit status that it has there."""
    seen = {name: in_stack(path) for name, path in paths.items() if path is not None}
    words = [word for name, (path, _) in seen.items() for word in (name, path)]
    words += [word for name, value in flags.items() if value is not None for word in (f"--{name}", value)]
    mounts = [path for _, paths in seen.values() for path in paths]
    click.get_current_context().exit(run_in_stack(verb, [*words, *arguments], mounts))


class OneLineErrors(click.Group):
    """Ends the command with one line and an exit status on errors that lakebox raises on purpose, and on Ctrl-C."""

    def invoke(self, context: click.Context) -> Any:
        """Run the verb."""
        try:
            return super().invoke(context)
        except LakeboxError as error:
            click.echo(f"lakebox: {error}", err=True)
            context.exit(error.exit_status)
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command ends at once anyway
            click.echo("lakebox: stopped; run again, nothing is lost", err=True)
            context.exit(INTERRUPTED)


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="lakebox")
def main() -> None:
    """Run a lakehouse on this machine: Glue jobs, crawlers and Athena SQL over raw, Bronze, Silver and Gold.

    Settings come from flags, then from the environment (LAKEBOX_LAKE, LAKEBOX_RAW, LAKEBOX_MAPPING,
    LAKEBOX_TARGET, LAKEBOX_API_PORT), then from defaults. Exit status: 0 done, 1 the work failed, 2 wrong usage,
    130 Ctrl-C.
    """


@main.command()
@click.option("--raw", metavar="URI", help="Raw JSON events: a folder or s3://… [LAKEBOX_RAW; sample_data]")
@LAKE
@click.option("--training_date", metavar="YYYY-MM-DD", help="Day of the Gold snapshot [today, UTC]")
@click.option("--mapping", metavar="FILE", help="TOML that maps your field names to ours [LAKEBOX_MAPPING]")
def run(raw: str | None, lake: str | None, training_date: str | None, mapping: str | None) -> None:
    """Run the whole workflow: raw to Bronze, Silver, quality gate, Gold."""
    if is_aws():
        from lakebox.commands import aws_flow

        aws_flow.run(raw, mapping, training_date)
        return
    settings = read_settings(lake=lake, raw=raw, mapping=mapping)
    if is_on_host(settings):
        named_raw = settings.raw_uri if settings.raw_is_named else None
        run_on_stack("run", {"--raw": named_raw, "--mapping": settings.mapping_uri}, training_date=training_date)
    from lakebox.commands import flow

    flow.run(settings, training_date)


@main.command()
@click.argument("name", required=False)
@LAKE
def crawl(name: str | None, lake: str | None) -> None:
    """Register what is in storage, drop what is gone.

    All crawlers (on AWS those of the stack lakehouse), or NAME: one of them, or a table that it fills.
    """
    if is_aws():
        from lakebox.commands import aws_flow

        aws_flow.crawl(name)
        return
    settings = read_settings(lake=lake)
    if is_on_host(settings):
        run_on_stack("crawl", {}, *([name] if name else []))
    from lakebox.commands import flow

    flow.crawl(settings, name)


@main.group(invoke_without_command=True)
@click.pass_context
@LAKE
def dq(context: click.Context, lake: str | None) -> None:
    """Check Silver against the quality rules. Writes reports/dq_report.json and .md; a failed rule ends with 1.

    With a verb: rulesets of Glue Data Quality, on any table of the catalog.
    """
    if context.invoked_subcommand is not None:
        return

    settings = read_settings(lake=lake)
    if is_on_host(settings):
        run_on_stack("dq", {})
    from lakebox.commands import flow

    flow.check_gate(settings)


@main.command()
@click.option("--lake", metavar="DIR", default="lake", show_default=True, help="Folder for the demo's lake")
def demo(lake: str) -> None:
    """Run the flow on sample_data, and show what became of it. Two increments, in a lake of its own; no Docker."""
    from lakebox.demo import run_demo

    run_demo(lake)


@main.command()
@click.option("--scale", "workers", type=click.IntRange(1, 16), help="Spark workers to run [LAKEBOX_WORKERS; 1]")
@click.option("--build", is_flag=True, help="Build the images anew where their sources changed")
def up(workers: int | None, build: bool) -> None:
    """Start the stack on Docker, and wait until it is ready. MinIO, metastore, API, Spark, Trino, JupyterLab."""
    from lakebox.stack.screen import bring_up

    bring_up(workers, build=build)


@main.command()
@click.option("--purge", is_flag=True, help="Delete the stack's data, catalog, secrets and notebooks, too")
def down(purge: bool) -> None:
    """Stop the stack; all data is kept, unless --purge is given."""
    from lakebox.stack.screen import take_down

    take_down(purge=purge)


@main.command()
@LAKE
def status(lake: str | None) -> None:
    """Show what runs, what the lake holds, and how the last run went."""
    from lakebox.console import wide_console
    from lakebox.status import print_status

    print_status(wide_console(), read_settings(lake=lake))


@main.command()
def doctor() -> None:
    """Say what would go wrong on this machine, and how to fix it. A problem ends with 1."""
    from lakebox.stack.doctor import examine
    from lakebox.stack.doctor_facts import gather
    from lakebox.stack.screen import print_findings

    findings = examine(gather(read_settings().target))
    print_findings(findings)
    if any(finding.level == "problem" for finding in findings):
        click.get_current_context().exit(1)


for verb in (*VERBS, sql, site, report):
    main.add_command(verb)
for verb in QUALITY_VERBS:
    dq.add_command(verb)
