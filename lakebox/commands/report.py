"""The verb `report`: the last run of the lake as one HTML file."""

import click

LAKE = click.option("--lake", metavar="DIR", help="Folder of the lake [LAKEBOX_LAKE; lake]")


@click.command()
@LAKE
@click.option("--out", metavar="FILE", default="lakebox-report.html", show_default=True, help="File for the report")
def report(lake: str | None, out: str) -> None:
    """Write what the last run did as one HTML file. Counts, quality, changes in Gold, quarantine and cost."""
    from pathlib import Path

    from lakebox.settings import read_settings
    from lakebox.site.report import write_report

    run = write_report(read_settings(lake=lake), Path(out))
    click.echo(f"the report of run {run.id}: {Path(out).absolute().as_uri()}")
