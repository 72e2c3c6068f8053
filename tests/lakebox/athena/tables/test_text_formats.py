"""Rows of text files as Hive's and Trino's SerDes read them: JSON, CSV, delimited text, regular expressions."""

import bz2
import gzip
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sql_lake import CSV, HIVE_JSON, LAZY, OPENX, SqlLake

from lakebox.athena.engine import SqlError

REGEX = "org.apache.hadoop.hive.serde2.RegexSerDe"
NOON = datetime(2024, 1, 1, 12)


@pytest.fixture
def lake(tmp_path: Path) -> SqlLake:
    return SqlLake(tmp_path / "lake")


@pytest.mark.parametrize(
    ("kind", "json", "expected"),
    [
        ("int", "7", 7),
        ("int", '"7"', 7),
        ("int", "7.9", 7),
        ("int", "0x1F", None),
        ("int", "99999999999", None),
        ("int", '"x"', None),
        ("bigint", "1e3", 1000),
        ("double", '"1.5"', 1.5),
        ("float", "0.1", 0.1),
        ("decimal(5,2)", "1.005", Decimal("1.01")),
        ("decimal(3,2)", "12345", None),
        ("boolean", '"TRUE"', True),
        ("boolean", "1", False),
        ("string", "1.50", "1.50"),
        ("string", '{"B": [1, "x", null]}', '{"B":[1,"x",null]}'),
        ("string", "true", "true"),
        ("string", '"é\\n"', "é\n"),
        ("varchar(2)", '"abc"', "ab"),
        ("date", '"2024-01-01"', date(2024, 1, 1)),
        ("date", "19723", date(2024, 1, 1)),
        ("date", '"x"', None),
        ("timestamp", '"2024-01-01 12:00:00"', NOON),
        ("timestamp", '"2024-01-01T13:00:00+01:00"', NOON),
        ("timestamp", '"2024-01-01T12:00:00Z"', NOON),
        ("timestamp", "1704110400", NOON),
        ("timestamp", "1704110400000", NOON),
        ("timestamp", '"soon"', None),
        ("array<int>", "[1, null, 3]", [1, None, 3]),
        ("array<int>", "5", [5]),
        ("array<int>", '""', None),
        ("map<string,int>", '{"K": 1}', {"K": 1}),
        ("struct<a:int,b:string>", '{"A": 1}', {"a": 1, "b": None}),
        ("struct<a:int>", "[4]", {"a": 4}),
        ("int", "null", None),
    ],
)
def test_openx_json_converts_as_trino_does(lake: SqlLake, kind: str, json: str, expected: Any) -> None:
    lake.table("t", {"v": kind}, serde=OPENX)
    lake.write("t/a.json", f'{{"V": {json}}}\n')
    if json == "0x1F":
        with pytest.raises(SqlError, match="HIVE_BAD_DATA"):
            lake.rows("SELECT v FROM t")
    else:
        assert lake.rows("SELECT v FROM t") == [(expected,)]


def test_openx_options_and_broken_lines(lake: SqlLake) -> None:
    given = {"mapping.ts": "timestamp", "dots.in.keys": "true", "ignore.malformed.json": "true"}
    lake.table("t", {"a_b": "int", "ts": "string"}, serde=OPENX, given=given)
    lake.write("t/a.json", '{"a.b": 1, "timestamp": "x"}\n{"a.b": \n\nplain\n{"a.b": 2, "a.b": 3}')
    assert lake.rows("SELECT * FROM t") == [(1, "x"), (None, None), (None, None), (None, None), (3, None)]
    lake.table("strict", {"a": "int"}, serde=OPENX, location="s3://bucket/t/")
    with pytest.raises(SqlError, match=r"Error parsing a row.*ignore.malformed.json") as caught:
        lake.rows("SELECT * FROM strict")
    assert caught.value.name == "HIVE_BAD_DATA"


