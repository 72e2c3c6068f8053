"""Statements over inline values with the text of Trino's answer, each seen on Trino 476."""

import pytest
from sql_lake import SqlLake

from lakebox.athena.duckdb_engine import DuckDbEngine
from lakebox.athena.engine import QueryResult, SqlError
from lakebox.athena.result_text import cell_text


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> DuckDbEngine:
    return SqlLake(tmp_path_factory.mktemp("lake")).engine


def text_of(result: QueryResult) -> str:
    """Rows, divided by slashes, of values, divided by bars."""
    rows = (" | ".join("null" if value is None else cell_text(value) for value in row) for row in result.rows)
    return " / ".join(rows)


DECIMALS = [
    (
        "SELECT (amount * 1.19) + 1 FROM (VALUES 9.35e0, 12.5e0) t (amount) ORDER BY 1",
        "12.126499999999998 / 15.875  double",
    ),
    (
        "SELECT sum((amount - 0.5) * 2) FROM (VALUES 9.33e0, 12.57e0) t (amount)",
        "41.8  double",
    ),
    (
        "SELECT (1.25 * 1.25) - 0.5",
        "1.0625  decimal(7,4)",
    ),
    (
        "SELECT round((amount - (amount * 0.15)), 2) FROM (VALUES 9.35e0, 12.5e0) t (amount)",
        "7.95 / 10.63  double",
    ),
    (
        "SELECT CASE WHEN true THEN 1.25 * 1.25 ELSE 0.5 END + 1",
        "2.5625  decimal(15,4)",
    ),
    (
        "SELECT (SELECT 1.25 * 1.25) + 1.5",
        "3.0625  decimal(7,4)",
    ),
    (
        "WITH w AS (SELECT 1.25 * 1.25 AS x) SELECT x * 1.5, x + 1, x / 3 FROM w",
        "2.34375 | 2.5625 | 0.5208  decimal(8,5), decimal(15,4), decimal(6,4)",
    ),
    (
        "WITH a AS (SELECT 1.25 AS x UNION ALL SELECT 2), b AS (SELECT x * 1.5 AS y FROM a) SELECT y + 1, y / "
        "7 FROM b ORDER BY 1",
        "2.875 | 0.268 / 4.000 | 0.429  decimal(15,3), decimal(14,3)",
    ),
    (
        "SELECT x / 7 FROM (VALUES 1, 2.5, 3e0) t (x) ORDER BY 1",
        "0.14285714285714285 / 0.35714285714285715 / 0.42857142857142855  double",
    ),
    (
        "SELECT x / 7 FROM (VALUES 1, 2.55) t (x) ORDER BY 1",
        "0.14 / 0.36  decimal(12,2)",
    ),
    (
        "SELECT 1.5 + 1, 1.5 - 2, 1.5 * 2, 1.5 / 2, 1.5 % 2, 1 / 1.5, 5 % 1.5, -1.5, 12.345 - 0.1",
        "2.5 | -0.5 | 3.0 | 0.8 | 1.5 | 0.7 | 0.5 | -1.5 | 12.245  decimal(12,1), decimal(12,1), "
        "decimal(12,1), decimal(2,1), decimal(2,1), decimal(12,1), decimal(2,1), decimal(2,1), decimal(6,3)",
    ),
    (
        "SELECT 1.5 + 1e0, 1.5 * 2e0, 1.5 / 4e0, 7 / 2e0",
        "2.5 | 3.0 | 0.375 | 3.5  double, double, double, double",
    ),
    (
        "SELECT 0.05, .5, 1., 00.5, 0.0, 123456789012345678.12",
        "0.05 | 0.5 | 1 | 0.5 | 0.0 | 123456789012345678.12  decimal(2,2), decimal(1,1), decimal(1,0), "
        "decimal(1,1), decimal(1,1), decimal(20,2)",
    ),
    (
        "SELECT x * x, x + x, x - x, x / x FROM (VALUES CAST(9999999999.99 AS decimal(12,2))) t (x)",
        "99999999999800000000.0001 | 19999999999.98 | 0.00 | 1.00  decimal(24,4), decimal(13,2), "
        "decimal(13,2), decimal(14,2)",
    ),
    (
        "SELECT x + x FROM (VALUES CAST(999999999999999999 AS decimal(18,0))) t (x)",
        "1999999999999999998  decimal(19,0)",
    ),
    (
        "SELECT coalesce(1, 2.55), greatest(1.5, 2), least(1.55, 2.5), if(true, 1, 2.5), nullif(1.5, 2), "
        "nullif(2, 1.5)",
        "1.00 | 2.0 | 1.55 | 1.0 | 1.5 | 2  decimal(12,2), decimal(11,1), decimal(3,2), decimal(11,1), "
        "decimal(2,1), integer",
    ),
    (
        "SELECT sum(CASE WHEN x > 1 THEN x * 1.19 ELSE 0 END), sum(x) / count(*), sum(x) / 2 FROM (VALUES "
        "1.25, 0.5) t (x)",
        "1.4875 | 0.88 | 0.88  decimal(38,4), decimal(38,2), decimal(38,2)",
    ),
    (
        "SELECT avg(x), avg(x) FILTER (WHERE x > 2), avg(DISTINCT x) FROM (VALUES 1.25, 1.25, 2.26) t (x)",
        "1.59 | 2.26 | 1.76  decimal(3,2), decimal(3,2), decimal(3,2)",
    ),
    (
        "SELECT avg(x) OVER (), sum(x) OVER (ORDER BY x) / 3, lag(x, 1, 0) OVER (ORDER BY x) FROM (VALUES "
        "1.25, 0.5) t (x) ORDER BY 2",
        "0.88 | 0.17 | 0.00 / 0.88 | 0.58 | 0.50  decimal(3,2), decimal(38,2), decimal(12,2)",
    ),
    (
        "SELECT avg(x) FROM (VALUES 1.25) t (x) WHERE x > 5",
        "null  decimal(3,2)",
    ),
    (
        "SELECT floor(1.5), ceil(1.5), floor(-1.5), abs(-1.55), sign(-1.5), round(2.45, 1), round(-2.5), "
        "round(1234.5, -2)",
        "1 | 2 | -2 | 1.55 | -1 | 2.50 | -3 | 1200.0  decimal(2,0), decimal(2,0), decimal(2,0), decimal(3,2), "
        "decimal(1,0), decimal(4,2), decimal(2,0), decimal(6,1)",
    ),
    (
        "SELECT ARRAY[1, 2.5], ARRAY[1.5, 2.55][2] * 1.5, element_at(ARRAY[1.25, 2], 1) / 3",
        "[1.0, 2.5] | 3.825 | 0.42  array(decimal(11,1)), decimal(5,3), decimal(12,2)",
    ),
    (
        "SELECT x * 1.5 FROM UNNEST(ARRAY[1.25, 2]) t (x) ORDER BY 1",
        "1.875 / 3.000  decimal(14,3)",
    ),
    (
        "SELECT TRY(1.5 / 0), TRY(7 % 0), coalesce(TRY(1.5 / 0), 2), TRY(ARRAY[1][2]), TRY(CAST('a' AS integer))",
        "null | null | 2.0 | null | null  decimal(2,1), integer, decimal(11,1), integer, integer",
    ),
    (
        "SELECT NULL / 0, NULL % 0, 5 / CAST(NULL AS integer), CAST(NULL AS decimal(5,2)) / 0, 1.5 + NULL",
        "null | null | null | null | null  integer, integer, integer, decimal(5,2), decimal(3,1)",
    ),
    (
        "SELECT CAST(1.005e0 AS decimal(10,2)), CAST(-1.005e0 AS decimal(10,2)), CAST(2.55 AS decimal(3,1)), "
        "CAST(1.5e0 AS decimal)",
        "1.01 | -1.01 | 2.6 | 2  decimal(10,2), decimal(10,2), decimal(3,1), decimal(38,0)",
    ),
    (
        "SELECT 10_000, 0x1F + 1, 0b101, 0o17, 0xFF_FF, 1_000.5, 2147483648",
        "10000 | 32 | 5 | 15 | 65535 | 1000.5 | 2147483648  integer, integer, integer, integer, integer, "
        "decimal(5,1), bigint",
    ),
]

