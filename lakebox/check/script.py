"""A job's script -> what in it would not run. It is parsed, never imported or run."""

import ast
from pathlib import Path

from lakebox.check.arguments import argument_findings
from lakebox.check.calls import call_findings
from lakebox.check.finding import EVERYWHERE, Finding
from lakebox.check.imports import import_findings
from lakebox.check.job import Job

SHELL_PYTHON = (3, 9)


def script_findings(path: Path, job: Job) -> list[Finding]:
    """What in a script would not run, in the order of its lines."""
    text, name = path.read_text(encoding="utf-8-sig", errors="replace"), str(path)
    try:
        tree = ast.parse(text, feature_version=SHELL_PYTHON if job.is_shell else None)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        version = "Python 3.9, which Python shell jobs have" if job.is_shell else "Python 3"
        return [Finding(name, line, True, EVERYWHERE, f"this is no {version}: {getattr(error, 'msg', error)}")]
    found = [*import_findings(tree, path, job), *call_findings(tree, name)]
    return sorted({*found, *argument_findings(tree, name, job.arguments)})
