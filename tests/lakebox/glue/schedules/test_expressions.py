"""Schedules: AWS's own examples, what it refuses, and any cron expression against a plain reading of its fields."""

import calendar
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakebox.endpoint.service import ServiceError
from lakebox.glue.schedules.expressions import next_time

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)  # a Thursday


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("cron(0 10 * * ? *)", "2026-11-27 10:00"),
        ("cron(15 12 * * ? *)", "2026-11-26 12:15"),
        ("cron(0 12 * * ? *)", "2026-11-27 12:00"),
        ("cron(0 18 ? * MON-FRI *)", "2026-11-26 18:00"),
        ("cron(0 8 1 * ? *)", "2026-12-01 08:00"),
        ("cron(0/15 * * * ? *)", "2026-11-26 12:15"),
        ("cron(0/5 8-17 ? * MON-FRI *)", "2026-11-26 12:05"),
        ("cron(1/10 * * * ? *)", "2026-11-26 12:01"),
        ("cron(0 0 L * ? *)", "2026-11-30 00:00"),
        ("cron(0 0 L-3 * ? *)", "2026-11-27 00:00"),
        ("cron(0 0 LW 1 ? *)", "2027-01-29 00:00"),
        ("cron(0 0 1W 5 ? *)", "2027-05-03 00:00"),
        ("cron(0 0 15W * ? *)", "2026-12-15 00:00"),
        ("cron(0 0 ? * 6L *)", "2026-11-27 00:00"),
        ("cron(0 0 ? * L *)", "2026-11-28 00:00"),
        ("cron(0 0 ? * mon#1 *)", "2026-12-07 00:00"),
        ("cron(0 0 ? * SAT-MON *)", "2026-11-28 00:00"),
        ("cron(0 0 29 FEB ? *)", "2028-02-29 00:00"),
        ("cron(30 9 1,15 JAN,JUL ? 2027-2030)", "2027-01-01 09:30"),
        ("cron(0 0 1 1 ? 2025)", None),
        ("cron(0 0 30 2 ? *)", None),
        ("rate(1 minute)", "2026-11-26 12:01"),
        ("rate(5 minutes)", "2026-11-26 12:05"),
        ("rate(1 hour)", "2026-11-26 13:00"),
        ("rate(7 days)", "2026-12-03 12:00"),
    ],
)
def test_the_next_time_is_known(expression: str, due: str | None) -> None:
    found = next_time(expression, NOON)
    assert (found and f"{found:%Y-%m-%d %H:%M}") == due


def test_zones_and_seconds_do_not_matter() -> None:
    here = datetime(2026, 11, 26, 13, 59, 59, 5, tzinfo=timezone(timedelta(hours=2)))
    assert next_time("cron(0 12 * * ? *)", here) == datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("15 12 * * ? *", "neither cron nor rate"),
        ("at(2026-11-26T12:00:00)", "neither cron nor rate"),
        ("cron(0 12 * * *)", "it has 5 fields"),
        ("cron(0 12 * * * *)", "must be ?"),
        ("cron(0 12 ? * ? *)", "must be ?"),
        ("cron(60 12 * * ? *)", "'60' is no minute"),
        ("cron(0 12 32 * ? *)", "'32' is no day of the month"),
        ("cron(0 12 ? * 0 *)", "'0' is no day of the week"),
        ("cron(0 12 * MAI ? *)", "'MAI' is no month"),
        ("cron(0/0 12 * * ? *)", "'0/0' has no step"),
        ("cron(-5 12 * * ? *)", "'' is no minute"),
        ("cron(0 12 ? * 2#6 *)", "counts from 1 to 5"),
        ("rate(1 minutes)", "a rate is a number"),
        ("rate(5 minute)", "a rate is a number"),
        ("rate(0 hours)", "a rate is a number"),
    ],
)
def test_what_can_not_be_read_is_refused(expression: str, why: str) -> None:
    with pytest.raises(ServiceError, match=r"write cron\(minutes hours") as raised:
        next_time(expression, NOON)
    assert why in raised.value.message
    assert raised.value.code == "InvalidInputException"


def _parts(least: int, most: int) -> st.SearchStrategy[str]:
    number = st.integers(least, most)
    span = st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}")
    step = st.tuples(st.one_of(st.just("*"), number.map(str), span), st.integers(1, 20)).map(lambda p: f"{p[0]}/{p[1]}")
    return st.lists(st.one_of(number.map(str), span, step), min_size=1, max_size=3).map(",".join)


def _allows(text: str, value: int, least: int, most: int) -> bool:
    """Whether a field allows a value, read part by part."""
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = least if span == "*" else int(first)
        end = int(last) if last else most if step or span == "*" else start
        if start <= value <= end and (value - start) % int(step or 1) == 0:
            return True
    return False


def _is_day(days: str, weekdays: str, day: datetime) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    weekday = day.isoweekday() % 7 + 1
    if days == "L":
        return day.day == last
    if weekdays.endswith("L") and weekdays != "L":
        return weekday == int(weekdays[:-1]) and day.day + 7 > last
    if "#" in weekdays:
        return weekday == int(weekdays[0]) and (day.day + 6) // 7 == int(weekdays[2])
    return _allows(weekdays, weekday, 1, 7) if days == "?" else _allows(days, day.day, 1, 31)


DAYS = st.one_of(
    st.tuples(st.one_of(st.just("*"), st.just("L"), _parts(1, 31)), st.just("?")),
    st.tuples(st.just("?"), st.one_of(_parts(1, 7), st.sampled_from(["2L", "7L", "3#2", "1#5"]))),
)


@given(_parts(0, 59), _parts(0, 23), DAYS, _parts(1, 12), st.datetimes(datetime(2023, 1, 1), datetime(2029, 1, 1)))
def test_any_schedule_is_read_as_its_fields_say(
    minutes: str, hours: str, days: tuple[str, str], months: str, start: datetime
) -> None:
    after = start.replace(tzinfo=UTC)
    due = next_time(f"cron({minutes} {hours} {days[0]} {months} {days[1]} *)", after)
    expected = None
    for offset in range(8 * 366):
        day = after.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=offset)
        if _allows(months, day.month, 1, 12) and _is_day(*days, day):
            clock = (day.replace(hour=hour, minute=minute) for hour in range(24) for minute in range(60)
                     if _allows(hours, hour, 0, 23) and _allows(minutes, minute, 0, 59))  # fmt: skip
            expected = next((time for time in clock if time > after), None)
        if expected:
            break
    assert due == expected
