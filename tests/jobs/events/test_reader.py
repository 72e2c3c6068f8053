"""Raw files: which are read, and which items they give."""

import gzip
import io
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from corpus import CORPUS, Entry, event, make_corpus
from hypothesis import given
from hypothesis import strategies as st

from jobs.events.event import Event, parse_event
from jobs.events.json_text import Problem
from jobs.events.mapping import Mapping
from jobs.events.raw_files import (
    Item,
    OpenAt,
    count_lines,
    is_json_lines,
    items_between,
    items_of,
    kept_raw,
    lines_between,
)
from jobs.events.reader import Part, Quarantined, Reading, part_items, row_of
from jobs.lake.open_store import open_store

CLOCK = datetime(2024, 6, 1, tzinfo=UTC)
REASON, LINE_NUMBER = 1, 3


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    make_corpus(folder)
    return folder


def opener(content: bytes) -> OpenAt:
    def open_at(start: int) -> BinaryIO:
        return io.BytesIO(content[start:])

    return open_at


def items(content: bytes, *, gzipped: bool = False) -> list[Item]:
    return list(items_of(opener(content), gzipped=gzipped))


def outcome(item: Item) -> Event | str:
    """What becomes of an item: an event, or the reason why not."""
    try:
        return parse_event(item.text, Mapping()) if item.problem is None else item.problem
    except Problem as problem:
        return str(problem)


def test_the_corpus_names_no_file_twice() -> None:
    assert len({entry.name for entry in CORPUS}) == len(CORPUS) > 45


@pytest.mark.parametrize("entry", [entry for entry in CORPUS if entry.read], ids=lambda entry: entry.name)
def test_a_strange_file_gives_rows_and_problems(entry: Entry, corpus: Path) -> None:
    raw = open_store(str(corpus))
    reading = Reading(raw, Mapping(), "run", CLOCK, raw, "staging/")
    good, bad = [], []
    for item in part_items(Part(entry.name, 0), raw):
        try:
            good.append(row_of(item, entry.name, reading))
        except Quarantined as found:
            bad.append(found.args[0])
    assert [row[LINE_NUMBER] for row in bad] == [line for line, _ in entry.bad], [row[REASON] for row in bad]
    for row, (_, reason) in zip(bad, entry.bad, strict=True):
        assert reason in row[REASON]
    assert len(good) == entry.good
    assert all(_is_storable(value) for row in [*good, *bad] for value in row)


def _is_storable(value: Any) -> bool:
    """Whether Arrow can take the value: text must be whole characters."""
    return not isinstance(value, str) or value.encode() is not None


def test_quarantine_keeps_short_text_without_nul() -> None:
    assert kept_raw("a\0b", "why") == ("a\\x00b", "why")
    raw, reason = kept_raw("x" * 70_000, "why")
    assert (len(raw), reason) == (65_536, "why (first 65,536 of 70,000 characters kept)")


def test_an_element_knows_the_line_of_its_start() -> None:
    content = b'\n[ {"a":1},\n\n  {"b":\n2}, 3,\n[4]\n]\n'
    assert items(content) == [Item(2, '{"a":1}'), Item(4, '{"b":\n2}'), Item(5, "3"), Item(6, "[4]")]


def test_an_element_keeps_its_text() -> None:
    assert items(b'[{"a" : 1.50, "b":1e2}]') == [Item(1, '{"a" : 1.50, "b":1e2}')]


def test_json_lines_start_with_a_whole_object() -> None:
    assert is_json_lines(opener(b'\xef\xbb\xbf{"a": 1}\r\nrubbish'))
    assert is_json_lines(opener(b'{"a": 1}'))
    for content in (b"", b"\n", b"{\n", b"[1]\n", b"7\n", b'{"a": "\xff"}\n', b'{"a": 1}{"b": 2}\n'):
        assert not is_json_lines(opener(content))


LINES = st.lists(
    st.sampled_from([b"", b"\r", b" ", b"{}", '{"a": "é€🙂"}'.encode(), b"x" * 40, b"\xc2\xa0", b"\r\r", b"7"])
)


