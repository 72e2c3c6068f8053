"""Texts of several statements."""

import pytest

from lakebox.athena.script import is_finished, statements_in


def test_semicolons_divide_outside_of_strings_and_comments() -> None:
    text = "-- all; of it\nSELECT ';''' AS \"a;b\" /* ; */;\n\n;  SHOW TABLES ; DROP TABLE `x;y` -- end;"
    assert statements_in(text) == [
        (2, "SELECT ';''' AS \"a;b\" /* ; */"),
        (4, "SHOW TABLES"),
        (4, "DROP TABLE `x;y` -- end;"),
    ]


def test_an_open_string_is_one_statement() -> None:
    assert statements_in("SELECT 'a; b") == [(1, "SELECT 'a; b")]
    assert statements_in(" ;; -- nothing") == []


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("SELECT 1;", True),
        ("SELECT 1; -- done", True),
        ("", True),
        ("SELECT 1", False),
        ("SELECT ';", False),
        ("SELECT 1; /* and", False),
        ("SELECT 1; SELECT", False),
    ],
)
def test_a_statement_is_finished_by_its_semicolon(text: str, finished: bool) -> None:
    assert is_finished(text) == finished
