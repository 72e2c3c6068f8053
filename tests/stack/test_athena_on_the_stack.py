"""What Athena does on the stack alone, and what it leaves: Iceberg's changes, files, rights, and tables shared with Spark."""

import csv
import io
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import pytest
from stack.api_target import BUCKET, Target, stack_target
from stack.running_stack import LAKE, Stack
from stack.statements import FILES, PEOPLE
from stack.test_jobs_on_both_targets import ICEBERG_CONF, START
from stack.test_statements_on_both_targets import DATABASE, ended
from stack.trino_client import TrinoError

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

ICE = f"""CREATE TABLE ice WITH (table_type='ICEBERG', is_external=false, partitioning=ARRAY['bucket(id, 4)'],
location='s3://{BUCKET}/ice/') AS SELECT id, name, age FROM people"""
SPARK_WRITES = (
    START
    + """
spark.sql("CREATE TABLE statements_db.of_spark (id int, name string, day date) USING parquet PARTITIONED BY (day) "
          "LOCATION 's3://api-test/of_spark/'")
spark.sql("INSERT INTO statements_db.of_spark VALUES (1, 'ann', DATE '2024-01-01'), (2, 'bob', DATE '2024-01-02')")
spark.sql("CREATE TABLE statements_db.sums STORED AS ORC LOCATION 's3://api-test/sums/' AS "
          "SELECT count(*) AS n, max(name) AS last FROM statements_db.of_spark")
spark.sql("CREATE TABLE glue_catalog.statements_db.ice_of_spark (id int, name string) USING iceberg "
          "LOCATION 's3://api-test/ice_of_spark'")
spark.sql("INSERT INTO glue_catalog.statements_db.ice_of_spark VALUES (1, 'ann'), (2, 'bob')")
"""
)
SPARK_READS = (
    START
    + """
for name, table in {"hive": "statements_db.of_athena", "spark": "statements_db.of_spark",
                    "ice": "glue_catalog.statements_db.ice_of_spark", "own": "glue_catalog.statements_db.ice"}.items():
    spark.table(table).coalesce(1).write.mode("overwrite").parquet("s3://api-test/read/" + name)
spark.sql("INSERT INTO glue_catalog.statements_db.ice_of_spark VALUES (9, 'zoe')")
"""
)


