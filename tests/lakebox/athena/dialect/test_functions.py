"""Functions in the tables over inline values, with the answers that Trino's documentation and own tests have."""

from pathlib import Path

import pytest
from sql_lake import SqlLake

from lakebox.athena.dialect.functions.calls import functions_by_kind
from lakebox.athena.duckdb_engine import DuckDbEngine
from lakebox.athena.engine import SqlError
from lakebox.athena.result_text import cell_text

REPOSITORY = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> DuckDbEngine:
    return SqlLake(tmp_path_factory.mktemp("lake")).engine


M = "MAP(ARRAY['a', 'b'], ARRAY[1, 2])"
ANSWERS = [
    # lambdas
    ("filter(ARRAY[5, -6, NULL, 7], x -> x > 0)", "[5, 7]"),
    ("transform(ARRAY[1, 2], x -> transform(ARRAY[x], y -> y + x))", "[[2], [4]]"),
    ("transform(ARRAY[ARRAY[1, 1]], x -> array_distinct(x))", "[[1]]"),
    ("reduce(ARRAY[5, 20, NULL, 50], 0, (s, x) -> s + coalesce(x, 0), s -> s * 2)", "150"),
    ("any_match(ARRAY[1, NULL], x -> x > 5)", "null"),
    ("all_match(ARRAY[1, NULL], x -> x > 5)", "false"),
    ("none_match(ARRAY[1, 2], x -> x > 5)", "true"),
    ("zip_with(ARRAY[1, 3], ARRAY['a'], (x, y) -> (y, x))", "[{field0=a, field1=1}, {field0=null, field1=3}]"),
    (f"map_filter({M}, (k, v) -> v > 1)", "{b=2}"),
    (f"transform_keys({M}, (k, v) -> k || 'x')", "{ax=1, bx=2}"),
    (f"transform_values({M}, (k, v) -> v * 10)", "{a=10, b=20}"),
    (f"map_zip_with({M}, MAP(ARRAY['b'], ARRAY[5]), (k, x, y) -> coalesce(y, x))", "{a=1, b=5}"),
    # arrays
    ("ARRAY[1] || 2 || ARRAY[3]", "[1, 2, 3]"),
    ("concat(ARRAY[1], ARRAY[2.5])", "[1.0, 2.5]"),
    ("ARRAY[1] || CAST(NULL AS integer)", "null"),
    ("array_sort(ARRAY[3, NULL, 1])", "[1, 3, null]"),
    ("array_union(ARRAY[1, NULL, 1], ARRAY[2, 1])", "[1, null, 2]"),
    ("array_intersect(ARRAY[1, 2, 2], ARRAY[2])", "[2]"),
    ("array_except(ARRAY[1, 2, 2, 3], ARRAY[3])", "[1, 2]"),
    ("arrays_overlap(ARRAY[1, NULL], ARRAY[2])", "null"),
    ("array_position(ARRAY[1, 2], 3)", "0"),
    ("array_remove(ARRAY[1, NULL, 2], 2)", "[1, null]"),
    ("array_max(ARRAY[1, NULL])", "null"),
    ("array_join(ARRAY[CAST(NULL AS integer)], ',')", ""),
    ("slice(ARRAY[1, 2, 3, 4], -3, 2)", "[2, 3]"),
    ("slice(ARRAY[1, 2], 5, 2)", "[]"),
    ("sequence(5, 1, -2)", "[5, 3, 1]"),
    ("sequence(DATE '2024-02-28', DATE '2024-03-01')", "[2024-02-28, 2024-02-29, 2024-03-01]"),
    ("flatten(ARRAY[ARRAY[1], NULL, ARRAY[2]])", "[1, 2]"),
    ("ngrams(ARRAY['a', 'b', 'c'], 2)", "[[a, b], [b, c]]"),
    ("a[i] FROM (VALUES (ARRAY[10, 20, 30], 2)) t (a, i)", "20"),
    # maps and rows
    ("MAP(ARRAY[1, 2, 3], ARRAY[10, 20, 30])[2]", "20"),
    (f"element_at({M}, 'z')", "null"),
    (f"map_entries({M})", "[{field0=a, field1=1}, {field0=b, field1=2}]"),
    ("map_from_entries(ARRAY[(1, 'x'), (2, 'y')])", "{1=x, 2=y}"),
    (f"map_concat({M}, MAP(ARRAY['b'], ARRAY[9]))", "{a=1, b=9}"),
    ("split_to_map('a=1,b=2', ',', '=')", "{a=1, b=2}"),
    ("map_agg(k, v) FILTER (WHERE v > 1) FROM (VALUES ('a', 1), ('b', 2)) t (k, v)", "{b=2}"),
    ("multimap_agg(k, v) FROM (VALUES ('a', 1), ('a', 2)) t (k, v)", "{a=[1, 2]}"),
    ("histogram(x) FROM (VALUES 1, 2, 1) t (x)", "{1=2, 2=1}"),
    ("listagg(x, '|') WITHIN GROUP (ORDER BY x DESC) FROM (VALUES 'a', 'b') t (x)", "b|a"),
    ("approx_percentile(x, 0.5) FROM (VALUES 1, 2, 3, 4) t (x)", "3"),
    ("CAST(ROW(1, 2.5e0) AS ROW(x bigint, y varchar)).y", "2.5E0"),
    ("CAST(CAST(ROW(1, 2) AS ROW(a integer, b integer)) AS ROW(b integer, a integer))", "{b=1, a=2}"),
    ("ROW(1, 'b')[2]", "b"),
    ("k || CAST(v AS varchar) FROM UNNEST(MAP(ARRAY['a'], ARRAY[1])) t (k, v)", "a1"),
    ("b, n FROM UNNEST(ARRAY[1], ARRAY['x']) WITH ORDINALITY t (a, b, n)", "x | 1"),
    ("b FROM UNNEST(ARRAY[ROW(1, 'x')]) t (a, b)", "x"),
    # JSON
    ("json_parse('{\"b\": 1.10, \"a\": [1,  2]}')", '{"a":[1,2],"b":1.1}'),
    ("CAST(MAP(ARRAY['b', 'a'], ARRAY[1, NULL]) AS json)", '{"a":null,"b":1}'),
    ("CAST(CAST(ROW(123, 'abc', true) AS ROW(v1 bigint, v2 varchar, v3 boolean)) AS json)",
     '{"v1":123,"v2":"abc","v3":true}'),
    ("CAST(JSON '[1, null, 456]' AS array(integer))", "[1, null, 456]"),
    ("CAST(JSON '{\"v2\": \"abc\", \"v1\": 123}' AS ROW(v1 bigint, v2 varchar))", "{v1=123, v2=abc}"),
    ("CAST(JSON '{\"k1\": [1, 23], \"k2\": 456}' AS map(varchar, json))", "{k1=[1,23], k2=456}"),
    ("json_size('{\"x\": {\"a\": 1, \"b\": 2}}', '$.x')", "2"),
    # text and bytes
    ("to_hex(md5(to_utf8('a')))", "0CC175B9C0F1B6A831C399E269772661"),
    ("to_hex(xxhash64(to_utf8('abc')))", "44BC2CF5AD770999"),
    ("crc32(to_utf8('CRC me!'))", "38028046"),
    ("from_utf8(from_base64('aGVsbG8='))", "hello"),
    ("levenshtein_distance('kitten', 'sitting')", "3"),
    ("hamming_distance('hello', 'jello')", "1"),
    ("normalize('scho\u0308n') = 'sch\u00f6n'", "true"),
    ("url_encode('http://test?a=b c')", "http%3A%2F%2Ftest%3Fa%3Db+c"),
    ("url_extract_parameter('http://example.com/p?k1=v1&k2=v%202', 'k2')", "v 2"),
    ("url_extract_host('not a url')", "null"),
    ("regexp_extract_all('1a 2b 14m', '[0-9]+')", "[1, 2, 14]"),
    ("trim('\u3000a ')", "a"),
    # numbers
    ("cbrt(27)", "3.0"), ("log(2, 8)", "3.0"), ("truncate(-1.7e0)", "-1.0"),
    ("width_bucket(3.14e0, 0, 4, 3)", "3"), ("from_base('ff', 16)", "255"), ("to_base(255, 16)", "ff"),
    ("bitwise_xor(19, 25)", "10"), ("bit_count(-7, 8)", "6"), ("acos(2)", "NaN"),
    # times
    ("CAST(TIMESTAMP '2012-10-31 01:00:00 UTC' AT TIME ZONE 'America/Los_Angeles' AS varchar)",
     "2012-10-30 18:00:00 America/Los_Angeles"),
    ("hour(at_timezone(TIMESTAMP '2012-10-31 01:00:00 UTC', 'Asia/Kolkata'))", "6"),
    ("format_datetime(TIMESTAMP '2001-08-22 03:04:05.321', 'yyyy/MM/dd HH:mm:ss.SSS')", "2001/08/22 03:04:05.321"),
    ("parse_datetime('1960/01/22 03:04', 'yyyy/MM/dd HH:mm')", "1960-01-22 03:04:00.000 UTC"),
    ("to_iso8601(CAST('2001-08-22 03:04:05.321' AS timestamp))", "2001-08-22T03:04:05.321"),
    ("human_readable_seconds(3762)", "1 hour, 2 minutes, 42 seconds"),
    ("year_of_week(DATE '2017-01-01')", "2016"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "answer"), ANSWERS)
