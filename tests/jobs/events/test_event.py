"""The event contract, rule by rule."""

import hashlib
import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from corpus import event, raw_event
from hypothesis import given
from hypothesis import strategies as st

from jobs.events.event import Event, iso_text, parse_event
from jobs.events.json_text import Number, Problem, number_text
from jobs.events.mapping import CANONICAL, Mapping

PLAIN = Mapping()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(text: str, mapping: Mapping = PLAIN) -> Event:
    return parse_event(text, mapping)


def reason(text: str, mapping: Mapping = PLAIN) -> str:
    with pytest.raises(Problem) as caught:
        parse_event(text, mapping)
    return str(caught.value)


def outcome(text: str) -> Event | str:
    try:
        return parse_event(text, PLAIN)
    except Problem as problem:
        return str(problem)


def us(year: int, month: int = 1, day: int = 1, *rest: int) -> int:
    return (datetime(year, month, day, *rest, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


def hex_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


FULL = """{"user_id": "u1", "event_type": "Größe", "timestamp": "2024-05-06T07:08:09.5+02:00", "op": "u",
    "updated_at": 1715000000, "page": "/home", "device": "phone", "source": 7, "amount": 12.50,
    "z": [1.0, {"b": 1e3, "a": "é"}], "item": null}"""


def test_every_field_has_its_column() -> None:
    assert read(FULL) == Event(
        pk=hex_of("2:u17:Größe27:2024-05-06T05:08:09.500000Z"),
        user_id="u1",
        event_type="Größe",
        event_timestamp=us(2024, 5, 6, 5, 8, 9, 500_000),
        op="U",
        updated_at=1_715_000_000_000_000,
        page="/home",
        device="phone",
        source="7",
        amount=12.5,
        attributes='{"item":null,"z":[1.0,{"a":"é","b":1e3}]}',
        model_input_flag=True,
        feature_hash=hex_of(
            "2:u17:Größe27:2024-05-06T05:08:09.500000Z5:/home5:phone1:75:12.50"
            '42:{"item":null,"z":[1.0,{"a":"é","b":1e3}]}'
        ),
    )


def test_an_event_needs_three_fields() -> None:
    assert read('{"user_id": "u1", "event_type": "click", "timestamp": 0}') == Event(
        pk="0f8776f93eca5c64074014e362512c2495f8781bb9e6f6124f7c5542cc2817ad",
        user_id="u1",
        event_type="click",
        event_timestamp=0,
        op="I",
        updated_at=0,
        page=None,
        device=None,
        source=None,
        amount=None,
        attributes=None,
        model_input_flag=True,
        feature_hash="eb8e31a84162b5b50e616ccbf49f6db9631f5f53ec80bbb1bcddc7856fefbbe8",
    )


@pytest.mark.parametrize("missing", ["user_id", "event_type", "timestamp"])
def test_an_event_without_a_required_field_is_refused(missing: str) -> None:
    assert reason(event(**{missing: None})).startswith(f"no {missing}")
    assert reason(raw_event(**{missing: "null"})).startswith(f"no {missing}")


def test_event_timestamp_wins_over_timestamp() -> None:
    parsed = read(event(timestamp="2024-01-01", event_timestamp="2024-01-02"))
    assert (parsed.event_timestamp, parsed.attributes) == (us(2024, 1, 2), None)


def test_a_null_event_timestamp_yields_to_timestamp() -> None:
    assert read(raw_event(event_timestamp="null", timestamp="5")).event_timestamp == 5_000_000


@pytest.mark.parametrize(("given_op", "op"), [("I", "I"), ("i", "I"), ("U", "U"), ("u", "U"), ("D", "D"), ("d", "D")])
def test_op_may_be_in_any_case(given_op: str, op: str) -> None:
    assert read(event(op=given_op)).op == op


def test_op_is_an_insert_by_default() -> None:
    assert [read(text).op for text in (event(), raw_event(op="null"))] == ["I", "I"]


@pytest.mark.parametrize("op", ["X", "", " D", "delete", "ı", 1, True, ["D"], {"op": "D"}])
def test_any_other_op_is_refused(op: object) -> None:
    assert reason(event(op=op)).endswith("it must be I, U or D")


def test_only_a_delete_feeds_no_model() -> None:
    assert [read(event(op=op)).model_input_flag for op in "IUD"] == [True, True, False]


def test_updated_at_defaults_to_the_events_time() -> None:
    assert read(event()).updated_at == read(event()).event_timestamp == us(2024, 5, 6, 7, 8, 9)
    assert read(raw_event(updated_at="null")).updated_at == us(2024, 5, 6, 7, 8, 9)
    assert read(event(updated_at="2024-05-07")).updated_at == us(2024, 5, 7)


def test_an_unreadable_updated_at_is_refused() -> None:
    assert reason(event(updated_at="soon")) == 'updated_at is "soon"; it must be an ISO 8601 time or an epoch number'


def test_a_delete_needs_its_key_fields_only() -> None:
    inserted = read(event(page="/home", amount=3, item_id="i"))
    deleted = read(event(op="D"))
    assert (deleted.pk, deleted.page, deleted.amount, deleted.attributes) == (inserted.pk, None, None, None)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ('"2024-05-06"', us(2024, 5, 6)),
        ('"20240506"', us(2024, 5, 6)),
        ('"2024-W19-1"', us(2024, 5, 6)),
        ('"2024-05-06T07:08"', us(2024, 5, 6, 7, 8)),
        ('"2024-05-06 07:08:09"', us(2024, 5, 6, 7, 8, 9)),
        ('"2024-05-06t07:08:09z"', us(2024, 5, 6, 7, 8, 9)),
        ('"20240506T070809Z"', us(2024, 5, 6, 7, 8, 9)),
        ('"2024-05-06T07:08:09.5Z"', us(2024, 5, 6, 7, 8, 9, 500_000)),
        ('"2024-05-06T07:08:09,25Z"', us(2024, 5, 6, 7, 8, 9, 250_000)),
        ('"2024-05-06T07:08:09.1234569Z"', us(2024, 5, 6, 7, 8, 9, 123_456)),
        ('"2024-05-06T07:08:09+02"', us(2024, 5, 6, 5, 8, 9)),
        ('"2024-05-06T07:08:09-0330"', us(2024, 5, 6, 10, 38, 9)),
        ('"2024-05-06T00:30:00+05:30"', us(2024, 5, 5, 19, 0, 0)),
        ('"1970-01-01T00:00:00Z"', 0),
        ('"2100-12-31T23:59:59.999999Z"', us(2100, 12, 31, 23, 59, 59, 999_999)),
        ("0", 0),
        ("1715000000", 1_715_000_000_000_000),
        ("1715000000.123456789", 1_715_000_000_123_456),
        ("1.715e9", 1_715_000_000_000_000),
        ("4102444799", 4_102_444_799_000_000),
        ("4102444799.9999999", 4_102_444_799_999_999),
        ("4102444800", 4_102_444_800_000),
        ("4102444800.5", 4_102_444_800_500),
        ("1715000000123", 1_715_000_000_123_000),
        ("1715000000123.4567", 1_715_000_000_123_456),
        ("4133980799999", us(2100, 12, 31, 23, 59, 59, 999_000)),
        ("0.0000009", 0),
        ("1e-99999999999999999999", 0),
    ],
)
def test_a_time_is_iso_8601_or_epoch(time: str, expected: int) -> None:
    assert read(raw_event(timestamp=time)).event_timestamp == expected


