"""The first page: the pipeline as a diagram, and each step with its job, crawlers, tables and last runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakebox.site.cells import Cell, Grid, bytes_text, local_text, plural, seconds_text, usd, utc
from lakebox.site.definitions import CrawlerDefinition, JobDefinition
from lakebox.site.diagram import Box, Stage, crawlers_after, job_order, tall, wide
from lakebox.site.inventory import TableFact
from lakebox.site.run_history import Work
from lakebox.site.source import Source

LAST_RUNS = 5
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


def content(source: Source) -> Mapping[str, Any]:
    """The diagram, its steps, and the lake at a glance."""
    steps = [step_of(source, job) for job in job_order(source.definitions)]
    stages = [_stage(source, step) for step in steps]
    return {
        "steps": steps,
        "diagrams": (("wide", wide(stages)), ("tall", tall(stages))),
        "glance": _glance(source, steps),
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
        None if work.dpu_seconds is None else round(work.dpu_seconds, 1),
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


def _glance(source: Source, steps: list[Step]) -> list[tuple[str, str]]:
    listing = source.objects_of(source.bucket)
    size = bytes_text(sum(each.size for each in listing.objects))
    last = source.runs[0] if source.runs else None
    facts = [(table.name, plural(source.row_counts[table.name], "row")) for table in _counted(source, steps)]
    facts.append(("stored", size))
    facts.append(("quality gate", str(source.report.get("outcome", "not run yet")).lower()))
    facts.append(("last run", f"{last.state.lower()}, {utc(last.started)}" if last else "none yet"))
    return facts


def _counted(source: Source, steps: list[Step]) -> list[TableFact]:
    tables = [table for step in steps for table in step.tables]
    return [table for table in tables if table.name in source.row_counts and table.name != "pipeline_runs"]
