"""What a person reads while lakebox works and when it is done: on a terminal with motion, elsewhere plain lines."""

import json
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from jobs.arguments import Settings as JobSettings
from jobs.check_silver import REPORT_JSON, REPORT_MARKDOWN
from jobs.lake.open_store import open_store
from jobs.lake.store import Store
from lakebox.athena.engine import Engine, QueryResult, athena_price_usd
from lakebox.athena.result_text import cell_text
from lakebox.glue.job_runner import Runner
from lakebox.glue.workflow import Progress, Run, Step
from lakebox.settings import REPOSITORY, Settings
from lakebox.stack.doctor import Finding
from lakebox.targets import open_runner

TITLES = {
    "raw_to_bronze": "raw -> Bronze",
    "bronze_to_silver": "Bronze -> Silver",
    "check_silver": "quality gate",
    "silver_to_gold": "Silver -> Gold",
}
PLAIN_WIDTH = 112
GOLD = "gold_user_features"
LAYERS = ("bronze_user_events_parquet", "bronze_quarantine", "silver_user_events", GOLD)


def wide_console(*, stderr: bool = False) -> Console:
    """A console that is as wide as its terminal, and wide enough for tables where there is none."""
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=PLAIN_WIDTH)


class RunScreen:
    """Progress of a run: a line a job, and while a job works a spinner where the output is a terminal."""

    def __init__(self) -> None:
        self.console = wide_console(stderr=True)
        self._status: Status | None = None
        self.progress = Progress(self._started, self._ended)

    def runner(self, settings: Settings) -> Runner:
        """The target's job runner, which says when it starts Spark."""
        return open_runner(settings, on_spark_start=lambda: self._say("starting Spark"))

    def __enter__(self) -> "RunScreen":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _started(self, job_name: str) -> None:
        self._stop()
        if self.console.is_terminal:
            self._status = self.console.status(TITLES[job_name])
            self._status.start()

    def _ended(self, step: Step) -> None:
        self._stop()
        mark = "[dim]-[/]" if step.outcome.skipped else "[green]✓[/]"
        line = f"{mark} {TITLES[step.job_name]:<17} {escape(step.outcome.summary)} [dim]({step.duration_s:.1f} s)[/]"
        self.console.print(line, soft_wrap=True)

    def _say(self, text: str) -> None:
        if self._status is not None:
            self._status.update(text)
        else:
            self.console.print(f"[dim]  {text}[/]")

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def query_cost(result: QueryResult) -> str:
    """Run time, bytes scanned and what Athena would charge, in one line."""
    scanned = f"{result.scanned_bytes:,} bytes scanned"
    price = athena_price_usd(result.scanned_bytes)
    rows = "1 row" if len(result.rows) == 1 else f"{len(result.rows)} rows"
    return f"{rows}, {result.duration_s:.2f} s, {scanned}, Athena price ${price:.6f}"


def print_run(settings: JobSettings, run: Run, engine: Engine) -> None:
    """The summary that ends a run."""
    console = wide_console()
    if all(step.outcome.skipped for step in run.steps):
        console.print(f"Nothing new: the lake at {escape(settings.lake_uri)} is up to date.")
        return
    print_layers(console, settings, engine)
    if any(step.job_name == "raw_to_bronze" and step.outcome.rows_in > step.outcome.rows_out for step in run.steps):
        print_quarantine(console, settings, engine)
    gate = _report(open_store(settings.lake_uri))
    console.print(f"Quality gate {gate['outcome']}: {len(gate['rules'])} rules, report in {REPORT_MARKDOWN}")
    console.print(
        f'Gold snapshot of {run.training_date}. Ask it: lakebox sql "SELECT * FROM gold_user_features LIMIT 5"'
    )


def print_layers(console: Console, settings: JobSettings, engine: Engine) -> None:
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


def print_quarantine(console: Console, settings: JobSettings, engine: Engine, limit: int = 12) -> None:
    """What this run could not read, and why."""
    query = f"SELECT source_file, line_number, reason FROM bronze_quarantine WHERE run_id = '{settings.run_id}' "
    found = engine.query(query + "ORDER BY source_file, line_number").rows
    if not found:
        return
    console.print(f"Quarantined in this run: {len(found)}")
    table = Table()
    for column in ("file", "line", "reason"):
        table.add_column(column, justify="right" if column == "line" else "left", overflow="fold")
    for source_file, line, reason in found[:limit]:
        table.add_row(escape(_short(str(source_file))), str(line), escape(str(reason)))
    console.print(table)
    if len(found) > limit:
        console.print(f'… and {len(found) - limit} more: lakebox sql "SELECT * FROM bronze_quarantine"')


def print_report(settings: JobSettings) -> None:
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


def print_findings(findings: list[Finding]) -> None:
    """The doctor's findings, a line each, and below it how to fix it."""
    console = wide_console()
    marks = {"ok": "[green]✓ ok     [/]", "warning": "[yellow]! warning[/]", "problem": "[red]✗ problem[/]"}
    for finding in findings:
        console.print(f"{marks[finding.level]} {escape(finding.what)}", soft_wrap=True)
        if finding.fix:
            console.print(f"          {escape(finding.fix)}", soft_wrap=True)


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