@pytest.mark.parametrize(
    "time",
    ['"1969-12-31T23:59:59.999999Z"', '"2101-01-01"', '"0001-01-01T00:00+14:00"', '"9999-12-31T23:59:59-14:00"',
     "-1", "-0.0000001", "-1e300", "4133980800000", "1e15", "1e9999999", "1e99999999999999999999", "9" * 5_000],
)  # fmt: skip
def test_a_time_outside_1970_to_2100_is_refused(time: str) -> None:
    assert reason(raw_event(timestamp=time)).endswith("outside the years 1970-2100")


@pytest.mark.parametrize(
    "time",
    ["", " ", "yesterday", "2023-02-29", "2024-05-06T24:00:00Z", "2016-12-31T23:59:60Z", "2024-05", "1715000000",
     " 2024-05-06", "2024-05-06T", "2024-05-06T07:08+24:00", "2024-05-06T07:08:09.Z", "٢٠٢٤-٠٥-٠٦", "2024-05-06\n",
     True, [], {}],
)  # fmt: skip
def test_any_other_time_is_unreadable(time: object) -> None:
    assert reason(event(timestamp=time)).endswith("it must be an ISO 8601 time or an epoch number")


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 12, 30)), st.integers(-14 * 60, 14 * 60))
def test_an_iso_time_survives_the_round_trip(time: datetime, minutes_east: int) -> None:
    sign, minutes = "-" if minutes_east < 0 else "+", abs(minutes_east)
    moment = (time.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1) - minutes_east * 60_000_000
    parsed = read(event(timestamp=f"{time.isoformat()}{sign}{minutes // 60:02}:{minutes % 60:02}"))
    assert parsed.event_timestamp == moment
    assert read(event(timestamp=iso_text(moment))) == parsed