TEXT_AND_JSON = [
    ("SELECT CAST(CAST(123456.789 AS real) AS varchar), CAST(CAST(0.1 AS real) AS varchar)", "1.234568E5 | 1.0E-1"),
    (
        "SELECT CAST(TIMESTAMP '2020-01-31 10:20:30' AS varchar), CAST(TIMESTAMP '2020-01-31 10:20:30.5' AS varchar)",
        "2020-01-31 10:20:30 | 2020-01-31 10:20:30.5",
    ),
    (
        "SELECT CAST(9.35e0 AS varchar), CAST(0.1e0 AS varchar), CAST(100e0 AS varchar), CAST(-0e0 AS "
        "varchar), CAST(1e300 AS varchar)",
        "9.35E0 | 1.0E-1 | 1.0E2 | -0E0 | 1.0E300",
    ),
    (
        "SELECT array_join(ARRAY[9.35e0, 1e0], ','), concat(CAST(1.5e0 AS varchar), 'x'), CAST(1.50 AS "
        "varchar), CAST(0.5 + 0.25 AS varchar)",
        "9.35E0,1.0E0 | 1.5E0x | 1.50 | 0.75",
    ),
    (
        "SELECT reverse('abc'), reverse(ARRAY[1, NULL, 3]), reverse(split('a,b', ','))",
        "cba | [3, null, 1] | [b, a]",
    ),
    (
        "SELECT replace('abc', '', 'x'), replace('', '', 'x'), replace('abc', 'b'), replace('abc', '')",
        "xaxbxcx | x | ac | abc",
    ),
    (
        "SELECT replace('abc', x, 'z') FROM (VALUES '', 'b') t (x)",
        "zazbzcz / azc",
    ),
    (
        'SELECT json_extract_scalar(\'{"a": 1, "b": \', \'$.a\'), json_extract_scalar(\'{"a": 1, "b": \', '
        "'$.b'), json_extract_scalar('{\"a\": 12', '$.a')",
        "1 | null | 12",
    ),
    (
        'SELECT json_extract_scalar(\'{"a": NaN, "b": 1}\', \'$.b\'), json_extract_scalar(\'{"b": 1, "a": '
        "NaN}', '$.b'), json_extract_scalar('{\"a\": \"x\"} y', '$.a')",
        "null | 1 | x",
    ),
    (
        "SELECT json_extract_scalar('{\"a\": 1,}', '$.a'), json_extract_scalar('[1, 2,', '$[1]'), "
        "json_extract_scalar('{\"a\": 01}', '$.a'), json_extract_scalar('{\"a\": \"\\ud800\"}', '$.a')",
        "1 | 2 | null | ?",
    ),
    (
        "SELECT json_extract_scalar('{\"a\": 1E+5}', '$.a'), json_extract_scalar('{\"a\": -0}', '$.a'), "
        "json_extract_scalar('{\"a\": {\"b\": 1}', '$.a.b'), json_extract_scalar('5 6', '$')",
        "1E+5 | -0 | 1 | 5",
    ),
    (
        "SELECT json_extract('{\"a\": {\"b\": 1}, ', '$.a'), json_extract('{\"a\": [1, NaN]}', '$.a'), "
        "json_array_length('[1, NaN]')",
        '{"b":1} | null | null',
    ),
]

