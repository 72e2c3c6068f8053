"""Spark SQL on the Data Catalog, as --enable-glue-datacatalog gives it to a job."""

import pytest
from job_sandbox import JobSandbox

STATEMENTS = """
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()

def rows(statement):
    print([tuple(row) for row in spark.sql(statement).collect()])

spark.sql("CREATE DATABASE made LOCATION 's3://data/made/'")
for database in ("made", "`my-shop`"):
    spark.sql(f"CREATE TABLE {database}.days (id INT, name STRING) PARTITIONED BY (day DATE) STORED AS PARQUET")
    spark.sql(f"INSERT INTO {database}.days PARTITION (day = '2026-01-01') VALUES (1, 'a')")
    spark.sql(f"INSERT INTO {database}.days VALUES (2, 'b', DATE'2026-01-02'), (3, 'c', DATE'2026-01-03')")
    rows(f"SELECT id, day FROM {database}.days WHERE day >= '2026-01-02' ORDER BY id")
spark.sql("CREATE TABLE made.copied USING parquet AS SELECT id, name FROM made.days")
spark.table("made.days").write.partitionBy("day").saveAsTable("made.saved")
spark.table("made.days").limit(1).write.mode("append").insertInto("made.saved")
rows("SELECT (SELECT count(*) FROM made.copied), (SELECT count(*) FROM made.saved)")
spark.sql("ALTER TABLE made.days ADD COLUMNS (price DOUBLE)")
spark.sql("ALTER TABLE made.days SET TBLPROPERTIES ('note' = 'x')")
spark.sql("ALTER TABLE made.copied RENAME TO made.renamed")
spark.sql("ALTER TABLE made.days ADD PARTITION (day = '2026-01-04') LOCATION 's3://data/elsewhere/'")
spark.sql("ALTER TABLE made.days DROP PARTITION (day = '2026-01-01')")
rows("SHOW PARTITIONS made.days")
spark.createDataFrame([(9, "z")], "id INT, name STRING").write.parquet("s3://data/made/days/day=2026-02-01/")
spark.sql("MSCK REPAIR TABLE made.days")
rows("SELECT id, price, day FROM made.days WHERE day > '2026-01-31'")
spark.sql("INSERT OVERWRITE made.days PARTITION (day) SELECT 7, 'w', 0.5, DATE'2026-01-02'")
rows("SELECT count(*), max(price) FROM made.days")
spark.sql("CREATE VIEW made.seen AS SELECT max(id) AS top FROM made.days")
rows("SELECT top FROM made.seen")
spark.sql("DROP TABLE made.renamed")
rows("SHOW TABLES IN made")
spark.sql("CREATE DATABASE placeless")
spark.range(3).write.option("path", "s3://data/outside").saveAsTable("placeless.outside")
rows("SELECT count(*) FROM placeless.outside")
for refused in ("CREATE ROLE x", "CREATE FUNCTION made.f AS 'x.Y'", "CREATE TABLE homeless.t (a INT)",
                "CREATE TABLE placeless.t (a INT) USING parquet"):
    try:
        spark.sql(refused)
        print("done", refused)
    except Exception as error:
        print(str(error).splitlines()[0] if str(error).splitlines()[0] else str(error).splitlines()[1])
"""


@pytest.mark.spark
def test_statements_work_on_the_catalog(sandbox: JobSandbox) -> None:
    (sandbox.root / "data").mkdir()
    sandbox.glue.create_database(DatabaseInput={"Name": "my-shop", "LocationUri": "s3://data/shop/"})
    sandbox.glue.create_database(DatabaseInput={"Name": "homeless"})
    sandbox.define("sql", STATEMENTS, kind="glueetl", DefaultArguments={"--enable-glue-datacatalog": "true"})
    run = sandbox.run("sql")
    assert run["JobRunState"] == "SUCCEEDED", sandbox.output(run)
    days = "[(2, datetime.date(2026, 1, 2)), (3, datetime.date(2026, 1, 3))]"
    *answers, role, function, homeless, placeless = sandbox.output(run).splitlines()[-13:]
    assert answers == [
        days,
        days,
        "[(3, 4)]",
        "[('day=2026-01-02',), ('day=2026-01-03',), ('day=2026-01-04',)]",
        "[(9, None, datetime.date(2026, 2, 1))]",
        "[(3, 0.5)]",
        "[(9,)]",
        "[('made', 'days', False), ('made', 'saved', False), ('made', 'seen', False)]",
        "[(3,)]",
    ]
    assert role.startswith("Operation not allowed: CREATE ROLE")
    assert "create_function is not supported by lakebox's metastore; use the Glue API" in function
    assert (
        homeless == placeless == "Can not create a Path from an empty string"
    )  # as on AWS, where a database has no location
    table = sandbox.glue.get_table(DatabaseName="made", Name="days")["Table"]
    columns = [column["Name"] for column in table["StorageDescriptor"]["Columns"]]
    assert (columns, table["Parameters"]["note"]) == (["id", "name", "price"], "x")