@pytest.mark.parametrize(
    ("number", "text"),
    [("999477", "999477"), ("1.50", "1.50"), ("-0", "-0"), ("1e3", "1000"), ("1.5E+1", "15"), ("25e-3", "0.025"),
     ("1e400", "1" + "0" * 400), ("1e401", "1e401"), ("1e99999999999999999999", "1e99999999999999999999"),
     ("9" * 5_000, "9" * 5_000)],
)  # fmt: skip
def test_a_number_becomes_its_decimal_text(number: str, text: str) -> None:
    parsed = read(raw_event(user_id=number, page=number))
    assert (parsed.user_id, parsed.page, number_text(Number(number))) == (text, text, text)


def test_an_event_type_may_be_a_number() -> None:
    assert read(event(event_type=7)).event_type == "7"


@pytest.mark.parametrize("value", [True, [], {}, ["x"], {"a": 1}])
@pytest.mark.parametrize("field", ["page", "device", "source"])
def test_optional_text_of_wrong_type_stays_in_attributes(field: str, value: object) -> None:
    parsed = read(event(**{field: value}))
    assert (parsed.page, parsed.device, parsed.source) == (None, None, None)
    assert json.loads(parsed.attributes or "") == {field: value}


@pytest.mark.parametrize("amount", ['"12.5"', "true", "[1]", '{"a":1}', "1e999", "-1e999"])
def test_an_infinite_amount_stays_in_attributes(amount: str) -> None:
    parsed = read(raw_event(amount=amount))
    assert (parsed.amount, parsed.attributes) == (None, f'{{"amount":{amount}}}')


def test_an_amount_is_hashed_as_written() -> None:
    amounts = [read(raw_event(amount=text)) for text in ("1", "1.0", "1e0")]
    assert [parsed.amount for parsed in amounts] == [1.0, 1.0, 1.0]
    assert len({parsed.feature_hash for parsed in amounts}) == 3


def test_an_optional_field_of_null_is_absent() -> None:
    nulls = raw_event(page="null", device="null", source="null", amount="null", op="null", updated_at="null")
    assert read(nulls) == read(event())


def test_attributes_keep_numbers_and_sort_keys() -> None:
    item = raw_event(
        z="1.10", b='{"d": [3e0, {"y": -0.0, "x": 10000000000000000000001}], "c": "é🙂\\u0000\\n"}', A="null"
    )
    assert read(item).attributes == (
        '{"A":null,"b":{"c":"é🙂\\u0000\\n","d":[3e0,{"x":10000000000000000000001,"y":-0.0}]},"z":1.10}'
    )


def test_order_and_layout_make_no_difference() -> None:
    one = '{"user_id":"u","event_type":"c","timestamp":1,"a":{"x":1,"y":2},"b":"\\u00e9"}'
    other = '{ "b" : "é",\n "a": {"y": 2, "x": 1}, "timestamp": 1, "event_type": "c", "user_id": "u" }'
    assert read(one) == read(other)


