"""Fires what is due by its schedule (triggers, crawlers) at its time, once, from one thread that sleeps in between.

A time that passes while no scheduler is at work is not made up for: at its start everything waits for its next time.
"""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol, Self

from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.schedules.expressions import next_time

FIRED = "schedule fired"
LONGEST_SLEEP_S = 30.0  # a laptop that slept, or whose clock was set, is noticed within this time
RETRY_S = 5.0


class Clock(Protocol):
    """The time, and a way to wait for it."""

    def now(self) -> datetime:
        """The time, in UTC."""

    def wait(self, changed: threading.Event, seconds: float | None) -> None:
        """Wait for a change, or for so many seconds; None waits for a change alone."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    def wait(self, changed: threading.Event, seconds: float | None) -> None:
        """Wait for a change, or for so many seconds."""
        changed.wait(seconds)


class Timetable(Protocol):
    """Things of one kind that are due by schedules. It calls `on_change` when these may have changed."""

    kind: str
    on_change: Callable[[], None]

    def schedules(self) -> Mapping[str, str]:
        """The expressions of all that are active now, by name."""

    def fire(self, name: str) -> None:
        """Start what is due."""


class Scheduler:
    """The thread that fires. `changed` tells it that schedules were added, changed or taken away."""

    def __init__(self, documents: Documents, timetables: Sequence[Timetable], clock: Clock | None = None) -> None:
        self._documents, self._timetables, self._clock = documents, timetables, clock or SystemClock()
        self._due: dict[tuple[str, str, str], datetime | None] = {}  # by kind, name and expression
        self._changed, self._closing = threading.Event(), False
        self._repairs: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._work, name="schedules", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the thread, once it has fired what it is at."""
        self._closing = True
        self._changed.set()
        self._thread.join()

    def changed(self) -> None:
        """Schedules have changed."""
        self._changed.set()

    def repair(self, work: Callable[[], None]) -> None:
        """Do some work in the thread, again and again until it succeeds (the database may be away)."""
        self._repairs.append(work)
        self._changed.set()

    def _work(self) -> None:
        while not self._closing:
            self._changed.clear()
            try:
                self._clock.wait(self._changed, self.round())
            except Exception as error:  # the thread must outlive a database that is away for a while
                print(f"lakebox: schedules wait for {RETRY_S:g} s: {error}", file=sys.stderr)
                self._clock.wait(self._changed, RETRY_S)

    def round(self) -> float | None:
        """Fire all that is due; how many seconds to sleep then, None where nothing is scheduled."""
        while self._repairs:
            self._repairs[0]()
            del self._repairs[0]
        now = self._clock.now()
        timetables = {table.kind: table for table in self._timetables}
        active = {(kind, *entry) for kind, table in timetables.items() for entry in table.schedules().items()}
        self._due = {key: self._due[key] if key in self._due else next_time(key[2], now) for key in active}
        for (kind, name, expression), due in list(self._due.items()):
            if due is not None and due <= now:
                self._due[kind, name, expression] = next_time(expression, now)
                if self._claim(kind, name, due):
                    timetables[kind].fire(name)
        times = [due for due in self._due.values() if due is not None]
        if not times:
            return None
        return min(LONGEST_SLEEP_S, max(0.0, (min(times) - self._clock.now()) / timedelta(seconds=1)))

    def _claim(self, kind: str, name: str, due: datetime) -> bool:
        """Whether nobody has fired this for that time or a later one; from now on it counts as fired."""
        first = self._documents.add(FIRED, f"{kind}/{name}", {"Due": due})
        claimed = [first]

        def changed(fired: Document) -> Document:
            claimed.append(fired["Due"] < due)
            return fired | {"Due": max(due, fired["Due"])}

        if not first:
            self._documents.change(FIRED, f"{kind}/{name}", changed)
        return any(claimed)
