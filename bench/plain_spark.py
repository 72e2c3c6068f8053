"""The straightforward version of the same flow, on the same Spark: explicit schema, row_number, overwrite.

python bench/plain_spark.py RAW LAKE TRAINING_DATE

Reads all raw files on each run and writes every table anew. Silver and Gold equal lakebox's; what it leaves out is
quarantine, late knowledge across runs, the record of runs and safety from crashes.
"""

import sys

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from lakebox.spark.local_session import local_session

SCHEMA = (
    "user_id string, event_type string, timestamp timestamp, op string, updated_at timestamp, page string, "
    "device string, source string, amount double, campaign string, session string"
)
KEY = ("user_id", "event_type", "event_time")
PARTITIONS = ("event_type", "event_date")


def hashed(*names: str) -> Column:
    """Hex SHA-256 of columns, each as `<UTF-8 length>:<text>`, null as `-1:`."""
    texts = [
        F.coalesce(F.concat(F.octet_length(name).cast("string"), F.lit(":"), F.col(name)), F.lit("-1:"))
        for name in names
    ]
    return F.sha2(F.concat(*texts), 256)


def bronze(raw: DataFrame) -> DataFrame:
    """Raw events with key, hash and defaults."""
    named = raw.withColumnRenamed("timestamp", "event_timestamp")
    other = F.to_json(F.struct("campaign", "session"))
    texts = (
        named.withColumn("event_time", F.date_format("event_timestamp", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'"))
        .withColumn("amount_text", F.col("amount").cast("string"))
        .withColumn("attributes", F.when(other != "{}", other))
        .withColumn("op", F.upper(F.coalesce("op", F.lit("I"))))
        .withColumn("updated_at", F.coalesce("updated_at", "event_timestamp"))
    )
    payload = ("page", "device", "source", "amount_text", "attributes")
    return texts.select(
        hashed(*KEY).alias("pk"),
        "user_id",
        "event_type",
        "event_timestamp",
        "op",
        "updated_at",
        "page",
        "device",
        "source",
        "amount",
        "attributes",
        F.current_timestamp().alias("ingestion_ts"),
        (F.col("op") != "D").alias("model_input_flag"),
        F.current_timestamp().alias("inference_ts"),
        hashed(*KEY, *payload).alias("feature_hash"),
    )


def silver(changes: DataFrame) -> DataFrame:
    """The latest change of each key, deletes left out."""
    rank = F.when(F.col("op") == "D", 2).when(F.col("op") == "U", 1).otherwise(0)
    newest = Window.partitionBy("pk").orderBy(F.desc("updated_at"), rank.desc(), F.desc("feature_hash"))
    latest = changes.withColumn("version", F.row_number().over(newest)).filter("version = 1 AND op <> 'D'")
    return latest.drop("version").withColumn("event_date", F.to_date("event_timestamp"))


def check(state: DataFrame) -> None:
    """The gate in its plainest form: rows, nulls, and unique keys."""
    nulls = [F.sum(F.col(name).isNull().cast("int")).alias(f"no_{name}") for name in state.columns]
    found = state.agg(F.count(F.lit(1)).alias("rows"), F.countDistinct("pk").alias("keys"), *nulls).collect()[0]
    if found["rows"] != found["keys"] or found["no_user_id"]:
        sys.exit(f"bad data: {found}")


def gold(state: DataFrame, day: str) -> DataFrame:
    """Features per user."""
    known = state.filter(F.col("event_timestamp") < F.date_add(F.lit(day).cast("date"), 1).cast("timestamp"))
    last = F.max(F.struct("event_timestamp", "event_type"))["event_type"]
    days = F.datediff(F.lit(day).cast("date"), F.to_date(F.max("event_timestamp"))).cast("bigint")
    return known.groupBy("user_id").agg(
        F.count(F.when(F.col("event_type") == "click", 1)).alias("click_count"),
        F.count(F.when(F.col("event_type") == "purchase", 1)).alias("purchase_count"),
        F.count(F.lit(1)).alias("event_count"),
        F.min("event_timestamp").alias("first_event_timestamp"),
        F.max("event_timestamp").alias("last_event_timestamp"),
        last.alias("last_event_type"),
        days.alias("days_since_last_event"),
    )


def run(spark: SparkSession, raw: str, lake: str, day: str) -> None:
    """The whole flow."""
    bronze(spark.read.schema(SCHEMA).json(raw)).write.parquet(f"{lake}/bronze", mode="overwrite")
    by_partition = silver(spark.read.parquet(f"{lake}/bronze")).repartition(*PARTITIONS)
    by_partition.write.partitionBy(*PARTITIONS).parquet(f"{lake}/silver", mode="overwrite")
    state = spark.read.parquet(f"{lake}/silver")
    check(state)
    gold(state, day).write.parquet(f"{lake}/gold/training_date={day}", mode="overwrite")


if __name__ == "__main__":
    run(local_session(), *sys.argv[1:4])
