"""What a Glue job writes Athena reads, and back: tables of Hive's and Iceberg's, with deletes merged on read."""

import pytest
from job_sandbox import JobSandbox, open_sandbox
from sql_lake import catalog_of

from lakebox.athena.duckdb_engine import DuckDbEngine
from lakebox.spark.jars import ICEBERG, JarError, fetched

pytestmark = pytest.mark.spark
CATALOG = "spark.sql.catalog.glue_catalog"
SETTINGS = " --conf ".join(
    (
        "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        f"{CATALOG}=org.apache.iceberg.spark.SparkCatalog",
        f"{CATALOG}.warehouse=s3://warehouse/tables/",
        f"{CATALOG}.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog",
        f"{CATALOG}.io-impl=org.apache.iceberg.aws.s3.S3FileIO",
    )
)
WRITES = """
from pyspark.sql import SparkSession

spark = SparkSession.builder.enableHiveSupport().getOrCreate()
table = "glue_catalog.shop.orders"
spark.sql(f"CREATE TABLE {table} (id INT, name STRING, day DATE) USING iceberg PARTITIONED BY (day) TBLPROPERTIES "
          "('format-version'='2', 'write.delete.mode'='merge-on-read', 'write.update.mode'='merge-on-read')")
spark.sql(f"INSERT INTO {table} SELECT CAST(id AS INT), concat('n', id), DATE'2026-01-01' FROM range(0, 1000, 1, 1)")
spark.sql(f"DELETE FROM {table} WHERE id % 2 = 1")
spark.sql(f"UPDATE {table} SET name = 'zero' WHERE id = 0")
spark.sql("CREATE TABLE shop.hive USING parquet PARTITIONED BY (k) LOCATION 's3://warehouse/hive' AS "
          "SELECT array(1, 2) AS l, named_struct('a', 1, 'b', TIMESTAMP'2026-01-01 10:00:00') AS s, 'x/y' AS k")
print([tuple(row) for row in spark.sql("SELECT n, s FROM shop.made ORDER BY n").collect()])
print([tuple(row) for row in spark.sql("SELECT n, s FROM glue_catalog.shop.ice ORDER BY n").collect()])
"""


def test_spark_and_athena_read_each_others_tables(tmp_path_factory: pytest.TempPathFactory) -> None:
    try:
        for jar in ICEBERG:
            fetched(jar)
    except JarError as error:
        pytest.skip(str(error))
    for sandbox in open_sandbox(tmp_path_factory.mktemp("lake")):
        check_both_ways(sandbox)


def check_both_ways(sandbox: JobSandbox) -> None:
    (sandbox.root / "warehouse").mkdir()
    engine = DuckDbEngine(catalog_of(sandbox.root), str(sandbox.root))
    engine.query("CREATE DATABASE shop")
    engine.query(
        "CREATE TABLE shop.made WITH (external_location = 's3://warehouse/made/', partitioned_by = ARRAY['s']) "
        "AS SELECT * FROM (VALUES (1, 'a'), (2, 'b/c')) v (n, s)"
    )
    engine.query(
        "CREATE TABLE shop.ice WITH (table_type = 'ICEBERG', location = 's3://warehouse/ice/') "
        "AS SELECT * FROM (VALUES (1, 'a'), (2, NULL)) v (n, s)"
    )
    arguments = {"--datalake-formats": "iceberg", "--conf": SETTINGS, "--enable-glue-datacatalog": "true"}
    sandbox.define("writes", WRITES, kind="glueetl", DefaultArguments=arguments)
    run = sandbox.run("writes")
    assert run["JobRunState"] == "SUCCEEDED", sandbox.output(run)
    assert sandbox.output(run).splitlines()[-2:] == ["[(1, 'a'), (2, 'b/c')]", "[(1, 'a'), (2, None)]"]
    counted = engine.query("SELECT count(*), sum(id), max(name) FROM shop.orders")
    assert counted.rows == [(500, sum(range(0, 1000, 2)), "zero")]
    hive = engine.query("SELECT l, s.a, CAST(s.b AS varchar), k FROM shop.hive")
    assert hive.rows == [([1, 2], 1, "2026-01-01 10:00:00.000", "x/y")]
