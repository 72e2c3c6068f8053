"""The verb `site`: the lake as a folder of static pages."""

import click

LAKE = click.option("--lake", metavar="DIR", help="Folder of the lake [LAKEBOX_LAKE; lake]")


@click.command()
@LAKE
@click.option(
    "--out", metavar="DIR", help="Folder for the pages [.lakebox/site in the lake; on the stack lakebox-site]"
)
@click.option("--publish", is_flag=True, help="Put the pages into a bucket of the sandbox's S3, too")
def site(lake: str | None, out: str | None, publish: bool) -> None:
    """Write static pages that show the lake as it is. They need no server and no network; open the address."""
    from pathlib import Path

    from lakebox.settings import read_settings
    from lakebox.site.build import build_site, site_folder
    from lakebox.site.publish import address, publish_site, site_bucket
    from lakebox.targets import open_clients

    settings = read_settings(lake=lake)
    first = build_site(settings, Path(out) if out else site_folder(settings))
    if not publish:
        click.echo(f"the site of the lake: {first.absolute().as_uri()}")
        return
    with open_clients(settings) as clients:
        count = publish_site(clients, first.parent)
    click.echo(f"{count} files in s3://{site_bucket()}/, which answers signed requests; in a browser, open:")
    click.echo(address(settings, first))
