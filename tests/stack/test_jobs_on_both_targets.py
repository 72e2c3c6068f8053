"""The same scripts and clients on the embedded target and on the stack: the same tables and rows."""

import io
import zipfile
from collections.abc import Iterator

import pytest
from stack.api_target import BUCKET, Target, open_target
from stack.running_stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

START = """
import sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
args = getResolvedOptions(sys.argv, ["JOB_NAME"])
context = GlueContext(SparkContext.getOrCreate())
spark = context.spark_session
job = Job(context)
job.init(args["JOB_NAME"], args)
"""
TOUR = (
    START
    + """
people = context.create_dynamic_frame.from_catalog(
    database="crawler-database", table_name="people", push_down_predicate="year == '2026'", transformation_ctx="people")
mapped = ApplyMapping.apply(frame=people, mappings=[
    ("name", "string", "name", "string"), ("age", "string", "age", "int"), ("year", "string", "year", "string")])
sink = context.getSink(path="s3://api-test/out/people/", connection_type="s3", enableUpdateCatalog=True,
    updateBehavior="UPDATE_IN_DATABASE", partitionKeys=["year"], transformation_ctx="sink")
sink.setCatalogInfo(catalogDatabase="crawler-database", catalogTableName="adults")
sink.setFormat("glueparquet")
sink.writeFrame(Filter.apply(frame=mapped, f=lambda row: row["age"] > 3))
mixed = context.create_dynamic_frame.from_options("s3", {"paths": ["s3://api-test/in/mixed/"]}, "json")
cast = ResolveChoice.apply(frame=mixed, specs=[("price", "cast:double")])
cast.toDF().select("id", "price").coalesce(1).write.mode("overwrite").parquet("s3://api-test/out/mixed/")
flat = Relationalize.apply(frame=mixed, staging_path="s3://api-test/tmp/", name="root")
flat.select("root_items").toDF().select("id", "index").coalesce(1).write.parquet("s3://api-test/out/items/")
upper = spark.udf.register("upper_case", lambda text: text.upper())
spark.sql("SELECT upper_case(name) AS name FROM `crawler-database`.adults").coalesce(1).write.parquet(
    "s3://api-test/out/upper/")
spark.sql("CREATE DATABASE IF NOT EXISTS made_by_spark LOCATION 's3://api-test/made/'")
spark.sql("CREATE TABLE made_by_spark.sums STORED AS PARQUET AS SELECT year, count(*) AS n "
          "FROM `crawler-database`.adults GROUP BY year")
context.write_dynamic_frame.from_options(mapped, "s3", {"path": "s3://api-test/out/avro/"}, "avro")
avro = context.create_dynamic_frame.from_options("s3", {"paths": ["s3://api-test/out/avro/"]}, "avro")
avro.toDF().coalesce(1).write.parquet("s3://api-test/out/from_avro/")
by_path = spark.read.parquet("s3://api-test/out/people/")
by_path.select("name", "year").coalesce(1).write.parquet("s3://api-test/out/by_path/")
context.write_dynamic_frame.from_options(mapped, "s3", {"path": "s3://api-test"}, "json")
from awsgluedq.transforms import EvaluateDataQuality
rules = EvaluateDataQuality.apply(frame=people, ruleset='Rules = [ IsComplete "name", RowCount > 5 ]',
    publishing_options={"dataQualityEvaluationContext": "people"})
rules.toDF().select("Rule", "Outcome").coalesce(1).write.parquet("s3://api-test/out/rules/")
job.commit()
"""
)
BOOKMARKED = (
    START
    + """
events = context.create_dynamic_frame.from_options("s3", {"paths": ["s3://api-test/in/events/"], "recurse": True},
    "csv", {"withHeader": True}, transformation_ctx="events")
if events.count():
    context.write_dynamic_frame.from_options(events, "s3", {"path": "s3://api-test/out/events/"}, "parquet")
job.commit()
"""
)
ICEBERG = (
    START
    + """
spark.sql("CREATE TABLE glue_catalog.lake_db.users (id int, name string) USING iceberg")
spark.sql("INSERT INTO glue_catalog.lake_db.users VALUES (1, 'ann'), (2, 'bob')")
spark.createDataFrame([(2, "ben"), (3, "cleo")], "id int, name string").createOrReplaceTempView("changes")
spark.sql("MERGE INTO glue_catalog.lake_db.users u USING changes c ON u.id = c.id "
          "WHEN MATCHED THEN UPDATE SET u.name = c.name WHEN NOT MATCHED THEN INSERT *")
spark.sql("DELETE FROM glue_catalog.lake_db.users WHERE id = 1")
spark.sql("SELECT * FROM glue_catalog.lake_db.users").coalesce(1).write.parquet("s3://api-test/out/users/")
"""
)
ICEBERG_CONF = " --conf ".join(
    (
        "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.sql.catalog.glue_catalog=org.apache.iceberg.spark.SparkCatalog",
        f"spark.sql.catalog.glue_catalog.warehouse=s3://{BUCKET}/iceberg/",
        "spark.sql.catalog.glue_catalog.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog",
        "spark.sql.catalog.glue_catalog.io-impl=org.apache.iceberg.aws.s3.S3FileIO",
    )
)
SHELL = """
import sys
import boto3
import helper
keys = [one["Key"] for one in boto3.client("s3").list_objects_v2(Bucket="api-test", Prefix="in/people/")["Contents"]]
names = [one["Name"] for one in boto3.client("glue").get_databases()["DatabaseList"]]
said = helper.joined([open("note.txt").read(), *keys, *(name for name in names if "-" in name)])
boto3.client("s3").put_object(Bucket="api-test", Key="out/said.txt", Body=said.encode())
"""
CSV_TABLE = {
    "Name": "people",
    "TableType": "EXTERNAL_TABLE",
    "PartitionKeys": [{"Name": "year", "Type": "string"}],
    "Parameters": {"classification": "csv", "skip.header.line.count": "1"},
    "StorageDescriptor": {
        "Columns": [{"Name": "name", "Type": "string"}, {"Name": "age", "Type": "string"}],
        "Location": f"s3://{BUCKET}/in/people/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ","},
        },
    },
}


