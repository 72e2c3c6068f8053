"""A corpus of bad and strange raw files, each with what reading it must give: good rows and quarantined items."""

import gzip
import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

Bad = tuple[tuple[int, str], ...]
MIB = 1 << 20


@dataclass(frozen=True)
class Entry:
    """A raw file below the corpus' folder.

    good: rows for Bronze; bad: quarantined items as (line number, part of the reason); read: False = left alone
    """

    name: str
    make: Callable[[], bytes]
    good: int
    bad: Bad = ()
    read: bool = True

    @property
    def content(self) -> bytes:
        """The bytes of the file, made anew each time."""
        return self.make()


def event(**fields: object) -> str:
    """An event as one line of JSON; None takes a field away."""
    members = {"user_id": "u1", "event_type": "click", "timestamp": "2024-05-06T07:08:09Z", **fields}
    return json.dumps({name: value for name, value in members.items() if value is not None}, ensure_ascii=False)


def raw_event(**fields: str) -> str:
    """An event whose given fields are JSON text as it stands."""
    members = {"user_id": '"u1"', "event_type": '"click"', "timestamp": '"2024-05-06T07:08:09Z"', **fields}
    return "{" + ", ".join(f'"{name}": {value}' for name, value in members.items()) + "}"


def make_corpus(folder: Path) -> list[Entry]:
    """Write the corpus into a folder; what was written."""
    for entry in CORPUS:
        path = folder / entry.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(entry.content)
    return CORPUS


def _text(name: str, text: str, good: int, *bad: tuple[int, str], read: bool = True) -> Entry:
    return Entry(name, text.encode, good, bad, read)


def _lines(name: str, lines: Iterable[str], good: int, *bad: tuple[int, str]) -> Entry:
    return _text(name, "".join(f"{line}\n" for line in lines), good, *bad)


def _bytes(name: str, content: bytes, good: int, *bad: tuple[int, str]) -> Entry:
    return Entry(name, lambda: content, good, bad)


E1, E2, E3 = event(user_id="u1"), event(user_id="u2"), event(user_id="u3")
THREE = f"{E1}\n{E2}\n{E3}\n"
PRETTY_ARRAY = json.dumps([json.loads(line) for line in (E1, E2, E3)], indent=2)
PRETTY = json.dumps(json.loads(E1), indent=2)
NESTED = '{"a":' * 10_000 + "1" + "}" * 10_000


