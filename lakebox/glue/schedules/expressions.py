"""When a schedule is due next: AWS's cron and rate expressions, as triggers and crawlers have them, in UTC.

Source: AWS Glue, "Time-based schedules for jobs and crawlers"; Amazon EventBridge, "Cron expressions" and "Rate
expressions" (the wildcards L, W and #). Glue refuses schedules faster than five minutes; here a minute is allowed.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from lakebox.endpoint.service import ServiceError

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FORM = "write cron(minutes hours day-of-month month day-of-week year), such as cron(15 12 * * ? *), or rate(5 minutes)"


@dataclass(frozen=True)
class Field:
    """The values that a field of a cron expression may have; names stand for the first values in their order."""

    title: str
    least: int
    most: int
    names: tuple[str, ...] = ()

    def values(self, text: str) -> set[int]:
        """What a comma-separated list of values, ranges and steps allows. Raises ValueError with the reason."""
        return {value for part in text.split(",") for value in self._values_of(part)}

    def _values_of(self, part: str) -> Iterator[int]:
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        start, end = (self.least, self.most) if span == "*" else (self.value(first), self.value(last or first))
        if slash and not dash:
            end = self.most  # 5/10 goes on from 5
        if slash and (not step.isdigit() or int(step) < 1):
            raise ValueError(f"{part!r} has no step from 1 on")
        size = self.most - self.least + 1
        for offset in range(0, (end - start) % size + 1, int(step or 1)):  # FRI-MON goes over the end of the week
            yield self.least + (start - self.least + offset) % size

    def value(self, text: str) -> int:
        """One value, by number or name. Raises ValueError."""
        number = self.least + self.names.index(text) if text in self.names else int(text) if text.isdigit() else -1
        if not self.least <= number <= self.most:
            raise ValueError(f"{text!r} is no {self.title} ({self.least}-{self.most})")
        return number


MINUTE, HOUR, DAY = Field("minute", 0, 59), Field("hour", 0, 23), Field("day of the month", 1, 31)
MONTH, WEEKDAY = Field("month", 1, 12, MONTHS), Field("day of the week", 1, 7, WEEKDAYS)
YEAR = Field("year", 1970, 2199)


def next_time(expression: str, after: datetime) -> datetime | None:
    """The first time strictly after `after` at which a schedule is due; None where it is never due again.

    expression: `cron(…)` with AWS's six fields, or `rate(n minutes|hours|days)`, which counts from `after`
    Raises ServiceError (InvalidInputException) on an expression that can't be read.
    """
    kind, text = _parts(expression)
    try:
        return after.astimezone(UTC) + _interval(text) if kind == "rate" else _next_cron(text, after.astimezone(UTC))
    except ValueError as error:
        raise ServiceError("InvalidInputException", f"Schedule {expression}: {error}; {FORM}") from error


def _parts(expression: str) -> tuple[str, str]:
    match = re.fullmatch(r"\s*(cron|rate)\((.*)\)\s*", expression)
    if match is None:
        raise ServiceError("InvalidInputException", f"Schedule {expression!r} is neither cron nor rate; {FORM}")
    return match[1], match[2].upper()


def _interval(text: str) -> timedelta:
    match = re.fullmatch(r"\s*([1-9]\d{0,5})\s+(MINUTE|HOUR|DAY)(S?)\s*", text)
    if match is None or (match[1] == "1") == (match[3] == "S"):
        raise ValueError("a rate is a number from 1 on with minutes, hours or days (minute, hour or day for 1)")
    return timedelta(**{f"{match[2].lower()}s": int(match[1])})


def _next_cron(text: str, after: datetime) -> datetime | None:
    fields = text.split()
    if len(fields) != 6:
        raise ValueError(f"it has {len(fields)} fields, and needs six")
    minutes, hours = sorted(MINUTE.values(fields[0])), sorted(HOUR.values(fields[1]))
    for day in _days(fields[2:], after.date()):
        for hour in hours:
            for minute in minutes:
                due = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                if due > after:
                    return due
    return None


def _days(fields: list[str], first: date) -> Iterator[date]:
    """The days on which a schedule is due, from `first` on, in order."""
    days, months, weekdays, years = fields
    if (days == "?") == (weekdays == "?"):
        raise ValueError("either the day of the month or the day of the week must be ?")
    month_values = sorted(MONTH.values(months))
    for year in sorted(YEAR.values(years)):
        for month in month_values:
            if (year, month) >= (first.year, first.month):
                due = _by_weekday(weekdays, year, month) if days == "?" else _by_day(days, year, month)
                yield from (date(year, month, day) for day in sorted(due) if date(year, month, day) >= first)


def _by_day(text: str, year: int, month: int) -> set[int]:
    """Days of a month: values, L (the last), L-3, LW (the last weekday), 15W (the weekday nearest to the 15th)."""
    last = calendar.monthrange(year, month)[1]
    due = set()
    for part in text.split(","):
        if before_last := re.fullmatch(r"L(?:-(\d+))?", part):
            due.add(last - int(before_last[1] or 0))
        elif part == "LW":
            due.add(_nearest_weekday(year, month, last))
        elif part.endswith("W"):
            day = DAY.value(part[:-1])
            due |= {_nearest_weekday(year, month, day)} if day <= last else set()
        else:
            due |= DAY.values(part)
    return {day for day in due if 1 <= day <= last}


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """The day from Monday to Friday that is nearest to a day, in the same month."""
    weekday, last = calendar.weekday(year, month, day), calendar.monthrange(year, month)[1]
    if weekday == calendar.SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == calendar.SUNDAY:
        return day + 1 if day < last else day - 2
    return day


def _by_weekday(text: str, year: int, month: int) -> set[int]:
    """Days of a month by day of the week: values, L (Saturday), 6L (the last Friday), 6#3 (the third Friday)."""
    days: dict[int, list[int]] = {weekday: [] for weekday in range(1, 8)}
    for day in range(1, calendar.monthrange(year, month)[1] + 1):
        days[(calendar.weekday(year, month, day) + 1) % 7 + 1].append(day)
    due: set[int] = set()
    for part in text.split(","):
        name, hash_sign, count = part.partition("#")
        if hash_sign:
            if count not in ("1", "2", "3", "4", "5"):
                raise ValueError(f"{part!r} counts from 1 to 5")
            due |= set(days[WEEKDAY.value(name)][int(count) - 1 : int(count)])
        elif part == "L":
            due |= set(days[7])
        elif part.endswith("L"):
            due.add(days[WEEKDAY.value(part[:-1])][-1])
        else:
            due |= {day for weekday in WEEKDAY.values(part) for day in days[weekday]}
    return due
