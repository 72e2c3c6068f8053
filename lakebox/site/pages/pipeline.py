"""The first page: what each layer holds, what went wrong, the pipeline as a diagram, and each step with its runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakebox.site.cells import Cell, Grid, local_text, plural, seconds_text, usd, utc
from lakebox.site.definitions import CrawlerDefinition, JobDefinition
from lakebox.site.diagram import Box, Stage, crawlers_after, job_order, tall, wide
from lakebox.site.inventory import TableFact
from lakebox.site.run_history import Work
from lakebox.site.source import Source

LAST_RUNS = 5
MOST_DETAILS = 3  # of one finding; its page has them all
NOT_READ = f"""SELECT source_file, line_number, reason FROM bronze_quarantine
ORDER BY quarantined_at DESC, source_file, line_number LIMIT {MOST_DETAILS}"""
BAD = ("FAILED", "KILLED", "ERROR", "TIMEOUT", "STOPPED", "CANCELLED")
GOOD = ("SUCCEEDED", "COMPLETED")


@dataclass(frozen=True)
class Step:
    """A job with what belongs to it. last: its newest run; reads: the tables of the steps before that it takes."""

    job: JobDefinition
    crawlers: tuple[CrawlerDefinition, ...]
    tables: tuple[TableFact, ...]
    runs: Grid
    last: Work | None

    @property
    def state(self) -> str:
        """good, bad, or empty where it has not run."""
        return state_colour(self.last.state) if self.last else ""


@dataclass(frozen=True)
class Layer:
    """A table of the flow at a glance. name: its colour's, of the walkthrough, where it has one."""

    name: str
    table: TableFact
    rows: int


@dataclass(frozen=True)
class Finding:
    """How a part of the flow went. details: the first rows, rules or steps that are wrong; hidden: how many more."""

    title: str
    state: str
    text: str
    href: str
    details: tuple[str, ...] = ()
    hidden: int = 0


def content(source: Source) -> Mapping[str, Any]:
    """The layers and how it went, the diagram and its steps."""
    steps = [step_of(source, job) for job in job_order(source.definitions)]
    stages = [_stage(source, step) for step in steps]
    return {
        "steps": steps,
        "diagrams": (("wide", wide(stages)), ("tall", tall(stages))),
        "layers": _layers(source, steps),
        "findings": [_last_run(source), _gate(source), _not_read(source)],
        "workflows": source.definitions.workflows,
        "row_counts": source.row_counts,
    }


def step_of(source: Source, job: JobDefinition) -> Step:
    """A job with its crawlers, the tables that they register, and its newest runs."""
    names = crawlers_after(source.definitions, job.name)
    crawlers = tuple(crawler for crawler in source.definitions.crawlers if crawler.name in names)
    tables = tuple(table for crawler in crawlers for table in tables_of(source, crawler))
    works = [work for run in source.runs for work in run.works if work.name == job.name]
    return Step(job, crawlers, tables, runs_grid(works[:LAST_RUNS]), works[0] if works else None)


def tables_of(source: Source, crawler: CrawlerDefinition) -> list[TableFact]:
    """The tables whose data lie below a crawler's targets."""
    return [
        table
        for table in source.tables
        if table.database == crawler.database and table.location.startswith(crawler.paths)
    ]


def runs_grid(works: list[Work]) -> Grid:
    """Runs of one job."""
    columns = (
        ("state", "text"),
        ("started (UTC)", "text"),
        ("time", "number"),
        ("rows in", "number"),
        ("rows out", "number"),
        ("DPU-seconds", "number"),
        ("price on Glue", "number"),
    )
    if any(work.message for work in works):
        return Grid(
            (*columns, ("message", "prose")), [[*_run_row(work), Cell(local_text(work.message))] for work in works]
        )
    return Grid(columns, [_run_row(work) for work in works])


