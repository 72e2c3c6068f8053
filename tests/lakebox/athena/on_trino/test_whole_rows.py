"""UNNEST of rows under one name, in words that Trino takes."""

import pytest

from lakebox.athena.on_trino.whole_rows import with_whole_rows

ELEMENT = "lakebox_element -> ROW(lakebox_element)"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("UNNEST(rows) AS t (r)", f"UNNEST(transform(rows, {ELEMENT})) AS t (r)"),
        ("unnest(f(a, ',)')) T(r)", f"unnest(transform(f(a, ',)'), {ELEMENT})) T(r)"),
        ("UNNEST(a) WITH ORDINALITY AS t (r, n)", f"UNNEST(transform(a, {ELEMENT})) WITH ORDINALITY AS t (r, n)"),
        ("UNNEST((SELECT array_agg(x) FROM UNNEST(a) AS t (x))) AS u (y)",
         f"UNNEST(transform((SELECT array_agg(x) FROM UNNEST(transform(a, {ELEMENT})) AS t (x)), {ELEMENT})) AS u (y)"),
        ("UNNEST(a) u (x), UNNEST(b, ARRAY[1, 2]) t (r, s)",
         f"UNNEST(transform(a, {ELEMENT})) u (x), "
         f"UNNEST(transform(b, {ELEMENT}), transform(ARRAY[1, 2], {ELEMENT})) t (r, s)"),
    ],
)  # fmt: skip
def test_each_element_is_one_column(before: str, after: str) -> None:
    assert with_whole_rows(f"SELECT * FROM {before}") == f"SELECT * FROM {after}"


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM UNNEST(a) AS t (k, v)", "SELECT * FROM UNNEST(a)", "SELECT 'UNNEST(a)'"]
)
def test_other_statements_stay(sql: str) -> None:
    assert with_whole_rows(sql) == sql
