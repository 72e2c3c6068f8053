"""Parses one raw JSON item into one row of Bronze, or says why it can't be one: the event contract.

Pure functions of the item and the mapping: no clock, no I/O. Numbers keep the text they were written in, so that
hashes and `attributes` say what the source said. All times are microseconds since 1970-01-01 UTC.
"""

import hashlib
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from jobs.events.json_text import Number, Problem, json_text, load_item, number_text, shown
from jobs.events.mapping import DEFAULT_KEY, Mapping
from jobs.lake.layout import escape_path_name

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH = EPOCH.replace(tzinfo=None)
FIRST_US = 0
END_US = int((datetime(2101, 1, 1, tzinfo=UTC) - EPOCH).total_seconds()) * 1_000_000
SECONDS_END = 4_102_444_800
FAR_AHEAD = 1e15
MICROSECOND = timedelta(microseconds=1)
ISO_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d|\d{8}|\d{4}-?W\d\d(-?\d)?)"
    r"([Tt ]\d\d(:?\d\d(:?\d\d([.,]\d+)?)?)?([Zz]|[+-]\d\d(:?[0-5]\d)?)?)?",
    re.ASCII,
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
OPS = {"I": "I", "U": "U", "D": "D", "i": "I", "u": "U", "d": "D"}
RESERVED_EVENT_TYPE = "__HIVE_DEFAULT_PARTITION__"
LONGEST_FOLDER_BYTES = 240


class Event(NamedTuple):
    """A Bronze row without what the run adds."""

    pk: str
    user_id: str
    event_type: str
    event_timestamp: int
    op: str
    updated_at: int
    page: str | None
    device: str | None
    source: str | None
    amount: float | None
    attributes: str | None
    model_input_flag: bool
    feature_hash: str


def parse_event(text: str, mapping: Mapping) -> Event:
    """One item's text to an event; raises Problem."""
    return event_of(load_item(text), mapping)


def event_of(item: Any, mapping: Mapping) -> Event:
    """A decoded item to an event; raises Problem."""
    if type(item) is not dict:
        raise Problem("not an object: an event is a JSON object with user_id, event_type and timestamp")
    try:
        return _event(item, mapping)
    except UnicodeEncodeError:
        raise Problem("a string holds half of a character (a lone surrogate), which is not text") from None


def _event(item: dict[str, Any], mapping: Mapping) -> Event:
    ours, rest = mapping.split(item)
    user_id = _required_text("user_id", ours, mapping)
    event_type = _event_type(_required_text("event_type", ours, mapping))
    event_us = _event_time(ours, mapping)
    op = _op(ours.get("op"))
    updated = ours.get("updated_at")
    updated_us = event_us if updated is None else _time(updated, mapping, "updated_at")
    page = _optional_text("page", ours, rest, mapping)
    device = _optional_text("device", ours, rest, mapping)
    source = _optional_text("source", ours, rest, mapping)
    amount, amount_text = _amount(ours.get("amount"), rest, mapping)
    attributes = json_text(rest) if rest else None
    event_time = iso_text(event_us)
    hashed = hashlib.sha256(_lengths_and_texts((user_id, event_type, event_time)))
    if mapping.key == DEFAULT_KEY:
        pk = hashed.hexdigest()
    else:
        columns = {"user_id": user_id, "event_type": event_type, "event_timestamp": event_time, "op": op,
                   "updated_at": iso_text(updated_us), "page": page, "device": device, "source": source,
                   "amount": amount_text}  # fmt: skip
        key = [columns[name] if name in columns else _key_text(rest.get(name)) for name in mapping.key]
        pk = hashlib.sha256(_lengths_and_texts(key)).hexdigest()
    hashed.update(_lengths_and_texts((page, device, source, amount_text, attributes)))
    return Event(
        pk, user_id, event_type, event_us, op, updated_us,
        page, device, source, amount, attributes, op != "D", hashed.hexdigest(),
    )  # fmt: skip


def _lengths_and_texts(values: Sequence[str | None]) -> bytes:
    """What is hashed: each value as `<UTF-8 length>:<text>`, null as `-1:`."""
    text = ""
    for value in values:
        if value is None:
            text += "-1:"
        else:
            text += f"{len(value) if value.isascii() else len(value.encode())}:{value}"
    return text.encode()


