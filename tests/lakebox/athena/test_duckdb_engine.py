"""The embedded engine over Parquet as Spark writes it: rows, partitions, bytes scanned, and what it may not touch."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sql_lake import BUCKET, SqlLake

from jobs.lake.layout import escape_path_name
from lakebox.athena.engine import SqlError, athena_price_usd

HARD_VALUES = (
    "Größe/ 1*?[x] a+b&c=100%", "it's \"q\"", "{a}", "1", "01", "true", "[ab]", "a\\b", "null", "NULL", "%2F", "a%20b",
    "2026-01-01", "..", " x ", "=", "x" * 240,
)  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> SqlLake:
    return SqlLake(tmp_path / "lake")


def test_partition_values_come_back_as_written_whatever_their_characters(lake: SqlLake) -> None:
    lake.table("t", {"n": "bigint"}, {"event_type": "string", "event_date": "date"})
    for number, value in enumerate(HARD_VALUES):
        folder = f"t/event_type={escape_path_name(value)}/event_date=2026-01-02"
        lake.write(f"{folder}/part-00000.parquet", pa.table({"n": pa.array([number], pa.int64())}))
        lake.partition("t", value, "2026-01-02", location=folder)
    expected = [(value, date(2026, 1, 2), number) for number, value in enumerate(HARD_VALUES)]
    assert lake.rows("SELECT event_type, event_date, n FROM t ORDER BY n") == expected
    for number, value in enumerate(HARD_VALUES):
        quoted = value.replace("'", "''")
        assert lake.rows(f"SELECT n FROM t WHERE event_type = '{quoted}'") == [(number,)]


def test_the_default_partition_is_null(lake: SqlLake) -> None:
    lake.table("t", {"n": "bigint"}, {"event_type": "string"})
    folder = "t/event_type=__HIVE_DEFAULT_PARTITION__"
    lake.write(f"{folder}/a.parquet", pa.table({"n": [1]}))
    lake.partition("t", "__HIVE_DEFAULT_PARTITION__", location=folder)
    assert lake.rows("SELECT event_type FROM t") == [(None,)]


def test_partitions_lie_anywhere_and_nowhere_else(lake: SqlLake) -> None:
    lake.table("t", {"n": "bigint"}, {"day": "date", "zone": "string"})
    for number, folder in enumerate(("t/2026/01/01/a", "elsewhere/x=1", "t/day=2026-01-03/zone=c", "t/2026/not")):
        lake.write(f"{folder}/a.parquet", pa.table({"n": pa.array([number], pa.int64())}))
    lake.partition("t", "2026-01-01", "a", location="t/2026/01/01/a")
    lake.partition("t", "2026-01-02", "b", location="elsewhere/x=1")
    lake.partition("t", "2026-01-03", "c", location="t/day=2026-01-03/zone=c")
    rows = [(0, date(2026, 1, 1), "a"), (1, date(2026, 1, 2), "b"), (2, date(2026, 1, 3), "c")]
    assert lake.rows("SELECT * FROM t ORDER BY n") == rows
    assert lake.rows("SELECT n FROM t WHERE day > DATE '2026-01-01' AND zone <> 'c'") == [(1,)]
    paths = lake.rows('SELECT "$path" FROM t ORDER BY n')
    assert paths[1] == ("s3://bucket/elsewhere/x=1/a.parquet",)


def test_columns_are_the_catalogs_whatever_the_files_have(lake: SqlLake) -> None:
    lake.table("t", {"n": "bigint", "at": "timestamp", "gone": "double"}, {"p": "string"})
    noon = datetime(2026, 1, 1, 12, 0, 0, 123456)
    at = pa.array([noon], pa.timestamp("us", "UTC"))
    lake.write("t/p=a/1.parquet", pa.table({"extra": ["x"], "AT": at, "n": pa.array([1], pa.int32())}))
    lake.write("t/p=b/1.parquet", pa.table({"n": [2], "gone": [0.5]}))
    for value in ("a", "b"):
        lake.partition("t", value, location=f"t/p={value}")
    result = lake.query("SELECT * FROM t ORDER BY n")
    assert result.rows == [(1, noon, None, "a"), (2, None, 0.5, "b")]
    assert result.columns == (("n", "bigint"), ("at", "timestamp(3)"), ("gone", "double"), ("p", "varchar"))


def test_nested_columns_have_the_catalogs_fields(lake: SqlLake) -> None:
    lake.table("t", {"s": "struct<a:bigint,b:string,c:double>", "m": "map<string,int>", "l": "array<struct<x:int>>"})
    lake.write("t/1.parquet", pa.table({"s": [{"b": "x", "a": 1}], "l": [[{"x": 1, "y": 2}]]}))
    lake.write(
        "t/2.parquet", pa.table({"s": [{"a": 2, "c": 0.5}], "m": pa.array([[("k", 7)]], pa.map_("string", "int32"))})
    )
    result = lake.query("SELECT s, m, l, s.c, element_at(m, 'k') FROM t ORDER BY s.a")
    assert result.rows == [
        ({"a": 1, "b": "x", "c": None}, None, [{"x": 1}], None, None),
        ({"a": 2, "b": None, "c": 0.5}, {"k": 7}, None, 0.5, 7),
    ]
    kinds = [
        "row(a bigint, b varchar, c double)",
        "map(varchar, integer)",
        "array(row(x integer))",
        "double",
        "integer",
    ]
    assert [kind for _, kind in result.columns] == kinds


def test_a_column_of_another_type_is_an_error(lake: SqlLake) -> None:
    lake.table("t", {"n": "string", "m": "bigint"})
    lake.write("t/1.parquet", pa.table({"n": [1], "m": [2]}))
    with pytest.raises(SqlError, match=r"Field n's type BIGINT .*s3://bucket/t/1.parquet.* type varchar") as caught:
        lake.query("SELECT m FROM t")
    assert caught.value.name == "HIVE_BAD_DATA"


def test_a_table_without_files_is_empty_with_its_types(lake: SqlLake) -> None:
    lake.table("t", {"n": "bigint", "at": "timestamp", "l": "array<int>"}, {"day": "date"})
    result = lake.query("SELECT * FROM t")
    kinds = (("n", "bigint"), ("at", "timestamp(3)"), ("l", "array(integer)"), ("day", "date"))
    assert (result.rows, result.columns) == ([], kinds)


def test_hidden_files_are_not_read(lake: SqlLake) -> None:
    lake.table("t", {"n": "bigint"})
    for name in ("a", "_c", "_temporary/d", "deep/e", "deep/.f"):
        lake.write(f"t/{name}.parquet", pa.table({"n": [1]}))
    lake.write("t/_SUCCESS", b"")
    assert lake.rows("SELECT count(*) FROM t") == [(2,)]


def test_a_query_sees_what_was_written_since_the_last_one(lake: SqlLake) -> None:
    lake.table("t", {"n": "bigint"})
    lake.write("t/a.parquet", pa.table({"n": [1]}))
    assert lake.rows("SELECT n FROM t") == [(1,)]
    lake.write("t/a.parquet", pa.table({"n": [2]}))
    assert lake.rows("SELECT n FROM t") == [(2,)]


TEXTS = 10


def wide_table(lake: SqlLake, rows: int, rows_in_group: int) -> list[Path]:
    """Four partitions of one file each: id, at, and ten columns of text that does not compress away."""
    lake.table(
        "wide",
        {"id": "bigint", "at": "timestamp", **{f"c{n}": "string" for n in range(TEXTS)}},
        {"p": "string"},
    )
    first = datetime(2026, 1, 1)
    ats = pa.array([first + timedelta(hours=row) for row in range(rows)], pa.timestamp("us", "UTC"))
    texts = {f"c{n}": [f"{(row * 2654435761 + n * 97) % 2**64:016x}" for row in range(rows)] for n in range(TEXTS)}
    content = pa.table({"id": pa.array(range(rows), pa.int64()), "at": ats, **texts})
    paths = []
    for number in range(4):
        folder = f"wide/p={number}" if number < 3 else "other/three"  # folders of any name are pruned, too
        paths.append(lake.write(f"{folder}/a.parquet", content, rows_in_group))
        lake.partition("wide", str(number), location=folder)
    return paths


def chunk_bytes(paths: Iterable[Path], names: set[str], last_group_only: bool = False) -> int:
    """Compressed column chunks, from the footers."""
    total = 0
    for path in paths:
        footer = pq.ParquetFile(path).metadata
        for group in range(footer.num_row_groups - 1 if last_group_only else 0, footer.num_row_groups):
            chunks = [footer.row_group(group).column(number) for number in range(footer.num_columns)]
            total += sum(chunk.total_compressed_size for chunk in chunks if chunk.path_in_schema in names)
    return total


@pytest.mark.parametrize(("rows", "rows_in_group"), [(100, 1000), (3_000, 500), (20_000, 5_000)])
def test_bytes_scanned_are_the_chunks_of_the_columns_partitions_and_row_groups_left(
    lake: SqlLake, rows: int, rows_in_group: int
) -> None:
    paths = wide_table(lake, rows, rows_in_group)
    everything = {"id", "at", *(f"c{number}" for number in range(TEXTS))}
    last = f"{datetime(2026, 1, 1) + timedelta(hours=rows - 1)}"
    cases: list[tuple[str, int]] = [
        ("SELECT count(*) FROM wide", 0),
        ("SELECT count(*) FROM wide WHERE p = '2'", 0),
        ("SELECT max(c3), max(c9) FROM wide", chunk_bytes(paths, {"c3", "c9"})),
        ("SELECT max(c0), max(c2), max(c4), max(c6) FROM wide", chunk_bytes(paths, {"c0", "c2", "c4", "c6"})),
        ("SELECT max(c3) FROM wide WHERE p = '2'", chunk_bytes(paths[2:3], {"c3"})),
        ("SELECT * FROM wide WHERE p = '2'", chunk_bytes(paths[2:3], everything)),
        ("WITH w AS (SELECT * FROM wide) SELECT max(c3) FROM w WHERE p = '3'", chunk_bytes(paths[3:], {"c3"})),
        (f"SELECT max(c1) FROM wide WHERE at >= TIMESTAMP '{last}'", chunk_bytes(paths, {"at", "c1"}, True)),
        (f"SELECT max(c1) FROM wide WHERE id = {rows - 1}", chunk_bytes(paths, {"id", "c1"}, True)),
    ]
    for sql, expected in cases:
        assert lake.query(sql).scanned_bytes == pytest.approx(expected, rel=0.02, abs=512), sql


def test_sql_reaches_no_file_but_its_tables(lake: SqlLake, tmp_path: Path) -> None:
    import duckdb

    from lakebox.athena.duckdb_session import opened
    from lakebox.athena.tables.binding import Binder
    from lakebox.athena.tables.folder_tables import FolderTables
    from lakebox.endpoint.buckets import Buckets

    outside = lake.write("outside/a.parquet", pa.table({"n": [1]}))
    lake.write("t/a.parquet", pa.table({"n": [1]}))
    lake.table("t", {"n": "bigint"})
    tables = FolderTables(lake.operations, Buckets(lake.folder))
    with opened(tables) as session:
        session.prepare(Binder(tables).bind("SELECT * FROM t", "ai_lakehouse_db"))
        connection = session.connection
        assert len(connection.execute(f"FROM '{lake.folder}/bucket/t/a.parquet'").fetchall()) == 1
        for sql in (
            f"SELECT * FROM '{outside}'",
            f"SELECT * FROM read_text('{lake.folder}/bucket/t/../outside/a.parquet')",
            f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
            "SET enable_external_access = true",
            "SET allowed_directories = ['/']",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)


@pytest.mark.parametrize("content", [b"", b"no Parquet at all", b"PAR1" + b"x" * 40 + b"\x20\0\0\0PAR1"])
def test_a_file_that_is_no_parquet_is_one_clear_line(lake: SqlLake, content: bytes) -> None:
    lake.write("t/a.parquet", pa.table({"n": [1]}))
    lake.write("t/b.parquet", content)
    lake.table("t", {"n": "bigint"})
    for sql in ("SELECT n FROM t", "SELECT count(*) FROM t"):
        with pytest.raises(SqlError, match=r"b\.parquet.*lakebox crawl") as caught:
            lake.query(sql)
        assert "\n" not in str(caught.value)


def test_an_unknown_table_names_the_known_ones(lake: SqlLake) -> None:
    lake.table("t", {"n": "bigint"})
    with pytest.raises(
        SqlError, match=r"line 1:15: Table 'awsdatacatalog.ai_lakehouse_db.nope' does not exist; tables: t"
    ):
        lake.query("SELECT * FROM nope")
    with pytest.raises(SqlError, match="line 1:15: Schema 'nope' does not exist; there are: ai_lakehouse_db"):
        lake.query("SELECT * FROM nope.t")


@pytest.mark.parametrize(
    ("scanned_bytes", "expected"),
    [(0, 0.0), (1, 0.00005), (10**7 + 1, 0.000055), (10**12, 5.0), (-(-(10**12) // 2), 2.5)],
)
def test_athena_charges_whole_megabytes_and_at_least_ten(scanned_bytes: int, expected: float) -> None:
    assert athena_price_usd(scanned_bytes) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["lake[1]", "lake?", "*", "a[!b]\\c{d,e}"])
def test_a_lakes_path_is_no_pattern(tmp_path: Path, name: str) -> None:
    for folder, n in (("lake1", 1), ("lakex", 2), ("ab", 3), (name, 7)):
        lake = SqlLake(tmp_path / folder)
        path = lake.write("t[1]/p=a%2Fb/1.parquet", pa.table({"n": pa.array([n], pa.int64())}))
    lake.table("t", {"n": "bigint"}, {"p": "string"}, location=f"s3://{BUCKET}/t[1]/")
    lake.partition("t", "a/b", location="t[1]/p=a%2Fb/")
    result = lake.query("SELECT n, p FROM t")
    assert result.rows == [(7, "a/b")]
    assert result.scanned_bytes == chunk_bytes([path], {"n"})
