"""The scheduler under a clock that the test moves: what is due fires once, what was missed does not, changes count."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hand_clock import NOON, HandClock

from lakebox.glue.data_catalog.documents import SqliteDocuments
from lakebox.glue.schedules.scheduler import Scheduler


class Table:
    """A timetable that notes what has fired."""

    kind = "thing"

    def __init__(self, **expressions: str) -> None:
        self.expressions, self.fired, self.broken = expressions, list[str](), False

    def schedules(self) -> dict[str, str]:
        return self.expressions

    def fire(self, name: str) -> None:
        if self.broken:
            raise OSError("the database is away")
        self.fired.append(name)


@pytest.fixture
def documents(tmp_path: Path) -> Iterator[SqliteDocuments]:
    """An empty state."""
    state = SqliteDocuments(tmp_path / "state.sqlite")
    yield state
    state.close()


def test_each_of_fifty_fires_once_a_minute(documents: SqliteDocuments) -> None:
    table, clock = Table(**{f"t{number}": "cron(* * * * ? *)" for number in range(50)}), HandClock()
    with Scheduler(documents, [table], clock):
        clock.move(seconds=29)
        assert table.fired == []
        clock.move(seconds=1)
        clock.move(seconds=1)
        assert sorted(table.fired) == sorted(table.expressions)
        clock.move(minutes=1)
        assert len(table.fired) == 100


def test_it_sleeps_until_something_is_due(documents: SqliteDocuments) -> None:
    clock = HandClock()
    assert Scheduler(documents, [Table()], clock).round() is None
    assert Scheduler(documents, [Table(a="cron(0 13 * * ? *)")], clock).round() == 30
    assert Scheduler(documents, [Table(a="cron(0 13 * * ? *)", b="cron(1 12 * * ? *)")], clock).round() == 30
    clock.time += timedelta(seconds=20)
    assert Scheduler(documents, [Table(a="cron(0 13 * * ? *)", b="cron(1 12 * * ? *)")], clock).round() == 10


def test_what_was_missed_does_not_fire(documents: SqliteDocuments) -> None:
    table, clock = Table(a="cron(0 * * * ? *)"), HandClock()
    with Scheduler(documents, [table], clock):
        clock.move(minutes=1)
    clock.time += timedelta(hours=10)
    with Scheduler(documents, [table], clock):
        clock.move(minutes=1)
        assert table.fired == []
        clock.move(hours=1)
        assert table.fired == ["a"]


def test_a_long_sleep_fires_once_not_ten_times(documents: SqliteDocuments) -> None:
    table, clock = Table(a="cron(0 * * * ? *)"), HandClock()
    with Scheduler(documents, [table], clock):
        clock.move(hours=10)
        clock.move(minutes=1)
        assert table.fired == ["a"]


def test_nothing_fires_twice_for_one_time(documents: SqliteDocuments) -> None:
    table, clock = Table(a="cron(0 13 * * ? *)"), HandClock()
    first, second = Scheduler(documents, [table], clock), Scheduler(documents, [table], clock)
    first.round()
    second.round()
    clock.time = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
    first.round()
    second.round()
    assert table.fired == ["a"]
    clock.time = NOON
    third = Scheduler(documents, [table], clock)
    third.round()
    clock.time += timedelta(hours=1)
    third.round()
    assert table.fired == ["a"]


def test_a_schedule_that_changes_counts_at_once(documents: SqliteDocuments) -> None:
    table, clock = Table(a="cron(0 13 * * ? *)"), HandClock()
    with Scheduler(documents, [table], clock) as scheduler:
        assert clock.asleep.wait(60)
        table.expressions = {"a": "cron(30 12 * * ? *)", "b": "rate(5 minutes)"}
        clock.asleep.clear()
        scheduler.changed()
        clock.move(minutes=30)
        assert sorted(table.fired) == ["a", "b"]
        table.expressions = {}
        clock.move(hours=5)
        assert sorted(table.fired) == ["a", "b"]


def test_a_failure_is_told_and_survived(documents: SqliteDocuments, capsys: pytest.CaptureFixture[str]) -> None:
    table, clock = Table(a="cron(0 13 * * ? *)", b="cron(0 14 * * ? *)"), HandClock()
    done: list[int] = []

    def repair() -> None:
        done.append(len(done))
        if len(done) < 3:
            raise OSError("the database is away")

    with Scheduler(documents, [table], clock) as scheduler:
        scheduler.repair(repair)
        for _ in range(3):
            clock.move(seconds=1)
        table.broken = True
        clock.move(hours=1)
        table.broken = False
        clock.move(hours=1)
        assert table.fired == ["b"]
    assert done == [0, 1, 2]
    assert "schedules wait for 5 s: the database is away" in capsys.readouterr().err
