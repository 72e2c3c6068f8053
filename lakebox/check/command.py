"""`lakebox check`: a script or a template -> a line for each thing that was found."""

from collections.abc import Sequence
from pathlib import Path

import click

from lakebox.api.runs import arguments_of
from lakebox.check.job import Job
from lakebox.check.script import script_findings
from lakebox.check.template import template_findings

TEMPLATES = (".yaml", ".yml", ".json", ".template")


def print_findings(path: Path, words: Sequence[str], *, is_shell: bool) -> bool:
    """Print what was found in a file, and a count; whether something would fail."""
    if path.suffix in TEMPLATES:
        found = template_findings(path)
    else:
        found = script_findings(path, Job(arguments_of(words), is_shell))
    for finding in found:
        click.echo(str(finding))
    failures = sum(finding.fails for finding in found)
    notes = len(found) - failures
    click.echo(f"{path}: {failures} would fail, {notes} to know" if found else f"{path}: nothing found")
    return failures > 0
