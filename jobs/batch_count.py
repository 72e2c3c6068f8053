"""Rows that workers have read -> what a batch holds: counts, Silver partitions touched, newest event.

A worker writes a note a bin of raw files; the driver adds them up. A bin that is read again, as its worker died, is
noted again under the same key.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from jobs.events import EPOCH
from jobs.storage import StorageError, Store

DAY_US = 86_400_000_000


@dataclass
class BatchCount:
    """Rows for Bronze and quarantine, deletes, Silver partitions (event_type, days since 1970), newest event (μs)."""

    rows: int = 0
    quarantined: int = 0
    deletes: int = 0
    newest_us: int | None = None
    days: set[tuple[str, int]] = field(default_factory=set)

    def add(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Take in rows of parsed_items, by column."""
        bad = columns["quarantined"]
        event_types, times_us, ops = (columns[name] for name in ("event_type", "event_timestamp", "op"))
        quarantined = bad.count(True)
        if quarantined:
            event_types, times_us, ops = (
                [value for value, is_bad in zip(column, bad, strict=True) if not is_bad]
                for column in (event_types, times_us, ops)
            )
        self.rows += len(times_us)
        self.quarantined += quarantined
        self.deletes += ops.count("D")
        self.days.update(zip(event_types, [time_us // DAY_US for time_us in times_us], strict=True))
        if times_us:
            self.newest_us = max(max(times_us), self.newest_us or 0)

    @property
    def touched(self) -> set[tuple[str, str]]:
        """Silver partitions: event_type, event_date (YYYY-MM-DD)."""
        return {(event_type, (EPOCH + timedelta(days=day)).date().isoformat()) for event_type, day in self.days}


@dataclass(frozen=True)
class Notes:
    """Where workers leave their counts."""

    store: Store
    prefix: str

    def write(self, number: int, count: BatchCount) -> None:
        """Note the count of a bin."""
        note = {**vars(count), "days": sorted(count.days)}
        self.store.write(f"{self.prefix}{number:06d}.json", json.dumps(note).encode())

    def read(self, bins: int) -> BatchCount:
        """The sum over all bins; raises StorageError where a note is missing."""
        total = BatchCount()
        for number in range(bins):
            key = f"{self.prefix}{number:06d}.json"
            content = self.store.read(key)
            if content is None:
                raise StorageError(f"{self.store.uri(key)} is missing: somebody deleted it; run again")
            note = json.loads(content)
            total.rows += note["rows"]
            total.quarantined += note["quarantined"]
            total.deletes += note["deletes"]
            total.days.update((event_type, day) for event_type, day in note["days"])
            total.newest_us = max((us for us in (note["newest_us"], total.newest_us) if us is not None), default=None)
        return total
