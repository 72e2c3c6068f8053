"""The README's story in AWS's own commands, and what it shows of their output."""

import re
from pathlib import Path

from client_lines import shell

REPOSITORY = Path(__file__).parents[1]
SECTION = (REPOSITORY / "README.md").read_text(encoding="utf-8").partition("## The flow by AWS's own commands")[2]
COMMANDS, SHOWN = re.findall(r"```(?:sh|text)\n(.*?)```", SECTION, flags=re.DOTALL)[:2]


def assert_told(environment: dict[str, str]) -> None:
    """Run the commands in the repository; they must print what the README shows, but for blanks."""
    printed = shell(COMMANDS, environment, REPOSITORY)
    assert [line.split() for line in printed.splitlines()] == [line.split() for line in SHOWN.splitlines()], printed
