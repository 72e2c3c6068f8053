"""A clock for the scheduler that stands until a test moves it."""

import threading
from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 26, 12, 0, 30, tzinfo=UTC)  # and half a minute


class HandClock:
    """A clock that stands until it is moved; `asleep` is set while the scheduler waits."""

    def __init__(self) -> None:
        self.time, self.asleep = NOON, threading.Event()
        self._changed: threading.Event | None = None

    def now(self) -> datetime:
        return self.time

    def wait(self, changed: threading.Event, seconds: float | None) -> None:
        self._changed = changed
        self.asleep.set()
        changed.wait(60)
        self.asleep.clear()

    def move(self, **time: float) -> None:
        assert self.asleep.wait(60)
        self.asleep.clear()
        self.time += timedelta(**time)
        assert self._changed is not None
        self._changed.set()
        assert self.asleep.wait(60)
