"""Writes the report of a lake's last run as one HTML file without scripts, fit to attach to a pull request.

It says what each step read, wrote and would cost on Glue, whether the gate holds, what the run could not read, how many
rows each layer holds now, and what became different in Gold since the snapshot before.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from markupsafe import Markup

from jobs.lake.errors import LakeboxError
from lakebox.athena.engine import Engine, QueryResult, athena_price_usd
from lakebox.settings import Settings
from lakebox.site.build import HERE, site_environment
from lakebox.site.cells import Cell, Grid, bytes_text, seconds_text, usd
from lakebox.site.pages import quality
from lakebox.site.run_history import SLACK, RunFact
from lakebox.site.source import Source, now
from lakebox.targets import open_clients, open_engine

GOLD = "gold_user_features"
MOST_USERS = 20
COUNTS = ("click_count", "purchase_count", "event_count")

CHANGES = """SELECT coalesce(newer.user_id, older.user_id) AS user_id,
       older.click_count, newer.click_count, older.purchase_count, newer.purchase_count,
       older.event_count, newer.event_count
FROM (SELECT * FROM gold_user_features WHERE training_date = DATE '{after}') AS newer
FULL OUTER JOIN (SELECT * FROM gold_user_features WHERE training_date = DATE '{before}') AS older
ON newer.user_id = older.user_id
WHERE newer.user_id IS NULL OR older.user_id IS NULL
   OR newer.click_count <> older.click_count OR newer.purchase_count <> older.purchase_count
   OR newer.event_count <> older.event_count OR newer.last_event_timestamp <> older.last_event_timestamp
ORDER BY abs(coalesce(newer.event_count, 0) - coalesce(older.event_count, 0)) DESC, 1"""
QUARANTINE = """SELECT reason, source_file, line_number
FROM bronze_quarantine
WHERE run_id IN (SELECT run_id FROM pipeline_runs
                 WHERE started_at BETWEEN TIMESTAMP '{start}' AND TIMESTAMP '{end}')
ORDER BY reason, source_file, line_number"""


class ReportError(LakeboxError):
    """There is nothing to report."""


class MeteredEngine:
    """An engine that counts what its queries scan, and what Athena would charge for each."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.queries, self.scanned_bytes, self.price_usd = 0, 0, 0.0

    def query(self, sql: str) -> QueryResult:
        """Answer one statement; raises SqlError."""
        result = self._engine.query(sql)
        self.queries += 1
        self.scanned_bytes += result.scanned_bytes
        self.price_usd += athena_price_usd(result.scanned_bytes)
        return result


def write_report(settings: Settings, out: Path) -> RunFact:
    """Write the report of the lake's last run into a file; that run. Raises ReportError where nothing has run yet."""
    engine = MeteredEngine(open_engine(settings))
    with open_clients(settings) as clients:
        source = Source(settings, engine, clients, now())
        if not source.runs:
            raise ReportError(f"nothing has run on the lake {source.name} yet; lakebox run does, then report again")
        run = source.runs[0]
        content = {
            "run": run,
            "steps": _steps(run),
            "quality": quality.content(source),
            "layers": _layers(source),
            "gold": _gold(source),
            "quarantine": _quarantine(source, run),
        }
    style = Markup((HERE / "static" / "style.css").read_text(encoding="utf-8"))  # noqa: S704 our own
    text = (
        site_environment(settings)
        .get_template("report.html")
        .render(
            lake=source.name,
            made_at=source.made_at,
            style=style,
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            cost=_cost(run, engine),
            **content,
        )
    )
    out.write_text(text, encoding="utf-8")
    return run