def test_hives_json_serde_fails_on_wrong_values(lake: SqlLake) -> None:
    lake.table("t", {"n": "int", "s": "string", "l": "array<int>"}, serde=HIVE_JSON)
    lake.write("t/a.json", '{"N": 1, "s": 2.50, "l": [1]}\n{"n": null}\n')
    assert lake.rows("SELECT * FROM t") == [(1, "2.50", [1]), (None, None, None)]
    lake.write("t/b.json", '{"n": "one"}')
    with pytest.raises(SqlError, match="'one' is no integer"):
        lake.rows("SELECT n FROM t")
    assert lake.rows("SELECT count(l) FROM t") == [(1,)]


def test_delimited_text_has_nulls_for_bad_values(lake: SqlLake) -> None:
    columns = {"n": "int", "d": "double", "b": "boolean", "day": "date", "at": "timestamp", "s": "string"}
    lake.table("t", columns, serde=LAZY, given={"field.delim": "|"}, properties={"skip.header.line.count": "1"})
    lake.write("t/a.csv", "head\n1.9|2|True|2024-01-01|2024-01-01 12:00:00|x|more\nx||yes|-|soon|\\N\n\n7")
    assert lake.rows("SELECT * FROM t") == [
        (1, 2.0, True, date(2024, 1, 1), NOON, "x"),
        (None, None, None, None, None, None),
        (None, None, None, None, None, None),
        (7, None, None, None, None, None),
    ]


def test_delimited_text_has_nested_values_and_escapes(lake: SqlLake) -> None:
    columns = {"l": "array<int>", "m": "map<string,int>", "s": "struct<a:int,b:string>", "t": "string"}
    given = {
        "field.delim": ",",
        "collection.delim": ";",
        "mapkey.delim": ":",
        "escape.delim": "\\",
        "serialization.null.format": "-",
    }
    lake.table("t", columns, serde=LAZY, given=given)
    lake.write("t/a.csv", "1;2;-,a:1;b:2,3;x,one\\,two\n-,,-,")
    assert lake.rows("SELECT * FROM t") == [
        ([1, 2, None], {"a": 1, "b": 2}, {"a": 3, "b": "x"}, "one,two"),
        (None, {}, None, ""),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a,b", ("a", "b")),
        ('"a,b",c', ("a,b", "c")),
        ('"a""b",c', ('a"b', "c")),
        ('"a\\"b",c', ('a"b', "c")),
        ("a", ("a", None)),
        ("a,b,c", ("a", "b")),
        ("a, b ", ("a", " b ")),
        (",", ("", "")),
        ('"a', (None, None)),
        ('"a" ,b', ("a ", "b")),
        ("\\N,x", ("N", "x")),
    ],
)
def test_opencsv_splits_as_trino_does(lake: SqlLake, line: str, expected: tuple[str | None, ...]) -> None:
    lake.table("t", {"x": "string", "y": "string"}, serde=CSV)
    lake.write("t/a.csv", f"{line}\r\n")
    assert lake.rows("SELECT * FROM t") == [expected]


def test_opencsv_converts_to_other_types_or_fails(lake: SqlLake) -> None:
    lake.table(
        "t", {"n": "int", "d": "double", "at": "timestamp"}, serde=CSV, given={"separatorChar": "\t", "quoteChar": "'"}
    )
    lake.write("t/a.tsv", "'1'\t2.5\t1704110400000\n")
    assert lake.rows("SELECT * FROM t") == [(1, 2.5, NOON)]
    lake.write("t/b.tsv", "\t1\t0\n")
    with pytest.raises(SqlError, match="no integer; make the column string"):
        lake.rows("SELECT n FROM t")


def test_regular_expressions_give_groups_or_nulls(lake: SqlLake) -> None:
    lake.table("t", {"ip": "string", "code": "int"}, serde=REGEX, given={"input.regex": r"(\S+) \S+ (?<code>\d+).*"})
    lake.write("t/a.log", "1.2.3.4 GET 200 x\nnothing\n")
    assert lake.rows("SELECT * FROM t") == [("1.2.3.4", 200), (None, None)]