NULLS = [
    ("SELECT count_if(x), every(x) FROM (VALUES CAST(NULL AS boolean)) t (x)", "0 | null"),
    (
        "SELECT (a, b) NOT IN (SELECT 1, CAST(NULL AS integer)) FROM (VALUES (1, 2), (2, 2)) t (a, b)",
        "true / true",
    ),
    (
        "SELECT ARRAY[1, NULL] = ARRAY[1, NULL], ARRAY[1, NULL] = ARRAY[2, NULL], ARRAY[1] = ARRAY[1, NULL], "
        "ARRAY[NULL, 1] <> ARRAY[NULL, 2]",
        "null | false | false | true",
    ),
    (
        "SELECT ARRAY[ARRAY[1, NULL]] = ARRAY[ARRAY[1, NULL]], ARRAY[1, 2] IN (ARRAY[1, NULL], ARRAY[1, 2]), "
        "ARRAY[1, NULL] IN (ARRAY[1, NULL])",
        "null | true | null",
    ),
    (
        "SELECT 1 FROM (VALUES ARRAY[1, NULL]) t (a) JOIN (VALUES ARRAY[1, NULL]) u (b) ON a = b",
        "",
    ),
    (
        "SELECT (1, NULL) = (1, NULL), (1, NULL) = (2, NULL), (1, NULL) <> (2, NULL), (1, NULL) <> (1, NULL), "
        "(1, NULL) < (2, 1)",
        "null | false | true | null | true",
    ),
    (
        "SELECT ('u001', 1) = ('u001', NULL), (1, NULL) IN ((1, NULL)), (1, NULL) IN ((2, 1)), (1, 2) NOT IN "
        "((1, NULL))",
        "null | null | false | null",
    ),
    (
        "SELECT (a, b) NOT IN (('u001', 1e0)) FROM (VALUES ('u001', CAST(NULL AS double)), ('u002', 1e0)) t (a, b)",
        "null / true",
    ),
]

