"""CREATE TABLE AS, INSERT and UNLOAD: the rows come back, files are whole, and nothing is left of what fails."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sql_lake import SqlLake

from lakebox.athena.engine import SqlError

SOURCE = """(VALUES (1, 'a', DATE '2024-01-01', 1.50, TIMESTAMP '2024-01-01 10:00:00.5', ARRAY[1, NULL], true, 0.1e0),
                    (2, 'b/c', DATE '2024-01-02', NULL, NULL, NULL, NULL, NULL),
                    (3, NULL, DATE '2024-01-02', 2.25, NULL, ARRAY[3], false, 1e10)) v (n, s, day, d, at, l, b, f)"""
ROWS = [
    (1, "a", date(2024, 1, 1), Decimal("1.50"), datetime(2024, 1, 1, 10, 0, 0, 500000), [1, None], True, 0.1),
    (2, "b/c", date(2024, 1, 2), None, None, None, None, None),
    (3, None, date(2024, 1, 2), Decimal("2.25"), None, [3], False, 1e10),
]


@pytest.fixture
def lake(tmp_path: Path) -> SqlLake:
    return SqlLake(tmp_path / "lake")


def files(lake: SqlLake, key: str) -> list[Path]:
    return sorted(path for path in (lake.folder / "bucket" / key).rglob("*") if path.is_file())


@pytest.mark.parametrize("form", ["PARQUET", "ORC", "JSON", "TEXTFILE"])
def test_rows_come_back_from_each_format(lake: SqlLake, form: str) -> None:
    made = f"CREATE TABLE t WITH (format = '{form}', external_location = 's3://bucket/t/') AS SELECT * FROM {SOURCE}"
    assert lake.rows(made) == [(3,)]
    assert lake.rows("SELECT * FROM t ORDER BY n") == ROWS
    assert lake.rows("INSERT INTO t SELECT * FROM t WHERE n < 3") == [(2,)]
    assert lake.rows("SELECT n, count(*) FROM t GROUP BY n ORDER BY n") == [(1, 2), (2, 2), (3, 1)]
    assert len(files(lake, "t")) == 2


def test_partitions_are_written_and_registered(lake: SqlLake) -> None:
    lake.query(
        f"CREATE TABLE t WITH (external_location = 's3://bucket/t', partitioned_by = ARRAY['s', 'day']) AS "
        f"SELECT n, s, day FROM {SOURCE}"
    )
    assert lake.rows("SHOW PARTITIONS t") == [
        ("s=__HIVE_DEFAULT_PARTITION__/day=2024-01-02",),
        ("s=a/day=2024-01-01",),
        ("s=b%2Fc/day=2024-01-02",),
    ]
    assert lake.rows("SELECT * FROM t ORDER BY n") == [row[:3] for row in ROWS]
    lake.query("INSERT INTO t VALUES (4, 'b/c', DATE '2024-01-02'), (5, 'new', DATE '2024-01-03')")
    lake.query("INSERT INTO t (n, day) VALUES (6, DATE '2024-01-04')")
    rows = [(2, "b/c"), (4, "b/c"), (5, "new"), (6, None)]
    assert lake.rows("SELECT n, s FROM t WHERE day > DATE '2024-01-01' AND n <> 3 ORDER BY n") == rows
    assert len(lake.rows("SHOW PARTITIONS t")) == 5


def test_a_partition_elsewhere_is_written_there(lake: SqlLake) -> None:
    lake.table("t", {"n": "int"}, {"k": "string"})
    lake.partition("t", "a", location="elsewhere/a")
    lake.query("INSERT INTO t VALUES (1, 'a')")
    assert len(files(lake, "elsewhere/a")) == 1
    assert lake.rows("SELECT * FROM t") == [(1, "a")]


@pytest.mark.parametrize(
    ("options", "codec"),
    [("", "GZIP"), (", write_compression = 'SNAPPY'", "SNAPPY"), (", parquet_compression = 'ZSTD'", "ZSTD")],
)
def test_parquet_has_the_compression_that_is_asked_for(lake: SqlLake, options: str, codec: str) -> None:
    lake.query(f"CREATE TABLE t WITH (external_location = 's3://bucket/t/'{options}) AS SELECT 1 AS n, 'x' AS s")
    (path,) = files(lake, "t")
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == codec


def test_tables_have_the_types_of_their_columns(lake: SqlLake) -> None:
    lake.query(
        "CREATE TABLE t WITH (external_location = 's3://bucket/t/') AS SELECT sum(n) AS total, avg(d) AS mean, "
        f"max(at) AS at, CAST(1 AS real) AS r FROM {SOURCE}"
    )
    table = lake.operations["GetTable"]({"DatabaseName": "ai_lakehouse_db", "Name": "t"})["Table"]
    kinds = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    assert kinds == {"total": "bigint", "mean": "decimal(3,2)", "at": "timestamp", "r": "float"}


@pytest.mark.parametrize(
    ("sql", "message", "name"),
    [
        ("CREATE TABLE t AS SELECT 1 AS a", "already exists", "TABLE_ALREADY_EXISTS"),
        (
            "CREATE TABLE u WITH (external_location = 's3://bucket/t/') AS SELECT 1 AS a",
            "Target directory",
            "HIVE_PATH_ALREADY_EXISTS",
        ),
        (
            "CREATE TABLE u WITH (external_location = 's3://bucket/u/') AS SELECT 1",
            "position 1; write",
            "MISSING_COLUMN_NAME",
        ),
        (
            "CREATE TABLE u WITH (external_location = 's3://bucket/u/') AS SELECT 1 AS a, 2 AS A",
            "more than once",
            "DUPLICATE_COLUMN_NAME",
        ),
        (
            "CREATE TABLE u WITH (format = 'AVRO', external_location = 's3://bucket/u/') AS SELECT 1 AS a",
            "AVRO are not written",
            "NOT_SUPPORTED",
        ),
        ("CREATE TABLE u WITH (nope = 1) AS SELECT 1 AS a", "'nope' does not exist", "INVALID_TABLE_PROPERTY"),
        (
            "CREATE TABLE u WITH (external_location = 's3://bucket/u/', partitioned_by = ARRAY['a']) "
            "AS SELECT 1 AS a, 2 AS b",
            "must be the last columns",
            "INVALID_TABLE_PROPERTY",
        ),
        (
            "CREATE TABLE u WITH (external_location = 's3://bucket/u/') AS SELECT now() AS a",
            "Unsupported Hive type",
            "NOT_SUPPORTED",
        ),
        (
            "CREATE TABLE u WITH (external_location = 's3://bucket/u/') AS SELECT CAST(s AS int) AS a FROM t",
            "Cannot cast",
            "INVALID_CAST_ARGUMENT",
        ),
        ("INSERT INTO t SELECT 'x', 'y'", r"Table: \[integer, varchar\], Query: \[varchar, varchar\]", "TYPE_MISMATCH"),
        ("INSERT INTO t SELECT 1", "mismatched column types", "TYPE_MISMATCH"),
        ("INSERT INTO t (nope) SELECT 1", "does not exist in target table: nope", "COLUMN_NOT_FOUND"),
        ("INSERT INTO nope SELECT 1", "does not exist", "TABLE_NOT_FOUND"),
        (
            "UNLOAD (SELECT 1 AS a) TO 's3://bucket/t/' WITH (format = 'JSON')",
            "Target directory",
            "HIVE_PATH_ALREADY_EXISTS",
        ),
        ("UNLOAD (SELECT 1 AS a) TO 's3://bucket/u/'", "mismatched input '<EOF>'. Expecting: WITH", "SYNTAX_ERROR"),
    ],
)
def test_what_fails_leaves_nothing(lake: SqlLake, sql: str, message: str, name: str) -> None:
    lake.query("CREATE TABLE t WITH (external_location = 's3://bucket/t/') AS SELECT 1 AS n, 'x' AS s")
    before = files(lake, "")
    with pytest.raises(SqlError, match=message) as caught:
        lake.query(sql)
    assert caught.value.name == name
    assert (files(lake, ""), lake.rows("SHOW TABLES")) == (before, [("t",)])
    assert list((lake.folder / ".lakebox" / "staging").iterdir()) == []


def test_more_than_a_hundred_partitions_are_refused(lake: SqlLake) -> None:
    numbers = ", ".join(map(str, range(101)))
    with pytest.raises(SqlError, match="Exceeded limit of 100 open writers") as caught:
        lake.query(
            "CREATE TABLE t WITH (external_location = 's3://bucket/t', partitioned_by = ARRAY['k']) AS "
            f"SELECT 1 AS n, k FROM (VALUES {numbers}) v (k)"
        )
    assert caught.value.name == "HIVE_TOO_MANY_OPEN_PARTITIONS"
    assert files(lake, "") == []


def test_a_table_without_data_or_already_there(lake: SqlLake) -> None:
    where = "WITH (external_location = 's3://bucket/t/')"
    assert lake.rows(f"CREATE TABLE t {where} AS SELECT * FROM {SOURCE} WITH NO DATA") == [(0,)]
    assert lake.rows("SELECT count(*) FROM t") == [(0,)]
    assert lake.rows(f"CREATE TABLE IF NOT EXISTS t {where} AS SELECT 1 AS a") == [(0,)]


def test_unload_writes_files_and_no_table(lake: SqlLake) -> None:
    lake.query(
        f"UNLOAD (SELECT n, s, day FROM {SOURCE}) TO 's3://bucket/out/' "
        "WITH (format = 'TEXTFILE', compression = 'NONE', field_delimiter = ',', partitioned_by = ARRAY['day'])"
    )
    found = {path.parent.name: path.read_text() for path in files(lake, "out")}
    assert found == {"day=2024-01-01": "1,a\n", "day=2024-01-02": "2,b/c\n3,\\N\n"}
    assert lake.rows("SHOW TABLES") == []


def test_explain_shows_a_plan_and_checks_the_query(lake: SqlLake) -> None:
    assert len(lake.rows("EXPLAIN SELECT 1")) > 1
    assert lake.rows("EXPLAIN (TYPE VALIDATE) SELECT 1") == [("true",)]
    with pytest.raises(SqlError, match=r"'nope' does not exist|nope"):
        lake.rows("EXPLAIN SELECT * FROM nope")
    assert len(lake.rows("EXPLAIN ANALYZE SELECT 1")) > 1
    assert lake.rows("EXPLAIN ANALYZE (FORMAT JSON) SELECT 1")[0] == ("{",)
    with pytest.raises(SqlError, match="on the stack"):
        lake.rows("EXPLAIN (TYPE IO, FORMAT JSON) SELECT 1")


def iceberg(lake: SqlLake, options: str = "") -> Any:
    return lake.query(
        f"CREATE TABLE i WITH (table_type = 'ICEBERG', is_external = false, location = 's3://bucket/i/'{options}) "
        f"AS SELECT n, s, l FROM {SOURCE}"
    )


def test_iceberg_tables_change_and_keep_their_past(lake: SqlLake) -> None:
    iceberg(lake, ", partitioning = ARRAY['s']")
    lake.query("INSERT INTO i (n) VALUES 4")
    (first, second) = (row[0] for row in lake.rows('SELECT snapshot_id FROM "i$snapshots" ORDER BY committed_at'))
    lake.query("ALTER TABLE i ADD COLUMNS (more string)")
    lake.query("ALTER TABLE i CHANGE COLUMN n number bigint")
    assert lake.rows("SELECT number, s, l, more FROM i ORDER BY 1")[2:] == [(3, None, [3], None), (4, None, None, None)]
    assert lake.rows(f"SELECT n, s FROM i FOR VERSION AS OF {first} ORDER BY n") == [(1, "a"), (2, "b/c"), (3, None)]
    assert lake.rows(f"SELECT count(*) FROM i FOR VERSION AS OF {second}") == [(4,)]
    assert lake.rows("SELECT count(*) FROM i FOR TIMESTAMP AS OF current_timestamp") == [(4,)]
    with pytest.raises(SqlError, match="No version history"):
        lake.rows("SELECT * FROM i FOR TIMESTAMP AS OF TIMESTAMP '2020-01-01 00:00:00 UTC'")
    assert lake.rows("SHOW COLUMNS IN i") == [("number",), ("s",), ("l",), ("more",)]
    lake.database("other")
    lake.query("ALTER TABLE i RENAME TO other.j")
    assert (lake.rows("SELECT count(*) FROM other.j"), lake.rows("SHOW TABLES")) == ([(4,)], [])
    with pytest.raises(SqlError, match="j already exists"):
        lake.query("ALTER TABLE other.j RENAME TO other.j")
    lake.query("DROP TABLE other.j")
    assert files(lake, "i") == []


def test_iceberg_ddl_has_its_own_layouts(lake: SqlLake) -> None:
    lake.query(
        "CREATE TABLE i (id bigint, at timestamp COMMENT 'when', s struct<a:int>) "
        "PARTITIONED BY (day(at), bucket(4, id)) "
        "LOCATION 's3://bucket/i/' TBLPROPERTIES ('table_type' = 'ICEBERG')"
    )
    assert ["\t".join(row) for row in lake.rows("DESCRIBE i")] == [
        "# Table schema:\t\t",
        "# col_name\tdata_type\tcomment",
        "id\tbigint\t",
        "at\ttimestamp\twhen",
        "s\tstruct<a: int>\t",
        "\t\t",
        "# Partition spec:\t\t",
        "# field_name\tfield_transform\tcolumn_name",
        "at_day\tday\tat",
        "id_bucket\tbucket[4]\tid",
    ]
    assert lake.rows("SHOW CREATE TABLE i")[4] == ("PARTITIONED BY (day(`at`), bucket(4, `id`))",)


def test_rows_are_divided_by_transforms(lake: SqlLake) -> None:
    iceberg(lake, ", partitioning = ARRAY['bucket(n, 4)', 'truncate(s, 1)']")
    assert lake.rows("SELECT count(*) FROM i") == [(3,)]
    lake.query(
        "CREATE TABLE t (id bigint, at timestamp, d date, x decimal(5,2)) PARTITIONED BY (hour(at), month(d), "
        "bucket(8, id), truncate(10, x)) LOCATION 's3://bucket/t/' TBLPROPERTIES ('table_type' = 'ICEBERG')"
    )
    lake.query(
        "INSERT INTO t VALUES (34, TIMESTAMP '2024-02-29 23:30:00', DATE '1969-12-31', -1.05), (1, NULL, NULL, NULL)"
    )
    partitions = lake.rows('SELECT partition.at_hour, partition.d_month, partition.id_bucket FROM "t$partitions"')
    assert sorted(partitions, key=str) == [(474791, -1, 3), (None, None, 4)]
    lake.query("UPDATE t SET id = 2 WHERE at IS NULL")
    lake.query("DELETE FROM t WHERE d = DATE '1969-12-31'")
    assert lake.rows("SELECT id, at, x FROM t") == [(2, None, None)]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t WITH (external_location = 'nowhere/t/') AS SELECT 1 AS a",
        "CREATE TABLE t WITH (table_type = 'ICEBERG', location = 't', is_external = false) AS SELECT 1 AS a",
        "CREATE TABLE t (a int) LOCATION 'nowhere/t/' TBLPROPERTIES ('table_type' = 'ICEBERG')",
    ],
)
def test_a_location_is_a_path_in_a_bucket(lake: SqlLake, sql: str) -> None:
    with pytest.raises(SqlError, match="is no S3 path; write 's3://bucket/folder/'"):
        lake.query(sql)


def test_a_failed_iceberg_table_leaves_nothing(lake: SqlLake) -> None:
    with pytest.raises(SqlError, match="twice by a column"):
        iceberg(lake, ", partitioning = ARRAY['bucket(n, 4)', 'n']")
    with pytest.raises(SqlError, match="nope"):
        iceberg(lake, ", partitioning = ARRAY['bucket(nope, 4)']")
    assert (files(lake, ""), lake.rows("SHOW TABLES")) == ([], [])


def test_rows_with_texts_of_a_length_are_inserted(lake: SqlLake) -> None:
    lake.query("CREATE EXTERNAL TABLE s (c struct<name:varchar(10),age:int>) LOCATION 's3://bucket/s/'")
    lake.query("INSERT INTO s SELECT CAST(ROW('Bob', 38) AS ROW(name VARCHAR(10), age INTEGER))")
    assert lake.rows("SELECT c.name, c.age FROM s") == [("Bob", 38)]
