"""Parameters of statements: what a value means, and where it goes."""

import pytest

from lakebox.athena.service.parameters import Preparation, bound, expression_of, preparation_of
from lakebox.athena.service.statement import StatementError


@pytest.mark.parametrize(
    ("value", "expression"),
    [
        ("1", "1"),
        ("-1.5", "-1.5"),
        ("'it''s'", "'it''s'"),
        ("NULL", "NULL"),
        ("true", "true"),
        ("DATE '2020-01-01'", "DATE '2020-01-01'"),
        ("1 + 1", "1 + 1"),
        ("now()", "now()"),
        ("abc", "'abc'"),
        ("it's", "'it''s'"),
        ("abc def", "'abc def'"),
        ("2025-06-18T", "'2025-06-18T'"),
        ("123e4567-e89b-12d3-a456-426614174000", "'123e4567-e89b-12d3-a456-426614174000'"),
        ("1; DROP TABLE t", "'1; DROP TABLE t'"),
        ("1) OR (1=1", "'1) OR (1=1'"),
        ("(SELECT 1)", "'(SELECT 1)'"),
        ("1 -- x", "'1 -- x'"),
        ("", "''"),
    ],
)
def test_a_value_is_an_expression_or_a_text(value: str, expression: str) -> None:
    assert expression_of(value) == expression


def test_values_go_to_the_marks() -> None:
    sql = "SELECT '?', \"?\" -- ?\nFROM t WHERE a = ? AND b - ? > 0 LIMIT ?"
    wanted = "SELECT '?', \"?\" -- ?\nFROM t WHERE a = 'x' AND b - (-1) > 0 LIMIT 5"
    assert bound(sql, ["'x'", "-1", "5"]) == wanted
    assert bound("SELECT 1", ["1"]) == "SELECT 1"
    with pytest.raises(StatementError, match="Incorrect number of parameters: expected 3 but found 1"):
        bound(sql, ["1"])


def test_prepare_execute_and_deallocate_are_read() -> None:
    prepare = preparation_of('PREPARE "p" FROM\nSELECT ? -- c')
    assert prepare == Preparation("PREPARE", "p", "SELECT ? -- c")
    execute = preparation_of("execute p using 1, 'a,b', ARRAY[1, 2]")
    assert execute == Preparation("EXECUTE", "p", values=("1", "'a,b'", "ARRAY[1, 2]"))
    assert preparation_of("EXECUTE p") == Preparation("EXECUTE", "p")
    assert preparation_of("DEALLOCATE PREPARE p") == Preparation("DEALLOCATE", "p")
    assert preparation_of("SELECT 'EXECUTE p'") is None


@pytest.mark.parametrize("sql", ["PREPARE", "PREPARE p", "PREPARE p SELECT 1", "EXECUTE p 1", "EXECUTE p USING"])
def test_wrong_preparations_are_refused(sql: str) -> None:
    with pytest.raises(StatementError, match=r"line 1:\d+: mismatched input"):
        preparation_of(sql)
