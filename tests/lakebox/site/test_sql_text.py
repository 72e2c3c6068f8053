"""SQL as HTML: what gets a colour, and that its text stays the same."""

import re
from html import unescape

from lakebox.site.sql_text import marked_sql


def marks(sql: str) -> list[tuple[str, str]]:
    return [(kind, unescape(text)) for kind, text in re.findall(r'<span class="(\w+)">(.*?)</span>', marked_sql(sql))]


def test_parts_of_a_query_are_marked() -> None:
    assert marks("select a1, 'it''s' FROM t -- why\nLIMIT 10") == [
        ("word", "select"),
        ("string", "'it''s'"),
        ("word", "FROM"),
        ("remark", "-- why"),
        ("word", "LIMIT"),
        ("digits", "10"),
    ]


def test_names_and_texts_hide_keywords() -> None:
    assert marks("selected, \"from\", orders, 'select 1'") == [("string", "'select 1'")]


def test_a_query_stays_text() -> None:
    sql = "SELECT '<script>&' AS \"a<b\" /* 1 < 2 */ FROM t WHERE a < 3 AND b = '{}'"
    html = marked_sql(sql)
    assert "<script>" not in html
    assert unescape(re.sub(r"</?span[^>]*>", "", html)) == sql
