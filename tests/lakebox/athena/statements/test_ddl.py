"""Hive's DDL through the catalog: what each statement leaves there, as boto3 would see it."""

from pathlib import Path
from typing import Any

import pytest
from sql_lake import SqlLake

from lakebox.athena.engine import SqlError

DATABASE = "ai_lakehouse_db"
LOGS = r"""
CREATE EXTERNAL TABLE IF NOT EXISTS `logs` ( -- raw
  `Id` INT COMMENT 'the id', name string, tags array<string>, price decimal(10, 2),
  `more` map<string,struct<a:int,b:array<double>>>)
COMMENT 'my logs'
PARTITIONED BY (`day` date, zone string)
CLUSTERED BY (id) INTO 4 BUCKETS
ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' ESCAPED BY '\\' COLLECTION ITEMS TERMINATED BY '|' NULL DEFINED AS ''
STORED AS TEXTFILE
LOCATION 's3://bucket/logs/'
TBLPROPERTIES ('skip.header.line.count'='1', "it's" = "a \"b\"");
"""


@pytest.fixture
def lake(tmp_path: Path) -> SqlLake:
    return SqlLake(tmp_path / "lake")


def table(lake: SqlLake, name: str) -> Any:
    return lake.operations["GetTable"]({"DatabaseName": DATABASE, "Name": name})["Table"]


def partitions(lake: SqlLake, name: str) -> dict[tuple[str, ...], str]:
    found = lake.operations["GetPartitions"]({"DatabaseName": DATABASE, "TableName": name})["Partitions"]
    return {tuple(one["Values"]): one["StorageDescriptor"]["Location"] for one in found}


def test_a_delimited_table_is_glues_document(lake: SqlLake) -> None:
    assert lake.query(LOGS).columns == ()
    made = table(lake, "logs")
    storage = made["StorageDescriptor"]
    assert storage["Columns"][0] == {"Name": "id", "Type": "int", "Comment": "the id"}
    assert [column["Type"] for column in storage["Columns"]] == [
        "int",
        "string",
        "array<string>",
        "decimal(10,2)",
        "map<string,struct<a:int,b:array<double>>>",
    ]
    assert made["PartitionKeys"] == [{"Name": "day", "Type": "date"}, {"Name": "zone", "Type": "string"}]
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {
            "serialization.format": "\t",
            "field.delim": "\t",
            "escape.delim": "\\",
            "collection.delim": "|",
            "serialization.null.format": "",
        },
    }
    assert (storage["NumberOfBuckets"], storage["BucketColumns"]) == (4, ["id"])
    assert (made["Description"], made["TableType"], storage["Location"]) == (
        "my logs",
        "EXTERNAL_TABLE",
        "s3://bucket/logs/",
    )
    assert made["Parameters"]["it's"] == 'a "b"'
    lake.query(LOGS)  # IF NOT EXISTS


@pytest.mark.parametrize(
    ("clauses", "serde", "form"),
    [
        ("STORED AS PARQUET", "ParquetHiveSerDe", "MapredParquetInputFormat"),
        ("STORED AS ORC", "OrcSerde", "OrcInputFormat"),
        (
            "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES ('a'='b')",
            "JsonSerDe",
            "TextInputFormat",
        ),
        ("ROW FORMAT SERDE 'x.Y' STORED AS INPUTFORMAT 'in.Put' OUTPUTFORMAT 'o.O'", "Y", "Put"),
        ("", "LazySimpleSerDe", "TextInputFormat"),
    ],
)
def test_formats_become_their_classes(lake: SqlLake, clauses: str, serde: str, form: str) -> None:
    lake.query(f"CREATE EXTERNAL TABLE t (a int) {clauses} LOCATION 's3://bucket/t'")
    storage = table(lake, "t")["StorageDescriptor"]
    assert storage["SerdeInfo"]["SerializationLibrary"].endswith(serde)
    assert storage["InputFormat"].endswith(form)


def test_show_create_table_makes_the_same_table(lake: SqlLake) -> None:
    lake.query(LOGS)
    before = table(lake, "logs")
    text = "\n".join(row[0] for row in lake.rows("SHOW CREATE TABLE logs"))
    lake.query("DROP TABLE logs")
    lake.query(text.replace("`ai_lakehouse_db.logs`", "`ai_lakehouse_db`.`logs`"))
    same = ("StorageDescriptor", "PartitionKeys", "Description", "Parameters")
    assert {key: table(lake, "logs")[key] for key in same} == {key: before[key] for key in same}