def test_an_absent_attribute_is_not_one_of_null() -> None:
    assert read(raw_event(x="null")).feature_hash != read(raw_event()).feature_hash


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0\u2003"])
def test_blank_ids_and_types_are_refused(blank: str) -> None:
    assert reason(event(user_id=blank)) == "user_id is blank"
    assert reason(event(event_type=blank)) == "event_type is blank"


@pytest.mark.parametrize("value", [True, [], {}])
def test_ids_and_types_are_text_or_numbers(value: object) -> None:
    assert reason(event(user_id=value)) == f"user_id is {json.dumps(value)}; it must be text or a number"
    assert reason(event(event_type=value)) == f"event_type is {json.dumps(value)}; it must be text or a number"


@pytest.mark.parametrize("control", ["\0", "\t", "\n", "\r", "\x1f", "\x7f", "\x80", "\x85", "\x9f"])
def test_event_types_have_no_control_characters(control: str) -> None:
    assert reason(event(event_type=f"a{control}b")) == "event_type has control characters"


@pytest.mark.parametrize(
    "name", ["a/b", "Größe/ 1", "100%", "a=b", "..", ".", "🙂", "a\u2028b", " x ", "\\", "x" * 240, "é" * 120]
)
def test_an_event_type_may_be_any_other_text(name: str) -> None:
    assert read(event(event_type=name)).event_type == name


def test_hives_null_is_no_event_type() -> None:
    assert "Hive" in reason(event(event_type="__HIVE_DEFAULT_PARTITION__"))
    assert read(event(event_type="__hive_default_partition__")).event_type == "__hive_default_partition__"


@pytest.mark.parametrize("name", ["x" * 241, "x" * 500, "/" * 80 + "x", "é" * 121, "🙂" * 60 + "x"])
def test_an_event_type_over_240_bytes_is_refused(name: str) -> None:
    assert reason(event(event_type=name)) == "event_type is too long for a folder name: over 240 bytes"


@pytest.mark.parametrize("name", ["x" * 240, "/" * 80, "é" * 120, "🙂" * 60, "%" * 79 + "xyz"])
def test_an_event_type_of_240_bytes_is_taken(name: str) -> None:
    assert read(event(event_type=name)).event_type == name


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "malformed JSON: expecting value, at character 1"),
        ("{", "malformed JSON: expecting property name enclosed in double quotes, at character 2"),
        ('{"a": 1} x', "malformed JSON: more text after the first value, at character 9"),
        ('{"a": NaN}', "malformed JSON: NaN is not a JSON number"),
        ('{"a": -Infinity}', "malformed JSON: -Infinity is not a JSON number"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', 'the key "c" stands twice in one object'),
        ("[" * 501 + "]" * 501, "nested more than 500 levels deep"),
        ("[]", "not an object: an event is a JSON object with user_id, event_type and timestamp"),
        ("7", "not an object: an event is a JSON object with user_id, event_type and timestamp"),
    ],
)
def test_what_is_no_object_is_refused(text: str, why: str) -> None:
    assert reason(text) == why


def test_half_a_character_is_refused_anywhere() -> None:
    half = '"\\ud800"'
    fields = ["user_id", "event_type", "page", "device", "source", "x", "timestamp", "op", "updated_at"]
    for text in [raw_event(**{field: half}) for field in fields] + [raw_event(x='{"\\udc00": 1}')]:
        assert reason(text).encode()
    assert read(raw_event(page='"\\ud83d\\ude42"')).page == "🙂"


def test_events_nest_500_levels_deep_and_no_more() -> None:
    for opening, closing in (('{"a":', "}"), ("[", "]"), ('[{"a":', "}]")):
        levels = 499 // len(closing)
        assert read(raw_event(x=opening * levels + "1" + closing * levels)).attributes
        assert "levels deep" in reason(raw_event(x=opening * 500 + "1" + closing * 500))


def test_brackets_in_strings_are_no_levels() -> None:
    assert read(event(x='["\\[{' * 1_000)).attributes == json.dumps({"x": '["\\[{' * 1_000}, separators=(",", ":"))


