"""The prompt of `lakebox sql`: statements are typed, with history and completion; long results go to a pager."""

import readline
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

import click
from rich.console import Console

from jobs.lake.errors import LakeboxError
from lakebox.athena.engine import QueryResult, query_cost
from lakebox.athena.query_client import QueryClient
from lakebox.athena.result_text import rich_table, write_result
from lakebox.athena.script import is_finished, statements_in
from lakebox.commands.sql_completion import Completer
from lakebox.endpoint.service import Service
from lakebox.settings import cache_folder

PROMPT, GOES_ON = "lakebox> ", "      -> "
WELCOME = (
    "Athena SQL; a statement ends with ; and Tab completes names. exit, or Ctrl-D, ends; Ctrl-C stops a statement."
)
BETWEEN_WORDS = " \t\n,;()[]=<>+-*/|'\"`"
MOST_KEPT = 1000


class SqlPrompt:
    """Asks for statements on a terminal, and answers them. form: table, csv or json."""

    def __init__(self, athena: Service, client: QueryClient, database: str, form: str) -> None:
        self._client, self._form = client, form
        self._completer = Completer(athena, database)
        self._console = Console(highlight=False)

    def answer_all(self) -> None:
        """Until `exit` or Ctrl-D."""
        click.echo(WELCOME)
        with _history(cache_folder() / "sql_history"):
            _bind_tab(self._completer)
            while True:
                try:
                    text = self._typed()
                except EOFError:
                    click.echo()
                    return
                except KeyboardInterrupt:
                    click.echo()
                    continue
                if text.strip(" ;").lower() in ("exit", "quit"):
                    return
                self._answer(text)

    def _typed(self) -> str:
        """One line or more, up to a semicolon at the end of one."""
        lines: list[str] = []
        while not lines or not (is_finished("\n".join(lines)) or lines[0].strip().lower() in ("exit", "quit")):
            self._completer.before = "\n".join(lines)
            lines.append(input(GOES_ON if lines else PROMPT))
        text = "\n".join(lines)
        if text.strip():
            readline.add_history(text if "--" in text else " ".join(lines))
        return text

    def _answer(self, text: str) -> None:
        for _, statement in statements_in(text):
            try:
                result = self._client.run(statement)
                self._show(result)
                click.echo(query_cost(result), err=True)
            except LakeboxError as error:
                click.echo(f"lakebox: {error}", err=True)
                return
            except KeyboardInterrupt:
                click.echo("stopped", err=True)
                return
            finally:
                self._completer.forget()

    def _show(self, result: QueryResult) -> None:
        """Print rows; a table that is higher than the terminal goes to the pager."""
        if self._form != "table":
            write_result(result, self._form, sys.stdout)
        elif result.columns:
            is_long = len(result.rows) + 4 >= self._console.height
            pager: AbstractContextManager[object] = self._console.pager() if is_long else nullcontext()
            with pager:
                self._console.print(rich_table(result))


@contextmanager
def _history(path: Path) -> Iterator[None]:
    """The statements that were typed before, kept in a file; where none can be written they last for this time."""
    with suppress(OSError):
        readline.read_history_file(path)
    readline.set_history_length(MOST_KEPT)
    readline.set_auto_history(False)
    try:
        yield
    finally:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(path)


def _bind_tab(completer: Completer) -> None:
    readline.set_completer(completer)
    readline.set_completer_delims(BETWEEN_WORDS)
    is_libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")
