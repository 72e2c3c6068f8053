"""Gives every command the same terminal to print on: as wide as the screen, or wide enough for tables in a log file."""

from rich.console import Console

PLAIN_WIDTH = 112


def wide_console(*, stderr: bool = False) -> Console:
    """A console that is as wide as its terminal, and wide enough for tables where there is none."""
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=PLAIN_WIDTH)