def _run_row(work: Work) -> list[Any]:
    return [
        state_cell(work.state),
        utc(work.started),
        Cell(seconds_text(work.duration_s), sort=work.duration_s) if work.ended else None,
        work.rows_in,
        work.rows_out,
        None if work.dpu_seconds is None else Cell(f"{work.dpu_seconds:,.1f}", sort=work.dpu_seconds),
        None if work.price_usd is None else Cell(usd(work.price_usd), sort=work.price_usd),
    ]


def state_colour(state: str) -> str:
    """good, bad or muted."""
    return "bad" if state in BAD else "good" if state in GOOD else "muted"


def state_cell(state: str) -> Cell:
    """A state in words, coloured."""
    return Cell(state.lower(), state=state_colour(state))


def _stage(source: Source, step: Step) -> Stage:
    note = seconds_text(step.last.duration_s) if step.last else "not run yet"
    if step.last and step.state == "bad":  # a dot's colour alone does not say it to everyone
        note = f"{step.last.state.lower()} in {note}"
    job = Box(step.job.name, "job", step.job.name, note, f"#job-{step.job.name}", step.state)
    branches = tuple(_branch(source, crawler) for crawler in step.crawlers)
    return Stage(job, branches)


def _branch(source: Source, crawler: CrawlerDefinition) -> tuple[Box, ...]:
    tables = tables_of(source, crawler)
    boxes = [Box(crawler.name, "crawler", crawler.name, "crawler", f"#crawler-{crawler.name}")]
    for table in tables:
        count = source.row_counts.get(table.name)
        note = plural(count, "row") if count is not None else "table"
        boxes.append(Box(table.id, "table", table.name, note, f"data.html#{table.id}"))
    return tuple(boxes)


def _layers(source: Source, steps: list[Step]) -> list[Layer]:
    """The tables that hold what flows; the record of runs is none of them."""
    tables = [table for step in steps for table in step.tables]
    return [
        Layer(table.name.split("_")[0], table, source.row_counts[table.name])
        for table in tables
        if table.name in source.row_counts and table.name != "pipeline_runs"
    ]


def _last_run(source: Source) -> Finding:
    title, href = "Last run", "runs.html"
    if not source.runs:
        return Finding(title, "muted", "none yet", href)
    last = source.runs[0]
    time = f" in {seconds_text(last.duration_s)}" if last.ended else ""
    wrong = [f"{work.name}: {local_text(work.message)}" for work in last.works if state_colour(work.state) == "bad"]
    return _finding(
        title, state_colour(last.state), f"{last.state.lower()}{time}, {utc(last.started)} UTC", href, wrong
    )


def _gate(source: Source) -> Finding:
    title, href, report = "Quality gate", "quality.html#report", source.report
    if not report:
        return Finding(title, "muted", "not run yet", href)
    broken = [rule for rule in report["rules"] if rule["outcome"] != "PASSED"]
    held = f"{len(report['rules']) - len(broken)} of {plural(len(report['rules']), 'rule')} hold"
    return _finding(
        title,
        "good" if report["outcome"] == "PASSED" else "bad",
        f"{report['outcome'].lower()}, {held} on {plural(report['total_rows'], 'row')}",
        href,
        [f"{rule['rule']}: {rule['reason'] or ''}" for rule in broken],
    )


def _not_read(source: Source) -> Finding:
    """The newest items in quarantine: where they are, and why they could not be read."""
    title, href = "Could not be read", "quality.html#quarantine"
    count = source.row_counts.get("bronze_quarantine", 0)
    if not count:
        return Finding(title, "good" if source.runs else "muted", "nothing", href)
    rows = source.rows(NOT_READ, "bronze_quarantine")
    items = [f"{local_text(str(file))}, line {line:,}: {reason}" for file, line, reason in rows]
    return Finding(title, "bad", f"{plural(count, 'item')}, kept in quarantine", href, tuple(items), count - len(items))


def _finding(title: str, state: str, text: str, href: str, wrong: list[str]) -> Finding:
    return Finding(title, state, text, href, tuple(wrong[:MOST_DETAILS]), max(0, len(wrong) - MOST_DETAILS))
