"""Trino's answers as Athena gives them: types, values, and which statements never get to Trino."""

from collections.abc import Sequence
from typing import Any

import pytest
from trino.types import NamedRowTuple

from lakebox.athena.engine import SqlError
from lakebox.athena.trino_engine import TrinoEngine, athena_type, plain
from lakebox.glue.catalog import RegisteredTable
from lakebox.stack.trino_client import Answer, TrinoStatementError


class NoTables:
    """A catalog without tables."""

    def table_names(self) -> list[str]:
        return []

    def table(self, name: str) -> RegisteredTable:
        raise KeyError(name)


class FakeTrino:
    """A Trino that gives one answer, or fails, and notes down what it was asked."""

    def __init__(self, answer: Answer | Exception) -> None:
        self.answer, self.asked = answer, []

    def run(self, statement: str, parameters: Sequence[Any] | None = None) -> Answer:
        self.asked.append(statement)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def engine_over(trino: FakeTrino) -> TrinoEngine:
    engine = TrinoEngine("http://127.0.0.1:1", NoTables())
    engine._trino = trino  # type: ignore[assignment]
    return engine


@pytest.mark.parametrize(
    ("trino", "athena"),
    [
        ("varchar", "varchar"),
        ("timestamp(6)", "timestamp(3)"),
        ("timestamp(6) with time zone", "timestamp(3) with time zone"),
        ("time(6)", "time(3)"),
        ("array(timestamp(6))", "array(timestamp(3))"),
        ("row(a timestamp(0), b decimal(10, 2))", "row(a timestamp(3), b decimal(10, 2))"),
        ("decimal(38,6)", "decimal(38,6)"),
    ],
)
def test_a_type_has_athenas_name(trino: str, athena: str) -> None:
    assert athena_type(trino) == athena


def row(names: list[str | None], *values: Any) -> NamedRowTuple:
    return NamedRowTuple(list(values), names, ["varchar"] * len(values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "is_plain"),
    [
        (None, None),
        ("text", "text"),
        ([1, [2]], [1, [2]]),
        ({"a": [1]}, {"a": [1]}),
        (row(["a", "b"], 1, "x"), {"a": 1, "b": "x"}),
        (row([None, "b"], 1, 2), {"field0": 1, "b": 2}),
        ([row(["a"], row(["b"], 1))], [{"a": {"b": 1}}]),
        ({"k": row(["a"], [1])}, {"k": {"a": [1]}}),
        ({row(["a"], 1): 2}, {"{'a': 1}": 2}),
    ],
)
def test_rows_within_values_are_dicts_of_their_fields(value: Any, is_plain: Any) -> None:
    assert plain(value) == is_plain


def test_a_query_goes_to_trino_as_it_is_without_its_semicolon() -> None:
    answer = Answer((("at", "timestamp(6)"), ("r", "row(a integer)")), [("now", row(["a"], 1))], 4096, 0.5)
    trino = FakeTrino(answer)
    result = engine_over(trino).query(" SELECT 'it''s; fine' ; ")
    assert trino.asked == ["SELECT 'it''s; fine' "]
    assert result.columns == (("at", "timestamp(3)"), ("r", "row(a integer)"))
    assert result.rows == [("now", {"a": 1})]
    assert (result.scanned_bytes, result.duration_s) == (4096, 0.5)


def test_show_is_answered_from_the_catalog() -> None:
    trino = FakeTrino(Answer((), [], 0, 0.0))
    assert engine_over(trino).query("SHOW DATABASES;").rows == [("ai_lakehouse_db",)]
    assert trino.asked == []


def test_what_trino_refuses_is_an_error_in_its_words() -> None:
    with pytest.raises(SqlError, match=r"^line 1:8: Column 'nope' cannot be resolved$"):
        engine_over(FakeTrino(TrinoStatementError("line 1:8: Column 'nope' cannot be resolved"))).query("SELECT nope")