@pytest.fixture(scope="module", params=["embedded", "stack"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Target]:
    """A target with a bucket, files in it, and a table over some of them."""
    with open_target(request.param, stack, tmp_path_factory.mktemp("lake")) as found:
        fill(found)
        yield found


def fill(target: Target) -> None:
    target.put("in/people/year=2025/a.csv", "name,age\nzoe,9\n")
    target.put("in/people/year=2026/a.csv", "name,age\nann,3\nbob,5\n")
    target.put(
        "in/mixed/a.json", '{"id": 1, "price": 2, "items": [{"k": "a"}, {"k": "b"}]}\n{"id": 2, "price": "2.5"}\n'
    )
    target.glue.create_database(DatabaseInput={"Name": "crawler-database"})
    target.glue.create_table(DatabaseName="crawler-database", TableInput=CSV_TABLE)
    for year in ("2025", "2026"):
        storage = CSV_TABLE["StorageDescriptor"] | {"Location": f"s3://{BUCKET}/in/people/year={year}/"}  # type: ignore[operator]
        target.glue.create_partition(
            DatabaseName="crawler-database",
            TableName="people",
            PartitionInput={"Values": [year], "StorageDescriptor": storage},
        )


def test_a_tour_of_glue_gives_the_same(target: Target) -> None:
    target.define("tour", TOUR)
    target.run("tour", enable_glue_datacatalog="true")
    assert target.rows("out/people/") == [{"name": "bob", "age": 5}]
    assert target.rows("out/by_path/") == [{"name": "bob", "year": 2026}]  # Spark infers a partition's type, as on Glue
    assert target.keys("part-")
    assert target.rows("out/mixed/") == [{"id": 1, "price": 2.0}, {"id": 2, "price": 2.5}]
    assert target.rows("out/items/") == [{"id": 1, "index": 0}, {"id": 1, "index": 1}]
    assert target.rows("out/upper/") == [{"name": "BOB"}]
    assert target.rows("out/from_avro/") == [
        {"name": "ann", "age": 3, "year": "2026"},
        {"name": "bob", "age": 5, "year": "2026"},
    ]
    rules = [(row["Rule"], row["Outcome"]) for row in target.rows("out/rules/")]
    assert rules == [('IsComplete "name"', "Passed"), ("RowCount > 5", "Failed")]
    adults = target.glue.get_table(DatabaseName="crawler-database", Name="adults")["Table"]
    columns = {column["Name"]: column["Type"] for column in adults["StorageDescriptor"]["Columns"]}
    assert (columns, adults["PartitionKeys"]) == (
        {"name": "string", "age": "int"},
        [{"Name": "year", "Type": "string"}],
    )
    partitions = target.glue.get_partitions(DatabaseName="crawler-database", TableName="adults")["Partitions"]
    assert [partition["Values"] for partition in partitions] == [["2026"]]
    assert target.rows("made/sums/") == [{"year": "2026", "n": 1}]
    sums = target.glue.get_table(DatabaseName="made_by_spark", Name="sums")["Table"]
    assert [column["Type"] for column in sums["StorageDescriptor"]["Columns"]] == ["string", "bigint"]


@pytest.mark.parametrize("target", ["stack"], indirect=True)
def test_trino_sees_a_database_with_a_hyphen(target: Target, stack: Stack) -> None:
    query = "SELECT name, age FROM awsdatacatalog.\"crawler-database\".people WHERE year = '2026' ORDER BY name"
    assert stack.sql(query) == [["ann", "3"], ["bob", "5"]]


def test_iceberg_merges_as_in_awss_documentation(target: Target) -> None:
    target.glue.create_database(DatabaseInput={"Name": "lake_db"})
    target.define("iceberg", ICEBERG)
    target.run("iceberg", datalake_formats="iceberg", conf=ICEBERG_CONF)
    assert target.rows("out/users/") == [{"id": 2, "name": "ben"}, {"id": 3, "name": "cleo"}]
    users = target.glue.get_table(DatabaseName="lake_db", Name="users")["Table"]
    assert users["Parameters"]["table_type"] == "ICEBERG"
    assert users["Parameters"]["metadata_location"].startswith(f"s3://{BUCKET}/iceberg/lake_db.db/users/metadata/")


def test_bookmarks_skip_what_was_read(target: Target) -> None:
    target.define("bookmarked", BOOKMARKED)
    target.put("in/events/1.csv", "id\n1\n")
    target.run("bookmarked", job_bookmark_option="job-bookmark-enable")
    assert target.rows("out/events/") == [{"id": "1"}]
    target.put("in/events/2.csv", "id\n2\n3\n")
    target.run("bookmarked", job_bookmark_option="job-bookmark-enable")
    assert target.rows("out/events/") == [{"id": "1"}, {"id": "2"}, {"id": "3"}]
    assert "2.csv" in target.glue.get_job_bookmark(JobName="bookmarked")["JobBookmarkEntry"]["JobBookmark"]


def test_a_shell_job_has_files_and_clients(target: Target) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("helper.py", "def joined(words):\n    return ' '.join(words)\n")
    target.s3.put_object(Bucket=BUCKET, Key="lib/helper.zip", Body=archive.getvalue())
    target.put("lib/note.txt", "hello")
    target.define("shell", SHELL, "pythonshell")
    files = {"extra_py_files": f"s3://{BUCKET}/lib/helper.zip", "extra_files": f"s3://{BUCKET}/lib/note.txt"}
    target.run("shell", **files)
    said = target.s3.get_object(Bucket=BUCKET, Key="out/said.txt")["Body"].read().decode()
    assert said == "hello in/people/year=2025/a.csv in/people/year=2026/a.csv crawler-database"


def test_failures_say_why(target: Target) -> None:
    target.define("fails", "\nraise ValueError('no rows')\n", "pythonshell")
    run = target.wait("fails", target.start("fails"))
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"] == "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 2; ValueError: no rows"


def test_a_run_is_stopped(target: Target) -> None:
    target.define("waits", "import threading\nthreading.Event().wait()\n", "pythonshell")
    run_id = target.start("waits")
    target.wait("waits", run_id, "RUNNING")
    target.glue.batch_stop_job_run(JobName="waits", JobRunIds=[run_id])
    assert target.wait("waits", run_id)["JobRunState"] == "STOPPED"


def test_a_database_has_the_location_that_it_was_given(target: Target) -> None:
    for location in ({"LocationUri": "s3://api-test/x"}, {"LocationUri": "api-test/"}, {}):
        target.glue.create_database(DatabaseInput={"Name": "second_db", **location})
        made = target.glue.get_database(Name="second_db")["Database"]
        assert {key: value for key, value in made.items() if key == "LocationUri"} == location
        assert made.get("Parameters", {}) == {}
        target.glue.delete_database(Name="second_db")


def test_tables_have_versions(target: Target) -> None:
    glue, where = target.glue, {"DatabaseName": "crawler-database"}
    table = {
        "Name": "versioned",
        "StorageDescriptor": {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://x/y"},
    }
    glue.create_table(**where, TableInput=table)
    glue.update_table(**where, TableInput=table | {"Description": "second"})
    versions = glue.get_table_versions(**where, TableName="versioned")["TableVersions"]
    assert [(one["VersionId"], one["Table"].get("Description")) for one in versions] == [("1", "second"), ("0", None)]
    glue.delete_table(**where, Name="versioned")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table(**where, Name="versioned")


def test_hundreds_of_partitions_are_found_by_expression(target: Target) -> None:
    glue, where = target.glue, {"DatabaseName": "crawler-database", "TableName": "many"}
    storage = CSV_TABLE["StorageDescriptor"]
    keys = [{"Name": "day", "Type": "int"}, {"Name": "kind", "Type": "string"}]
    many = {"Name": "many", "PartitionKeys": keys, "StorageDescriptor": storage}
    glue.create_table(DatabaseName="crawler-database", TableInput=many)
    wanted = [
        {"Values": [str(day), kind], "StorageDescriptor": storage} for day in range(100) for kind in ("a/b", "ü=c")
    ]
    for start in range(0, 200, 100):
        assert glue.batch_create_partition(**where, PartitionInputList=wanted[start : start + 100])["Errors"] == []
    pages = glue.get_paginator("get_partitions").paginate(
        **where, Expression="day >= 98 AND kind = 'ü=c'", PaginationConfig={"PageSize": 1}
    )
    assert [one["Values"] for page in pages for one in page["Partitions"]] == [["98", "ü=c"], ["99", "ü=c"]]
