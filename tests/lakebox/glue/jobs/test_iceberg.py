"""Iceberg tables in job runs: AWS's settings as they are, Iceberg's own GlueCatalog and S3FileIO on the endpoint."""

import pytest
from job_sandbox import JobSandbox

from lakebox.spark.jars import ICEBERG, JarError, fetched

pytestmark = pytest.mark.spark
SETTINGS = " --conf ".join(
    (
        "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.sql.catalog.glue_catalog=org.apache.iceberg.spark.SparkCatalog",
        "spark.sql.catalog.glue_catalog.warehouse=s3://warehouse/tables/",
        "spark.sql.catalog.glue_catalog.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog",
        "spark.sql.catalog.glue_catalog.io-impl=org.apache.iceberg.aws.s3.S3FileIO",
    )
)
ARGUMENTS = {"--datalake-formats": "iceberg", "--conf": SETTINGS}


@pytest.fixture
def lake(sandbox: JobSandbox) -> JobSandbox:
    """A sandbox with a bucket `warehouse` and a database `shop`."""
    try:
        for jar in ICEBERG:
            fetched(jar)
    except JarError as error:
        pytest.skip(str(error))
    (sandbox.root / "warehouse").mkdir()
    sandbox.glue.create_database(DatabaseInput={"Name": "shop"})
    return sandbox


CHANGES = """
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
table = "glue_catalog.shop.orders"
spark.sql(f"CREATE TABLE {table} (id INT, name STRING, day DATE) USING iceberg PARTITIONED BY (day)")
spark.sql(f"INSERT INTO {table} VALUES (1, 'a', DATE'2026-01-01'), (2, 'b', DATE'2026-01-02'), (4, 'd', NULL)")
spark.sql("SELECT 2 AS id, 'B' AS name, DATE'2026-01-02' AS day UNION ALL SELECT 3, 'c', NULL").createTempView("news")
spark.sql(f"MERGE INTO {table} t USING news n ON t.id = n.id "
          "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *")
spark.sql(f"UPDATE {table} SET name = 'A' WHERE id = 1")
spark.sql(f"DELETE FROM {table} WHERE id = 4")
spark.sql(f"ALTER TABLE {table} ADD COLUMN price DOUBLE")
print([tuple(row)[:2] for row in spark.table(table).orderBy("id").collect()])
first, *_ = spark.sql(f"SELECT snapshot_id FROM {table}.snapshots ORDER BY committed_at").collect()
print(spark.sql(f"SELECT name FROM {table} VERSION AS OF {first[0]} WHERE id < 3").orderBy("name").collect())
print([row.operation for row in spark.sql(f"SELECT operation FROM {table}.snapshots ORDER BY committed_at").collect()])
spark.range(3).writeTo("glue_catalog.shop.numbers").using("iceberg").tableProperty("format-version", "2").create()
spark.range(2).writeTo("glue_catalog.shop.numbers").append()
print(spark.read.format("iceberg").load("glue_catalog.shop.numbers").count())
spark.sql("CREATE TABLE glue_catalog.shop.gone USING iceberg AS SELECT 1 AS one")
spark.sql("DROP TABLE glue_catalog.shop.gone PURGE")
spark.sql("ALTER TABLE glue_catalog.shop.numbers RENAME TO shop.renamed")
print([row.tableName for row in spark.sql("SHOW TABLES IN glue_catalog.shop").collect()])
spark.sql("CREATE TABLE glue_catalog.shop.counts (n INT) USING iceberg "
          "TBLPROPERTIES ('commit.retry.num-retries' = '100', 'commit.retry.max-wait-ms' = '500')")
"""
COMMITS = """
from concurrent.futures import ThreadPoolExecutor
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
with ThreadPoolExecutor(4) as pool:
    list(pool.map(lambda n: spark.sql(f"INSERT INTO glue_catalog.shop.counts VALUES ({n})"), range(8)))
print(spark.table("glue_catalog.shop.counts").count())
"""


def test_tables_change_and_keep_all_commits(lake: JobSandbox) -> None:
    lake.define("changes", CHANGES, kind="glueetl", DefaultArguments=ARGUMENTS)
    run = lake.run("changes")
    assert run["JobRunState"] == "SUCCEEDED", lake.output(run)
    assert lake.output(run).splitlines()[-5:] == [
        "[(1, 'A'), (2, 'B'), (3, 'c')]",
        "[Row(name='a'), Row(name='b')]",
        "['append', 'overwrite', 'overwrite', 'delete']",
        "5",
        "['orders', 'renamed']",
    ]
    table = lake.glue.get_table(DatabaseName="shop", Name="orders")["Table"]
    location = "s3://warehouse/tables/shop.db/orders"
    assert (table["TableType"], table["StorageDescriptor"]["Location"]) == ("EXTERNAL_TABLE", location)
    assert set(table["Parameters"]) == {"table_type", "metadata_location", "previous_metadata_location"}
    assert table["Parameters"]["table_type"] == "ICEBERG"
    assert table["Parameters"]["metadata_location"].startswith(f"{location}/metadata/00005-")
    assert table["Parameters"]["previous_metadata_location"].startswith(f"{location}/metadata/00004-")
    columns = [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]]
    assert columns == [("id", "int"), ("name", "string"), ("day", "date"), ("price", "double")]
    two = {"ExecutionProperty": {"MaxConcurrentRuns": 2}}
    lake.define("commits", COMMITS, kind="glueetl", DefaultArguments=ARGUMENTS, **two)
    runs = [lake.wait("commits", run_id) for run_id in [lake.start("commits") for _ in range(2)]]
    assert [run["JobRunState"] for run in runs] == ["SUCCEEDED"] * 2, lake.output(runs[0]) + lake.output(runs[1])
    assert max(int(lake.output(run).splitlines()[-1]) for run in runs) == 16


