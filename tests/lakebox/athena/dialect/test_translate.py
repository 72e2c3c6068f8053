"""Each statement with the answer that Trino documents for it; what can't be answered so is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sql_lake import SqlLake
from sqlglot import exp

from lakebox.athena.duckdb_engine import DuckDbEngine
from lakebox.athena.engine import QueryResult, SqlError

ATTRIBUTES = '{"price": 1.50, "tags": {"list": [1, "q"]}, "name": "txt", "none": null, "big": 12345678901234567890}'
EVENTS = {"i": "bigint", "j": "bigint", "d": "double", "s": "string", "ts": "timestamp", "dt": "date", "b": "boolean",
          "attributes": "string"}  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> DuckDbEngine:
    lake = SqlLake(tmp_path_factory.mktemp("lake"))
    rows = pa.table(
        {
            "i": pa.array([7, -7, None], pa.int64()),
            "j": pa.array([2, 0, 3], pa.int64()),
            "d": [1.5, 2.5, None],
            "s": ["Ab", "b,c", None],
            "ts": pa.array(
                [datetime(2026, 1, 31, 23, 30, 0, 123456), datetime(2026, 3, 1), None], pa.timestamp("us", "UTC")
            ),
            "dt": [date(2026, 1, 31), date(2026, 3, 1), None],
            "b": [True, False, None],
            "attributes": [ATTRIBUTES, "{}", None],
        }
    )
    lake.write("events/a.parquet", rows)
    lake.table("events", EVENTS)
    return lake.engine


def answer(engine: DuckDbEngine, expression: str) -> Any:
    """The value of an expression for the row with i = 7."""
    return ask(engine, f"SELECT {expression} FROM events WHERE i = 7").rows[0][0]


def ask(engine: DuckDbEngine, sql: str) -> QueryResult:
    return engine.query(sql)


VALUES = [
    # integers are cut toward zero, decimals keep the greater scale, doubles divide as IEEE does
    ("7 / 2", 3), ("-7 / 2", -3), ("7 / -2", -3), ("-7 % 2", -1), ("mod(7, 3)", 1), ("i / j", 3), ("i / 2 / 2", 1),
    ("(SELECT count(*) FROM events) / 2", 1), ("CASE WHEN b THEN 5 ELSE 4 END / 2", 2), ("floor(5) / 2", 2),
    ("round(5) / 2", 2), ("date_diff('day', dt, DATE '2026-02-03') / 2", 1), ("TRY_CAST('5' AS integer) / 2", 2),
    ("ARRAY[5][1] / 2", 2), ("year(dt) / 100", 20), ("(SELECT max_by(i, j) FROM events WHERE i IS NOT NULL) / 2", 3),
    ("7.0 / 2", Decimal("3.5")), ("1.0 / 3", Decimal("0.3")), ("2 / 3.00", Decimal("0.67")), ("d / 0", float("inf")),
    ("(d * 1.0) / 2", 0.75), ("coalesce(d, 0.0) / 2", 0.75), ("CASE WHEN b THEN d ELSE 2.5 END / 2", 0.75),
    ("0.1 + 0.2", Decimal("0.3")), ("1.5 * 1.5", Decimal("2.25")), ("TRY(1 / 0)", None), ("TRY(i / j) / 2", 1),
    ("2.01 / 2.00", Decimal("1.01")), ("-2.01 / 2.00", Decimal("-1.01")), ("1.5 % 1", Decimal("0.5")),
    ("round(12.345, 2)", Decimal("12.350")), ("round(5.46, 1) / 7", Decimal("0.79")), ("round(5.5)", Decimal("6")),
    ("round(CAST(5.40 AS decimal(10, 2)), 1) / 7", Decimal("0.77")), ("sign(d)", 1.0), ("sign(-2.5)", Decimal("-1")),
    ("sign(i)", 1), ("mod(d, 2)", 1.5), ("CAST(mod(d, 0) AS varchar)", "NaN"), ("CAST(d % 0 AS varchar)", "NaN"),
    # reals stay reals
    ("CAST(0.1 AS real)", 0.1), ("CAST(0.1 AS real) + CAST(0.2 AS real)", 0.3), ("CAST(1 AS real) / 3", 0.33333334),
    ("CAST(0.1 AS real) * 2", 0.2), ("ARRAY[CAST(0.1 AS real)]", [0.1]), ("CAST(0.1 AS real) + d", 1.6000000014901161),
    # casts
    ("CAST(2.5 AS integer)", 3), ("CAST(-2.5e0 AS integer)", -3), ("CAST(d % 2 AS integer)", 2),
    ("CAST('12' AS integer)", 12), ("TRY_CAST('1.5' AS integer)", None), ("TRY_CAST('x' AS double)", None),
    ("CAST(d AS varchar)", "1.5E0"), ("CAST(1e7 AS varchar)", "1.0E7"), ("CAST(1e-4 AS varchar)", "1.0E-4"),
    ("CAST(1.50 AS varchar)", "1.50"), ("CAST(b AS varchar)", "true"),
    ("CAST(ts AS varchar)", "2026-01-31 23:30:00.123"),
    ("CAST(dt AS varchar)", "2026-01-31"), ("CAST(from_unixtime(0) AS varchar)", "1970-01-01 00:00:00.000 UTC"),
    ("CAST('abc' AS varchar(2))", "ab"), ("CAST('t' AS boolean)", True), ("TRY_CAST(s AS date)", None),
    ("CAST(ts AS date)", date(2026, 1, 31)), ("date('2026-01-31')", date(2026, 1, 31)),
    ("TRY(CAST('x' AS integer))", None), ("CAST(0.5 AS varchar)", "0.5"), ("CAST(-0.5 AS varchar)", "-0.5"),
    ("CAST(date_trunc('hour', ts) AS varchar)", "2026-01-31 23:00:00.000"), ("CAST(NULL AS varchar)", None),
    # null
    ("concat('a', NULL)", None), ("'a' || NULL", None), ("greatest(1, NULL)", None), ("least(1, NULL, 2)", None),
    # times
    ("date_diff('day', TIMESTAMP '2026-01-01 23:00:00', TIMESTAMP '2026-01-02 01:00:00')", 0),
    ("date_diff('second', ts, TIMESTAMP '2026-01-31 23:30:10')", 9),
    ("date_add('month', 1, dt)", date(2026, 2, 28)),
    ("date_add('hour', 1, ts)", datetime(2026, 2, 1, 0, 30, 0, 123456)),
    ("dt + INTERVAL '1' DAY", date(2026, 2, 1)), ("INTERVAL '1' DAY + dt", date(2026, 2, 1)),
    ("date_trunc('month', dt)", date(2026, 1, 1)), ("date_trunc('week', ts)", datetime(2026, 1, 26)),
    ("extract(dow FROM DATE '2026-01-04')", 7), ("day_of_week(DATE '2026-01-04')", 7), ("second(ts)", 0),
    ("millisecond(ts)", 123), ("date_format(ts, '%Y-%m-%d %H:%i:%s')", "2026-01-31 23:30:00"),
    ("date_format(ts, '%W %a %M %b %c %e %k %l %p %y')", "Saturday Sat January Jan 1 31 23 11 PM 26"),
    ("date_parse('2026-01-31 10:20:30', '%Y-%m-%d %H:%i:%s')", datetime(2026, 1, 31, 10, 20, 30)),
    ("date_parse('2026-01-31 1.123456', '%Y-%m-%d %s.%f')", datetime(2026, 1, 31, 0, 0, 1, 123000)),
    ("to_unixtime(TIMESTAMP '2026-01-01 00:00:00')", 1767225600.0),
    ("from_iso8601_timestamp('2026-01-01T08:00:00Z')", datetime(2026, 1, 1, 8, tzinfo=UTC)),
    ("ts >= DATE '2026-01-31'", True), ("TIMESTAMP '2026-01-01 00:00:00 UTC'", datetime(2026, 1, 1, tzinfo=UTC)),
    ("ts > TIMESTAMP '2026-01-01 00:00:00.5 UTC'", True),
    # text
    ("split_part('a,b', ',', 2)", "b"), ("split_part('a,b', ',', 3)", None),
    ("substr('hello', -3, 2)", "ll"), ("substr('hello', 3, -2)", ""), ("substr('hello', -3, 0)", ""),
    ("substr(NULL, 0)", None),
    ("substr('hello', 0)", ""), ("substr('hello', -9)", ""), ("length('Größe')", 5), ("trim(' a\t')", "a"),
    ("strpos('abc', 'x')", 0), ("split('a,b', ',')", ["a", "b"]), ("regexp_extract('abc', '[0-9]+')", None),
    ("regexp_replace('a1b2', '[0-9]', '')", "ab"), ("regexp_replace('ab', '(a)(b)', '$2$1')", "ba"),
    ("regexp_count('a1b2', '[0-9]')", 2), ("'a' LIKE 'A'", False), ("'=='", "=="), ("'x::y [1]'", "x::y [1]"),
    # JSON
    ("json_extract_scalar(attributes, '$.price')", "1.50"), ("json_extract_scalar(attributes, '$.tags')", None),
    ("json_extract_scalar(attributes, '$.tags.list[1]')", "q"), ("json_extract_scalar(attributes, '$.none')", None),
    ("json_extract_scalar(attributes, '$.big')", "12345678901234567890"),
    ("json_extract_scalar('no JSON', '$.a')", None), ("json_extract(attributes, '$.tags.list')", '[1,"q"]'),
    ("CAST(json_extract_scalar(attributes, '$.price') AS double)", 1.5), ("json_array_length('[1, 2]')", 2),
    ("json_array_length('{\"a\": 1}')", None), ("json_array_length('5')", None), ("json_array_length('no JSON')", None),
    # arrays
    ("element_at(ARRAY[1, 2], 3)", None), ("element_at(ARRAY[1, 2], -1)", 2), ("ARRAY[1, 2][1]", 1),
    ("cardinality(ARRAY[1, 2])", 2), ("contains(ARRAY[1, 2], 2)", True), ("array_join(ARRAY['a', NULL], ',')", "a"),
    ("array_distinct(ARRAY[3, 1, NULL, 3, NULL])", [3, 1, None]), ("contains(ARRAY[1, NULL], 2)", None),
    ("contains(ARRAY[1, NULL], 1)", True), ("contains(ARRAY[1], 2)", False), ("contains(ARRAY[1], NULL)", None),
    ("array_join(ARRAY[1e7, 0.5e0, NULL], ',')", "1.0E7,5.0E-1"), ("array_join(ARRAY[0.5], ',')", "0.5"),
    ("array_join(ARRAY[1, NULL], ',', '?')", "1,?"), ("array_join(split('a,b', ','), '-')", "a-b"),
    ("array_join(ARRAY[TIMESTAMP '2026-01-01 00:00:00'], ',')", "2026-01-01 00:00:00"),
    # sub-queries
    ("i = ALL (SELECT 7)", True), ("i > ANY (SELECT j FROM events)", True), ("i > ALL (SELECT j FROM events)", True),
    ("i = SOME (SELECT j FROM events)", False),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), VALUES)
def test_an_expression_has_the_value_that_trino_documents(engine: DuckDbEngine, expression: str, expected: Any) -> None:
    value = answer(engine, expression)
    assert (type(value), value) == (type(expected), expected)


QUERIES = [
    ("SELECT i FROM events ORDER BY i", [(-7,), (7,), (None,)]),
    ("SELECT i FROM events ORDER BY i DESC", [(7,), (-7,), (None,)]),
    ("SELECT i / 2 FROM events ORDER BY 1", [(-3,), (3,), (None,)]),
    ("SELECT array_agg(i ORDER BY i DESC) FROM events", [([7, -7, None],)]),
    ("SELECT sum(i), avg(j), count(*), count_if(b) FROM events", [(0, 5 / 3, 3, 1)]),
    ("SELECT sum(i) FILTER (WHERE i > 0) FROM events", [(7,)]),
    ("SELECT max_by(s, i), min_by(s, i), approx_distinct(i) FROM events", [("Ab", "b,c", 2)]),
    ("SELECT x, n FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS u (x, n) ORDER BY n", [("a", 1), ("b", 2)]),
    ("SELECT e.i, x FROM events e CROSS JOIN UNNEST(ARRAY[1, 2]) u (x) WHERE i = 7 ORDER BY x", [(7, 1), (7, 2)]),
    ("WITH w AS (SELECT 1 AS a) SELECT a FROM w UNION ALL SELECT 2 ORDER BY a", [(1,), (2,)]),
    ("WITH w AS (SELECT floor(5) AS f) SELECT f / 2 FROM w", [(2,)]),
    ("SELECT i FROM events ORDER BY i OFFSET 1 LIMIT 1", [(7,)]),
    ('SELECT "i" FROM "AwsDataCatalog"."ai_lakehouse_db"."events" WHERE I = 7', [(7,)]),
    ("/* c */ SELECT i FROM ai_lakehouse_db.events WHERE i = 7 ; -- done", [(7,)]),
    ("SELECT row_number() OVER (ORDER BY i) / 2 FROM events WHERE i = 7", [(0,)]),
    ("SELECT max_by(x, y), min_by(x, y) FROM (VALUES (NULL, 9), (5, 5), (NULL, 1)) v (x, y)", [(None, None)]),
    ("SELECT max_by(s, i) FILTER (WHERE b) FROM events", [("Ab",)]),
    ("SELECT sum(DISTINCT i) FILTER (WHERE i > 0), avg(DISTINCT j) FROM events", [(7, 5 / 3)]),
    ("SELECT approx_distinct(x), approx_distinct(x, 0.1) FROM UNNEST(ARRAY[1, 2, 2, 3]) t (x)", [(3, 3)]),
    ("SELECT sum(CAST(0.1 AS real)) FROM events", [(0.3,)]),
    ("SELECT array_join(array_distinct(array_agg(s ORDER BY s)), ';') FROM events", [("Ab;b,c",)]),
    ("SELECT i AS x FROM events ORDER BY -x LIMIT 1", [(7,)]),
    ("SELECT -i AS i FROM events WHERE b ORDER BY -i", [(-7,)]),
    ("SELECT -i AS i FROM events WHERE i IS NOT NULL ORDER BY -i", [(7,), (-7,)]),
    ("SELECT DISTINCT upper(s) AS u FROM events ORDER BY u DESC LIMIT 1", [("B,C",)]),
    ("SELECT DISTINCT upper(s) FROM events ORDER BY upper(s) LIMIT 1", [("AB",)]),
    ("SELECT date_trunc('year', dt), count(*) FROM events GROUP BY 1 ORDER BY 1 LIMIT 1", [(date(2026, 1, 1), 2)]),
    ("SELECT count(DISTINCT (i, j)) FROM events", [(3,)]),
    ("SELECT i FROM events GROUP BY i HAVING max(i) > 0 AND i > 0", [(7,)]),
    ("SELECT j AS i, count(*) FROM events GROUP BY j, i HAVING i > 1", [(2, 1)]),
    ("SELECT b, sum(i) AS i FROM events GROUP BY b HAVING sum(i) > 0 ORDER BY sum(i)", [(True, 7)]),
]


@pytest.mark.parametrize(("sql", "expected"), QUERIES)
def test_a_query_has_the_rows_that_trino_documents(engine: DuckDbEngine, sql: str, expected: Any) -> None:
    assert ask(engine, sql).rows == expected


NAMES = [
    (
        "SELECT CAST(i AS varchar), i, 7, 'x', ARRAY[1][1], json_extract_scalar(attributes, '$.name'), (SELECT 1), "
        "(j), count(*) OVER () AS n, e.s FROM events e",
        ["_col0", "i", "_col2", "_col3", "_col4", "_col5", "_col6", "j", "n", "s"],
    ),
    ("SELECT i, t.* FROM events, (SELECT count(*), 1 AS one FROM events) t", ["i", "_col1", "one"]),
    ("WITH w AS (SELECT 1, 2) SELECT * FROM w", ["_col0", "_col1"]),
    ("WITH w (a) AS (SELECT 1) SELECT * FROM w", ["a"]),
    ("SELECT i + 1 FROM events UNION SELECT 2 ORDER BY 1", ["_col0"]),
    ("SELECT current_date, DATE '2026-01-01', i FROM events", ["_col0", "_col1", "i"]),
]


@pytest.mark.parametrize(("sql", "expected"), NAMES)
def test_columns_have_athenas_names(engine: DuckDbEngine, sql: str, expected: list[str]) -> None:
    assert [name for name, _ in ask(engine, sql).columns] == expected


TYPES = [
    ("TIMESTAMP '2026-01-01 00:00:00'", "timestamp(3)"), ("TIMESTAMP '2026-01-01 00:00:00.123'", "timestamp(3)"),
    ("CAST(1 AS real) / 3", "real"), ("sum(i)", "bigint"), ("sign(sum(d))", "double"), ("0.5", "decimal(1,1)"),
    ("round(12.345, 2)", "decimal(6,3)"), ("round(12.345)", "decimal(3,0)"), ("avg(CAST(i AS real))", "real"),
    ("ARRAY[1]", "array(integer)"), ("count_if(b)", "bigint"), ("json_extract('[1]', '$[0]')", "json"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), TYPES)
def test_a_column_has_the_type_that_athena_gives(engine: DuckDbEngine, expression: str, expected: str) -> None:
    assert ask(engine, f"SELECT {expression} FROM events").columns == (("_col0", expected),)


REFUSED = [
    ("SELECT UNNEST(ARRAY[1])", "UNNEST stands in FROM"),
    # errors in Trino, too
    ("SELECT 7 / 0", "ivision by zero"), ("SELECT 7 % 0", "ivision by zero"), ("SELECT 1.00 / 0", "ivision by zero"),
    ("SELECT i / j FROM events", "ivision by zero"), ("SELECT 9223372036854775807 + 1", "verflow|out of range"),
    ("SELECT sum(x) FROM (VALUES 9223372036854775807, 1) v (x)", "Out of range for bigint"),
    ("SELECT ARRAY[1][2]", "out of bounds"),
    ("SELECT element_at(ARRAY[1], 0)", "start at 1"), ("SELECT split_part('a', ',', 0)", "greater than zero"),
    ("SELECT CAST('1.5' AS integer)", "Cannot cast"), ("SELECT CAST('yes' AS boolean)", "INVALID_CAST"),
    ("SELECT CAST('2026-01-01 10:00:00' AS date)", "INVALID_CAST"), ("SELECT CAST(s AS double) FROM events", "INVALID"),
    ("SELECT DATE '2026-02-30'", "2026-02-30"), ("SELECT i = '7' FROM events", "TYPE_MISMATCH"),
    ("SELECT ts > '2026-01-31' FROM events", "write TIMESTAMP"), ("SELECT dt = '2026-01-31' FROM events", "write DATE"),
    ("SELECT 'a' || 1", "TYPE_MISMATCH"), ("SELECT lower(1)", "TYPE_MISMATCH"),
    ("SELECT i FROM events WHERE i", "TYPE"),
    ("SELECT b = 1 FROM events", "TYPE_MISMATCH"), ("SELECT dt + 1 FROM events", "INTERVAL"),
    ("SELECT dt + INTERVAL '1' HOUR FROM events", "no unit of a date"), ("SELECT sum(s) FROM events", "TYPE_MISMATCH"),
    ("SELECT date_trunc('hour', dt) FROM events", "no unit of a date"), ("SELECT 'a' UNION SELECT 1", "TYPE_MISMATCH"),
    ("SELECT CAST(json_extract_scalar(attributes, '$.price') AS integer) FROM events", "Cannot cast"),
    ("SELECT json_extract_scalar(attributes, '$.price') > 1 FROM events", "TYPE_MISMATCH"),
    # names that Athena doesn't know there
    ("SELECT i AS x, x + 1 FROM events", "it is an alias.*repeat"),
    ("SELECT i AS x FROM events WHERE x = 7", "an alias"),
    ("SELECT i AS x FROM events GROUP BY x", "it is an alias"), ("SELECT _col0 FROM (SELECT 1)", "_col0"),
    ("SELECT i AS x, count(*) FROM events GROUP BY i HAVING x > 1", "HAVING x"),
    ("SELECT b, count(*) AS n FROM events GROUP BY 1 HAVING n > 0", "HAVING n"),
    ("SELECT i AS x FROM events WHERE EXISTS (SELECT 1 FROM events f WHERE x = 7)", "it is an alias"),
    ("SELECT DISTINCT i FROM events ORDER BY j", "ORDER BY j"),
    ("SELECT DISTINCT i AS x FROM events ORDER BY -x", "ORDER"),
    # shapes
    ("SELECT i, FROM events", "a comma before FROM"), ("SELECT abs(i,) FROM events", "a comma before"),
    ("SELECT i FROM events ORDER BY i, LIMIT 1", "a comma before LIMIT"), ("SELECT i FROM events LIMIT '1'", "LIMIT"),
    ("SELECT count(DISTINCT i, j) FROM events", "one argument"), ("SELECT count(i, j) FROM events", "one argument"),
    # types that don't go together
    *((f"SELECT {mixed} FROM events", "TYPE_MISMATCH") for mixed in (
        "coalesce(i, '0')", "nullif(i, '7')", "CASE WHEN b THEN i ELSE '0' END", "CASE i WHEN '7' THEN 1 END",
        "if(b, 1, 'x')", "greatest(i, 'x')", "ARRAY[1, '2']", "contains(ARRAY[1], '1')", "i IN (1, '2')",
        "i IN (SELECT s FROM events)", "i > ALL (SELECT s FROM events)", "(i, j) = ('7', '2')", "i + '1'", "'7' / 2",
        "abs('1')", "mod('7', 2)", "sum('1')", "bool_and('true')", "from_unixtime('5')", "coalesce(dt, '2026-01-01')",
        "date_diff('day', '2026-01-01', dt)", "date_add('day', 1, '2026-01-01')", "date_trunc('day', '2026-01-01')",
        "year('2026-01-01')", "date_format('2026-01-01', '%Y')", "s LIKE 1", "i || 'x'",
    )),
    ("SELECT x FROM (VALUES 1, '2') v (x)", "TYPE_MISMATCH"), ("SELECT DECIMAL '1.50'", "write the number itself"),
    # DuckDB's own
    ("FROM events", "start with SELECT"), ("SELECT * EXCLUDE (i) FROM events", "EXCEPT"), ("SELECT 1::int", "CAST"),
    ("SELECT * FROM 'x.parquet'", "wrong SQL|no table|not exist"),
    ("SELECT * FROM read_parquet('x')", r"read_parquet\(\)"),
    ('SELECT * FROM "/etc/passwd"', "does not exist"),
    ("SELECT * FROM glob('/*')", r"glob\(\)"), ("SELECT [1, 2]", "ARRAY"),
    ("SELECT DISTINCT ON (s) i FROM events", "DISTINCT ON"), ("SELECT i FROM events GROUP BY ALL", "GROUP BY ALL"),
    ("SELECT i FROM events QUALIFY row_number() OVER (ORDER BY i) = 1", "wrong SQL"), ("SELECT 'a' ILIKE 'A'", "ILIKE"),
    ("SELECT i FROM events LIMIT 1 OFFSET 1", "OFFSET before LIMIT"), ("SELECT i FROM events LIMIT 10%", "LIMIT"),
    ("SELECT len('a')", "Athena has length"), ("SELECT nvl(s, '') FROM events", "Athena has coalesce"),
    ("SELECT i FROM events SEMI JOIN events e USING (i)", "SEMI"), ("SELECT i FROM events WHERE i == 7", "write ="),
    ("SELECT 'a' 'b'", "operator"), ("SELECT i FROM events FOR UPDATE", "FOR UPDATE"),
    ("PRAGMA version", "line 1:1: mismatched input 'PRAGMA'. Expecting: ALTER"),
    ("ATTACH 'x'", "mismatched"),
    ("COPY events TO 'x'", "mismatched input"), ("\n  INSTALL httpfs", "line 2:3: mismatched"),
    ("SET x = 1", "mismatched"),
    # Athena's, not done here
    ("SELECT format_datetime(ts, 'y') FROM events", "y in a pattern"),
    ("SELECT date_format(ts, '%v') FROM events", "pattern"), ("SELECT date_parse('10', '%H')", "without a year"),
    ("SELECT json_extract_scalar(attributes, '$..a') FROM events", "JSON path"),
    # wrong names and shapes
    ("SELECT nope FROM events", "nope.*columns: attributes, b, d"),
    ("SELECT * FROM nope", "nope' does not exist; tables: events"),
    ("SELECT 1; SELECT 2", "more than one"), ("", "no statement"), (";", "no statement"),
    ("SELEC 1", "mismatched input"),
    ("SELECT no_such_function(1)", r"no_such_function\(\)"),
    ("SELECT i FROM other_db.events", "Schema 'other_db' does not exist"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "message"), REFUSED)
def test_what_athena_refuses_or_duckdb_answers_otherwise_is_one_clear_line(
    engine: DuckDbEngine, sql: str, message: str
) -> None:
    with pytest.raises(SqlError, match=message) as caught:
        ask(engine, sql)
    assert "\n" not in str(caught.value)


@settings(deadline=None, max_examples=40)
@given(st.integers(-(2**62), 2**62), st.integers(-(2**31), 2**31).filter(lambda divisor: divisor != 0))
def test_integers_divide_toward_zero_and_the_remainder_has_the_dividends_sign(left: int, right: int) -> None:
    import duckdb

    from lakebox.athena.dialect.syntax import parsed
    from lakebox.athena.dialect.translate import duckdb_text, duckdb_tree

    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    bigint = exp.DataType.build("BIGINT")
    sql = duckdb_text(duckdb_tree(parsed("SELECT x / y, x % y FROM v"), {"v": {"x": bigint, "y": bigint}}))
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW v AS SELECT {left}::BIGINT AS x, {right}::BIGINT AS y")
        assert connection.execute(sql).fetchall() == [(quotient, left - quotient * right)]