TIMES = [
    (
        "SELECT CAST(from_iso8601_timestamp('2025-06-18T23:30:00-05:00') AS date), "
        "date(from_iso8601_timestamp('2025-06-18T23:30:00-05:00'))",
        "2025-06-18 | 2025-06-18",
    ),
    (
        "SELECT hour(from_unixtime(0, 1, 30)), minute(from_unixtime(0, -5, -30)), "
        "hour(from_iso8601_timestamp('2025-06-18T23:30:00-05:00'))",
        "1 | 30 | 23",
    ),
    (
        "SELECT CAST(from_iso8601_timestamp('2025-06-18T23:30:00+0530') AS varchar), CAST(from_unixtime(0, -5, "
        "-30) AS varchar)",
        "2025-06-18 23:30:00.000 +05:30 | 1969-12-31 18:30:00.000 -05:30",
    ),
    (
        "SELECT CAST(date_trunc('day', from_iso8601_timestamp('2025-06-18T23:30:00-05:00')) AS timestamp)",
        "2025-06-18 00:00:00.000",
    ),
    (
        "SELECT date_format(from_iso8601_timestamp('2025-06-18T23:30:00-05:00'), '%H'), extract(day FROM "
        "from_iso8601_timestamp('2025-06-18T23:30:00-05'))",
        "23 | 18",
    ),
    (
        "SELECT from_iso8601_timestamp('2025-06-18T23:30:00-05:00') > TIMESTAMP '2025-06-19 04:00:00', "
        "to_unixtime(from_iso8601_timestamp('2025-06-18T23:30:00-05:00'))",
        "true | 1.7503074E9",
    ),
    (
        "SELECT from_iso8601_timestamp('2025-06-18T23:30:00.1239Z'), from_iso8601_timestamp('2025-06-18'), "
        "from_iso8601_timestamp('2025-06-18T23')",
        "2025-06-18 23:30:00.123 UTC | 2025-06-18 00:00:00.000 UTC | 2025-06-18 23:00:00.000 UTC",
    ),
    (
        "SELECT from_unixtime(1.0009e0), from_unixtime(1.0005e0), from_unixtime(1750000000.1239e0)",
        "1970-01-01 00:00:01.001 UTC | 1970-01-01 00:00:01.001 UTC | 2025-06-15 15:06:40.124 UTC",
    ),
    (
        "SELECT interval '3' year + interval '5' month, interval '1' year - interval '14' month, 2 * interval "
        "'1' month",
        "3-5 | -0-2 | 0-2",
    ),
    (
        "SELECT interval '1' day + interval '2' hour, interval '1' day * 2, interval '1' day = interval '24' hour",
        "1 02:00:00.000 | 2 00:00:00.000 | true",
    ),
    (
        "SELECT DATE '2020-01-31' + (interval '1' month + interval '1' year), DATE '2020-01-31' - interval '1' day",
        "2021-02-28 | 2020-01-30",
    ),
]

