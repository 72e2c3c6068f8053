"""Runs as the pages show them: workflow runs and job runs of Glue's API, and the lake's own record, pipeline_runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lakebox.api.runs import LEAST_BILLED_S, USD_PER_DPU_HOUR, price_usd
from lakebox.site.definitions import Definitions

NEWEST = 15  # runs that are shown
SLACK = timedelta(seconds=2)  # clocks of a job and of what starts it
RECORDED = """SELECT run_id, job_name, status, rows_in, rows_out, started_at, finished_at, message
FROM pipeline_runs ORDER BY started_at DESC LIMIT 400"""


@dataclass(frozen=True)
class Work:
    """A job or a crawler at work, once. dpu_seconds, price_usd: what Glue would bill, None for crawlers.

    rows_in, rows_out: what the job put on record, where it did
    """

    name: str
    kind: str
    state: str
    started: datetime
    ended: datetime | None
    rows_in: int | None = None
    rows_out: int | None = None
    dpu_seconds: float | None = None
    price_usd: float | None = None
    message: str = ""

    @property
    def duration_s(self) -> float:
        """How long it took; 0 where it has not ended."""
        return (self.ended - self.started).total_seconds() if self.ended else 0.0


@dataclass(frozen=True)
class RunFact:
    """A run: its id, what it was (a workflow, `lakebox run`, one job), and its works in the order of their start."""

    id: str
    what: str
    works: tuple[Work, ...]
    state: str

    @property
    def started(self) -> datetime:
        """When its first work began."""
        return min(work.started for work in self.works)

    @property
    def ended(self) -> datetime | None:
        """When its last work ended; None where one has not."""
        ends = [work.ended for work in self.works if work.ended]
        return max(ends) if len(ends) == len(self.works) else None

    @property
    def duration_s(self) -> float:
        """From start to end."""
        return (self.ended - self.started).total_seconds() if self.ended else 0.0

    @property
    def price_usd(self) -> float:
        """What Glue would bill for all of it."""
        return sum(work.price_usd or 0.0 for work in self.works)


def run_history(glue: Any, recorded: Sequence[tuple[Any, ...]], definitions: Definitions) -> list[RunFact]:
    """All runs that are known, the newest first; NEWEST of each source. recorded: rows of RECORDED."""
    records = [_recorded_work(row, definitions) for row in recorded]
    left = list(zip(recorded, records, strict=True))
    runs: list[RunFact] = []
    seen: set[str] = set()
    for run in _workflow_runs(glue):
        works = []
        for work, job_run_id in _graph_works(run["Graph"]["Nodes"]):
            seen.add(job_run_id)
            works.append(_with_rows(work, left))
        if works:
            state = _state_of(run["Status"], works)
            runs.append(RunFact(run["WorkflowRunId"], f"workflow {run['Name']}", _in_order(works), state))
    for run in _job_runs(glue):
        if run["Id"] not in seen:
            work = _with_rows(_job_work(run), left)
            runs.append(RunFact(run["Id"], f"job {run['JobName']}", (work,), work.state))
    for run_id in dict.fromkeys(row[0] for row, _ in left):
        works = [work for row, work in left if row[0] == run_id]
        runs.append(RunFact(str(run_id), "lakebox run", _in_order(works), _state_of("SUCCEEDED", works)))
    return sorted(runs, key=lambda run: run.started, reverse=True)


def _in_order(works: Iterable[Work]) -> tuple[Work, ...]:
    return tuple(sorted(works, key=lambda work: work.started))


def _state_of(status: str, works: Sequence[Work]) -> str:
    """A run's state: that of the first work that did not succeed, else its own."""
    bad = [work.state for work in works if work.state not in ("SUCCEEDED", "SKIPPED", "COMPLETED")]
    return bad[0] if bad else "SUCCEEDED" if status == "COMPLETED" else status


def _recorded_work(row: tuple[Any, ...], definitions: Definitions) -> Work:
    _, job_name, state, rows_in, rows_out, started, ended, message = row
    job = next((job for job in definitions.jobs if job.record_name == job_name), None)
    dpu = job.dpu if job else 2.0
    seconds = (ended - started).total_seconds() if ended else 0.0
    return Work(
        name=job.name if job else str(job_name),
        kind="job",
        state=str(state),
        started=_utc(started),
        ended=_utc(ended) if ended else None,
        rows_in=rows_in,
        rows_out=rows_out,
        dpu_seconds=0.0 if state == "SKIPPED" else seconds * dpu,
        price_usd=0.0 if state == "SKIPPED" else max(seconds, LEAST_BILLED_S) * dpu / 3600 * USD_PER_DPU_HOUR,
        message=str(message or ""),
    )


def _with_rows(work: Work, left: list[tuple[tuple[Any, ...], Work]]) -> Work:
    """A job's run with the rows that it put on record; the record is taken out of what is left."""
    for number, (_, record) in enumerate(left):
        ended = work.ended or datetime.max.replace(tzinfo=UTC)
        if record.name == work.name and work.started - SLACK <= record.started <= ended:
            del left[number]
            return Work(**{**vars(work), "rows_in": record.rows_in, "rows_out": record.rows_out})
    return work


def _workflow_runs(glue: Any) -> list[dict[str, Any]]:
    names = [name for page in glue.get_paginator("list_workflows").paginate() for name in page["Workflows"]]
    runs: list[dict[str, Any]] = []
    for name in names:
        runs += glue.get_workflow_runs(Name=name, IncludeGraph=True, MaxResults=NEWEST)["Runs"]
    return sorted(runs, key=lambda run: run["StartedOn"], reverse=True)[:NEWEST]


def _graph_works(nodes: Sequence[Mapping[str, Any]]) -> Iterable[tuple[Work, str]]:
    """Jobs' runs and crawls of a workflow run, each with the run's id."""
    for node in nodes:
        for run in node.get("JobDetails", {}).get("JobRuns", []):
            yield _job_work(run), run["Id"]
        for crawl in node.get("CrawlerDetails", {}).get("Crawls", []):
            ended = crawl.get("CompletedOn")
            yield (
                Work(
                    name=node["Name"],
                    kind="crawler",
                    state=crawl["State"],
                    started=_utc(crawl["StartedOn"]),
                    ended=_utc(ended) if ended else None,
                    message=crawl.get("ErrorMessage", ""),
                ),
                "",
            )


def _job_runs(glue: Any) -> list[dict[str, Any]]:
    """The newest runs of each job that the API knows."""
    names = [job["Name"] for page in glue.get_paginator("get_jobs").paginate() for job in page["Jobs"]]
    runs: list[dict[str, Any]] = []
    for name in names:
        runs += glue.get_job_runs(JobName=name, MaxResults=NEWEST)["JobRuns"]
    return sorted(runs, key=lambda run: run["StartedOn"], reverse=True)[: NEWEST * 4]


def _job_work(run: Mapping[str, Any]) -> Work:
    ended = run.get("CompletedOn")
    return Work(
        name=run["JobName"],
        kind="job",
        state=run["JobRunState"],
        started=_utc(run["StartedOn"]),
        ended=_utc(ended) if ended else None,
        dpu_seconds=run.get("DPUSeconds"),
        price_usd=price_usd(dict(run)) if "MaxCapacity" in run else None,
        message=run.get("ErrorMessage", ""),
    )


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
