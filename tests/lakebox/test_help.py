"""The command's verbs and flags are those that users rely on, and its help and the README's table tell of the same."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from lakebox.cli import main

README = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
RELIED_ON = {
    "run": {"--raw", "--lake", "--training_date", "--mapping"},
    "sql": {"--lake", "--format"},
    "crawl": {"--lake"},
    "dq": {"--lake"},
    "up": set(),
    "down": set(),
    "status": set(),
    "doctor": set(),
    "serve": {"--lake", "--port"},
    "env": {"--lake"},
    "job run": {"--lake"},
    "runs": {"--lake"},
    "logs": {"--lake"},
    "deploy": {"--parameter", "--delete", "--stack-name", "--yes", "--lake"},
    "check": {"--shell"},
}


def table() -> dict[str, tuple[str, str]]:
    """The README's table of verbs: verb -> (how it is written with its arguments, the whole row)."""
    rows = re.findall(r"^\| `lakebox ((?:job )?[a-z]+)([^`]*)` \|(.*)\|$", README, flags=re.MULTILINE)
    return {verb: (written, written + said) for verb, written, said in rows}


def command(verb: str) -> click.Command:
    """The command of a verb; `job run` is one of two words."""
    first, *rest = verb.split()
    found = main.commands[first]
    return found.commands[rest[0]] if rest and isinstance(found, click.Group) else found


def flags(verb: str) -> set[str]:
    return {name for option in command(verb).params for name in option.opts if name.startswith("--")}


def arguments(verb: str) -> list[click.Parameter]:
    """What is written after a verb without a flag; SCRIPT's own arguments are free."""
    found = [parameter for parameter in command(verb).params if isinstance(parameter, click.Argument)]
    return [parameter for parameter in found if parameter.name != "arguments"]


def test_help_and_readme_list_the_same_verbs() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    listed = re.findall(r"^  ([a-z]+)  +\S", shown.partition("Commands:")[2], flags=re.MULTILINE)
    assert sorted(listed) == sorted(main.commands) == sorted(verb.split()[0] for verb in table())
    assert "..." not in shown.partition("Commands:")[2]  # no verb's line is cut


@pytest.mark.parametrize("verb", sorted(RELIED_ON))
def test_verbs_and_flags_users_rely_on_exist(verb: str) -> None:
    assert RELIED_ON[verb] <= flags(verb)


@pytest.mark.parametrize("verb", sorted(table()))
def test_a_verbs_help_says_what_the_readme_says(verb: str) -> None:
    written, row = table()[verb]
    shown = CliRunner().invoke(main, [*verb.split(), "--help"]).output
    assert set(re.findall(r"--[a-z_]+", row)) <= flags(verb)
    assert all(f"{flag} " in shown or f"{flag}\n" in shown for flag in flags(verb))
    assert bool(re.sub(r"\[?--[a-z]+[^]]*\]?", "", written).strip()) == bool(arguments(verb))


@pytest.mark.parametrize(("verb", "choices"), [("sql", ["table", "csv", "json"])])
def test_the_formats_of_the_readme_are_the_commands(verb: str, choices: list[str]) -> None:
    (form,) = [option for option in main.commands[verb].params if "--format" in option.opts]
    assert list(form.type.choices) == choices  # type: ignore[attr-defined]
    assert all(f"`{choice}`" in table()[verb][1] for choice in choices[1:])


@pytest.mark.parametrize(
    "name", ["LAKEBOX_LAKE", "LAKEBOX_RAW", "LAKEBOX_MAPPING", "LAKEBOX_TARGET", "LAKEBOX_API_PORT"]
)
def test_help_and_readme_name_the_settings(name: str) -> None:
    assert name in CliRunner().invoke(main, ["--help"]).output
    assert name in README


@pytest.mark.parametrize("arguments", [["nonsense"], ["up", "--scale", "0"], ["up", "--scale", "x"], ["dq", "extra"]])
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, arguments).exit_code == 2
