"""The page of runs: each run of the lake as a timeline of its jobs and crawlers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakebox.site.cells import Cell, Grid, local_text, seconds_text, usd, utc
from lakebox.site.pages.pipeline import state_cell, state_colour
from lakebox.site.run_history import RunFact, Work
from lakebox.site.source import Source

DRAWN = 12  # runs that are drawn; the table has them all
LEAST = 0.4  # percent of the line that the shortest bar takes


@dataclass(frozen=True)
class Bar:
    """A job or crawler in its run: where it starts and how long it is, in percent of the run."""

    work: Work
    colour: str
    left: float
    width: float
    time: str
    rows: str
    message: str


def content(source: Source) -> Mapping[str, Any]:
    """The newest runs drawn, all of them in a table."""
    runs = source.runs
    return {
        "drawn": [(run, state_colour(run.state), bars(run)) for run in runs[:DRAWN]],
        "all_runs": _grid(runs),
        "total_usd": sum(run.price_usd for run in runs),
    }


def bars(run: RunFact) -> list[Bar]:
    """The works of a run on its own scale of time."""
    end = run.ended or max(work.ended or work.started for work in run.works)
    whole = max((end - run.started).total_seconds(), 0.001)
    found = []
    for work in run.works:
        left = (work.started - run.started).total_seconds() / whole * 100
        width = max(work.duration_s / whole * 100, LEAST) if work.ended else 100 - left
        left = min(left, 100 - LEAST)
        found.append(
            Bar(
                work,
                state_colour(work.state),
                round(left, 2),
                round(min(width, 100 - left), 2),
                seconds_text(work.duration_s) if work.ended else "at work",
                "" if work.rows_in is None else f"{work.rows_in:,} → {work.rows_out or 0:,} rows",
                local_text(work.message),
            )
        )
    return found


def _grid(runs: list[RunFact]) -> Grid:
    heads = (
        ("what", "text"),
        ("state", "text"),
        ("started (UTC)", "text"),
        ("time", "number"),
        ("steps", "number"),
        ("price on Glue", "number"),
        ("run", "code"),
    )
    rows = [
        [
            Cell(run.what),
            state_cell(run.state),
            utc(run.started),
            Cell(seconds_text(run.duration_s), sort=run.duration_s) if run.ended else None,
            len(run.works),
            Cell(usd(run.price_usd), sort=run.price_usd),
            Cell(run.id),
        ]
        for run in runs
    ]
    return Grid(heads, rows)
