"""The record of runs: a row a job in `pipeline_runs`, whether it succeeded, failed, had nothing to do or was killed.

While a job works, its record is a small file, `_state/job_runs/<start>-<run>-<job>.json`, with status RUNNING; at its
end the file says how it ended. A RUNNING file that another run finds is of a job that was killed. Records that are
closed move into the table, one object that is replaced whole; a row is known by its key, so that a move which a crash
cut short can be repeated.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from catalog.tables import PIPELINE_RUNS
from jobs.lake.layout import new_run_id
from jobs.lake.parquet import parquet_of, rows_of
from jobs.lake.protocol import Lake
from jobs.lake.store import StorageError

JOB_RUNS = "_state/job_runs/"
TABLE_KEY = f"{PIPELINE_RUNS.location}part-00000.parquet"


@dataclass(frozen=True)
class JobRun:
    """A row of pipeline_runs; times are ISO 8601 in UTC, with microseconds."""

    run_id: str
    job_name: str
    started_at: str
    rows_in: int | None = None
    rows_out: int | None = None
    finished_at: str | None = None
    status: str = "RUNNING"
    max_event_timestamp: str | None = None
    message: str | None = None

    @property
    def key(self) -> str:
        """Key of the record's file."""
        start = new_run_id(datetime.fromisoformat(self.started_at))
        return f"{JOB_RUNS}{start}-{self.run_id}-{self.job_name}.json"

    @property
    def freshness_days(self) -> float | None:
        """Days from the newest event to the start of the job."""
        if self.max_event_timestamp is None:
            return None
        age = datetime.fromisoformat(self.started_at) - datetime.fromisoformat(self.max_event_timestamp)
        return age.total_seconds() / 86_400


def write_record(lake: Lake, record: JobRun) -> None:
    """Write a record, over an older state of the same one."""
    lake.store.write(record.key, json.dumps(asdict(record)).encode())


def records(lake: Lake) -> list[JobRun]:
    """Records that are not in the table yet, oldest first."""
    contents = [lake.store.read(stored.key) for stored in lake.store.list(JOB_RUNS)]
    return [JobRun(**json.loads(content)) for content in contents if content is not None]


def mark_killed(lake: Lake, now: datetime, at_work: str | None = None) -> None:
    """Close the records of jobs that never ended. Only the lake's holder may ask: no run but `at_work` is."""
    for record in records(lake):
        if record.status == "RUNNING" and record.run_id != at_work:
            message = "killed: the next run found it unfinished"
            write_record(lake, replace(record, status="KILLED", finished_at=iso(now), message=message))


def iso(time: datetime) -> str:
    """ISO 8601 in UTC with microseconds."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def flush_records(lake: Lake) -> None:
    """Move the closed records of a held lake into pipeline_runs."""
    closed = closed_records(lake)
    if not closed:
        return
    by_key = {row_key(row): row for row in [*recorded_rows(lake), *table_rows(closed)]}
    lake.check_still_held()
    lake.store.write(TABLE_KEY, parquet_of(PIPELINE_RUNS.columns, list(by_key.values())))
    lake.register(PIPELINE_RUNS, add=[()])
    lake.store.delete(record.key for record in closed)


def recorded_rows(lake: Lake) -> list[dict[str, Any]]:
    """Rows of pipeline_runs."""
    known = lake.store.read(TABLE_KEY)
    try:
        return rows_of(PIPELINE_RUNS.columns, known) if known else []
    except (ValueError, OSError) as error:  # pyarrow's errors are of these kinds
        text = f"{lake.store.uri(TABLE_KEY)} is damaged ({str(error).splitlines()[0]}); restore it, or delete it"
        raise StorageError(text) from error


def table_rows(closed: Sequence[JobRun]) -> list[dict[str, object]]:
    """Records as rows of pipeline_runs, times as datetimes."""
    times = ("started_at", "finished_at", "max_event_timestamp")
    rows: list[dict[str, object]] = []
    for record in closed:
        row = {**asdict(record), "freshness_days": record.freshness_days}
        row |= {name: datetime.fromisoformat(row[name]) for name in times if row[name]}
        rows.append({name: row[name] for name in PIPELINE_RUNS.column_names})
    return rows


def row_key(row: Mapping[str, Any]) -> tuple[str, str, datetime]:
    """What a row of pipeline_runs is known by: run, job and start."""
    return row["run_id"], row["job_name"], row["started_at"].astimezone(UTC)


def closed_records(lake: Lake) -> list[JobRun]:
    """Records of jobs that have ended and are not in the table yet."""
    return [record for record in records(lake) if record.status != "RUNNING"]