def _zipped(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def _with_bad_crc() -> bytes:
    content = bytearray(_zipped(THREE))
    content[-8] ^= 0xFF
    return bytes(content)


def _with_bad_deflate() -> bytes:
    content = bytearray(gzip.compress(random.Random(7).randbytes(2_000), mtime=0))
    content[10:40] = b"\xff" * 30
    return bytes(content)


def _long_line(end: str) -> bytes:
    text = "x" * (20 * MIB)
    return f"{E1}\n{event(note=text)[:-1]}{end}\n{E2}\n".encode()


CONTAINERS = [
    _bytes("gzip/truncated.json.gz", _zipped(THREE)[:-12], 0, (1, "broken gzip: the file ends too early")),
    _bytes("gzip/header_only.json.gz", _zipped(THREE)[:10], 0, (1, "broken gzip: the file ends too early")),
    _bytes("gzip/bad_crc.jsonl.gz", _with_bad_crc(), 0, (1, "broken gzip: CRC check failed")),
    _bytes("gzip/bad_deflate.jsonl.gz", _with_bad_deflate(), 0, (1, "broken gzip")),
    _bytes("gzip/trailing_garbage.jsonl.gz", _zipped(THREE) + b"garbage", 0, (1, "broken gzip: Not a gzipped file")),
    _bytes("gzip/zero_padded.jsonl.gz", _zipped(THREE) + bytes(512), 3),
    _bytes("gzip/members.jsonl.gz", _zipped(f"{E1}\n") + _zipped(f"{E2}\n{E3}\n"), 3),
    _bytes("gzip/second_member_cut.jsonl.gz", _zipped(f"{E1}\n") + _zipped(THREE)[:30], 0, (1, "broken gzip")),
    _bytes("gzip/line_over_two_members.jsonl.gz", _zipped(E1[:20]) + _zipped(f"{E1[20:]}\n{E2}"), 2),
    _text("gzip/plain.json.gz", THREE, 0, (1, "broken gzip: Not a gzipped file")),
    _bytes("gzip/really_gzip.json", _zipped(THREE), 0, (1, "broken encoding: the file is not UTF-8 text")),
    _bytes("gzip/empty.json.gz", _zipped(""), 0),
    _bytes("gzip/no_bytes.json.gz", b"", 0),
    _bytes("gzip/pretty_array.json.gz", _zipped(PRETTY_ARRAY), 3),
    _bytes("gzip/UPPER.JSONL.GZ", _zipped(THREE), 3),
    _bytes("gzip/utf16.json.gz", gzip.compress(E1.encode("utf-16"), mtime=0), 0, (1, "UTF-16")),
]

ENCODINGS = [
    _bytes("text/binary.json", b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(5_000), 0, (1, "not UTF-8")),
    _bytes("text/empty.json", b"", 0),
    _bytes("text/white_space.json", b" \t\r\n\n   \n", 0),
    _bytes("text/mark_only.json", b"\xef\xbb\xbf", 0),
    _bytes("text/mark.json", b"\xef\xbb\xbf" + E1.encode(), 1),
    _bytes("text/mark.jsonl", b"\xef\xbb\xbf" + THREE.encode(), 3),
    _bytes("text/mark_and_array.json", b"\xef\xbb\xbf" + PRETTY_ARRAY.encode(), 3),
    _bytes("text/utf16_le_mark.json", b"\xff\xfe" + THREE.encode("utf-16-le"), 0, (1, "UTF-16")),
    _bytes("text/utf16_be_mark.json", b"\xfe\xff" + THREE.encode("utf-16-be"), 0, (1, "UTF-16")),
    _bytes("text/utf16_le.json", THREE.encode("utf-16-le"), 0, (1, "UTF-16")),
    _bytes("text/utf16_be.json", THREE.encode("utf-16-be"), 0, (1, "UTF-16")),
    _bytes("text/utf32.json", THREE.encode("utf-32"), 0, (1, "UTF-32")),
    _bytes("text/latin1_in_the_middle.jsonl", f"{E1}\n{event(page='Größe')}\n{E2}".encode("latin-1"), 0,
           (1, "broken encoding: the file is not UTF-8 text")),
    _bytes("text/cut_in_a_character.jsonl", event(page="€").encode().partition(b"\x82")[0], 0, (1, "not UTF-8")),
    _bytes("text/crlf.jsonl", THREE.replace("\n", "\r\n").encode(), 3),
    _bytes("text/crlf_array.json", PRETTY_ARRAY.replace("\n", "\r\n").encode(), 3),
    _bytes("text/cr_only.jsonl", f"{E1}\r{E2}\r".encode(), 0, (1, "more text after the first value")),
    _lines("text/blank_lines.jsonl", ["", E1, "", "  \t", E2, "nonsense", ""], 2, (6, "expecting value")),
    _lines("text/nul_in_a_line.jsonl", [E1, E2[:10] + "\0" + E2[10:], E3], 2, (2, "malformed JSON")),
    _lines("text/nul_between.jsonl", [E1, "\0\0\0", E3], 2, (2, "malformed JSON")),
    _lines("text/line_separators.jsonl", [event(page="a\u2028b\u2029c\x85d"), E2], 2),
    _lines("text/other_space_around.jsonl", [E1, f"\u00a0{E2}", f"{E3}\x0b"], 1, (2, "malformed"), (3, "malformed")),
    _lines("text/control_character_in_a_string.jsonl", [E1, E2.replace("u2", "u\t2")], 1, (2, "control character")),
    Entry("text/long_line.jsonl", lambda: _long_line("}"), 3),
    Entry("text/long_broken_line.jsonl", lambda: _long_line(""), 2, ((2, "of 20,971,6"),)),
]  # fmt: skip

SHAPES = [
    _text("shape/object.json", E1, 1),
    _text("shape/pretty_object.json", PRETTY, 1),
    _text("shape/pretty_array.json", PRETTY_ARRAY, 3),
    _text("shape/array_on_one_line.json", f"[{E1}, {E2}]", 2),
    _text("shape/array_after_blank_lines.json", f"\n\n  [{E1},\n{E2}]\n\n", 2),
    _text("shape/empty_array.json", "[]", 0),
    _text("shape/empty_array_over_lines.json", "[\n\n]\n", 0),
    _text("shape/empty_object.json", "{}", 0, (1, "no user_id")),
    _text("shape/nested_arrays.json", f"[[{E1}], [[{E2}]], {E3}]", 1, (1, "not an object"), (1, "not an object")),
    _text("shape/bad_elements.json", f'[\n{E1},\n7,\n{{"user_id": "x"}},\nnull,\n{E2}\n]\n', 2,
          (3, "not an object"), (4, "no event_type"), (5, "not an object")),
    _text("shape/array_cut.json", PRETTY_ARRAY[:170], 0, (10, "broken array")),
    _text("shape/array_cut_after_a_line.json", f"[\n{E1},\n{E2},\n", 0, (4, "broken array")),
    _text("shape/array_cut_before_a_comma.json", f"[\n{E1}\n", 0, (3, "broken array")),
    _text("shape/array_without_commas.json", f"[\n{E1}\n{E2}\n]", 0, (3, "broken array")),
    _text("shape/array_without_commas_cut.json", f"[{E1}\n{E2}\n", 0, (2, "broken array")),
    _text("shape/two_objects_over_lines.json", f"{E1}\n{E2}\n".replace(', "t', ',\n"t'), 0, (1, "broken object")),
    _text("shape/array_trailing_comma.json", f"[{E1}, {E2},]", 0, (1, "broken array")),
    _text("shape/array_leading_commas.json", f"[{E1}\n,{E2}\n,", 0, (3, "broken array")),
    _text("shape/array_and_more.json", f"{PRETTY_ARRAY}\n{E1}\n", 0, (18, "broken array: malformed JSON: more text")),
    _text("shape/array_bad_inside.json", f"[\n{E1},\n{{'user_id': 'x'}},\n{E2}\n]", 0, (3, "broken array")),
    _text("shape/object_cut.json", PRETTY[:-10], 0, (1, "broken object")),
    _text("shape/object_broken.json", PRETTY.replace('",', '"', 1), 0, (1, "broken object")),
    _text("shape/wrapper_cut.json", f'{{"records": [\n{E1}\n]', 0, (1, "broken object")),
    _text("shape/wrapper_cut_in_a_list.json", f'{{"records": [\n{E1},\n{E2}\n', 0, (1, "broken object")),
    _text("shape/wrapper_with_single_quotes.json", f"{{'records': [\n{E1}\n]}}", 0, (1, "broken object")),
    _text("shape/wrapper_cut_after_a_field.json", f'{{"n": 1,\n"records": [\n{E1}\n]\n', 0, (1, "broken object")),
    _text("shape/wrapper_cut_after_a_value.json", f'{{"records": [{E1},\n{E2}\n{E3}', 0, (1, "broken object")),
    _text("shape/wrapper_of_one_cut.json", f'{{"record":\n{E1}\n', 0, (1, "broken object")),
    _text("shape/wrapper_in_an_array_cut.json", f'[{{"records": [\n{E1}\n]', 0, (3, "broken array")),
    _text("shape/wrapper_whole.json", f'{{"records": [\n{E1}\n]}}\n', 0, (1, "no user_id")),
    _lines("shape/log_line_with_a_colon_first.jsonl", ["[INFO] started:", E1, E2], 2, (1, "malformed JSON")),
    _lines("shape/first_line_cut_in_a_list.jsonl", [E1[:-1] + ', "x": [1', E2, E3], 2, (1, "malformed JSON")),
    _text("shape/two_pretty_objects.json", f"{PRETTY}\n{PRETTY}\n", 0, (1, "more text after the first value")),
    _lines("shape/concatenated.jsonl", [E1, f"{E2}{E3}"], 1, (2, "more text after the first value")),
    _text("shape/concatenated_alone.json", f"{E1}{E2}", 0, (1, "more text after the first value")),
    _lines("shape/concatenated_first.jsonl", [f"{E1}{E2}", f"{E2} {E3}"], 0, (1, "more text"), (2, "more text")),
    _lines("shape/commas_after_lines.jsonl", [f"{E1},", f"{E2},", E3], 1, (1, "more text"), (2, "more text")),
    _lines("shape/trailing_comma.jsonl", [E1, E2[:-1] + ",}"], 1, (2, "property name")),
    _lines("shape/single_quotes.jsonl", [E1, E2.replace('"', "'")], 1, (2, "property name")),
    _lines("shape/single_quotes_first.jsonl", [E2.replace('"', "'"), E1], 1, (1, "property name")),
    _lines("shape/comments.jsonl", ["// first", E1, "# second", f"{E2} // third"], 1,
           (1, "expecting value"), (3, "expecting value"), (4, "more text")),
    _lines("shape/first_line_broken.jsonl", [E1[:30], E2, E3], 2, (1, "malformed JSON")),
    _lines("shape/first_line_cut_at_a_comma.jsonl", [E1[: E1.index(",") + 1], E2, E3], 2, (1, "malformed JSON")),
    _lines("shape/log_line_first.jsonl", ["[INFO] started", E1, E2], 2, (1, "malformed JSON")),
    _text("shape/last_line_cut.jsonl", f"{E1}\n{E2}\n{E3[:25]}", 2, (3, "malformed JSON")),
    _text("shape/no_final_newline.jsonl", f"{E1}\n{E2}", 2),
    _lines("shape/arrays_as_lines.jsonl", [f"[{E1}]", f"[{E2}]"], 0, (1, "not an object"), (2, "not an object")),
    _lines("shape/scalars.jsonl", [E1, "1", '"x"', "null", "true", "[]"], 1,
           *((line, "not an object") for line in range(2, 7))),
    _text("shape/scalar_number.json", "42", 0, (1, "not an object")),
    _text("shape/scalar_string.json", '"hello"', 0, (1, "not an object")),
    _text("shape/scalar_null.json", "null\n", 0, (1, "not an object")),
    _text("shape/words.json", "no JSON here", 0, (1, "malformed JSON: expecting value, at character 1")),
    _text("shape/page_of_html.json", "<html>\n<body>\n404\n</body>\n</html>\n", 0, (1, "malformed JSON")),
    _lines("shape/deep_line.jsonl", [E1, raw_event(x=NESTED), E2], 2, (2, "levels deep")),
    _text("shape/deep_object.json", raw_event(x=NESTED), 0, (1, "levels deep")),
    _text("shape/deep_pretty_object.json", raw_event(x=NESTED).replace(", ", ",\n"), 0, (1, "levels deep")),
    _text("shape/deep_array.json", "[" * 10_000 + "]" * 10_000, 0, (1, "levels deep")),
    _text("shape/deep_cut_array.json", "[" * 10_000, 0, (1, "broken array")),
    _text("shape/deep_in_an_array.json", f"[{E1},\n{raw_event(x=NESTED)}]", 0, (1, "broken array: nested more than")),
    _lines("shape/brackets_in_strings.jsonl", [event(page="[{" * 5_000 + '"\\'), E2], 2),
    _text("shape/many_brackets.json", "[" + ",\n".join([event(x=[[]] * 3)] * 1_000) + "]", 1_000),
]  # fmt: skip

IDS = [
    _lines("field/user_id.jsonl", [
        event(user_id=None), event(user_id=""), event(user_id=" \u00a0"), raw_event(user_id="null"),
        event(user_id=True), event(user_id=[1]), event(user_id={"a": 1}), event(user_id=999_477),
        event(user_id=1.5), event(user_id="Ünïcode 🙂"), raw_event(user_id="1e3"), raw_event(user_id="1e-2"),
        raw_event(user_id="1e999999999999999999999"), raw_event(user_id="9" * 5_000),
    ], 7, (1, "no user_id"), (2, "user_id is blank"), (3, "user_id is blank"), (4, "no user_id"),
        (5, "user_id is true"), (6, "user_id is [1]"), (7, 'user_id is {"a":1}')),
    _lines("field/event_type.jsonl", [
        event(event_type=None), event(event_type=""), event(event_type="  "), raw_event(event_type="null"),
        event(event_type=False), event(event_type=[]), event(event_type={}), event(event_type=7),
    ], 1, (1, "no event_type"), (2, "event_type is blank"), (3, "event_type is blank"), (4, "no event_type"),
        (5, "event_type is false"), (6, "event_type is []"), (7, "event_type is {}")),
    _lines("field/event_type_as_folder.jsonl", [
        event(event_type="a/b"), event(event_type="Größe/ 1"), event(event_type='"quoted" \'too\''),
        event(event_type="a=b"), event(event_type="100%"), event(event_type="%2F"), event(event_type="back\\slash"),
        event(event_type="日本語"), event(event_type="🙂👍🏽"), event(event_type="."), event(event_type=".."),
        event(event_type="x" * 240), event(event_type="/" * 80), event(event_type="é" * 120),
        event(event_type=" lead and trail "), event(event_type="_hidden"), event(event_type="CLICK"),
        event(event_type="null"), event(event_type="*?#:[]{}^"),
    ], 19),
    _lines("field/event_type_refused.jsonl", [
        event(event_type="x" * 500), event(event_type="x" * 241), event(event_type="/" * 80 + "x"),
        event(event_type="é" * 120 + "x"), event(event_type="__HIVE_DEFAULT_PARTITION__"),
        event(event_type="tab\there"), event(event_type="line\nhere"), event(event_type="nul\0here"),
        event(event_type="next\x85line"), event(event_type="del\x7f"),
    ], 0, *((line, "over 240 bytes") for line in (1, 2, 3, 4)), (5, "which Hive reads as null"),
        *((line, "control characters") for line in (6, 7, 8, 9, 10))),
    _lines("field/op.jsonl", [
        event(op="I"), event(op="u"), event(op="d"), raw_event(op="null"), event(op="X"), event(op=""),
        event(op="delete"), event(op=1), event(op=True), event(op=["D"]), event(op=" D"), event(op="\u0131"),
    ], 4, *((line, "it must be I, U or D") for line in range(5, 13))),
    _lines("field/duplicate_keys.jsonl", [
        E1, E2[:-1] + ', "user_id": "u9"}', raw_event(x='{"a": 1, "a": 1}'), raw_event(x='[{"b": 1}, {"b": 2}]'),
    ], 2, (2, 'the key "user_id" stands twice'), (3, 'the key "a" stands twice')),
    _lines("field/wrong_types.jsonl", [
        event(page=[1], device={"a": 1}, source=True, amount="12.5"), event(page=1, device=2.5, source=-3),
        event(amount=True), event(amount=[1]), raw_event(amount="1e999"), raw_event(amount="-1e-999"),
        raw_event(page="null", device="null", source="null", amount="null", op="null", updated_at="null"),
    ], 7),
    _lines("field/lone_surrogates.jsonl", [
        E1, raw_event(user_id='"\\ud800"'), raw_event(event_type='"\\udfff"'), raw_event(page='"\\ud83d"'),
        raw_event(timestamp='"\\ud800"'), raw_event(op='"\\ud800"'), raw_event(x='{"\\ud800": 1}'),
        raw_event(x='["\\ud83d\\ude00"]'), raw_event(x='{"\\ud800": 1, "\\ud800": 2}'),
    ], 2, (2, "lone surrogate"), (3, "lone surrogate"), (4, "lone surrogate"), (5, "must be an ISO 8601 time"),
        (6, "it must be I, U or D"), (7, "lone surrogate"), (9, "stands twice")),
]  # fmt: skip

NUMBERS = [
    _lines("number/beyond_64_bits.jsonl", [
        raw_event(x="18446744073709551616"), raw_event(x="-170141183460469231731687303715884105729"),
        raw_event(amount="18446744073709551616"), raw_event(x="9" * 5_000), raw_event(amount="9" * 5_000),
        raw_event(x="0.1000000000000000055511151231257827021181583404541015625"), raw_event(x="1e999999999999999999"),
    ], 7),
    _lines("number/not_json.jsonl", [
        E1, raw_event(x="NaN"), raw_event(x="Infinity"), raw_event(x="-Infinity"), raw_event(amount="NaN"),
        raw_event(x="007"), raw_event(x="+1"), raw_event(x="1."), raw_event(x=".5"), raw_event(x="0x10"),
    ], 1, *((line, "malformed JSON") for line in range(2, 11))),
    _text("number/nan_array.json", f"[{E1},\n{raw_event(x='NaN')}]", 0, (2, "broken array")),
    _text("number/nan_pretty.json", PRETTY[:-2] + ',\n"x": NaN\n}', 0, (1, "broken object")),
]  # fmt: skip

GOOD_TIMES = [
    '"2024-05-06"', '"20240506"', '"2024-W19-1"', '"2024-05-06T07:08"', '"2024-05-06 07:08:09"', '"20240506T070809Z"',
    '"2024-05-06T07:08:09.1234567890Z"', '"2024-05-06T07:08:09,5+05:30"', '"2024-05-06T07:08:09-0330"',
    '"2024-05-06T07:08:09+02"', '"2024-02-29T00:00:00-12:00"', '"1970-01-01T00:00:00Z"', '"1969-12-31T23:30:00-00:30"',
    '"2100-12-31T23:59:59.999999Z"', '"2101-01-01T00:00:00+00:30"', "0", "-0", "1715000000", "1715000000.123456789",
    "1.715e9", "4102444799", "4102444799.999999", "4102444800", "1715000000123", "1715000000123.456", "4133980799999",
    "1e-400", "1e-999999999",
]  # fmt: skip
OUTSIDE = [
    '"0001-01-01"', '"0001-01-01T00:00:00+14:00"', '"1969-12-31T23:59:59.999999Z"', '"1970-01-01T00:00:00+00:01"',
    '"2101-01-01"', '"9999-12-31T23:59:59.999999-14:00"', "-1", "-0.0000001", "-1e-7", "-1715000000", "4133980800000",
    "1e15", "1e400", "1e9999999", "-1e9999999", "1e99999999999999999999", "9" * 5_000,
]  # fmt: skip
UNREADABLE = [
    '""', '" "', '"yesterday"', '"2023-02-29"', '"2024-13-01"', '"2024-05-06T24:00:00Z"', '"2016-12-31T23:59:60Z"',
    '"2024-05-06T25:00"', '"2024-05-06T07:08:09 Europe/Berlin"', '"06.05.2024"', '"05/06/2024"', '"1715000000"',
    '"2024-05"', '"2024"', '"٢٠٢٤-٠٥-٠٦"', '" 2024-05-06"', '"2024-05-06T"', '"2024-05-06T07:08+99:00"',
    '"2024-05-06T07:08:09.Z"', '"10000-01-01"', '"-2024-05-06"', "true", "[1715000000]", '{"$date": 1715000000}',
]  # fmt: skip
TIMES = [
    _lines("time/good.jsonl", [raw_event(timestamp=time) for time in GOOD_TIMES], len(GOOD_TIMES)),
    _lines("time/outside.jsonl", [raw_event(timestamp=time) for time in OUTSIDE], 0,
           *((line, "outside the years 1970-2100") for line in range(1, len(OUTSIDE) + 1))),
    _lines("time/unreadable.jsonl", [raw_event(timestamp=time) for time in UNREADABLE], 0,
           *((line, "it must be an ISO 8601 time or an epoch number") for line in range(1, len(UNREADABLE) + 1))),
    _lines("time/which.jsonl", [
        event(event_timestamp="2024-01-01"), event(timestamp=None, event_timestamp="2024-01-01"),
        event(timestamp="never", event_timestamp="2024-01-01"), raw_event(event_timestamp="null"),
        event(timestamp=None), raw_event(timestamp="null"), event(event_timestamp="never"), event(event_timestamp=""),
    ], 4, (5, "no timestamp"), (6, "no timestamp"), (7, "ISO 8601"), (8, "ISO 8601")),
    _lines("time/updated_at.jsonl", [
        event(updated_at="2024-01-01"), raw_event(updated_at="null"), event(updated_at=1_715_000_000_000),
        event(updated_at="soon"), event(updated_at=True), event(updated_at="2101-01-01"),
    ], 3, (4, "updated_at is"), (5, "updated_at is true"), (6, "outside the years 1970-2100")),
]  # fmt: skip

NAMES = [
    _text("name/_temporary.json", THREE, 0, read=False),
    _text("name/.hidden.json", THREE, 0, read=False),
    _text("name/_folder/inner.json", THREE, 0, read=False),
    _text("name/.folder/inner.json.gz", "not even gzip", 0, read=False),
    _text("name/notes.txt", "not JSON", 0, read=False),
    _text("name/data.csv", "a,b", 0, read=False),
    _text("name/data.json.bak", E1, 0, read=False),
    _text("name/data.json.bz2", E1, 0, read=False),
    _text("name/data.gz", E1, 0, read=False),
    _text("name/json", E1, 0, read=False),
    _text("name/UPPER.JSON", E1, 1),
    _text("name/lines.ndjson", THREE, 3),
    _bytes("name/lines.ndjson.gz", _zipped(THREE), 3),
    _text("name/x.json/inner.json", E1, 1),
    _text("name/deep/er/and/deep/er/x.jsonl", E1, 1),
    _text("name/with space.json", E1, 1),
    _text("name/Größe-日本-🙂.json", E1, 1),
    _text("name/per%cent%2F.json", E1, 1),
    _text("name/ha#sh.json", E1, 1),
    _text("name/ques?tion.json", E1, 1),
    _text("name/st*r.json", E1, 1),
    _text("name/[brackets]{a,b}.json", E1, 1),
    _text("name/back\\slash.json", E1, 1),
    _text("name/col:on=equal&.json", E1, 1),
    _text("name/event_type=click/date=2024-05-06/x.json", E1, 1),
]

CORPUS = [*CONTAINERS, *ENCODINGS, *SHAPES, *IDS, *NUMBERS, *TIMES, *NAMES]