def _steps(run: RunFact) -> Grid:
    """Jobs and crawlers of the run, in the order of their start."""
    rows = [
        [
            work.name,
            Cell(work.state.lower(), state="good" if work.state in ("SUCCEEDED", "SKIPPED") else "bad"),
            work.rows_in,
            work.rows_out,
            Cell(seconds_text(work.duration_s)),
            None if work.dpu_seconds is None else Cell(f"{work.dpu_seconds:,.1f}"),
            Cell("–" if work.price_usd is None else usd(work.price_usd)),
            work.message,
        ]
        for work in run.works
    ]
    numbers = ("rows in", "rows out", "time", "DPU-seconds", "price on Glue")
    heads = (("step", "code"), ("state", "text"), *((name, "number") for name in numbers), ("message", "prose"))
    if any(work.message for work in run.works):
        return Grid(heads, rows)
    return Grid(heads[:-1], [row[:-1] for row in rows])


def _cost(run: RunFact, engine: MeteredEngine) -> list[tuple[str, str]]:
    dpu_seconds = sum(work.dpu_seconds or 0.0 for work in run.works)
    return [
        ("DPU-seconds", f"{dpu_seconds:,.1f}"),
        ("price on Glue", usd(run.price_usd)),
        (f"scanned by this report's {engine.queries} queries", bytes_text(engine.scanned_bytes)),
        ("price on Athena", usd(engine.price_usd)),
    ]


def _layers(source: Source) -> Grid:
    """Rows of the lakehouse's tables, in the order of the flow."""
    tables = [table for table in source.tables if table.name in source.row_counts]
    rows = [[table.name, source.row_counts[table.name], table.comment] for table in tables]
    return Grid((("table", "code"), ("rows", "number"), ("what it holds", "prose")), rows)


def _gold(source: Source) -> Mapping[str, Any] | None:
    """What became different in Gold since the snapshot before; None where there is no snapshot."""
    days = source.rows(f"SELECT DISTINCT training_date FROM {GOLD} ORDER BY 1 DESC LIMIT 2", GOLD)
    if not days:
        return None
    if len(days) == 1:
        return {"day": days[0][0], "before": None}
    after, before = days[0][0], days[1][0]
    changes = source.query(CHANGES.format(after=after, before=before)).rows
    added = sum(row[1] is None for row in changes)
    gone = sum(row[2] is None for row in changes)
    same = source.query(_count(after)).rows[0][0] - (len(changes) - gone)
    rows = [[user, *(_change(*row[place : place + 2]) for place in (0, 2, 4))] for user, *row in changes[:MOST_USERS]]
    heads = (("user", "text"), ("clicks", "number"), ("purchases", "number"), ("events", "number"))
    return {
        "day": after,
        "before": before,
        "facts": [
            ("users added", f"{added:,}"),
            ("users gone", f"{gone:,}"),
            ("users changed", f"{len(changes) - added - gone:,}"),
            ("users unchanged", f"{same:,}"),
        ],
        "users": Grid(heads, rows, max(0, len(changes) - MOST_USERS)),
    }


def _count(day: date) -> str:
    return f"SELECT count(*) FROM {GOLD} WHERE training_date = DATE '{day}'"


def _change(before: int | None, after: int | None) -> Cell:
    """A number in both snapshots; the user may be in one of them alone."""
    if before == after:
        return Cell(f"{after:,}")
    return Cell(f"{'–' if before is None else f'{before:,}'} → {'–' if after is None else f'{after:,}'}")


def _quarantine(source: Source, run: RunFact) -> Grid:
    """What the run could not read, and why."""
    start, end = run.started - SLACK, (run.ended or source.made_at) + timedelta(seconds=1)
    window = {"start": f"{start:%Y-%m-%d %H:%M:%S}", "end": f"{end:%Y-%m-%d %H:%M:%S}"}
    items = source.rows(QUARANTINE.format(**window), "bronze_quarantine", "pipeline_runs")
    reasons: dict[str, list[str]] = {}
    for reason, file, line in items:
        reasons.setdefault(str(reason), []).append(f"{'/'.join(str(file).split('/')[-2:])}:{line}")
    rows = [
        [reason, len(places), ", ".join(places[:5]) + (", …" if len(places) > 5 else "")]
        for reason, places in sorted(reasons.items(), key=lambda each: (-len(each[1]), each[0]))
    ]
    return Grid((("reason", "prose"), ("items", "number"), ("file and line", "prose")), rows)
