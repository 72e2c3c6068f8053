"""The event contract: one raw JSON item -> one Bronze row, or the reason why it can't be one.

Pure functions of the item and the mapping: no clock, no I/O. Numbers keep the text they were written in, so that
hashes and `attributes` say what the source said. All times are microseconds since 1970-01-01 UTC.
"""

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from catalog.paths import escape_path_name
from jobs.mapping import Mapping

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH = EPOCH.replace(tzinfo=None)
FIRST_US = 0
END_US = int((datetime(2101, 1, 1, tzinfo=UTC) - EPOCH).total_seconds()) * 1_000_000
SECONDS_END = 4_102_444_800
MICROSECOND = timedelta(microseconds=1)
DEEPEST = 500
ISO_TIME = re.compile(r"[0-9W-]{8,10}([Tt ][0-9].*)?")
RESERVED_EVENT_TYPE = "__HIVE_DEFAULT_PARTITION__"
TEXT_FIELDS = ("page", "device", "source")
LONGEST_NUMBER = 400


class Problem(Exception):  # noqa: N818 it is an answer, not a failure
    """Why an item can't become an event: a sentence that a person understands."""


class Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


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


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Problem(f"the key {twice!r} stands twice in one object")
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_no_constant, object_pairs_hook=_unique)


def parse_event(text: str, mapping: Mapping) -> Event:
    """One item's text to an event; raises Problem."""
    return event_of(load_item(text), mapping)


def load_item(text: str) -> Any:
    """A JSON value, numbers as Number; raises Problem where the text is not exactly one."""
    check_depth(text)
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Problem(json_problem(error)) from None
    except ValueError as error:
        raise Problem(f"malformed JSON: {error}") from None
    except RecursionError:
        raise Problem(f"nested more than {DEEPEST} levels deep") from None


def json_problem(error: json.JSONDecodeError) -> str:
    """A parser's error as a reason."""
    if error.msg == "Extra data":
        return f"malformed JSON: more text after the first value, at character {error.pos + 1}"
    what = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
    return f"malformed JSON: {what}, at character {error.pos + 1}"


def check_depth(text: str) -> None:
    """Raise Problem where brackets nest deeper than any event needs; cheap where there are few brackets at all."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth, in_string, escaped = 0, False, False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > DEEPEST:
                raise Problem(f"nested more than {DEEPEST} levels deep")
        elif character in "]}":
            depth -= 1


def event_of(item: Any, mapping: Mapping) -> Event:
    """A decoded item to an event; raises Problem."""
    if type(item) is not dict:
        raise Problem("not an object: an event is a JSON object with user_id, event_type and timestamp")
    try:
        return _event(item, mapping)
    except UnicodeEncodeError:
        raise Problem("a string holds half of a character (a lone surrogate), which is not text") from None


def _event(item: dict[str, Any], mapping: Mapping) -> Event:
    rest = dict(item)
    name_of, words_of = mapping.fields.get, mapping.values

    def take(canonical: str) -> Any:
        value = rest.pop(name_of(canonical, canonical), None)
        if words_of and isinstance(value, str):
            return words_of.get(canonical, {}).get(value, value)
        return value

    user_id = _required_text(take("user_id"), mapping, "user_id")
    event_type = _event_type(_required_text(take("event_type"), mapping, "event_type"))
    other_time, time = take("timestamp"), take("event_timestamp")
    time = other_time if time is None else time
    if time is None:
        raise Problem(f"no {mapping.source_name('timestamp')}: an event needs its time")
    event_us = _time(time, mapping, "timestamp")
    op = _op(take("op"))
    updated = take("updated_at")
    updated_us = event_us if updated is None else _time(updated, mapping, "updated_at")
    page, device, source = (_optional_text(take(name), rest, mapping, name) for name in TEXT_FIELDS)
    amount, amount_text = _amount(take("amount"), rest, mapping)
    attributes = json_text(rest) if rest else None
    event_time = iso_text(event_us)
    values = {
        "user_id": user_id,
        "event_type": event_type,
        "event_timestamp": event_time,
        "page": page,
        "device": device,
        "source": source,
        "amount": amount_text,
    }
    pk = sha256_of([values[name] if name in values else _key_text(name, rest, op, updated_us) for name in mapping.key])
    feature_hash = sha256_of([*values.values(), attributes])
    return Event(
        pk, user_id, event_type, event_us, op, updated_us,
        page, device, source, amount, attributes, op != "D", feature_hash,
    )  # fmt: skip


def sha256_of(values: list[str | None]) -> str:
    """Hex SHA-256 of texts, each as `<UTF-8 length>:<text>`, null as `-1:`."""
    parts = [
        "-1:" if value is None else f"{len(value) if value.isascii() else len(value.encode())}:{value}"
        for value in values
    ]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def iso_text(time_us: int) -> str:
    """A time as YYYY-MM-DDTHH:MM:SS.ffffffZ."""
    return (NAIVE_EPOCH + timedelta(microseconds=time_us)).isoformat(timespec="microseconds") + "Z"


def json_text(value: Any) -> str:
    """Compact JSON with sorted keys, numbers as they were written."""
    if type(value) is Number:
        return str(value)
    if type(value) is dict:
        return "{" + ",".join(f"{_quoted(name)}:{json_text(value[name])}" for name in sorted(value)) + "}"
    if type(value) is list:
        return "[" + ",".join(map(json_text, value)) + "]"
    return _quoted(value)


_quoted: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False).encode


def number_text(number: Number) -> str:
    """A JSON number as decimal text: 1e3 is 1000. One of absurd length or exponent stays as it was written."""
    if "e" not in number and "E" not in number:
        return str(number)
    value = Decimal(number)
    exponent = value.as_tuple().exponent
    if len(number) > LONGEST_NUMBER or not isinstance(exponent, int) or abs(exponent) > LONGEST_NUMBER:
        return str(number)
    return format(value, "f")


def _text(value: Any) -> str | None:
    """The value of a text field: a string, or a number's decimal text; None where it is neither."""
    if type(value) is str:
        return value
    return number_text(value) if type(value) is Number else None