def test_partitions_are_added_renamed_moved_and_dropped(lake: SqlLake) -> None:
    lake.query(LOGS)
    lake.query(
        "ALTER TABLE logs ADD PARTITION (day='2024-01-01', zone='a') LOCATION 's3://bucket/else/' "
        "PARTITION (zone='b/c', day='2024-01-02')"
    )
    lake.query("ALTER TABLE logs ADD IF NOT EXISTS PARTITION (day='2024-01-01', zone='a')")
    assert partitions(lake, "logs") == {
        ("2024-01-01", "a"): "s3://bucket/else/",
        ("2024-01-02", "b/c"): "s3://bucket/logs/day=2024-01-02/zone=b%2Fc/",
    }
    assert lake.rows("SHOW PARTITIONS logs") == [("day=2024-01-01/zone=a",), ("day=2024-01-02/zone=b%2Fc",)]
    lake.query(
        "ALTER TABLE logs PARTITION (day='2024-01-02', zone='b/c') RENAME TO PARTITION (day='2024-01-03', zone='d')"
    )
    lake.query("ALTER TABLE logs PARTITION (day='2024-01-03', zone='d') SET LOCATION 's3://bucket/new'")
    assert partitions(lake, "logs")[("2024-01-03", "d")] == "s3://bucket/new"
    lake.query("ALTER TABLE logs DROP PARTITION (day > '2024-01-02'), PARTITION (zone = 'a')")
    assert partitions(lake, "logs") == {}
    lake.query("ALTER TABLE logs DROP IF EXISTS PARTITION (zone = 'a')")


def test_repair_finds_the_folders_that_hold_files(lake: SqlLake) -> None:
    lake.query(LOGS)
    for folder in (
        "day=2024-01-01/zone=a",
        "day=2024-01-01/zone=b%2Fc/deep",
        "zone=a/day=2024-01-01",
        "DAY=1/zone=x",
        "plain",
    ):
        lake.write(f"logs/{folder}/a.csv", "1")
    lake.write("logs/day=2024-01-09/zone=z/_hidden", "1")
    added = lake.rows("MSCK REPAIR TABLE `ai_lakehouse_db`.`logs`")
    assert added == [
        ("Partitions not in metastore:\tlogs:day=2024-01-01/zone=a\tlogs:day=2024-01-01/zone=b%2Fc",),
        ("Repair: Added partition to metastore logs:day=2024-01-01/zone=a",),
        ("Repair: Added partition to metastore logs:day=2024-01-01/zone=b%2Fc",),
    ]
    assert list(partitions(lake, "logs")) == [("2024-01-01", "a"), ("2024-01-01", "b/c")]
    assert lake.rows("MSCK REPAIR TABLE logs") == []


def test_columns_properties_and_location_change(lake: SqlLake) -> None:
    lake.query("CREATE EXTERNAL TABLE t (a int) STORED AS PARQUET LOCATION 's3://bucket/t/'")
    lake.query("ALTER TABLE t ADD COLUMNS (b string COMMENT 'new', c struct<x:int>)")
    lake.query("ALTER TABLE t SET TBLPROPERTIES ('x'='y')")
    lake.query("ALTER TABLE t SET LOCATION 's3://bucket/u/'")
    made = table(lake, "t")
    assert [column["Name"] for column in made["StorageDescriptor"]["Columns"]] == ["a", "b", "c"]
    assert (made["Parameters"]["x"], made["StorageDescriptor"]["Location"]) == ("y", "s3://bucket/u/")
    lake.query("ALTER TABLE t REPLACE COLUMNS (z bigint)")
    assert table(lake, "t")["StorageDescriptor"]["Columns"] == [{"Name": "z", "Type": "bigint"}]


def test_databases_come_and_go(lake: SqlLake) -> None:
    lake.query(
        "CREATE DATABASE IF NOT EXISTS `my-db` COMMENT 'x' LOCATION 's3://bucket/db' WITH DBPROPERTIES ('a'='b')"
    )
    lake.query("CREATE SCHEMA IF NOT EXISTS `my-db`")
    lake.query("ALTER DATABASE `my-db` SET DBPROPERTIES ('c'='d')")
    made = lake.operations["GetDatabase"]({"Name": "my-db"})["Database"]
    assert (made["Description"], made["LocationUri"], made["Parameters"]) == (
        "x",
        "s3://bucket/db",
        {"a": "b", "c": "d"},
    )
    assert lake.rows("SHOW DATABASES LIKE 'my*'") == [("my-db",)]
    lake.query("CREATE EXTERNAL TABLE `my-db`.t (a int) LOCATION 's3://bucket/x/'")
    with pytest.raises(SqlError, match=r"my-db is not empty.*CASCADE"):
        lake.query("DROP DATABASE `my-db`")
    lake.query("DROP DATABASE `my-db` CASCADE")
    lake.query("DROP DATABASE IF EXISTS `my-db`")
    assert lake.rows("SHOW SCHEMAS") == [(DATABASE,)]