def test_a_reason_cuts_long_values() -> None:
    assert len(reason(event(timestamp="x" * 10_000))) < 150
    assert len(reason('{"' + "k" * 10_000 + '": 1, "' + "k" * 10_000 + '": 2}')) < 150


def test_a_key_follows_the_mappings_order() -> None:
    mapping = Mapping(
        key=("item", "event_type", "event_timestamp", "amount", "n", "none", "flag", "op", "updated_at", "page")
    )
    parsed = read(raw_event(item='"é"', amount="1.50", n="1e2", flag="[true, {}]", op='"u"', updated_at="1"), mapping)
    assert parsed.pk == hex_of(
        "2:é5:click27:2024-05-06T07:08:09.000000Z4:1.503:100-1:9:[true,{}]1:U27:1970-01-01T00:00:01.000000Z-1:"
    )


def test_a_mapping_renames_fields_and_values() -> None:
    mapping = Mapping(
        fields={"event_type": "behavior", "timestamp": "ts"},
        values={"event_type": {"pv": "click", "4": "purchase"}, "op": {"remove": "D"}, "page": {"7": "seven"}},
    )
    parsed = read('{"user_id": 5, "behavior": "pv", "ts": 1, "op": "remove", "page": 7, "timestamp": "x"}', mapping)
    assert (parsed.user_id, parsed.event_type, parsed.op, parsed.page) == ("5", "click", "D", "seven")
    assert parsed.attributes == '{"timestamp":"x"}'
    assert read('{"user_id": 5, "behavior": 4, "ts": 1}', mapping).event_type == "purchase"
    assert read('{"user_id": 5, "behavior": "cart", "ts": 1}', mapping).event_type == "cart"
    assert reason('{"user_id": 5, "event_type": "pv", "ts": 1}', mapping) == "no behavior"


def test_a_mapped_name_is_no_other_fields_default() -> None:
    mapping = Mapping(fields={"updated_at": "timestamp", "source": "page"})
    parsed = read(event(event_timestamp="2024-01-01", timestamp="2024-02-02", page="p", source="s"), mapping)
    assert (parsed.event_timestamp, parsed.updated_at) == (us(2024), us(2024, 2, 2))
    assert (parsed.source, parsed.page, parsed.attributes) == ("p", None, '{"source":"s"}')


def test_a_wrong_renamed_field_keeps_its_name() -> None:
    parsed = read(event(url=[1]), Mapping(fields={"page": "url"}))
    assert (parsed.page, parsed.attributes) == (None, '{"url":[1]}')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["user_id", "event_type", "timestamp", "event_timestamp", "op", "updated_at", "page", "amount", "x", "y"]
)
VALUES = JSON | st.sampled_from(["2024-01-01", 1, 1e300, "u", "D", "\ud800", -1e-300, 10**400])


@given(JSON | st.dictionaries(FIELDS, VALUES))
def test_any_value_is_an_event_or_problem(value: Any) -> None:
    parsed = outcome(json.dumps(value))
    assert outcome(json.dumps(value, indent=1)) == parsed or isinstance(parsed, str)
    assert parsed.encode() if isinstance(parsed, str) else 0 <= parsed.event_timestamp < us(2101)


@given(st.text())
def test_any_text_is_an_event_or_a_problem(text: str) -> None:
    assert isinstance(outcome(text), str)


@given(st.dictionaries(st.text() | FIELDS, JSON, max_size=5))
def test_attributes_say_what_the_other_fields_said(others: dict[str, Any]) -> None:
    others = {name: value for name, value in others.items() if name not in CANONICAL}
    parsed = read(json.dumps({"user_id": "u", "event_type": "c", "timestamp": 1, **others}))
    assert json.loads(parsed.attributes or "{}") == others
    assert (parsed.attributes is None) == (not others)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**30), 10**30))
def test_any_amount_is_the_double_nearest_to_it(amount: float) -> None:
    assert read(event(amount=amount)).amount == float(amount)
    assert math.isfinite(read(event(amount=amount)).amount or 0.0)