OWN_SETTINGS = """
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from pyspark.conf import SparkConf
from pyspark.context import SparkContext

conf = SparkConf()
conf.set("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
glue = GlueContext(SparkContext(conf=conf))
spark = glue.spark_session
for name in ("one", "glue_catalog"):
    spark.conf.set(f"spark.sql.catalog.{name}", "org.apache.iceberg.spark.SparkCatalog")
    spark.conf.set(f"spark.sql.catalog.{name}.warehouse", "s3://warehouse/own")
    spark.conf.set(f"spark.sql.catalog.{name}.type" if name == "one" else f"spark.sql.catalog.{name}.catalog-impl",
                   "glue" if name == "one" else "org.apache.iceberg.aws.glue.GlueCatalog")
spark.sql("CREATE TABLE one.shop.sales (id BIGINT, kind STRING) USING iceberg PARTITIONED BY (kind)")
rows = spark.createDataFrame([(1, "a"), (2, "b")], "id BIGINT, kind STRING")
glue.write_data_frame.from_catalog(frame=rows, database="shop", table_name="sales", additional_options={})
glue.write_dynamic_frame.from_catalog(DynamicFrame.fromDF(rows, glue, "rows"), database="shop", table_name="sales")
snapshot = spark.sql("SELECT snapshot_id FROM glue_catalog.shop.sales.snapshots ORDER BY committed_at").first()[0]
whole = glue.create_data_frame.from_catalog(database="shop", table_name="sales")
past = glue.create_data_frame.from_catalog("shop", "sales", additional_options={"snapshot-id": str(snapshot)})
chosen = glue.create_dynamic_frame.from_catalog("shop", "sales", push_down_predicate="kind = 'b'")
print(whole.count(), past.count(), chosen.count())
"""


def test_settings_of_the_script_work_alike(lake: JobSandbox) -> None:
    lake.define("own", OWN_SETTINGS, kind="glueetl", DefaultArguments={"--datalake-formats": "iceberg"})
    run = lake.run("own")
    assert run["JobRunState"] == "SUCCEEDED", lake.output(run)
    assert lake.output(run).splitlines()[-1] == "4 2 2"
    read = """
        from awsglue.context import GlueContext
        from pyspark.context import SparkContext

        print(GlueContext(SparkContext()).create_data_frame.from_catalog("shop", "sales").count())
    """
    lake.define("reads", "\n".join(line[8:] for line in read.splitlines()), kind="glueetl")
    assert lake.output(lake.run("reads", Arguments={"--datalake-formats": "iceberg"})).splitlines()[-1] == "4"
    assert "run the job with --datalake-formats iceberg" in lake.run("reads")["ErrorMessage"]


SESSION_CATALOG = """
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE TABLE shop.plain (id INT) USING parquet LOCATION 's3://warehouse/plain/'")
spark.sql("INSERT INTO shop.plain VALUES (1)")
spark.sql("CREATE TABLE shop.ice USING iceberg LOCATION 's3://warehouse/ice' AS SELECT * FROM shop.plain")
spark.sql("INSERT INTO shop.ice VALUES (2)")
print(sorted(row.id for row in spark.sql("SELECT id FROM shop.ice").collect()))
print([table.name for table in spark.catalog.listTables("shop")])
"""


@pytest.mark.parametrize("kind", ["catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog", "type=hive"])
def test_the_session_catalog_has_both_kinds(lake: JobSandbox, kind: str) -> None:
    settings = " --conf spark.sql.catalog.spark_catalog".join(
        (
            "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
            "=org.apache.iceberg.spark.SparkSessionCatalog",
            f".{kind}",
            ".warehouse=s3://warehouse/tables",
        )
    )
    arguments = {"--datalake-formats": "iceberg", "--conf": settings, "--enable-glue-datacatalog": "true"}
    lake.define("session", SESSION_CATALOG, kind="glueetl", DefaultArguments=arguments)
    run = lake.run("session")
    assert run["JobRunState"] == "SUCCEEDED", lake.output(run)
    assert lake.output(run).splitlines()[-2:] == ["[1, 2]", "['ice', 'plain']"]
    parameters = lake.glue.get_table(DatabaseName="shop", Name="ice")["Table"]["Parameters"]
    assert parameters["table_type"] == "ICEBERG"
    assert parameters["metadata_location"].startswith("s3://warehouse/ice/metadata/00001-")