@pytest.mark.parametrize(
    ("sql", "message", "name"),
    [
        ("CREATE EXTERNAL TABLE x (a int)", "No location was specified", "INVALID_TABLE_PROPERTY"),
        ("CREATE EXTERNAL TABLE x (a int) LOCATION '/tmp'", "no S3 path", "INVALID_TABLE_PROPERTY"),
        ("CREATE TABLE x (a int) LOCATION 's3://bucket/x'", "Only external and Iceberg", "NOT_SUPPORTED"),
        ("CREATE EXTERNAL TABLE x (a text) LOCATION 's3://bucket/x'", "'text' is no type", "HIVE_INVALID_METADATA"),
        (
            "CREATE EXTERNAL TABLE x (a int) PARTITIONED BY (a int) LOCATION 's3://bucket/x'",
            "Column repeated",
            "DUPLICATE_COLUMN_NAME",
        ),
        ("CREATE EXTERNAL TABEL x (a int)", "line 1:17: mismatched input 'TABEL'", "SYNTAX_ERROR"),
        ("CREATE EXTERNAL TABLE x (a int,) LOCATION 's3://b'", "line 1:32: mismatched input", "SYNTAX_ERROR"),
        ("DROP TABLE nope", "Table not found ai_lakehouse_db.nope", "TABLE_NOT_FOUND"),
        (
            "ALTER TABLE logs ADD PARTITION (day='2024-01-01')",
            "give a value for each of: day, zone",
            "INVALID_PARTITION_VALUE",
        ),
        (
            "ALTER TABLE logs ADD PARTITION (nope='1')",
            "the keys of ai_lakehouse_db.logs are: day, zone",
            "COLUMN_NOT_FOUND",
        ),
        ("ALTER TABLE logs DROP PARTITION (zone='q')", "Partition not found", "NOT_FOUND"),
        ("ALTER TABLE logs RENAME TO logs2", "is not Athena's", "NOT_SUPPORTED"),
        ("ALTER TABLE logs ADD COLUMNS (day int)", "Duplicate column name: day", "DUPLICATE_COLUMN_NAME"),
        ("SHOW TABLES IN nope", "Database does not exist: nope; there are: ai_lakehouse_db", "SCHEMA_NOT_FOUND"),
        ("SHOW FOO", "line 1:6: mismatched input 'FOO'", "SYNTAX_ERROR"),
        ("DESCRIBE logs nope", "Invalid column reference nope", "COLUMN_NOT_FOUND"),
        ("GRANT ALL ON logs TO x", "one user", "NOT_SUPPORTED"),
        ("DELETE FROM logs WHERE id = 1", "transactional tables", "NOT_SUPPORTED"),
        ("TRUNCATE TABLE logs", "not Athena's", "NOT_SUPPORTED"),
    ],
)
def test_wrong_statements_are_one_line_with_a_name(lake: SqlLake, sql: str, message: str, name: str) -> None:
    lake.query(LOGS)
    with pytest.raises(SqlError, match=message) as caught:
        lake.query(sql)
    assert (caught.value.name, "\n" in str(caught.value)) == (name, False)


def test_columns_are_added_to_a_partition(lake: SqlLake) -> None:
    lake.query("CREATE EXTERNAL TABLE h (a int) PARTITIONED BY (k string) LOCATION 's3://bucket/h/'")
    lake.query("ALTER TABLE h ADD PARTITION (k='1')")
    lake.query("ALTER TABLE h PARTITION (k='1') ADD COLUMNS (b string)")
    request = {"DatabaseName": "ai_lakehouse_db", "TableName": "h", "PartitionValues": ["1"]}
    columns = lake.operations["GetPartition"](request)["Partition"]["StorageDescriptor"]["Columns"]
    assert [(one["Name"], one["Type"]) for one in columns] == [("a", "int"), ("b", "string")]
    with pytest.raises(SqlError, match="Duplicate column name: b"):
        lake.query("ALTER TABLE h PARTITION (k='1') ADD COLUMNS (b string)")


def test_backticks_around_database_and_table(lake: SqlLake) -> None:
    lake.query("CREATE EXTERNAL TABLE h (a int) LOCATION 's3://bucket/h/'")
    assert "h`" in lake.rows("SHOW CREATE TABLE `ai_lakehouse_db.h`")[0][0]
    assert lake.rows("DESCRIBE EXTENDED h")[-1][1].startswith("Table(tableName:h, dbName:ai_lakehouse_db")
    lake.query("DROP TABLE `ai_lakehouse_db.h`")
    assert lake.rows("SHOW TABLES") == []


def test_a_missing_database_is_told(lake: SqlLake) -> None:
    with pytest.raises(SqlError, match="Database nope not found"):
        lake.query("CREATE TABLE nope.t (a int) LOCATION 's3://bucket/t/' TBLPROPERTIES ('table_type'='ICEBERG')")
