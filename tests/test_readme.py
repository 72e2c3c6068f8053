"""The README tells the truth: its commands run, its outputs are what they print, its links and verbs are there."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import lakebox

from lakebox.cli import main

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def console_blocks() -> list[tuple[str, list[str]]]:
    """Commands of the README's console blocks, each with the output that it shows."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:].split("     #")[0].strip(), []))
            else:
                found[-1][1].append(line.rstrip())
    return found


def steady(text: str) -> str:
    """Text without what the clock says."""
    return re.sub(r"\d+\.\d+ s\b", "_ s", text).rstrip()


@pytest.fixture(scope="module")
def place(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a reader has it: the demo has run, and there is a DIR of events with a mapping."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(REPOSITORY / "sample_data", folder / "sample_data")
    shutil.copytree(demo / "lake", folder / "lake")
    (folder / "DIR").mkdir()
    event = {"user_id": 1, "item_id": 2, "behavior": "pv", "ts": 1_750_000_000}
    (folder / "DIR" / "x.json").write_text(json.dumps(event))
    (folder / "mapping.toml").write_text(re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)[0])
    return folder


@pytest.mark.spark
@pytest.mark.parametrize(
    ("command", "shown"), [found for found in console_blocks() if found[0].startswith(".venv/bin/lakebox")]
)
def test_a_command_prints_what_the_readme_shows(place: Path, command: str, shown: list[str]) -> None:
    words = shlex.split(command)
    assert words[0] == ".venv/bin/lakebox"
    done = lakebox(*words[1:], cwd=place)
    assert done.returncode == 0, done.stderr
    if shown:
        printed = steady(done.stdout) + "\n" + steady(done.stderr)
        assert [steady(line) for line in printed.splitlines()] == [steady(line) for line in shown]


def test_the_make_targets_of_the_readme_are_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"(?:\$ |`)make ([a-z-]+)", README))
    assert named
    assert named <= targets


def test_the_links_of_the_readme_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (REPOSITORY / link).exists(), link


@pytest.mark.parametrize("verb", sorted(main.commands))
def test_each_verb_explains_itself(verb: str) -> None:
    shown = CliRunner().invoke(main, [verb, "--help"])
    assert shown.exit_code == 0
    assert len(shown.output.splitlines()) >= 4
