"""Avro in job runs: DynamicFrames, sinks, plain Spark and the catalog."""

import pytest
from job_sandbox import JobSandbox

from lakebox.spark.jars import AVRO, JarError, fetched

SCRIPT = """
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from pyspark.context import SparkContext

glue = GlueContext(SparkContext())
spark = glue.spark_session
rows = DynamicFrame.fromDF(spark.createDataFrame([(1, "a"), (2, "b")], "id INT, kind STRING"), glue, "rows")
target = {"path": "s3://data/plain/"}
glue.write_dynamic_frame.from_options(rows, connection_type="s3", connection_options=target, format="avro")
sink = glue.getSink("s3", path="s3://data/table/", enableUpdateCatalog=True, partitionKeys=["kind"])
sink.setFormat("avro")
sink.setCatalogInfo(catalogDatabase="shop", catalogTableName="things")
sink.writeFrame(rows)
read = glue.create_dynamic_frame.from_options("s3", {"paths": ["s3://data/plain/"]}, format="avro")
print(sorted(tuple(row) for row in read.toDF().collect()))
print(spark.read.format("avro").load("s3://data/plain/").count())
print(sorted(tuple(row) for row in glue.create_dynamic_frame.from_catalog("shop", "things").toDF().collect()))
"""


@pytest.mark.spark
def test_avro_comes_back(sandbox: JobSandbox) -> None:
    try:
        fetched(AVRO)
    except JarError as error:
        pytest.skip(str(error))
    (sandbox.root / "data").mkdir()
    sandbox.glue.create_database(DatabaseInput={"Name": "shop"})
    sandbox.define("avro", SCRIPT, kind="glueetl")
    run = sandbox.run("avro")
    assert run["JobRunState"] == "SUCCEEDED", sandbox.output(run)
    assert sandbox.output(run).splitlines()[-3:] == ["[(1, 'a'), (2, 'b')]", "2", "[(1, 'a'), (2, 'b')]"]
    table = sandbox.glue.get_table(DatabaseName="shop", Name="things")["Table"]
    assert (table["Parameters"]["classification"], table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]) == (
        "avro",
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    )