class Athena:
    """Statements on the stack, each from start to end."""

    def __init__(self, target: Target) -> None:
        self.target = target

    def run(self, sql: str, **more: Any) -> Any:
        """The query at its end."""
        context = {"Database": DATABASE}
        started = self.target.athena.start_query_execution(QueryString=sql, QueryExecutionContext=context, **more)
        return ended(self.target.athena, started["QueryExecutionId"])

    def done(self, sql: str) -> Any:
        """The query, which must have succeeded."""
        execution = self.run(sql)
        assert (execution["Status"]["State"], execution["Status"].get("StateChangeReason")) == ("SUCCEEDED", None), sql
        return execution

    def rows(self, sql: str) -> list[list[Any]]:
        """The rows of a SELECT."""
        found = self.target.athena.get_query_results(QueryExecutionId=self.done(sql)["QueryExecutionId"])
        return [[cell.get("VarCharValue") for cell in row["Data"]] for row in found["ResultSet"]["Rows"]][1:]

    def content(self, uri: str) -> bytes:
        """The bytes of an object."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return bytes(self.target.s3.get_object(Bucket=bucket, Key=key)["Body"].read())


@pytest.fixture
def athena(stack: Stack) -> Iterator[Athena]:
    """Athena over a database with one table, of people."""
    target = stack_target(stack)
    target.start_over()
    target.glue.create_database(DatabaseInput={"Name": DATABASE})
    target.s3.put_object(Bucket=BUCKET, Key="people/a.csv", Body=FILES["people/a.csv"])
    found = Athena(target)
    found.done(PEOPLE)
    yield found
    target.start_over()


def test_iceberg_tables_are_changed_and_travel_in_time(athena: Athena) -> None:
    athena.done(ICE)
    assert athena.rows("SELECT * FROM ice ORDER BY id") == [["1", "ann", "30"], ["2", "bob", "40"], ["3", "cleo", "50"]]
    first = athena.rows('SELECT snapshot_id FROM "ice$snapshots"')[0][0]
    merge = """MERGE INTO ice USING (VALUES (1, 31), (4, 60)) AS changes (id, age) ON ice.id = changes.id
        WHEN MATCHED THEN UPDATE SET age = changes.age WHEN NOT MATCHED THEN INSERT VALUES (changes.id, 'new', changes.age)"""
    merged = athena.done(merge)
    assert (merged["StatementType"], merged["SubstatementType"]) == ("DML", "MERGE")
    athena.done("UPDATE ice SET name = upper(name) WHERE id = 2")
    athena.done("DELETE FROM ice WHERE id = 3")
    assert athena.rows("SELECT * FROM ice ORDER BY id") == [["1", "ann", "31"], ["2", "BOB", "40"], ["4", "new", "60"]]
    assert athena.rows(f"SELECT count(*) FROM ice FOR VERSION AS OF {first}") == [["3"]]
    now = "(current_timestamp - INTERVAL '0.001' SECOND)"  # Trino takes a time that is over, by its milliseconds
    assert athena.rows(f"SELECT count(*) FROM ice FOR TIMESTAMP AS OF {now}") == [["3"]]
    athena.done("OPTIMIZE ice REWRITE DATA USING BIN_PACK")
    athena.done("ALTER TABLE ice SET TBLPROPERTIES ('vacuum_max_snapshot_age_seconds'='1')")
    athena.done("VACUUM ice")
    assert athena.rows("SELECT count(*) FROM ice") == [["3"]]
    athena.done("DROP TABLE ice")
    assert athena.target.keys("ice/") == []


def test_results_are_left_as_athena_leaves_them(athena: Athena) -> None:
    selected = athena.done("SELECT name, NULLIF(age, 40) AS age FROM people ORDER BY id")
    uri = selected["ResultConfiguration"]["OutputLocation"]
    assert athena.content(uri) == b'"name","age"\n"ann","30"\n"bob",\n"cleo","50"\n'
    assert b"varchar" in athena.content(f"{uri}.metadata")
    assert selected["Statistics"]["DataScannedInBytes"] == len(FILES["people/a.csv"])
    made = athena.done(f"CREATE TABLE made WITH (external_location='s3://{BUCKET}/made/') AS SELECT * FROM people")
    inserted = athena.done("INSERT INTO made VALUES (7, 'x', 1)")
    unloaded = athena.done(f"UNLOAD (SELECT * FROM people) TO 's3://{BUCKET}/out/' WITH (format='JSON')")
    written = [
        row[0]
        for execution in (made, inserted, unloaded)
        for row in csv.reader(io.StringIO(athena.content(execution["Statistics"]["DataManifestLocation"]).decode()))
    ]
    there = [f"s3://{BUCKET}/{key}" for key in athena.target.keys("made/") + athena.target.keys("out/")]
    assert sorted(written) == sorted(there)
    assert inserted["Statistics"]["DataScannedInBytes"] == 0
    assert athena.target.s3.list_objects_v2(Bucket=BUCKET, Prefix="out/")["KeyCount"] == 1


def test_a_users_statement_writes_no_file_of_the_lake(athena: Athena, stack: Stack) -> None:
    place = f"s3://{LAKE}/silver/not-ours/"
    for sql in (
        f"CREATE TABLE taken WITH (external_location='{place}') AS SELECT 1 AS a",
        f"UNLOAD (SELECT 1 AS a) TO '{place}' WITH (format='PARQUET')",
        f"CREATE TABLE taken WITH (table_type='ICEBERG', is_external=false, location='{place}') AS SELECT 1 AS a",
    ):
        status = athena.run(sql)["Status"]
        assert (status["State"], "can't be written (AccessDenied)" in status["StateChangeReason"]) == ("FAILED", True)
    athena.done(f"CREATE EXTERNAL TABLE taken (a int) STORED AS PARQUET LOCATION '{place}'")
    assert athena.run("INSERT INTO taken VALUES (1)")["Status"]["State"] == "FAILED"
    listed = stack.s3("root").list_objects_v2(Bucket=LAKE, Prefix="silver/not-ours/").get("Contents", [])
    assert [one["Key"] for one in listed if one["Size"]] == []


def test_nobody_else_has_the_users_rights_in_trino(stack: Stack) -> None:
    with pytest.raises(HTTPError, match="401"):
        stack.sql("SELECT 1", user="api")
    assert stack.sql("SELECT count(*) FROM system.runtime.queries WHERE \"user\" = 'api'", user="lakebox") == [[0]]
    with pytest.raises(TrinoError, match="Access Denied"):
        stack.sql(f"CREATE TABLE iceberg.ai_lakehouse_db.mine WITH (location='s3://{BUCKET}/mine/') AS SELECT 1 AS a")


def test_what_fails_leaves_nothing(athena: Athena) -> None:
    failed = athena.run(
        f"CREATE TABLE t WITH (external_location='s3://{BUCKET}/t/') AS SELECT 1 / (id - 1) AS a FROM people"
    )
    assert failed["Status"]["AthenaError"]["ErrorType"] == 1001
    assert athena.target.keys("t/") == []
    assert [one["Name"] for one in athena.target.glue.get_tables(DatabaseName="default")["TableList"]] == [
        "lakebox_ready"
    ]


def test_a_workgroups_cutoff_cancels(athena: Athena) -> None:
    text = "x" * 1000 + "\n"
    athena.target.s3.put_object(Bucket=BUCKET, Key="big/a.txt", Body=(text * 11_000).encode())
    athena.done(f"CREATE EXTERNAL TABLE big (x string) LOCATION 's3://{BUCKET}/big/'")
    workgroups, configuration = athena.target.athena, {"BytesScannedCutoffPerQuery": 10_000_000}
    results = {"OutputLocation": f"s3://{BUCKET}/results/"}
    workgroups.create_work_group(Name="thrifty", Configuration=configuration | {"ResultConfiguration": results})
    try:
        for sql in ("SELECT max(length(x)) FROM big",
                    f"CREATE TABLE copied WITH (external_location='s3://{BUCKET}/copied/') AS SELECT * FROM big"):  # fmt: skip
            execution = athena.run(sql, WorkGroup="thrifty")
            assert execution["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
            assert execution["Status"]["State"] == "CANCELLED"
        assert athena.target.keys("copied/") == []
    finally:
        workgroups.delete_work_group(WorkGroup="thrifty", RecursiveDeleteOption=True)


def test_spark_and_athena_read_what_the_other_writes(athena: Athena) -> None:
    target = athena.target
    iceberg = {"datalake_formats": "iceberg", "conf": ICEBERG_CONF, "enable_glue_datacatalog": "true"}
    target.define("writes", SPARK_WRITES)
    target.run("writes", **iceberg)
    assert athena.rows("SELECT id, name, day FROM of_spark WHERE day > DATE '2024-01-01'") == [
        ["2", "bob", "2024-01-02"]
    ]
    assert athena.rows("SELECT * FROM sums") == [["2", "bob"]]
    assert athena.rows("SELECT * FROM ice_of_spark ORDER BY id") == [["1", "ann"], ["2", "bob"]]
    athena.done("INSERT INTO of_spark VALUES (3, 'cleo', DATE '2024-01-03')")
    athena.done("UPDATE ice_of_spark SET name = 'ben' WHERE id = 2")
    athena.done(f"CREATE TABLE of_athena WITH (partitioned_by=ARRAY['name'], external_location='s3://{BUCKET}/of_athena/') "
                "AS SELECT id, name FROM people")  # fmt: skip
    athena.done(ICE)
    target.define("reads", SPARK_READS)
    target.run("reads", **iceberg)
    names = {place: [row["name"] for row in target.rows(f"read/{place}/")] for place in ("hive", "spark", "ice", "own")}
    assert {place: sorted(found) for place, found in names.items()} == {
        "hive": ["ann", "bob", "cleo"],
        "spark": ["ann", "bob", "cleo"],
        "ice": ["ann", "ben"],
        "own": ["ann", "bob", "cleo"],
    }
    assert athena.rows("SELECT * FROM ice_of_spark ORDER BY id") == [["1", "ann"], ["2", "ben"], ["9", "zoe"]]
