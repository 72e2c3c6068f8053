"""UNNEST of rows under one name, in words that Trino takes."""

import pytest

from lakebox.athena.on_trino.whole_rows import with_whole_rows
from lakebox.athena.service.statement import StatementError

ELEMENT = "lakebox_element -> ROW(lakebox_element)"


def told(alias: str) -> StatementError:
    text = f"line 1:1: Column alias list has 1 entries but '{alias}' has 3 columns available"
    return StatementError(text, "MISMATCHED_COLUMN_ALIASES")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("UNNEST(rows) AS t (r)", f"UNNEST(transform(rows, {ELEMENT})) AS t (r)"),
        ("unnest(f(a, ',)')) T(r)", f"unnest(transform(f(a, ',)'), {ELEMENT})) T(r)"),
        ("UNNEST(a) WITH ORDINALITY AS t (r, n)", f"UNNEST(transform(a, {ELEMENT})) WITH ORDINALITY AS t (r, n)"),
        ("UNNEST(a) u (x), UNNEST(b, ARRAY[1, 2]) t (r, s)",
         f"UNNEST(a) u (x), UNNEST(transform(b, {ELEMENT}), transform(ARRAY[1, 2], {ELEMENT})) t (r, s)"),
    ],
)  # fmt: skip
def test_each_element_is_one_column(before: str, after: str) -> None:
    mended = with_whole_rows(f"SELECT * FROM {before}", told("t"))
    assert mended == f"SELECT * FROM {after}"
    assert with_whole_rows(mended, told("t")) is None


@pytest.mark.parametrize("sql", ["SELECT * FROM UNNEST(a) AS u (r)", "SELECT * FROM UNNEST(a) AS t (r, s)", "SELECT 1"])
def test_other_statements_stay(sql: str) -> None:
    assert with_whole_rows(sql, told("t")) is None
    assert with_whole_rows("SELECT * FROM UNNEST(a) AS t (r)", StatementError("another", "TYPE_MISMATCH")) is None
