"""The README's section on the stack tells the truth: its commands print there what it shows."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from stack.running_stack import PROJECT, REPOSITORY, Stack
from test_readme import console_blocks, steady

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

ON_HOST = "LAKEBOX_TARGET=compose .venv/bin/lakebox "
COMPOSE = "docker compose "


@pytest.fixture(scope="module")
def empty(stack: Stack) -> Iterator[Stack]:
    stack.start_over()
    yield stack
    stack.up()
    stack.start_over()


def test_the_stacks_commands_print_what_the_readme_shows(empty: Stack) -> None:
    blocks = [found for found in console_blocks() if found[0].startswith((ON_HOST, COMPOSE))]
    assert [command.split()[2] for command, _ in blocks] == ["up", "run", "run", "exec", "sql", "up"]
    for command, shown in blocks:
        printed = run(empty, command)
        assert [steady(line) for line in shown if line != "…"] == printed[: max(len(shown) - 1, 0)], command


def run(stack: Stack, command: str) -> list[str]:
    """Lines that a command of the README prints, what compose says of its containers left out."""
    words = shlex.split(command)
    if command.startswith(ON_HOST):
        return steady(stack.lakebox(*words[2:]).stdout).splitlines()
    done = stack.compose(*words[2:])
    printed = done.stdout if "sql" in words else done.stderr  # a run's screen is on stderr
    return [steady(line) for line in printed.splitlines() if PROJECT not in line]


def test_the_stacks_lake_has_a_site_and_a_report(empty: Stack, tmp_path: Path) -> None:
    empty.lakebox("run")
    empty.lakebox("site", "--out", str(tmp_path / "site"))
    empty.lakebox("report", "--out", str(tmp_path / "report.html"))
    count = "SELECT count(*) FROM silver_user_events"
    rows = empty.lakebox("sql", count, "--format", "csv").stdout.splitlines()[-1]
    assert f"{rows} rows" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "silver_user_events" in report
    assert not any(secret in report for secret in (empty.credentials()["user"]["aws_secret_access_key"],))


def test_the_readmes_images_and_limits_are_those_of_the_stack(stack: Stack) -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(lakebox/\S+)` \| \S+ MB \| (.*) \|$", readme, flags=re.MULTILINE))
    shown = {
        name: int(limit.replace(",", ""))
        for row in rows.values()
        for name, limit in re.findall(r"`(\S+)` (\S+) MB", row)
    }
    for container in stack.containers():
        name = container["Config"]["Labels"]["com.docker.compose.service"]
        assert shown[name] == container["HostConfig"]["Memory"] // 2**20
        assert container["Config"]["Image"] in rows