def test_a_function_answers_as_trino_does(engine: DuckDbEngine, sql: str, answer: str) -> None:
    (row,) = engine.query(f"SELECT {sql}").rows
    assert " | ".join("null" if value is None else cell_text(value) for value in row) == answer


REFUSED = [
    ("approx_most_frequent(3, 1, 10)", "approx_most_frequent.*stack"),
    ("checksum(1)", "checksum.*stack"), ("ST_Point(1, 2)", "st_point.*stack"),
    ("* FROM (VALUES 1) t (x) MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS x > 0)", "MATCH_RECOGNIZE.*stack"),
    ("filter(ARRAY[1], x -> x + 1)", "known: filter"), ("transform(ARRAY[1], x -> y)", "'y' cannot be resolved"),
    ("cardinality('a')", r"cardinality\(varchar\)"), (f"{M} = {M}", "maps are not compared"),
    ("DISTINCT m FROM (VALUES MAP(ARRAY[1], ARRAY[2])) t (m)", "maps are not grouped"),
    ("MAP(ARRAY[1], ARRAY[2])[5]", "Key not present"), ("MAP(ARRAY[1, 1], ARRAY[2, 3])", "unique|[Dd]uplicate"),
    ("slice(ARRAY[1], 0, 1)", "indices start at 1"), ("sequence(1, 20000)", "10000"),
    ("CAST(ROW(1, 2) AS ROW(a integer))", "Cannot cast"), ("CAST(JSON '[1]' AS bigint)", "Cannot cast"),
    ("json_parse('{')", "Cannot convert"), ("from_base('zz', 10)", "base-10"), ("from_hex('abc')", "hexadecimal"),
    ("approx_percentile(x, y) FROM (VALUES (1, 0.5e0)) t (x, y)", "constant"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "message"), REFUSED)
def test_what_differs_is_refused_in_one_line(engine: DuckDbEngine, sql: str, message: str) -> None:
    with pytest.raises(SqlError, match=message) as caught:
        engine.query(f"SELECT {sql}")
    assert "\n" not in str(caught.value)


def test_lambdas_within_many_others_are_refused_soon(engine: DuckDbEngine) -> None:
    sql = "ARRAY[1]"
    for _ in range(20):
        sql = f"transform(ARRAY[1], x -> {sql})"
    with pytest.raises(SqlError, match="lambdas within"):
        engine.query(f"SELECT {sql}")


def test_the_docs_list_every_function() -> None:
    listed = [f"| {kind} | {', '.join(names)} |" for kind, names in functions_by_kind().items()]
    assert [line for line in (REPOSITORY / "docs/sql.md").read_text().splitlines() if line in listed] == listed