def _required_text(value: Any, mapping: Mapping, canonical: str) -> str:
    if value is None:
        raise Problem(f"no {mapping.source_name(canonical)}")
    text = _text(value)
    if text is None:
        raise Problem(f"{mapping.source_name(canonical)} is {_shown(value)}; it must be text or a number")
    if not text.strip():
        raise Problem(f"{mapping.source_name(canonical)} is blank")
    return text


def _optional_text(value: Any, rest: dict[str, Any], mapping: Mapping, canonical: str) -> str | None:
    text = _text(value)
    if text is None and value is not None:
        rest[mapping.source_name(canonical)] = value
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


def _key_text(name: str, rest: dict[str, Any], op: str, updated_us: int) -> str | None:
    """The text of a key column that is the source's own field, or op or updated_at."""
    if name == "op":
        return op
    if name == "updated_at":
        return iso_text(updated_us)
    value = rest.get(name)
    if value is None:
        return None
    text = _text(value)
    return json_text(value) if text is None else text


@lru_cache(maxsize=4096)
def _event_type(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise Problem("event_type has control characters")
    if text == RESERVED_EVENT_TYPE:
        raise Problem(f"event_type is {RESERVED_EVENT_TYPE}, which Hive reads as null")
    if len(escape_path_name(text).encode()) > 240:
        raise Problem("event_type is too long for a folder name: over 240 bytes")
    return text


def _op(value: Any) -> str:
    if value is None:
        return "I"
    op = value.upper() if type(value) is str else ""
    if op not in ("I", "U", "D"):
        raise Problem(f"op is {_shown(value)}; it must be I, U or D")
    return op


def _time(value: Any, mapping: Mapping, canonical: str) -> int:
    time_us: int | None
    if type(value) is Number:
        time_us = _epoch_us(value)
    elif type(value) is str:
        time_us = _iso_us(value)
    else:
        time_us = None
    if time_us is None:
        raise Problem(
            f"{mapping.source_name(canonical)} is {_shown(value)}; it must be an ISO 8601 time or an epoch number"
        )
    if not FIRST_US <= time_us < END_US:
        raise Problem(f"{mapping.source_name(canonical)} is {_shown(value)}, outside the years 1970-2100")
    return time_us


def _iso_us(text: str) -> int | None:
    try:
        if not ISO_TIME.fullmatch(text):
            return None
        time = datetime.fromisoformat(text)
        return ((time.replace(tzinfo=UTC) if time.tzinfo is None else time) - EPOCH) // MICROSECOND
    except (ValueError, OverflowError):
        return None


def _epoch_us(number: Number) -> int:
    value = Decimal(number)
    if abs(value) >= Decimal(10) ** 15:
        return END_US
    return int(value * (1_000_000 if value < SECONDS_END else 1_000))


def _shown(value: Any) -> str:
    """A value in a reason, cut to a readable length."""
    text = json_text(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
