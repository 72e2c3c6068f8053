"""SHOW and DESCRIBE in Athena's own layouts."""

from pathlib import Path

import pytest
from sql_lake import SqlLake


@pytest.fixture
def lake(tmp_path: Path) -> SqlLake:
    lake = SqlLake(tmp_path / "lake")
    lake.query(
        "CREATE EXTERNAL TABLE one_row (number_of_rows int, s struct<a:int,b:map<string,int>> COMMENT 'nested') "
        "PARTITIONED BY (day date) STORED AS PARQUET LOCATION 's3://bucket/one/' TBLPROPERTIES ('a'='b')"
    )
    lake.query("CREATE VIEW a_view AS SELECT number_of_rows FROM one_row")
    return lake


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SHOW TABLES", ["a_view", "one_row"]),
        ("show tables in ai_lakehouse_db;", ["a_view", "one_row"]),
        ("SHOW TABLES 'one*|zzz'", ["one_row"]),
        ("SHOW TABLES LIKE '*x*'", []),
        ("SHOW VIEWS", ["a_view"]),
        ("SHOW VIEWS IN ai_lakehouse_db LIKE 'b*'", []),
        ("SHOW DATABASES", ["ai_lakehouse_db"]),
        ("SHOW COLUMNS IN one_row", ["number_of_rows", "s", "day"]),
        ("SHOW COLUMNS FROM one_row FROM ai_lakehouse_db", ["number_of_rows", "s", "day"]),
        ("SHOW COLUMNS IN a_view", ["number_of_rows\tinteger"]),
        ("SHOW TBLPROPERTIES one_row ('a')", ["b"]),
        ("SHOW TBLPROPERTIES one_row ('c')", ["Table ai_lakehouse_db.one_row does not have property: c"]),
        ("SHOW CREATE VIEW a_view", ["CREATE VIEW ai_lakehouse_db.a_view AS", "SELECT number_of_rows FROM one_row"]),
    ],
)
def test_show_lists_what_the_catalog_has(lake: SqlLake, sql: str, expected: list[str]) -> None:
    assert [row[0] for row in lake.rows(sql)] == expected


def test_describe_pads_and_repeats_partition_columns(lake: SqlLake) -> None:
    assert ["\t".join(row) for row in lake.rows("DESCRIBE one_row")] == [
        "number_of_rows      \tint                 \t                    ",
        "s                   \tstruct<a:int,b:map<string,int>>\tnested              ",
        "day                 \tdate                \t                    ",
        "\t \t ",
        "# Partition Information\t \t ",
        "# col_name            \tdata_type           \tcomment             ",
        "\t \t ",
        "day                 \tdate                \t                    ",
    ]
    assert lake.rows("DESCRIBE a_view") == [("number_of_rows", "integer")]
    assert lake.rows("DESC one_row s.b.$value$")[0][1].strip() == "int"


def test_describe_formatted_tells_of_storage(lake: SqlLake) -> None:
    lines = ["\t".join(row).rstrip() for row in lake.rows("DESCRIBE FORMATTED ai_lakehouse_db.one_row")]
    assert lines[0] == "# col_name            \tdata_type           \tcomment"
    assert "# Detailed Table Information" in lines
    assert "Location:           \ts3://bucket/one/" in [line.rstrip() for line in lines]
    assert any(line.startswith("SerDe Library:      \torg.apache.hadoop.hive.ql.io.parquet") for line in lines)


def test_show_create_table_has_hives_layout(lake: SqlLake) -> None:
    lines = [row[0] for row in lake.rows("SHOW CREATE TABLE one_row")]
    assert lines[:-3] == [
        "CREATE EXTERNAL TABLE `ai_lakehouse_db.one_row`(",
        "  `number_of_rows` int, ",
        "  `s` struct<a:int,b:map<string,int>> COMMENT 'nested')",
        "PARTITIONED BY ( ",
        "  `day` date)",
        "ROW FORMAT SERDE ",
        "  'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' ",
        "STORED AS INPUTFORMAT ",
        "  'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat' ",
        "OUTPUTFORMAT ",
        "  'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'",
        "LOCATION",
        "  's3://bucket/one/'",
    ]
    assert lines[-3:-1] == ["TBLPROPERTIES (", "  'a'='b', "]
