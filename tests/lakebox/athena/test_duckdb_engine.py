"""The embedded engine over Parquet as Spark writes it: rows, partitions, bytes scanned, and what it may not touch."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.tables import Column, Table
from jobs.lake.layout import escape_path_name
from jobs.lake.open_store import open_store
from lakebox.athena.duckdb_engine import DuckDbEngine
from lakebox.athena.engine import SqlError, athena_price_usd
from lakebox.glue.catalog import Partition, RegisteredTable

HARD_VALUES = (
    "Größe/ 1*?[x] a+b&c=100%", "it's \"q\"", "{a}", "1", "01", "true", "[ab]", "a\\b", "null", "NULL", "%2F", "a%20b",
    "2026-01-01", "..", " x ", "=", "x" * 240,
)  # fmt: skip


class Tables:
    """A catalog of given tables."""

    def __init__(self, *tables: RegisteredTable) -> None:
        self._tables = {table.definition.name: table for table in tables}

    def table_names(self) -> list[str]:
        return sorted(self._tables)

    def table(self, name: str) -> RegisteredTable:
        return self._tables[name]


def columns(**types: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind, "") for name, kind in types.items())


def write(root: Path, key: str, rows: pa.Table, rows_in_group: int = 100_000) -> Path:
    path = root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, path, compression="snappy", row_group_size=rows_in_group)
    return path


def engine_over(root: Path, *tables: RegisteredTable) -> DuckDbEngine:
    return DuckDbEngine(Tables(*tables), str(root))


def registered(table: Table, files: dict[tuple[str, ...], tuple[str, ...]]) -> RegisteredTable:
    return RegisteredTable(table, tuple(Partition(values, keys) for values, keys in files.items()))


def test_partition_values_come_back_as_written_whatever_their_characters(tmp_path: Path) -> None:
    table = Table("t", "t/", columns(n="bigint"), columns(event_type="string", event_date="date"), "")
    files: dict[tuple[str, ...], tuple[str, ...]] = {}
    for number, value in enumerate(HARD_VALUES):
        key = f"t/event_type={escape_path_name(value)}/event_date=2026-01-02/part-00000.parquet"
        write(tmp_path, key, pa.table({"n": pa.array([number], pa.int64())}))
        files[(value, "2026-01-02")] = (key,)
    engine = engine_over(tmp_path, registered(table, files))
    expected = [(value, date(2026, 1, 2), number) for number, value in enumerate(HARD_VALUES)]
    assert engine.query("SELECT event_type, event_date, n FROM t ORDER BY n").rows == expected
    for number, value in enumerate(HARD_VALUES):
        quoted = value.replace("'", "''")
        assert engine.query(f"SELECT n FROM t WHERE event_type = '{quoted}'").rows == [(number,)]


def test_the_default_partition_is_null(tmp_path: Path) -> None:
    table = Table("t", "t/", columns(n="bigint"), columns(event_type="string"), "")
    key = "t/event_type=__HIVE_DEFAULT_PARTITION__/a.parquet"
    write(tmp_path, key, pa.table({"n": [1]}))
    engine = engine_over(tmp_path, registered(table, {("__HIVE_DEFAULT_PARTITION__",): (key,)}))
    assert engine.query("SELECT event_type FROM t").rows == [(None,)]


def test_columns_are_the_catalogs_whatever_the_files_have(tmp_path: Path) -> None:
    table = Table("t", "t/", columns(n="bigint", at="timestamp", gone="double"), columns(p="string"), "")
    noon = datetime(2026, 1, 1, 12, 0, 0, 123456)
    at = pa.array([noon], pa.timestamp("us", "UTC"))
    write(tmp_path, "t/p=a/1.parquet", pa.table({"extra": ["x"], "at": at, "n": pa.array([1], pa.int32())}))
    write(tmp_path, "t/p=b/1.parquet", pa.table({"n": [2], "gone": [0.5]}))
    engine = engine_over(tmp_path, registered(table, {("a",): ("t/p=a/1.parquet",), ("b",): ("t/p=b/1.parquet",)}))
    result = engine.query("SELECT * FROM t ORDER BY n")
    assert result.rows == [(1, noon, None, "a"), (2, None, 0.5, "b")]
    assert result.columns == (("n", "bigint"), ("at", "timestamp(3)"), ("gone", "double"), ("p", "varchar"))


def test_a_table_without_files_is_empty_with_its_types(tmp_path: Path) -> None:
    table = Table("t", "t/", columns(n="bigint", at="timestamp"), columns(day="date"), "")
    result = engine_over(tmp_path, registered(table, {})).query("SELECT * FROM t")
    assert (result.rows, result.columns) == ([], (("n", "bigint"), ("at", "timestamp(3)"), ("day", "date")))


def test_files_that_the_catalog_does_not_list_and_hidden_ones_are_not_read(tmp_path: Path) -> None:
    table = Table("t", "t/", columns(n="bigint"), (), "")
    for name in ("a", "b", "_c"):
        write(tmp_path, f"t/{name}.parquet", pa.table({"n": [1]}))
    engine = engine_over(tmp_path, registered(table, {(): ("t/a.parquet", "t/_c.parquet", "t/_SUCCESS")}))
    assert engine.query("SELECT count(*) FROM t").rows == [(1,)]


def test_a_query_sees_what_was_written_since_the_last_one(tmp_path: Path) -> None:
    engine = engine_over(tmp_path, registered(Table("t", "t/", columns(n="bigint"), (), ""), {(): ("t/a.parquet",)}))
    write(tmp_path, "t/a.parquet", pa.table({"n": [1]}))
    assert engine.query("SELECT n FROM t").rows == [(1,)]
    write(tmp_path, "t/a.parquet", pa.table({"n": [2]}))
    assert engine.query("SELECT n FROM t").rows == [(2,)]


TEXTS = 10


def wide_table(tmp_path: Path, rows: int, rows_in_group: int) -> tuple[DuckDbEngine, list[Path]]:
    """Four partitions of one file each: id, at, and ten columns of text that does not compress away."""
    definition = Table(
        "wide",
        "wide/",
        columns(id="bigint", at="timestamp", **{f"c{n}": "string" for n in range(TEXTS)}),
        columns(p="string"),
        "",
    )
    first = datetime(2026, 1, 1)
    ats = pa.array([first + timedelta(hours=row) for row in range(rows)], pa.timestamp("us", "UTC"))
    texts = {f"c{n}": [f"{(row * 2654435761 + n * 97) % 2**64:016x}" for row in range(rows)] for n in range(TEXTS)}
    content = pa.table({"id": pa.array(range(rows), pa.int64()), "at": ats, **texts})
    keys = [f"wide/p={number}/a.parquet" for number in range(4)]
    paths = [write(tmp_path, key, content, rows_in_group) for key in keys]
    files = {(str(number),): (key,) for number, key in enumerate(keys)}
    return engine_over(tmp_path, registered(definition, files)), paths


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
    tmp_path: Path, rows: int, rows_in_group: int
) -> None:
    engine, paths = wide_table(tmp_path, rows, rows_in_group)
    everything = {"id", "at", *(f"c{number}" for number in range(TEXTS))}
    last = f"{datetime(2026, 1, 1) + timedelta(hours=rows - 1)}"
    cases: list[tuple[str, int]] = [
        ("SELECT count(*) FROM wide", 0),
        ("SELECT count(*) FROM wide WHERE p = '2'", 0),
        ("SELECT max(c3), max(c9) FROM wide", chunk_bytes(paths, {"c3", "c9"})),
        ("SELECT max(c0), max(c2), max(c4), max(c6) FROM wide", chunk_bytes(paths, {"c0", "c2", "c4", "c6"})),
        ("SELECT max(c3) FROM wide WHERE p = '2'", chunk_bytes(paths[2:3], {"c3"})),
        ("SELECT * FROM wide WHERE p = '2'", chunk_bytes(paths[2:3], everything)),
        (f"SELECT max(c1) FROM wide WHERE at >= TIMESTAMP '{last}'", chunk_bytes(paths, {"at", "c1"}, True)),
        (f"SELECT max(c1) FROM wide WHERE id = {rows - 1}", chunk_bytes(paths, {"id", "c1"}, True)),
    ]
    for sql, expected in cases:
        assert engine.query(sql).scanned_bytes == pytest.approx(expected, rel=0.02, abs=512), sql


def test_sql_reaches_no_file_but_the_lakes(tmp_path: Path) -> None:
    import duckdb

    from lakebox.athena.duckdb_engine import _prepare

    outside = write(tmp_path, "outside.parquet", pa.table({"n": [1]}))
    (tmp_path / "lake").mkdir()
    with duckdb.connect() as connection:
        _prepare(connection, str(tmp_path / "lake"), {})
        for sql in (
            f"SELECT * FROM '{outside}'",
            f"SELECT * FROM read_text('{tmp_path}/lake/../outside.parquet')",
            f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
            "SET enable_external_access = true",
            "SET allowed_directories = ['/']",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)


@pytest.mark.parametrize("content", [None, b"", b"no Parquet at all", b"PAR1" + b"x" * 40 + b"\x20\0\0\0PAR1"])
def test_a_file_that_is_gone_or_no_parquet_is_one_clear_line(tmp_path: Path, content: bytes | None) -> None:
    store = open_store(str(tmp_path))
    good = write(tmp_path / "good", "a.parquet", pa.table({"n": [1]})).read_bytes()
    store.write("t/a.parquet", good)
    if content is not None:
        store.write("t/b.parquet", content)
    table = registered(Table("t", "t/", columns(n="bigint"), (), ""), {(): ("t/a.parquet", "t/b.parquet")})
    for sql in ("SELECT n FROM t", "SELECT count(*) FROM t"):
        with pytest.raises(SqlError, match=r"b\.parquet.*lakebox crawl") as caught:
            DuckDbEngine(Tables(table), store.root).query(sql)
        assert "\n" not in str(caught.value)


TWO_PARTITIONS = registered(
    Table("t", "t/", columns(n="bigint"), columns(event_type="string"), ""), {("a/b",): (), ("c",): ()}
)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SHOW TABLES", [("t",)]),
        ("show tables in ai_lakehouse_db;", [("t",)]),
        ("SHOW DATABASES", [("ai_lakehouse_db",)]),
        ("SHOW SCHEMAS", [("ai_lakehouse_db",)]),
        ("SHOW PARTITIONS t", [("event_type=a%2Fb",), ("event_type=c",)]),
        ("SHOW COLUMNS IN ai_lakehouse_db.t", [("n",), ("event_type",)]),
        ("DESCRIBE t", [("n", "bigint", ""), ("event_type", "string", "")]),
    ],
)
def test_show_and_describe_are_answered_from_the_catalog(tmp_path: Path, sql: str, expected: Any) -> None:
    result = engine_over(tmp_path, TWO_PARTITIONS).query(sql)
    assert (result.rows, result.scanned_bytes) == (expected, 0)


def test_an_unknown_table_names_the_known_ones(tmp_path: Path) -> None:
    for sql in ("SELECT * FROM nope", "SHOW PARTITIONS nope", "DESCRIBE nope"):
        with pytest.raises(SqlError, match="no table nope; tables: t"):
            engine_over(tmp_path, TWO_PARTITIONS).query(sql)


@pytest.mark.parametrize(
    "sql", ["SHOW TABLES IN nope", "SHOW PARTITIONS nope.t", "DESCRIBE nope.t", "SELECT * FROM nope.t"]
)
def test_an_unknown_database_is_refused(tmp_path: Path, sql: str) -> None:
    with pytest.raises(SqlError, match="no database nope; the tables are in ai_lakehouse_db"):
        engine_over(tmp_path, TWO_PARTITIONS).query(sql)


@pytest.mark.parametrize(
    ("scanned_bytes", "expected"),
    [(0, 0.0), (1, 0.00005), (10**7 + 1, 0.000055), (10**12, 5.0), (-(-(10**12) // 2), 2.5)],
)
def test_athena_charges_whole_megabytes_and_at_least_ten(scanned_bytes: int, expected: float) -> None:
    assert athena_price_usd(scanned_bytes) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["lake[1]", "lake?", "*", "a[!b]\\c{d,e}"])
def test_a_lakes_path_is_no_pattern(tmp_path: Path, name: str) -> None:
    for folder, n in (("lake1", 1), ("lakex", 2), ("ab", 3), (name, 7)):
        path = write(tmp_path / folder, "t[1]/p=a%2Fb/1.parquet", pa.table({"n": pa.array([n], pa.int64())}))
    table = registered(
        Table("t", "t[1]/", columns(n="bigint"), columns(p="string"), ""), {("a/b",): ("t[1]/p=a%2Fb/1.parquet",)}
    )
    result = engine_over(tmp_path / name, table).query("SELECT n, p FROM t")
    assert result.rows == [(7, "a/b")]
    assert result.scanned_bytes == chunk_bytes([path], {"n"})
