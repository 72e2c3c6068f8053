"""Partition values as folder names. The reference is Spark 3.5's ExternalCatalogUtils.escapePathName."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.lake.layout import escape_path_name, unescape_path_name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("click", "click"),
        ("a/b", "a%2Fb"),
        ("Größe/ 1", "Größe%2F 1"),
        ("100%", "100%25"),
        ("%2F", "%252F"),
        ("a=b", "a%3Db"),
        ('"quoted"', "%22quoted%22"),
        ("it's", "it%27s"),
        ("back\\slash", "back%5Cslash"),
        ("2024-05-06 07:08", "2024-05-06 07%3A08"),
        ("a\tb\nc\rd", "a%09b%0Ac%0Dd"),
        ("\x01\x1f\x7f", "%01%1F%7F"),
        ("#*?{[]^", "%23%2A%3F%7B%5B%5D%5E"),
        ("} <>|&;$!@~`+-_.,()", "} <>|&;$!@~`+-_.,()"),
        ("\x80\u2028日本🙂", "\x80\u2028日本🙂"),
        ("", ""),
    ],
)
def test_a_value_is_escaped_as_spark_does(value: str, name: str) -> None:
    assert escape_path_name(value) == name
    assert unescape_path_name(name) == value


def test_exactly_sparks_characters_are_escaped() -> None:
    escaped = [chr(code) for code in range(0x10000) if escape_path_name(chr(code)) != chr(code)]
    assert escaped == [chr(code) for code in range(1, 32)] + list("\"#%'*/:=?[\\]^{") + ["\x7f"]


@pytest.mark.parametrize(
    ("name", "value"), [("%2f", "/"), ("100%", "100%"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%%41", "%A")]
)
def test_names_of_other_tools_read_as_in_spark(name: str, value: str) -> None:
    assert unescape_path_name(name) == value


@given(st.text())
def test_the_way_back_gives_the_value(value: str) -> None:
    assert unescape_path_name(escape_path_name(value)) == value


@given(st.text(alphabet="%0123456789ABCDEFabcdefgG/"))
def test_values_that_look_escaped_come_back(value: str) -> None:
    assert unescape_path_name(escape_path_name(value)) == value


@given(st.text())
def test_a_folder_name_holds_no_separator(value: str) -> None:
    assert not set(escape_path_name(value)) & set("/=:\\")