def iso_text(time_us: int) -> str:
    """A time as YYYY-MM-DDTHH:MM:SS.ffffffZ."""
    return f"{(NAIVE_EPOCH + timedelta(0, 0, time_us)).isoformat('T', 'microseconds')}Z"


def _text(value: Any) -> str | None:
    """The value of a text field: a string, or a number's decimal text; None where it is neither."""
    if type(value) is str:
        return value
    return number_text(value) if type(value) is Number else None


def _required_text(name: str, ours: dict[str, Any], mapping: Mapping) -> str:
    value = ours.get(name)
    if value is None:
        raise Problem(f"no {mapping.source_name(name)}")
    text = _text(value)
    if text is None:
        raise Problem(f"{mapping.source_name(name)} is {shown(value)}; it must be text or a number")
    if not text or text.isspace():
        raise Problem(f"{mapping.source_name(name)} is blank")
    return text


def _optional_text(name: str, ours: dict[str, Any], rest: dict[str, Any], mapping: Mapping) -> str | None:
    value = ours.get(name)
    if value is None:
        return None
    text = _text(value)
    if text is None:
        rest[mapping.source_name(name)] = value
    return text


def _amount(value: Any, rest: dict[str, Any], mapping: Mapping) -> tuple[float | None, str | None]:
    """The amount and its text as written; one that isn't a finite number stays in `rest`."""
    if value is None:
        return None, None
    if type(value) is Number:
        amount = float(value)
        if math.isfinite(amount):
            return amount, str(value)
    rest[mapping.source_name("amount")] = value
    return None, None


def _key_text(value: Any) -> str | None:
    """The text of a key column that is the source's own field."""
    if value is None:
        return None
    text = _text(value)
    return json_text(value) if text is None else text


@lru_cache(maxsize=4096)
def _event_type(text: str) -> str:
    if len(text) > LONGEST_FOLDER_BYTES or len(escape_path_name(text).encode()) > LONGEST_FOLDER_BYTES:
        raise Problem(f"event_type is too long for a folder name: over {LONGEST_FOLDER_BYTES} bytes")
    if CONTROL.search(text):
        raise Problem("event_type has control characters")
    if text == RESERVED_EVENT_TYPE:
        raise Problem(f"event_type is {RESERVED_EVENT_TYPE}, which Hive reads as null")
    return text


def _op(value: Any) -> str:
    if value is None:
        return "I"
    op = OPS.get(value) if type(value) is str else None
    if op is None:
        raise Problem(f"op is {shown(value)}; it must be I, U or D")
    return op


def _event_time(ours: dict[str, Any], mapping: Mapping) -> int:
    for name in ("event_timestamp", "timestamp"):
        value = ours.get(name)
        if value is not None:
            return _time(value, mapping, name)
    raise Problem(f"no {mapping.source_name('timestamp')}: an event needs its time")


def _time(value: Any, mapping: Mapping, name: str) -> int:
    kind = type(value)
    time_us = _iso_us(value) if kind is str else _epoch_us(value) if kind is Number else None
    if time_us is None:
        raise Problem(f"{mapping.source_name(name)} is {shown(value)}; it must be an ISO 8601 time or an epoch number")
    if not FIRST_US <= time_us < END_US:
        raise Problem(f"{mapping.source_name(name)} is {shown(value)}, outside the years 1970-2100")
    return time_us


def _iso_us(text: str) -> int | None:
    """Dates, basic and extended times, week dates; finer than microseconds is cut. No leap seconds, no 24:00."""
    if not ISO_TIME.fullmatch(text):
        return None
    try:
        time = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return (time - (NAIVE_EPOCH if time.tzinfo is None else EPOCH)) // MICROSECOND


def _epoch_us(number: Number) -> int:
    """Microseconds, cut down to a whole number; times that are far outside the range as one just outside of it."""
    about = float(number)
    if not -1 < about < FAR_AHEAD:
        return END_US if about > 0 else FIRST_US - 1
    if not about:
        return 0
    value = Decimal(number)
    exact = Context(prec=len(number) + 8)
    return math.floor(exact.multiply(value, Decimal(1_000_000 if value < SECONDS_END else 1_000)))
