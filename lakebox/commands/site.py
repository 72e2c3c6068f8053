"""The verb `site`: the lake as a folder of static pages."""

from pathlib import Path

import click

LAKE = click.option("--lake", metavar="DIR", help="Folder of the lake [LAKEBOX_LAKE; lake]")


@click.command()
@LAKE
@click.option(
    "--out", metavar="DIR", help="Folder for the pages [.lakebox/site in the lake; on the stack lakebox-site]"
)
def site(lake: str | None, out: str | None) -> None:
    """Write static pages that show the lake. They need no server and no network."""
    from lakebox.settings import read_settings
    from lakebox.site.build import build_site, site_folder

    settings = read_settings(lake=lake)
    first = build_site(settings, Path(out) if out else site_folder(settings))
    click.echo(f"the site of the lake: {first.absolute().as_uri()}")
