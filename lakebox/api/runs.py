"""Runs of scripts from the command line, and the record of all runs, as a person reads them."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from jobs.lake.errors import LakeboxError
from lakebox.api.records import JobRuns
from lakebox.glue.data_catalog.documents import Document

USD_PER_DPU_HOUR = 0.44
LEAST_BILLED_S = 60


class RunError(LakeboxError):
    """There is no such run, or its arguments are wrong."""

    exit_status = 2


def run_once(runs: JobRuns, script: str, words: Sequence[str], *, shell: bool) -> str | None:
    """Run a script to its end, what it writes going to standard output; why it failed, or None where it did not."""
    if "://" not in script and not Path(script).is_file():
        raise RunError(f"there is no script {script}; check the path")
    run = runs.run(script, arguments_of(words), "pythonshell" if shell else "glueetl", sys.stdout.buffer)
    state = run["JobRunState"]
    return None if state == "SUCCEEDED" else f"{state}: {run.get('ErrorMessage', 'the run did not end well')}"


def arguments_of(words: Sequence[str]) -> dict[str, str]:
    """`--name value` and `--name=value` as a run's arguments; a name without a value has the empty one."""
    arguments: dict[str, str] = {}
    name = None
    for word in words:
        if word.startswith("--"):
            name, _, value = word.partition("=")
            arguments[name] = value
        elif name is None:
            raise RunError(f"{word!r} stands alone; arguments are written --NAME VALUE")
        else:
            arguments[name], name = word, None
    return arguments


def print_runs(runs: JobRuns, console: Console) -> None:
    """A table of all job runs, the newest first."""
    table = Table()
    for name in ("run", "job", "state", "started (UTC)", "seconds", "DPU-seconds", "price", "error"):
        table.add_column(
            name, overflow="fold", justify="right" if name in ("seconds", "DPU-seconds", "price") else "left"
        )
    for run in sorted(_known(runs), key=lambda run: run["StartedOn"], reverse=True):
        table.add_row(
            run["Id"][:15],
            run["JobName"],
            run["JobRunState"],
            f"{run['StartedOn'].astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            str(run["ExecutionTime"]),
            f"{run.get('DPUSeconds', 0):g}",
            f"${price_usd(run):.4f}",
            run.get("ErrorMessage", ""),
        )
    console.print(table)


def print_workflow_runs(glue: Any, console: Console) -> None:
    """A table of all workflow runs, the newest first, then what each has run; nothing where there is none."""
    names = [name for page in glue.get_paginator("list_workflows").paginate() for name in page["Workflows"]]
    pages = glue.get_paginator("get_workflow_runs")
    runs = [run for name in names for page in pages.paginate(Name=name, IncludeGraph=True) for run in page["Runs"]]
    if not runs:
        return
    table, graphs = Table(), []
    for column in (
        "workflow run",
        "workflow",
        "state",
        "started (UTC)",
        "seconds",
        "succeeded",
        "price",
        "error",
    ):
        table.add_column(column, overflow="fold", justify="right" if column in ("seconds", "price") else "left")
    for run in sorted(runs, key=lambda run: run["StartedOn"], reverse=True):
        nodes = run["Graph"]["Nodes"]
        jobs = [(node["Name"], one) for node in nodes for one in node.get("JobDetails", {}).get("JobRuns", [])]
        crawls = [(node["Name"], one) for node in nodes for one in node.get("CrawlerDetails", {}).get("Crawls", [])]
        done = sorted([*jobs, *crawls], key=lambda pair: pair[1].get("StartedOn", run["StartedOn"]))
        counts = run["Statistics"]
        table.add_row(
            run["WorkflowRunId"][:15],
            run["Name"],
            run["Status"],
            f"{run['StartedOn'].astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            f"{((run.get('CompletedOn') or datetime.now(UTC)) - run['StartedOn']).total_seconds():.0f}",
            f"{counts['SucceededActions']} of {counts['TotalActions']}",
            f"${sum(price_usd(one) for _, one in jobs):.4f}",
            "\n".join(error for error in (run.get("ErrorMessage"), *map(_error_of, done)) if error),
        )
        states = ", ".join(f"{name} {one.get('JobRunState') or one['State']}" for name, one in done)
        graphs.append(f"{run['WorkflowRunId'][:15]}: {states or 'nothing has started'}")
    console.print(table)
    for line in graphs:
        console.print(line, soft_wrap=True, highlight=False)


def _error_of(action: tuple[str, Document]) -> str | None:
    """What went wrong with a job run or crawl; a crawl that succeeded may have notes, which are no errors."""
    name, one = action
    succeeded = "SUCCEEDED" in (one.get("JobRunState"), one.get("State"))
    return None if succeeded or "ErrorMessage" not in one else f"{name}: {one['ErrorMessage']}"


def price_usd(run: Document) -> float:
    """What Glue would charge for a run: 0.44 dollars a DPU-hour, a minute at least. Source: AWS Glue pricing."""
    billed_s: float = max(run["ExecutionTime"], LEAST_BILLED_S)
    return billed_s * float(run["MaxCapacity"]) / 3600 * USD_PER_DPU_HOUR


def print_log(runs: JobRuns, run_id: str) -> None:
    """Print what a run has written, and why it failed. Raises RunError where no run, or several, have that id."""
    matching = [run for run in _known(runs) if run["Id"].startswith(run_id)]
    if len(matching) != 1:
        count = "no run has" if not matching else f"{len(matching)} runs have"
        raise RunError(f"{count} an id that starts with {run_id}; `lakebox runs` lists them")
    runs.copy_log(matching[0]["Id"], sys.stdout.buffer)
    if "ErrorMessage" in matching[0]:
        print(matching[0]["ErrorMessage"], file=sys.stderr)


def _known(runs: JobRuns) -> list[Document]:
    found = runs.all()
    if not found:
        raise RunError("no job has run yet; run one: lakebox job run SCRIPT")
    return found
