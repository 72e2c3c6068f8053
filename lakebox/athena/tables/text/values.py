"""Values of a column's type from their text in a data file, as Hive and Trino read them: what is no value is null."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from lakebox.athena.tables.hive_types import HiveType

Reader = Callable[[str], Any]
BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}
WHOLE = re.compile(r"[+-]?(?=.)[0-9]*(\.[0-9]*)?")
DOUBLE = re.compile(r"[+-]?(NaN|Infinity|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[dDfF]?)")
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
DAY = re.compile(r"([0-9]{1,4})-([0-9]{1,2})-([0-9]{1,2})")
TIME = re.compile(DAY.pattern + r"(?:[ T]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.([0-9]{1,9}))?)?")
WIDE = Context(prec=80)


def whole_number(text: str, kind: HiveType) -> int | None:
    """An integer; digits after a point are cut off."""
    if not WHOLE.fullmatch(text):
        return None
    number = int(text.partition(".")[0].lstrip("+") or 0) if text.partition(".")[0].strip("+-") else 0
    limit = 1 << (BITS[kind.name] - 1)
    return number if -limit <= number < limit else None


def double(text: str) -> float | None:
    """A double, as Java reads it."""
    trimmed = text.strip()
    return float(trimmed.rstrip("dDfF")) if DOUBLE.fullmatch(trimmed) else None


def decimal(text: str, kind: HiveType) -> Decimal | None:
    """A decimal of the type's digits, rounded half up; null where it has too many before the point."""
    if not DECIMAL.fullmatch(text):
        return None
    precision, scale = kind.numbers
    try:
        number = WIDE.create_decimal(text).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, WIDE)
    except InvalidOperation:
        return None
    return number if abs(number.scaleb(scale, WIDE)) < 10**precision else None


def day(text: str) -> date | None:
    """A date, `2024-1-5`; a time after it is left aside, and day 32 is the first of the next month."""
    match = DAY.fullmatch(text.strip().partition(" ")[0])
    return None if match is None else _day(*map(int, match.groups()))


def _day(year: int, month: int, number: int) -> date | None:
    try:
        first = date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
        return first + timedelta(days=number - 1)
    except (ValueError, OverflowError):
        return None


def timestamp(text: str) -> datetime | None:
    """A timestamp, `2024-01-05 10:11:12.123` or with a T; a date alone is its midnight."""
    match = TIME.fullmatch(text.strip())
    if match is None or len(text) < 8:
        return None
    first = _day(*map(int, match.groups()[:3]))
    if first is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[3:6])
    fraction = int((match[7] or "").ljust(9, "0")) // 1000
    at = datetime(first.year, first.month, first.day) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return at + timedelta(microseconds=fraction)


def epoch_milliseconds(text: str) -> datetime | None:
    """A timestamp from milliseconds since 1970."""
    try:
        return datetime.fromtimestamp(0, UTC).replace(tzinfo=None) + timedelta(milliseconds=int(text))
    except (ValueError, OverflowError):
        return None


def truth(text: str) -> bool | None:
    """true or false in any case."""
    return {"true": True, "false": False}.get(text.lower())


def text_reader(kind: HiveType) -> Reader:
    """How a text becomes a value of a simple type."""
    if kind.name in BITS:
        return lambda text: whole_number(text, kind)
    if kind.name == "decimal":
        return lambda text: decimal(text, kind)
    if kind.name in ("varchar", "char") and kind.numbers:
        return lambda text: text[: kind.numbers[0]]
    if kind.name == "binary":
        return _binary
    readers: dict[str, Reader] = {
        "float": double,
        "double": double,
        "boolean": truth,
        "date": day,
        "timestamp": timestamp,
    }
    return readers.get(kind.name, str)


def _binary(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


def delimited_reader(kind: HiveType, separators: str, null: str, escape: str | None, level: int = 1) -> Reader:
    """How a field of a delimited line becomes a value: elements, keys and fields of structs by separators a level."""
    if not kind.fields:
        simple = text_reader(kind)
        if kind.name in ("string", "varchar", "char") and escape:
            pattern = re.compile(re.escape(escape) + "(.)", re.DOTALL)
            controls = {"n": "\n", "r": "\r"}
            return lambda text: simple(pattern.sub(lambda match: controls.get(match[1], match[1]), text))
        return simple
    inner = [
        delimited_reader(field, separators, null, escape, level + (2 if kind.name == "map" else 1))
        for _, field in kind.fields
    ]
    separator = separators[level]

    def element(reader: Reader, text: str) -> Any:
        return None if text == null else reader(text)

    def array(text: str) -> list[Any]:
        return [element(inner[0], part) for part in split_fields(text, separator, escape)] if text else []

    def mapping(text: str) -> list[tuple[Any, Any]]:
        entries: dict[Any, Any] = {}
        for part in split_fields(text, separator, escape) if text else ():
            key, colon, value = part.partition(separators[level + 1])
            entries.setdefault(element(inner[0], key), element(inner[1], value) if colon else None)
        return [entry for entry in entries.items() if entry[0] is not None]

    def struct(text: str) -> dict[str, Any]:
        parts = split_fields(text, separator, escape)
        values = [element(reader, part) for reader, part in zip(inner, parts, strict=False)]
        values += [None] * (len(inner) - len(values))
        return dict(zip((name for name, _ in kind.fields), values, strict=True))

    nested: dict[str, Reader] = {"array": array, "map": mapping, "struct": struct}
    return nested[kind.name]


def split_fields(line: str, separator: str, escape: str | None) -> list[str]:
    """The fields of a line; a separator after the escape character is text."""
    if escape is None or escape not in line:
        return line.split(separator)
    mark, end = re.escape(escape), re.escape(separator)
    field = rf"(?:^|{end})((?:{mark}.|[^{end}{mark}])*{mark}?)"
    return [match[1] for match in re.finditer(field, line, re.DOTALL)]