@given(LINES, st.booleans(), st.lists(st.integers(0, 200)))
def test_any_cutting_gives_each_line_once(lines: list[bytes], final_newline: bool, cuts: list[int]) -> None:
    content = b"\n".join(lines) + (b"\n" if final_newline else b"")
    edges = [0, *sorted(cut for cut in cuts if cut < len(content)), len(content)]
    spans = list(pairwise(edges))
    open_at = opener(content)
    found = [line for start, end in spans for line in lines_between(open_at, start, end)]
    assert found == list(io.BytesIO(content))
    first_line, numbered = 1, []
    for start, end in spans:
        numbered += list(items_between(open_at, start, end, first_line))
        first_line += count_lines(open_at, start, end) or 0
    whole = [Item(number, line.decode().strip(" \t\r\n")) for number, line in enumerate(io.BytesIO(content), start=1)]
    assert numbered == [item for item in whole if item.text]


@given(st.lists(st.integers(0, 300)))
def test_parts_give_the_same_items_as_the_whole(cuts: list[int]) -> None:
    content = "\ufeff".encode() + b"\r\n".join([event(page="é🙂").encode(), b"", b"broken", event(page="€").encode()])
    edges = [0, *sorted(cut for cut in cuts if cut < len(content)), len(content)]
    open_at, first_line, parts = opener(content), 1, []
    for start, end in pairwise(edges):
        parts += list(items_between(open_at, start, end, first_line))
        first_line += count_lines(open_at, start, end) or 0
    assert parts == items(content)


def test_lines_beyond_utf8_have_no_number() -> None:
    assert count_lines(opener(b'{"a": 1}\n{"a": "\xff"}\n'), 0, 9) == 1
    assert count_lines(opener(b'{"a": 1}\n{"a": "\xff"}\n'), 0, 20) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.sampled_from(["user_id", "event_type", "timestamp", "page", "x"]), JSON))


def _forms(objects: list[dict[str, Any]]) -> Iterator[list[Event | str]]:
    lines = "\n".join(json.dumps(member) for member in objects).encode()
    array, pretty = json.dumps(objects).encode(), json.dumps(objects, indent=2).encode()
    for content in (lines, lines.replace(b"\n", b"\r\n") + b"\n", b"\xef\xbb\xbf" + lines, array, pretty):
        yield [outcome(item) for item in items(content)]
        yield [outcome(item) for item in items(gzip.compress(content), gzipped=True)]


@given(OBJECTS)
def test_all_forms_of_file_give_equal_events(objects: list[dict[str, Any]]) -> None:
    good = {"user_id": "u", "event_type": "click", "timestamp": 0}
    forms = list(_forms([{**good, **member} for member in objects]))
    assert all(form == forms[0] for form in forms)
    assert len(forms[0]) == len(objects)


NOISE = st.binary() | st.text(alphabet='{}[]",:\n\\ \r019.eEtrufalsn-').map(str.encode)


@given(NOISE, st.booleans())
def test_no_bytes_at_all_raise_anything(content: bytes, gzipped: bool) -> None:
    for item in items(content, gzipped=gzipped):
        outcome(item)


@given(NOISE)
def test_no_gzipped_text_at_all_raises_anything(content: bytes) -> None:
    for item in items(gzip.compress(content), gzipped=True):
        outcome(item)


ARRAYS = [json.dumps([json.loads(event(user_id=n)) for n in range(3)], indent=indent) for indent in (None, 0, 1, 4)]
ARRAYS += ["[\n" + ",\n".join([event(), event(), event()]) + "\n]", "[" + "\n,".join([event(), event()]) + "\n]"]


@given(st.sampled_from(ARRAYS), st.data())
def test_an_array_cut_anywhere_is_one_problem(array: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(array) - 1))
    found = [outcome(item) for item in items(array[:cut].encode())]
    assert len(found) == 1
    assert isinstance(found[0], str)


@given(st.data())
def test_a_gzip_cut_anywhere_is_one_problem(data: st.DataObject) -> None:
    lines = "\n".join(event(user_id=str(random.Random(n).random())) for n in range(20))
    content = gzip.compress(lines.encode())
    cut = data.draw(st.integers(1, len(content) - 1))
    found = items(content[:cut], gzipped=True)
    assert [item.problem is not None for item in found] == [True]


def test_every_stream_that_is_opened_is_closed(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(event().encode()))
    opened: list[BinaryIO] = []

    def open_at(start: int) -> BinaryIO:
        stream = (tmp_path / "a.json.gz").open("rb")
        stream.seek(start)
        opened.append(stream)
        return stream

    assert len(list(items_of(open_at, gzipped=True))) == 1
    assert all(stream.closed for stream in opened)


def test_a_storage_error_is_no_problem_of_files() -> None:
    def open_at(start: int) -> BinaryIO:
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        list(items_of(partial(open_at), gzipped=False))