def test_compressed_files_are_read_and_their_bytes_counted(lake: SqlLake) -> None:
    lake.table("t", {"n": "int"}, serde=OPENX)
    lines = b"".join(b'{"n": %d}\n' % n for n in range(50_000))
    packed = lake.write("t/a.json.gz", gzip.compress(lines))
    lake.write("t/b.json.bz2", bz2.compress(b'{"n": 50000}'))
    result = lake.query("SELECT count(*), max(n) FROM t")
    assert result.rows == [(50_001, 50_000)]
    assert result.scanned_bytes == packed.stat().st_size + len(bz2.compress(b'{"n": 50000}'))
    lake.write("t/c.json.lz4", b"x")
    with pytest.raises(SqlError, match="use gzip, bzip2 or zstd"):
        lake.query("SELECT n FROM t")


def test_lines_end_in_any_way(lake: SqlLake) -> None:
    lake.table("t", {"s": "string"}, serde=LAZY)
    lake.write("t/a.txt", b"a\r\nb\rc\n\nd\xff")
    assert lake.rows("SELECT s FROM t") == [("a",), ("b",), ("c",), ("",), ("d\ufffd",)]


def test_a_serde_that_is_not_there_is_named(lake: SqlLake) -> None:
    lake.table("t", {"s": "string"}, serde="com.amazonaws.glue.serde.GrokSerDe")
    lake.write("t/a.txt", "x")
    with pytest.raises(SqlError, match="GrokSerDe is not supported by the embedded engine; it reads"):
        lake.query("SELECT s FROM t")


def test_a_limit_stops_reading(lake: SqlLake) -> None:
    lake.table("t", {"s": "string"}, serde=LAZY)
    for number in range(20):
        path = lake.write(f"t/{number:02}.txt", "x" * 63 + "\n" + "y\n" * 2_000_000)
    assert lake.query("SELECT s FROM t LIMIT 1").scanned_bytes < 10 * path.stat().st_size


@pytest.mark.parametrize("serde", ["com.amazon.emr.hive.serde.CloudTrailSerde", HIVE_JSON])
def test_records_of_cloudtrail_are_rows(lake: SqlLake, serde: str) -> None:
    lake.query(
        "CREATE EXTERNAL TABLE trail (eventname string, useridentity struct<type:string,accountid:string>, "
        "requestparameters string, resources array<struct<arn:string>>) PARTITIONED BY (region string) "
        f"ROW FORMAT SERDE '{serde}' STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat' "
        "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat' LOCATION 's3://bucket/trail/'"
    )
    records = (
        '{"Records": [{"eventName": "PutObject", "userIdentity": {"type": "Root", "accountId": "1"}, '
        '"requestParameters": {"b": 1.50, "a": "x"}, "resources": [{"ARN": "arn:1"}]},\n'
        '{"eventName": "ListBuckets", "requestParameters": null}]}'
    )
    lake.write("trail/eu/a.json.gz", gzip.compress(records.encode()))
    lake.write("trail/us/a.json", '{"Records":[]}')
    for region in ("eu", "us"):
        lake.query(f"ALTER TABLE trail ADD PARTITION (region='{region}') LOCATION 's3://bucket/trail/{region}/'")
    query = "SELECT useridentity.type, requestparameters, resources[1].arn FROM trail WHERE eventname = 'PutObject'"
    assert lake.rows(query) == [("Root", '{"b":1.50,"a":"x"}', "arn:1")]
    assert lake.rows("SELECT region, count(*) FROM trail GROUP BY region") == [("eu", 2)]
    lake.write("trail/us/b.json", '{"no": 1}')
    with pytest.raises(SqlError, match="no file of CloudTrail's"):
        lake.query("SELECT * FROM trail")
