"""Counts what a batch of raw files holds, for the batch's record: rows, Silver partitions touched, newest event.

Each worker counts the rows that it reads, so Bronze need not be read again to know what a batch touches.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from jobs.events.event import EPOCH

DAY_US = 86_400_000_000


@dataclass
class BatchCount:
    """Rows for Bronze and for quarantine, and how many of Bronze's are deletes.

    newest_us: newest event_timestamp, in microseconds since 1970; days: Silver partitions touched, as (event_type, days
    since 1970); row_keys, quarantine_keys: the staged objects with these rows.
    """

    rows: int = 0
    quarantined: int = 0
    deletes: int = 0
    newest_us: int | None = None
    days: set[tuple[str, int]] = field(default_factory=set)
    row_keys: list[str] = field(default_factory=list)
    quarantine_keys: list[str] = field(default_factory=list)

    def add(self, event_types: Sequence[str], times_us: Sequence[int], ops: Sequence[str]) -> None:
        """Take in rows for Bronze, one at least: event_type, event_timestamp, op."""
        self.rows += len(times_us)
        self.deletes += ops.count("D")
        self.days.update(zip(event_types, [time_us // DAY_US for time_us in times_us], strict=True))
        self.newest_us = max(max(times_us), self.newest_us or 0)

    @property
    def touched(self) -> set[tuple[str, str]]:
        """Silver partitions: event_type, event_date (YYYY-MM-DD)."""
        return {(event_type, (EPOCH + timedelta(days=day)).date().isoformat()) for event_type, day in self.days}

    def to_json(self) -> str:
        """The count as text, which a worker returns to the driver."""
        return json.dumps({**asdict(self), "days": sorted(self.days)})


def total(notes: Iterable[str]) -> BatchCount:
    """The sum of the counts that workers have returned as text."""
    whole = BatchCount()
    for note in map(json.loads, notes):
        whole.rows += note["rows"]
        whole.quarantined += note["quarantined"]
        whole.deletes += note["deletes"]
        whole.days.update((event_type, day) for event_type, day in note["days"])
        whole.newest_us = max((us for us in (note["newest_us"], whole.newest_us) if us is not None), default=None)
        whole.row_keys += note["row_keys"]
        whole.quarantine_keys += note["quarantine_keys"]
    return whole
