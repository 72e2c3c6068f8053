"""Names of databases, tables and columns as queries write them; views, information_schema, and what no name reaches."""

from pathlib import Path

import pytest
from sql_lake import LAZY, SqlLake

from lakebox.athena.engine import SqlError


@pytest.fixture
def lake(tmp_path: Path) -> SqlLake:
    lake = SqlLake(tmp_path / "lake")
    lake.database("other-db")
    for database in ("ai_lakehouse_db", "other-db"):
        lake.table(
            "t",
            {"Id": "int", "s": "string"},
            database=database,
            location=f"s3://bucket/{database}/",
            serde=LAZY,
            given={"field.delim": ","},
        )
        lake.write(f"{database}/a.csv", f"1,{database}\n")
    return lake


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT s FROM t", "ai_lakehouse_db"),
        ('SELECT s FROM "other-db".T', "other-db"),
        ('SELECT S FROM "AwsDataCatalog"."other-db"."t" x WHERE x.ID = 1', "other-db"),
        ('SELECT "other-db".t.s FROM "other-db".t', "other-db"),
        ('WITH t AS (SELECT * FROM "other-db".t) SELECT s FROM t', "other-db"),
        ("WITH t AS (SELECT * FROM t) SELECT s FROM t", "ai_lakehouse_db"),
        ('SELECT b.s FROM t a JOIN "other-db".t b ON a.id = b.id', "other-db"),
        ("SELECT (SELECT max(s) FROM t) FROM (SELECT 1)", "ai_lakehouse_db"),
    ],
)
def test_a_name_means_the_table_that_athena_means(lake: SqlLake, sql: str, expected: str) -> None:
    assert lake.rows(sql) == [(expected,)]


def test_the_contexts_database_is_the_default(lake: SqlLake) -> None:
    assert lake.rows("SELECT s FROM t", "other-db") == [("other-db",)]


def test_views_mean_the_tables_of_their_own_database(lake: SqlLake) -> None:
    lake.query("CREATE VIEW v AS WITH w AS (SELECT s, id FROM t) SELECT s, count(*) AS n FROM w GROUP BY s", "other-db")
    lake.query('CREATE VIEW vv AS SELECT a.s, b.n FROM t a CROSS JOIN "other-db".v b')
    assert lake.rows("WITH w AS (SELECT 1 AS x) SELECT * FROM vv, w") == [("ai_lakehouse_db", 1, 1)]
    assert lake.rows("SHOW CREATE VIEW vv")[0] == ("CREATE VIEW ai_lakehouse_db.vv AS",)
    stored = lake.operations["GetTable"]({"DatabaseName": "other-db", "Name": "v"})["Table"]
    assert stored["ViewOriginalText"].startswith("/* Presto View: ")
    assert stored["StorageDescriptor"]["Columns"] == [{"Name": "s", "Type": "string"}, {"Name": "n", "Type": "bigint"}]


def test_views_in_a_circle_are_one_line(lake: SqlLake) -> None:
    lake.query("CREATE VIEW a AS SELECT 1 AS x")
    lake.query("CREATE VIEW b AS SELECT * FROM a")
    lake.query("CREATE OR REPLACE VIEW a AS SELECT * FROM b")
    with pytest.raises(SqlError, match="in a circle"):
        lake.query("SELECT * FROM b")


def test_information_schema_tells_of_all_databases(lake: SqlLake) -> None:
    lake.query("CREATE VIEW v AS SELECT id FROM t")
    assert lake.rows("SELECT schema_name FROM information_schema.schemata ORDER BY 1") == [
        ("ai_lakehouse_db",),
        ("information_schema",),
        ("other-db",),
    ]
    tables = "SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_name = 'v'"
    assert lake.rows(tables) == [("ai_lakehouse_db", "v", "VIEW")]
    columns = "SELECT column_name, ordinal_position, data_type FROM information_schema.columns"
    assert lake.rows(f"{columns} WHERE table_schema = 'other-db' ORDER BY 2") == [
        ("id", 1, "integer"),
        ("s", 2, "varchar"),
    ]
    assert lake.rows("SELECT view_definition FROM information_schema.views") == [("SELECT id FROM t",)]


@pytest.mark.parametrize(
    ("sql", "message", "name"),
    [
        (
            "SELECT *\nFROM nope",
            "line 2:6: Table 'awsdatacatalog.ai_lakehouse_db.nope' does not exist",
            "TABLE_NOT_FOUND",
        ),
        ("SELECT * FROM nope.t", "line 1:15: Schema 'nope' does not exist", "SCHEMA_NOT_FOUND"),
        ("SELECT * FROM x.y.z", "line 1:15: Catalog 'x' does not exist", "CATALOG_NOT_FOUND"),
        ("SELECT nope FROM t", "line 1:8: Column 'nope' cannot be resolved; columns: id, s", "COLUMN_NOT_FOUND"),
        ("SELECT * FROM t FOR VERSION AS OF 1", "no Iceberg table", "NOT_SUPPORTED"),
    ],
)
def test_missing_names_are_told_with_their_place(lake: SqlLake, sql: str, message: str, name: str) -> None:
    with pytest.raises(SqlError, match=message) as caught:
        lake.query(sql)
    assert caught.value.name == name


def test_a_location_is_no_url(lake: SqlLake) -> None:
    lake.table("odd", {"s": "varchar"}, serde=LAZY, location="s3://bucket/a#b?c/")
    lake.write("a#b?c/x.csv", "right\n")
    lake.write("a/x.csv", "wrong\n")
    assert lake.rows("SELECT s FROM odd") == [("right",)]


@pytest.mark.parametrize(
    "location", ["s3://bucket/../../etc/", "file:///etc/", "s3://Bad_Bucket/x", "s3://nobody-made/x"]
)
def test_no_location_leads_out_of_the_buckets(lake: SqlLake, location: str) -> None:
    lake.table("bad", {"s": "string"}, serde=LAZY, location=location)
    for sql in (
        "SELECT * FROM bad",
        "INSERT INTO bad VALUES 'x'",
        f"UNLOAD (SELECT 1 AS a) TO '{location}' WITH (format='JSON')",
        f"CREATE TABLE made WITH (external_location='{location}') AS SELECT 1 AS a",
    ):
        with pytest.raises(SqlError, match=r"no folder that can be read|there is no bucket|is no S3 path"):
            lake.query(sql)


def test_a_link_out_of_its_bucket_is_refused(lake: SqlLake, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("2,secret\n")
    (lake.folder / "bucket" / "ai_lakehouse_db" / "b.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(SqlError, match="leads out of its bucket by a link"):
        lake.query("SELECT * FROM t")