NAMES = [
    ("WITH w (Ab) AS (SELECT 1) SELECT * FROM w", "Ab : 1"),
    (
        "SELECT g.*, h.* FROM (VALUES (1, 'a')) g (k, x) JOIN (VALUES (1, 'b')) h (k, y) USING (k)",
        "x | y : a | b",
    ),
    (
        "SELECT * FROM (VALUES (1, 'a')) g (k, x) JOIN (VALUES (1, 'b')) h (k, y) USING (k)",
        "k | x | y : 1 | a | b",
    ),
    (
        'SELECT 1 AS TotalUsers, 2 AS "MixedCase", t.X, y AS "q Q" FROM (VALUES (3, 4)) t (x, y)',
        "TotalUsers | MixedCase | X | q Q : 1 | 2 | 3 | 4",
    ),
    (
        "SELECT * FROM (SELECT 1 AS TotalUsers)",
        "TotalUsers : 1",
    ),
    (
        "VALUES (1, 'a'), (2, 'b')",
        "_col0 | _col1 : 1 | a / 2 | b",
    ),
    (
        "SELECT * FROM (VALUES (1, 'a')) t",
        "_col0 | _col1 : 1 | a",
    ),
]


@pytest.mark.parametrize(("sql", "expected"), DECIMALS)
def test_decimals_have_trinos_digits_and_types(engine: DuckDbEngine, sql: str, expected: str) -> None:
    result = engine.query(sql)
    assert f"{text_of(result)}  {', '.join(kind for _, kind in result.columns)}" == expected


@pytest.mark.parametrize(("sql", "expected"), TEXT_AND_JSON + NULLS + TIMES)
def test_a_query_has_trinos_answer(engine: DuckDbEngine, sql: str, expected: str) -> None:
    assert text_of(engine.query(sql)) == expected


@pytest.mark.parametrize(("sql", "expected"), NAMES)
def test_columns_are_named_as_trino_does(engine: DuckDbEngine, sql: str, expected: str) -> None:
    result = engine.query(sql)
    assert f"{' | '.join(name for name, _ in result.columns)} : {text_of(result)}" == expected


NESTED = [
    ("(" * 50 + "1" + ")" * 50, "1"),
    ("upper(" * 50 + "'a'" + ")" * 50, "A"),
    ("substr(" * 50 + "'abc'" + ", 0 + 1)" * 50, "abc"),
    ("(" * 50 + "1.5" + " / 1.0)" * 50, "1.5"),
    ("(" * 50 + "9" + " % 7)" * 50, "2"),
]


@pytest.mark.parametrize(("expression", "expected"), NESTED)
def test_fifty_nested_functions_have_an_answer(engine: DuckDbEngine, expression: str, expected: str) -> None:
    assert text_of(engine.query(f"SELECT {expression}")) == expected


