"""The record of runs, as a person asks for it."""

from typing import Any

from jobs.lake.protocol import Lake
from jobs.lake.run_records import recorded_rows


def last_run(lake: Lake) -> list[dict[str, Any]]:
    """The rows of the run that was recorded last, a job each, in the order of their start."""
    rows = recorded_rows(lake)
    newest = max((row["run_id"] for row in rows), default="")
    return sorted((row for row in rows if row["run_id"] == newest), key=lambda row: row["started_at"])
