"""Rows as text: what a script reads from stdout."""

import csv
import io
import json
import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakebox.athena.engine import QueryResult, SqlError
from lakebox.athena.result_text import cell_text, double_text, write_result

RESULT = QueryResult(
    (("name", "varchar"), ("amount", "double"), ("at", "timestamp(3)"), ("ok", "boolean")),
    [('a "b", c', 29.99, datetime(2026, 1, 31, 10, 0, 0, 123999), True), (None, None, None, None)],
    0,
    0.0,
)


def text(result: QueryResult, form: str) -> str:
    out = io.StringIO()
    write_result(result, form, out)
    return out.getvalue()


def test_csv_tells_null_from_the_empty_text() -> None:
    rows = [("", None, " a", "\r"), (None, None, None, None)]
    columns = tuple((name, "varchar") for name in "abcd")
    assert text(QueryResult(columns, rows, 0, 0.0), "csv") == 'a,b,c,d\n"",," a","\r"\n,,,\n'


def test_json_keeps_all_digits_of_a_decimal() -> None:
    value = Decimal("12345678901234567890.10")
    result = QueryResult(
        (("d", "decimal(38,2)"), ("l", "array(decimal(2,1))")), [(value, [Decimal("0.5"), None])], 0, 0.0
    )
    assert text(result, "json") == '{"d": 12345678901234567890.10, "l": [0.5, null]}\n'


def test_json_of_a_type_that_json_does_not_have_is_its_text() -> None:
    result = QueryResult((("t", "time(3)"), ("u", "uuid")), [(time(1, 2, 3), uuid.UUID(int=7))], 0, 0.0)
    assert text(result, "json") == '{"t": "01:02:03.000", "u": "00000000-0000-0000-0000-000000000007"}\n'


def test_json_of_two_columns_with_one_name_is_refused_and_csv_has_both() -> None:
    result = QueryResult((("user_id", "varchar"), ("user_id", "varchar")), [("a", "b")], 0, 0.0)
    with pytest.raises(SqlError, match=r"two columns are named user_id.* AS "):
        text(result, "json")
    assert text(result, "csv") == "user_id,user_id\na,b\n"


def test_csv_has_a_header_quotes_what_needs_it_and_null_is_empty() -> None:
    expected = 'name,amount,at,ok\n"a ""b"", c",29.99,2026-01-31 10:00:00.123,true\n,,,\n'
    assert text(RESULT, "csv") == expected


def test_json_is_an_object_a_line_with_plain_numbers_and_nulls() -> None:
    first, second = text(RESULT, "json").splitlines()
    assert first == '{"name": "a \\"b\\", c", "amount": 29.99, "at": "2026-01-31 10:00:00.123", "ok": true}'
    assert json.loads(second) == {"name": None, "amount": None, "at": None, "ok": None}


def test_a_table_off_the_terminal_never_cuts_a_value() -> None:
    long = "x" * 500
    shown = text(QueryResult((("a", "varchar"), ("b", "bigint")), [(long, 1)], 0, 0.0), "table")
    assert shown == f"{'a':<500}  b\n{'-' * 500}  -\n{long}  1\n"


def test_a_result_without_rows_still_has_its_header() -> None:
    empty = QueryResult((("a", "varchar"),), [], 0, 0.0)
    assert (text(empty, "csv"), text(empty, "json"), text(empty, "table")) == ("a\n", "", "a\n-\n")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("0E-10"), "0.0000000000"),
        (None, ""), (False, "false"), (12, "12"), ("Größe", "Größe"), (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2), "2026-01-02 00:00:00.000"), (Decimal("1.50"), "1.50"), ([1, None], "[1, null]"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02 00:00:00.000 UTC"), ({"a": 1}, "{a=1}"), (b"\x01A", "01 41"),
        (29.99, "29.99"), (1.0, "1.0"), (0.0, "0.0"), (-0.0, "-0.0"), (1e7, "1.0E7"), (9999999.0, "9999999.0"),
        (0.001, "0.001"), (1e-4, "1.0E-4"), (-1.25e-10, "-1.25E-10"), (123456789.5, "1.234567895E8"),
        (float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity"),
    ],
)  # fmt: skip
def test_a_cell_reads_as_athena_prints_it(value: Any, expected: str) -> None:
    assert cell_text(value) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_reads_back_as_itself(value: float) -> None:
    assert float(double_text(value)) == value


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\0")), min_size=1, max_size=4))
def test_csv_reads_back_as_it_was(cells: list[str]) -> None:
    columns = tuple((f"c{number}", "varchar") for number in range(len(cells)))
    written = text(QueryResult(columns, [tuple(cells)], 0, 0.0), "csv")
    assert list(csv.reader(io.StringIO(written, newline="")))[1:] == [cells]
