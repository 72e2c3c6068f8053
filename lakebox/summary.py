"""Prints what a run left in the lake: rows a table, what was quarantined and why, the quality report, queries."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jobs.arguments import JobArguments
from jobs.lake.layout import REPORT_JSON, REPORT_MARKDOWN
from jobs.lake.open_store import open_store
from jobs.lake.store import Store
from lakebox.athena.engine import Engine, query_cost
from lakebox.athena.result_text import cell_text
from lakebox.console import wide_console
from lakebox.settings import REPOSITORY
from lakebox.steps import Run, Step

GOLD = "gold_user_features"
LAYERS = ("bronze_user_events_parquet", "bronze_quarantine", "silver_user_events", GOLD)


def print_run(settings: JobArguments, run: Run, open_engine: Callable[[], Engine]) -> None:
    """The summary that ends a run."""
    console = wide_console()
    if all(step.outcome.skipped for step in run.steps):
        console.print(f"Nothing new: the lake at {escape(settings.lake_uri)} is up to date.")
        return
    engine = open_engine()
    print_layers(console, settings, engine)
    if quarantined_any(run.steps):
        print_quarantine(console, settings, engine)
    gate = _report(open_store(settings.lake_uri))
    console.print(f"Quality gate {gate['outcome']}: {len(gate['rules'])} rules, report in {REPORT_MARKDOWN}")
    console.print(
        f'Gold snapshot of {run.training_date}. Ask it: lakebox sql "SELECT * FROM gold_user_features LIMIT 5"'
    )


def print_failed_run(settings: JobArguments, steps: Sequence[Step], open_engine: Callable[[], Engine]) -> None:
    """What a run that failed could not read, and why: often the reason of the failure. steps: those that ended well."""
    if quarantined_any(steps):
        print_quarantine(wide_console(), settings, open_engine())


def quarantined_any(steps: Sequence[Step]) -> bool:
    """Whether the jobs of a run have put raw items into quarantine."""
    return any(step.job_name == "raw_to_bronze" and step.outcome.rows_in > step.outcome.rows_out for step in steps)


def print_layers(console: Console, settings: JobArguments, engine: Engine) -> None:
    """How many rows each table of the flow holds, for Gold in the snapshot of the run."""
    console.print(f"The lake at {escape(settings.lake_uri)}", soft_wrap=True)
    table = Table()
    table.add_column("table")
    table.add_column("rows", justify="right")
    snapshot = f" WHERE training_date = DATE '{settings.training_date}'"
    counts = [f"(SELECT count(*) FROM {name}{snapshot if name == GOLD else ''})" for name in LAYERS]
    for name, rows in zip(LAYERS, engine.query(f"SELECT {', '.join(counts)}").rows[0], strict=True):
        table.add_row(name, f"{rows:,}")
    console.print(table)


def print_quarantine(console: Console, settings: JobArguments, engine: Engine, limit: int = 12) -> None:
    """What this run could not read, and why."""
    query = f"SELECT source_file, line_number, reason FROM bronze_quarantine WHERE run_id = '{settings.run_id}' "
    items = engine.query(query + "ORDER BY source_file, line_number").rows
    if not items:
        return
    console.print(f"Quarantined in this run: {len(items)}")
    table = Table()
    for column in ("file", "line", "reason"):
        table.add_column(column, justify="right" if column == "line" else "left", overflow="fold")
    for source_file, line, reason in items[:limit]:
        table.add_row(escape(_short(str(source_file))), str(line), escape(str(reason)))
    console.print(table)
    if len(items) > limit:
        console.print(f'… and {len(items) - limit} more: lakebox sql "SELECT * FROM bronze_quarantine"')


def print_report(settings: JobArguments) -> None:
    """The outcome of the gate: the rules that failed with what was measured, and what each column looks like."""
    console = wide_console()
    report = _report(open_store(settings.lake_uri))
    if not report:
        return
    failed = [rule for rule in report["rules"] if rule["outcome"] != "PASSED"]
    colour = "red" if report["outcome"] == "FAILED" else "green"
    held = f"{len(report['rules']) - len(failed)} of {len(report['rules'])} rules hold"
    console.print(f"Quality gate [{colour}]{report['outcome']}[/]: {held} for {report['total_rows']:,} rows")
    for rule in failed:
        console.print(f"  [red]✗[/] {escape(rule['rule'])}: {escape(str(rule['reason']))}", soft_wrap=True)
        for sample in rule["samples"][:3]:
            console.print(f"      [dim]{escape(json.dumps(sample, ensure_ascii=False))}[/]", soft_wrap=True)
    table = Table()
    for name in ("column", "type", "nulls", "null share", "distinct (about)"):
        table.add_column(name, justify="left" if name in ("column", "type") else "right")
    for column in report["columns"]:
        share = "" if column["null_share"] is None else f"{column['null_share']:.0%}"
        table.add_row(column["name"], column["type"], str(column["nulls"]), share, str(column["approx_distinct"]))
    console.print(table)
    repeated = report["duplicates"]["rows"]
    console.print(f"Same user and time, other event: {repeated} rows (reported, not failed)")
    console.print(f"In the lake: {REPORT_MARKDOWN} and {REPORT_JSON}")


def print_query(console: Console, engine: Engine, name: str) -> None:
    """Run a query of queries/ and show it with its rows and its cost."""
    statement = Path(REPOSITORY, "queries", f"{name}.sql").read_text(encoding="utf-8")
    question, _, body = statement.partition("\n")
    result = engine.query(body)
    console.print(f"[bold]{escape(question.removeprefix('-- '))}[/]")
    table = Table()
    for column, _ in result.columns:
        table.add_column(column)
    for row in result.rows:
        table.add_row(*(escape(cell_text(value)) for value in row))
    console.print(table)
    console.print(f"[dim]queries/{name}.sql: {query_cost(result)}[/]\n")


def _report(store: Store) -> dict[str, Any]:
    content = store.read(REPORT_JSON)
    report: dict[str, Any] = json.loads(content) if content else {}
    return report


def _short(source_file: str) -> str:
    """The last two parts of a file's path."""
    return "/".join(source_file.split("/")[-2:])