REFUSED = [
    # syntax that other engines have
    ("1 FROM (VALUES 1) a JOIN (VALUES 2) b", "ON or USING"),
    ("1 FROM (VALUES 1) a LEFT JOIN (VALUES 2) b", "ON or USING"),
    ("1 FROM (VALUES 1) a (x) CROSS JOIN (VALUES 2) b (y) ON x = y", "has no ON"),
    ("1 FROM (VALUES 1) a (x) NATURAL JOIN (VALUES 1) b (x)", "USING"),
    ("CAST(1 AS string)", "write varchar"),
    ("CAST(1 AS float)", "write real or double"),
    ("CAST('1' AS text)", "write varchar"),
    ("CAST(1 AS numeric)", "write decimal"),
    ("CAST(DATE '2020-01-01' AS datetime)", "write timestamp"),
    ("CAST(ARRAY[1] AS array(string))", "write varchar"),
    ("x FROM (VALUES 1, 2, 3) t (x) LIMIT 1, 2", "OFFSET 1 LIMIT 2"),
    ("7 DIV 2", "write a / b"),
    ("'a' RLIKE 'a'", "regexp_like"),
    ("'a' REGEXP 'a'", "regexp_like"),
    ("'a' SIMILAR TO 'a'", "regexp_like"),
    ("'a' GLOB 'a'", "LIKE"),
    ("1 <=> 2", "IS NOT DISTINCT FROM"),
    ("!true", "write NOT"),
    ("'{}' ->> 'a'", "json_extract_scalar"),
    ("DATE '2020-01-01' + INTERVAL 1 DAY", "INTERVAL '1' DAY"),
    ("DATE '2020-01-01' + INTERVAL '1 day'", "outside of the text"),
    ("true IS TRUE", "IS NULL"),
    ("1 IS NOT FALSE", "IS NULL"),
    ("current_date()", "no parentheses"),
    ("date_add(day, 1, DATE '2020-01-01')", r"date_add\('day'"),
    ("date_diff('days', DATE '2020-01-01', DATE '2020-01-02')", "no unit"),
    ("extract('year' FROM DATE '2020-01-01')", "as a name"),
    ("1 AS 'x'", 'write AS "x"'),
    ("5x", "no number"),
    ("row_number()", "needs a window"),
    # names
    ("x FROM (VALUES 1) a (x), (VALUES 1) b (x)", "ambiguous.*write table.x"),
    ("g.k FROM (VALUES 1) g (k) JOIN (VALUES 1) h (k) USING (k)", "write k"),
    # conditions in conditions
    *(
        (text, "put it in parentheses")
        for text in (
            "1 < 2 IN (true)",
            "1 BETWEEN 0 AND 2 = true",
            "true = NOT false",
            "1 IS NULL IS NOT NULL",
            "1 NOT IN (2) IS NOT NULL",
            "1 = 1 IS NULL",
            "'a' LIKE 'a' = true",
            "1 = 1 = true",
        )
    ),
    # arguments
    ("date()", "at least 1"),
    ("max_by(x) FROM (VALUES 1) t (x)", "known: max_by"),
    ("greatest()", "an argument is missing"),
    ("element_at(ARRAY[1])", "at least 2"),
    ("coalesce(1)", "at least 2"),
    ("avg(DISTINCT) FROM (VALUES 1) t (x)", "takes a value"),
    ("regexp_extract('abc', '(b)', 2)", "Cannot access group 2"),
    ("attributes['x'] FROM (VALUES 'a') t (attributes)", "json_extract_scalar"),
    ("9223372036854775808", "no bigint"),
    ("'\udce4'", "not UTF-8"),
    # an offset that would be lost
    ("from_iso8601_timestamp('2025-06-18T23:30:00-05:00')", "offset"),
    ("x FROM (SELECT from_unixtime(0, 1, 30) AS x)", "offset"),
    ("from_iso8601_timestamp('2025-06-18 23:30:00')", "write 2026-01-31T10:00:00Z"),
    # rows that are not written out
    ("r = (1, 2) FROM (SELECT (1, NULL) AS r)", "written out"),
    ("(1, NULL) < (1, 2)", "null"),
]


@pytest.mark.parametrize(("expression", "message"), REFUSED)
def test_what_athena_refuses_is_one_line(engine: DuckDbEngine, expression: str, message: str) -> None:
    with pytest.raises(SqlError, match=message) as caught:
        engine.query(f"SELECT {expression}")
    assert "\n" not in str(caught.value)
