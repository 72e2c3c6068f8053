"""A Spark job as a user would submit it: rows -> a table with a partition that needs escaping, in S3 and the metastore.

Run by test_spark.py inside the stack; arguments: table, location.
"""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def main() -> None:
    table, location = sys.argv[1:]
    spark = SparkSession.builder.appName("stack test").getOrCreate()
    rows = [("a", 1.5, "2026-01-01 00:00:00.123456", "Größe/ 1"), ("b", 2.5, "2026-01-02 12:00:00", "plain")]
    events = spark.createDataFrame(rows, "pk string, amount double, at string, event_type string")
    events = events.withColumn("at", F.to_timestamp("at"))
    events.write.mode("overwrite").partitionBy("event_type").option("path", location).saveAsTable(table)
    facts = spark.sparkContext.parallelize(range(2), 2).map(lambda _: facts_of_a_worker(location)).collect()
    print("executors:", facts)
    print("rows:", spark.table(table).count())


def facts_of_a_worker(location: str) -> tuple[str, bool]:
    """What a Python worker sees: our code, and S3, with credentials of its own."""
    import boto3

    from catalog.tables import DATABASE

    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    found = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
    return DATABASE, found["KeyCount"] > 0


if __name__ == "__main__":
    main()
