"""A Spark job as a user would submit it: rows -> a table with a partition that needs escaping, in S3 and the metastore.

Run by test_spark.py inside the stack; arguments: table, location.
"""

import sys

from pyspark import TaskContext
from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def main() -> None:
    table, location = sys.argv[1:]
    spark = SparkSession.builder.appName("stack test").getOrCreate()
    rows = [("a", 1.5, "2026-01-01 00:00:00.123456", "Größe/ 1"), ("b", 2.5, "2026-01-02 12:00:00", "plain")]
    events = spark.createDataFrame(rows, "pk string, amount double, at string, event_type string")
    events = events.withColumn("at", F.to_timestamp("at"))
    events.write.mode("overwrite").partitionBy("event_type").option("path", location).saveAsTable(table)
    workers = spark.sparkContext.parallelize(range(2), 2).map(lambda _: executor_facts()).collect()
    print("executors:", workers)
    print("rows:", spark.table(table).count())


def executor_facts() -> tuple[str, list[str]]:
    """What a Python worker sees: its executor, and the keys of the lake, listed with the worker's own credentials."""
    import os

    import boto3

    import catalog.tables
    import jobs.storage

    context = TaskContext.get()
    assert context is not None
    bucket = os.environ["LAKEBOX_LAKE_BUCKET"]
    found = boto3.client("s3").list_objects_v2(Bucket=bucket, MaxKeys=2)
    return catalog.tables.DATABASE + jobs.storage.STAGING, [item["Key"] for item in found["Contents"]]


if __name__ == "__main__":
    main()
