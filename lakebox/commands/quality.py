"""The verbs below `lakebox dq`: rulesets of Glue Data Quality. Each imports what it needs inside its function."""

import click

LAKE = click.option("--lake", metavar="DIR", help="Folder of the lake [LAKEBOX_LAKE; lake]")


@click.command()
@LAKE
def rulesets(lake: str | None) -> None:
    """List the rulesets: how many rules, for which table."""
    from lakebox.commands.rulesets import print_rulesets
    from lakebox.console import wide_console
    from lakebox.settings import read_settings
    from lakebox.targets import open_clients

    with open_clients(read_settings(lake=lake)) as client:
        print_rulesets(client("glue"), wide_console())


@click.command()
@click.argument("ruleset", metavar="RULESET")
@click.argument("table", metavar="DATABASE.TABLE")
@LAKE
def run(ruleset: str, table: str, lake: str | None) -> None:
    """Evaluate a ruleset on a table, and print each rule's result. A failed rule ends with 1.

    RULESET is a name, or a file that ends in .dqdl, which is kept under its own name first.
    """
    from lakebox.commands.rulesets import evaluate_table
    from lakebox.console import wide_console
    from lakebox.settings import read_settings
    from lakebox.targets import open_clients

    with open_clients(read_settings(lake=lake)) as client:
        passed = evaluate_table(client("glue"), wide_console(), ruleset, table)
    if not passed:
        click.get_current_context().exit(1)


QUALITY_VERBS = (rulesets, run)
