"""The verb `sql`: statements to Athena's API, rows to stdout, what they cost to stderr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from catalog.tables import DATABASE
from jobs.lake.errors import LakeboxError
from lakebox.commands.api import LAKE


@click.command(context_settings={"ignore_unknown_options": True})  # a query may start with a -- comment
@click.argument("statement", metavar="[SQL]", required=False)
@click.option("--file", "file", type=click.File(encoding="utf-8"), metavar="FILE", help="Statements; - is stdin")
@LAKE
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How rows are printed; csv has a header, json an object a line",
)
@click.option("--database", metavar="NAME", default=DATABASE, show_default=True, help="Where names without one are")
@click.option("--workgroup", metavar="NAME", default="primary", show_default=True, help="Athena's workgroup")
def sql(  # noqa: PLR0913 an argument a flag
    statement: str | None, file: TextIO | None, lake: str | None, form: str, database: str, workgroup: str
) -> None:
    """Answer statements in Athena's SQL, with ; between them. Without any, ask for them: a prompt.

    Rows go to stdout; run time, bytes scanned and Athena's price to stderr. The first statement that fails ends it.
    """
    if statement is not None and file is not None:
        raise click.UsageError("give a statement or --file, not both")
    if statement is None and file is None and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("give a statement, or --file FILE (- is stdin); a prompt needs a terminal")

    from lakebox.athena.engine import query_cost
    from lakebox.athena.query_client import QueryClient
    from lakebox.athena.result_text import write_result
    from lakebox.athena.script import statements_in
    from lakebox.targets import open_athena

    with open_athena(lake) as athena:
        client = QueryClient(athena, database, workgroup)
        if statement is None and file is None:
            from lakebox.commands.sql_prompt import SqlPrompt

            SqlPrompt(athena, client, database, form).answer_all()
            return
        text = file.read() if file is not None else statement or ""
        statements = statements_in(text)
        if len(statements) < 2:
            statements = [(0, text)]  # with its comments: places in errors count them
        for line, one in statements:
            with _line_named(line):
                result = client.run(one)
                write_result(result, form, sys.stdout)
                click.echo(query_cost(result), err=True)


@contextmanager
def _line_named(line: int) -> Iterator[None]:
    """Say where a statement that fails starts; 0 is the only one there is."""
    try:
        yield
    except LakeboxError as error:
        if line == 0:
            raise
        raise LakeboxError(f"the statement on line {line}: {error}") from error
