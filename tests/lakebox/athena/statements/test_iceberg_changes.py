"""DELETE, UPDATE, MERGE, OPTIMIZE, VACUUM of Iceberg tables, and the tables that tell of their files."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sql_lake import SqlLake

from lakebox.athena.engine import SqlError

PEOPLE = [("ann", 11, "a"), ("bob", 7, "b"), ("cleo", 3, "c"), ("dan", 10, "d")]
NEWS = [("ann", 6, "new a"), ("cleo", 9, "gone"), ("dan", 11, "new d"), ("eve", 7, "e")]
TWICE = "(SELECT * FROM news UNION ALL SELECT name, 1, place FROM news)"


@pytest.fixture
def lake(tmp_path: Path) -> SqlLake:
    lake = SqlLake(tmp_path / "lake")
    for name in ("people", "news"):
        lake.query(
            f"CREATE TABLE {name} (name string, n int, place string) LOCATION 's3://bucket/{name}/' "
            "TBLPROPERTIES ('table_type'='ICEBERG')"
        )
    lake.query(f"INSERT INTO people VALUES {', '.join(map(str, PEOPLE))}")
    lake.query(f"INSERT INTO news VALUES {', '.join(map(str, NEWS))}")
    return lake


def people(lake: SqlLake) -> list[tuple[Any, ...]]:
    return lake.rows("SELECT * FROM people ORDER BY name, n")


def files(lake: SqlLake) -> set[str]:
    return {path.name for path in (lake.folder / "bucket/people").rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("sql", "count", "left"),
    [
        ("DELETE FROM people WHERE n > 5", 3, [PEOPLE[2]]),
        ("DELETE FROM people WHERE name = 'nobody'", 0, PEOPLE),
        ("DELETE FROM people WHERE NULL = n", 0, PEOPLE),
        ("DELETE FROM people", 4, []),
        ("DELETE FROM people WHERE n > 5 -- many\n;", 3, [PEOPLE[2]]),
        ("MERGE INTO people p USING news s ON p.name = s.name -- x\n WHEN MATCHED AND s.n = 6 -- y\n THEN DELETE",
         1, PEOPLE[1:]),
        ("DELETE FROM people WHERE name IN (SELECT name FROM news)", 3, [PEOPLE[1]]),
        ("UPDATE people SET n = n + 1, place = NULL WHERE name = 'bob'", 1, [PEOPLE[0], ("bob", 8, None), *PEOPLE[2:]]),
        ("UPDATE people SET n = CASE WHEN n > 9 THEN 1 ELSE 0 END", 4,
         [("ann", 1, "a"), ("bob", 0, "b"), ("cleo", 0, "c"), ("dan", 1, "d")]),
        ("MERGE INTO people t USING news s ON (t.name = s.name) WHEN MATCHED AND s.place = 'gone' THEN DELETE "
         "WHEN MATCHED THEN UPDATE SET n = s.n + t.n, place = s.place "
         "WHEN NOT MATCHED THEN INSERT (name, n, place) VALUES (s.name, s.n, s.place)", 4,
         [("ann", 17, "new a"), PEOPLE[1], ("dan", 21, "new d"), NEWS[3]]),
        ("MERGE INTO people USING news ON people.name = news.name WHEN NOT MATCHED THEN INSERT (name) VALUES "
         "(upper(news.name))", 1, [("EVE", None, None), *PEOPLE]),
        (f"MERGE INTO people AS p USING {TWICE} AS s ON p.name = s.name WHEN MATCHED AND s.n = 1 THEN UPDATE "
         "SET n = 0", 3, [("ann", 0, "a"), PEOPLE[1], ("cleo", 0, "c"), ("dan", 0, "d")]),
        ("MERGE INTO people p USING (SELECT 1 AS x) s ON false WHEN NOT MATCHED AND s.x = 2 THEN "
         "INSERT VALUES ('no', 0, '') WHEN NOT MATCHED THEN INSERT VALUES ('yes', s.x, '')", 1,
         [*PEOPLE, ("yes", 1, "")]),
    ],
)  # fmt: skip
def test_rows_are_changed(lake: SqlLake, sql: str, count: int, left: list[tuple[Any, ...]]) -> None:
    assert lake.rows(sql) == [(count,)]
    assert people(lake) == left


def test_a_change_is_read_by_time_travel(lake: SqlLake) -> None:
    before = lake.rows('SELECT snapshot_id FROM "people$snapshots"')[0][0]
    lake.query("DELETE FROM people")
    assert lake.rows(f"SELECT * FROM people FOR VERSION AS OF {before} ORDER BY name") == PEOPLE


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        (f"MERGE INTO people p USING {TWICE} s ON p.name = s.name WHEN MATCHED THEN DELETE",
         "One MERGE target table row matched more than one source row"),
        ("UPDATE people SET nope = 1", "column 'nope' cannot be resolved"),
        ("UPDATE people SET n = 3000000000", "mismatched column types"),
        ("UPDATE people SET n = 'x'", "TYPE_MISMATCH"),
        ("DELETE FROM people WHERE nope = 1", "^Column 'nope' cannot be resolved"),
        ("DELETE FROM nope", "Table 'awsdatacatalog.ai_lakehouse_db.nope' does not exist"),
        ("DELETE FROM hive", "only supported for transactional tables"),
        ("MERGE INTO people USING news ON true", "Expecting: WHEN"),
        ("MERGE INTO people USING news ON true WHEN NOT MATCHED THEN INSERT (name) VALUES (1, 2)", "2 values into 1"),
        ("OPTIMIZE people REWRITE DATA USING BIN_PACK WHERE nope = 1", "Column 'nope' cannot be resolved"),
    ],
)  # fmt: skip
def test_wrong_changes_leave_the_table(lake: SqlLake, sql: str, problem: str) -> None:
    lake.table("hive", {"n": "int"})
    with pytest.raises(SqlError, match=problem):
        lake.query(sql)
    assert people(lake) == PEOPLE


def test_optimize_makes_one_file(lake: SqlLake) -> None:
    lake.query("INSERT INTO people VALUES ('eve', 1, 'e')")
    assert len(lake.rows('SELECT * FROM "people$files"')) == 2
    lake.query("OPTIMIZE people REWRITE DATA USING BIN_PACK WHERE name = 'eve'")
    assert len(lake.rows('SELECT * FROM "people$files"')) == 1
    assert people(lake) == [*PEOPLE, ("eve", 1, "e")]


def test_vacuum_deletes_what_no_snapshot_needs(lake: SqlLake) -> None:
    lake.query("DELETE FROM people WHERE name = 'ann'")
    lake.query("VACUUM people")
    all_files = files(lake)
    assert len(lake.rows('SELECT * FROM "people$snapshots"')) == 3
    lake.query("ALTER TABLE people SET TBLPROPERTIES ('vacuum_max_snapshot_age_seconds'='0')")
    lake.query("VACUUM people")
    assert len(lake.rows('SELECT * FROM "people$snapshots"')) == 1
    gone = all_files - files(lake)
    assert [name.rpartition(".")[2] for name in sorted(gone)].count("parquet") == 1
    assert people(lake) == PEOPLE[1:]


def test_metadata_tables_tell_of_files(lake: SqlLake) -> None:
    lake.query("CREATE TABLE t (id int, k string, d date) PARTITIONED BY (k) LOCATION 's3://bucket/t/' "
               "TBLPROPERTIES ('table_type'='ICEBERG')")  # fmt: skip
    assert lake.rows('SELECT * FROM "t$files"') + lake.rows('SELECT * FROM "t$partitions"') == []
    lake.query("INSERT INTO t VALUES (1, 'a', DATE '2024-01-02'), (3, 'a', DATE '2024-01-01'), (2, 'b', NULL)")
    assert lake.rows(
        "SELECT file_format, record_count, lower_bounds[1], element_at(upper_bounds, 3), null_value_counts[3] "
        'FROM "t$files" ORDER BY 2 DESC'
    ) == [("PARQUET", 2, "1", "2024-01-02", 0), ("PARQUET", 1, "2", None, 1)]
    assert lake.rows('SELECT partition.k, record_count, file_count, data.d.min FROM "t$partitions" ORDER BY 1') == [
        ("a", 2, 1, date(2024, 1, 1)),
        ("b", 1, 1, None),
    ]
    manifests = 'SELECT added_data_files_count, added_rows_count, partition_summaries[1].upper_bound FROM "t$manifests"'
    assert lake.rows(manifests) == [(2, 3, "b")]


def test_columns_are_moved(lake: SqlLake) -> None:
    lake.query("ALTER TABLE people CHANGE name called string AFTER n")
    lake.query("ALTER TABLE people CHANGE COLUMN place place string FIRST")
    assert lake.rows("SHOW COLUMNS IN people") == [("place",), ("n",), ("called",)]
    with pytest.raises(SqlError, match="name already exists: n"):
        lake.query("ALTER TABLE people ADD COLUMNS (n int)")
