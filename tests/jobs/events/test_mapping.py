"""Mappings: a user's own names for our fields and values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.events.mapping import CANONICAL, Mapping, MappingError, mapping_hash, parse_mapping

EXAMPLE = """
key = ["user_id", "item_id", "event_type", "event_timestamp"]
[fields]
event_type = "behavior"
timestamp = "ts"
[values.event_type]
pv = "click"
buy = "purchase"
"""


def problem(text: str) -> str:
    with pytest.raises(MappingError) as caught:
        parse_mapping(text)
    assert caught.value.exit_status == 2
    return str(caught.value)


def test_a_mapping_says_key_fields_and_values() -> None:
    assert parse_mapping(EXAMPLE) == Mapping(
        key=("user_id", "item_id", "event_type", "event_timestamp"),
        fields={"event_type": "behavior", "timestamp": "ts"},
        values={"event_type": {"pv": "click", "buy": "purchase"}},
    )


def test_an_empty_mapping_is_our_own_names() -> None:
    assert parse_mapping("") == Mapping() == parse_mapping("# nothing\n[fields]\n[values]\n")
    assert Mapping().key == ("user_id", "event_type", "event_timestamp")


def test_a_source_name_is_mapped_or_our_own() -> None:
    mapping = parse_mapping(EXAMPLE)
    assert [mapping.source_name(name) for name in ("event_type", "user_id")] == ["behavior", "user_id"]


def test_members_split_into_our_fields_and_others() -> None:
    item = {"behavior": "pv", "ts": 1, "event_type": "mine", "item_id": 7, "page": "pv"}
    ours = {"event_type": "click", "timestamp": 1, "page": "pv"}
    assert parse_mapping(EXAMPLE).split(item) == (ours, {"event_type": "mine", "item_id": 7})


def test_a_mapped_name_is_no_other_fields_default() -> None:
    mapping = Mapping(fields={"updated_at": "timestamp", "page": "source", "source": "page"})
    assert mapping.split({"timestamp": 1, "page": 2, "source": 3}) == ({"updated_at": 1, "source": 2, "page": 3}, {})


@given(st.dictionaries(st.sampled_from(CANONICAL), st.text(min_size=1), max_size=5), st.lists(st.text()))
def test_a_split_never_loses_a_member(fields: dict[str, str], names: list[str]) -> None:
    mapping = Mapping(
        fields={name: source for name, source in fields.items() if list(fields.values()).count(source) == 1}
    )
    item = {name: number for number, name in enumerate([*names, *CANONICAL, *fields.values()])}
    ours, rest = mapping.split(item)
    assert sorted([*ours.values(), *rest.values()]) == sorted(item.values())
    assert {mapping.source_name(name): value for name, value in ours.items()} | rest == item


def test_the_hash_ignores_the_layout() -> None:
    other = """[values]\nevent_type = {buy = "purchase", pv = "click"}\n[fields]\ntimestamp = 'ts'  # epoch
    event_type = "behavior"\n"""
    key = 'key = ["user_id", "item_id", "event_type", "event_timestamp"]\n'
    assert mapping_hash(parse_mapping(key + other)) == mapping_hash(parse_mapping(EXAMPLE))
    assert mapping_hash(parse_mapping(other)) != mapping_hash(parse_mapping(EXAMPLE))
    assert mapping_hash(parse_mapping("")) == mapping_hash(Mapping())


def test_the_hash_stays_the_same_after_use() -> None:
    mapping = parse_mapping(EXAMPLE)
    before = mapping_hash(mapping)
    mapping.split({"ts": 1})
    assert mapping_hash(mapping) == before


def test_what_is_not_toml_is_refused() -> None:
    assert problem("key = [").startswith("the mapping is not TOML: ")


def test_an_unknown_entry_is_refused() -> None:
    expected = "the mapping has an unknown entry 'keys'; allowed: key, [fields], [values.<field>]"
    assert problem('keys = ["user_id"]') == expected


@pytest.mark.parametrize("field", ["user", "timestamps", "attributes"])
def test_a_field_that_is_not_ours_is_refused(field: str) -> None:
    assert f"[fields] names '{field}', which is none of our fields; allowed: user_id," in problem(
        f'[fields]\n{field} = "x"'
    )
    assert f"[values] names '{field}'" in problem(f'[values.{field}]\na = "x"')


@pytest.mark.parametrize("value", ["7", "true", '""', '["a"]', "2024-01-01"])
def test_names_and_values_are_text(value: str) -> None:
    assert "[fields] has page = " in problem(f"[fields]\npage = {value}")
    assert "[values.page] has a = " in problem(f"[values.page]\na = {value}")


def test_tables_are_tables() -> None:
    assert problem("fields = 1") == "fields is 1; write it as a table, [fields]"
    assert problem('values = "x"') == "values is 'x'; write it as a table, [values]"
    assert problem("[values]\npage = 1") == "values.page is 1; write it as a table, [values.page]"


def test_no_two_fields_have_one_source() -> None:
    assert problem('[fields]\npage = "x"\ndevice = "x"') == (
        "[fields] maps 'x' to two of our fields; map each of the source's fields once"
    )


@pytest.mark.parametrize("key", ['"user_id"', "[]", "[1]", '[""]', "{}", "7"])
def test_a_key_is_a_list_of_names(key: str) -> None:
    assert problem(f"key = {key}").startswith("key is ")


@pytest.mark.parametrize(
    ("key", "missing"),
    [('["event_timestamp"]', "event_type"), ('["event_type"]', "event_timestamp"), ('["a", "b"]', "event_type")],
)
def test_a_key_names_event_type_and_event_timestamp(key: str, missing: str) -> None:
    assert f"does not name {missing}; add it" in problem(f"key = {key}")


def test_a_key_names_no_column_twice() -> None:
    assert problem('key = ["event_type", "event_timestamp", "event_type"]') == (
        "key names 'event_type' more than once; name each column once"
    )


@pytest.mark.parametrize(
    ("name", "column"), [("behavior", "event_type"), ("ts", "event_timestamp"), ("timestamp", "event_timestamp")]
)
def test_a_key_names_our_fields_by_our_names(name: str, column: str) -> None:
    fields = '[fields]\nevent_type = "behavior"\ntimestamp = "ts"'
    assert problem(f'key = ["user_id", "event_type", "event_timestamp", "{name}"]\n{fields}') == (
        f"key names {name!r}, the source's name of our {column}; write {column!r} instead"
    )
