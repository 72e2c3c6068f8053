"""Limits of raw files at which a parser goes wrong: cut texts, long fractions, odd offsets, leading NULs, memory."""

import io
import json
import tracemalloc

import pytest

from jobs.events.event import parse_event
from jobs.events.json_text import Problem
from jobs.events.mapping import Mapping
from jobs.events.raw_files import items_of, kept_raw

E = '{"user_id":"u","event_type":"c","timestamp":%s}'


def items(content):
    return list(items_of(lambda start: io.BytesIO(content[start:]), gzipped=False))


def test_escaped_raw_is_at_most_65536_characters():
    assert len(kept_raw("\0" * 65_536, "why")[0]) <= 65_536


@pytest.mark.parametrize("number", ["1750000000." + "9" * 30, "4102444799." + "9" * 40])
def test_a_long_fraction_never_rounds_up(number):
    assert parse_event(E % number, Mapping()).event_timestamp == int(number.split(".")[0]) * 1_000_000 + 999_999


def test_an_offset_has_at_most_59_minutes():
    with pytest.raises(Problem):
        parse_event(E % '"2025-06-17T10:00:00+05:99"', Mapping())


def test_a_line_of_nul_is_not_utf_16():
    assert [item.problem for item in items(b"\0\0\0\0\n" + (E % 0).encode())] == [None, None]


def test_an_array_takes_memory_near_its_text():
    content = ("[" + ",\n".join([E % 0] * 50_000) + "]").encode()
    tracemalloc.start()
    count = sum(1 for _ in items_of(lambda start: io.BytesIO(content[start:]), gzipped=False))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 50_000
    assert peak < 7 * len(content)


def test_a_pretty_printed_object_is_an_event():
    text = json.dumps({"user_id": "u", "event_type": "c", "timestamp": 1}, indent=2)
    (item,) = items(f"\n{text}\r\n\n".encode())
    assert (item.line_number, item.problem) == (2, None)
    assert parse_event(item.text, Mapping()).user_id == "u"
