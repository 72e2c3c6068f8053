"""silver/user_events/ -> gold/user_features/: ML features, one row per user, as of the end of one day.

The snapshot of a day counts live events before the next day's 00:00 UTC, so later events never change it.
"""

from datetime import date, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from catalog.tables import GOLD_USER_FEATURES, SILVER_USER_EVENTS
from jobs.arguments import JobArguments
from jobs.job import run_script
from jobs.lake.frames import Frames, SparkSource, ddl
from jobs.lake.layout import Staged
from jobs.lake.protocol import Lake
from jobs.lake.run_properties import Outcome


def user_features(live_events: DataFrame, training_date: date) -> DataFrame:
    """Features per user, as of the end of training_date (UTC).

    In:  one row a live event: user_id, event_type, event_timestamp (timestamp, UTC), event_date (DATE)
    Out: one row a user with events up to that day: gold_user_features' columns, without the partition
    Of several events at the last timestamp, the greatest event_type by UTF-8 bytes gives last_event_type.
    """
    day = F.lit(training_date.isoformat()).cast("date")
    before = F.lit((training_date + timedelta(days=1)).isoformat()).cast("timestamp")
    known = live_events.filter((F.col("event_date") <= day) & (F.col("event_timestamp") < before))
    per_type = known.groupBy("user_id", "event_type").agg(
        F.count(F.lit(1)).alias("events"),
        F.min("event_timestamp").alias("first_event_timestamp"),
        F.max("event_timestamp").alias("last_event_timestamp"),
    )
    last = F.max(F.struct("last_event_timestamp", "event_type"))
    per_user = per_type.groupBy("user_id").agg(
        _events_of("click").alias("click_count"),
        _events_of("purchase").alias("purchase_count"),
        F.sum("events").alias("event_count"),
        F.min("first_event_timestamp").alias("first_event_timestamp"),
        last.getField("last_event_timestamp").alias("last_event_timestamp"),
        last.getField("event_type").alias("last_event_type"),
    )
    days_since = F.datediff(day, F.to_date("last_event_timestamp")).cast("bigint")
    return per_user.withColumn("days_since_last_event", days_since).select(*GOLD_USER_FEATURES.column_names)


def _events_of(event_type: str) -> Column:
    return F.coalesce(F.sum(F.when(F.col("event_type") == event_type, F.col("events"))), F.lit(0))


def silver_to_gold(lake: Lake, arguments: JobArguments, spark: SparkSource) -> Outcome:
    """Write the snapshot of arguments.training_date, unless it is there and Silver has not changed since."""
    day = arguments.training_date.isoformat()
    watermark = lake.bronze().watermark
    if lake.has_snapshot(day):
        return Outcome(0, 0, watermark, f"the snapshot of {day} is up to date", skipped=True)
    registered = lake.registered_partitions(SILVER_USER_EVENTS)
    partitions = {values: objects for values, objects in registered.items() if values[1] <= day}
    staged, events = Staged(), 0
    if partitions:
        frames = Frames(lake, spark())
        live_events = frames.table_in_few_files(SILVER_USER_EVENTS, partitions)
        features = user_features(live_events, arguments.training_date)
        staged = frames.stage(features.coalesce(1).sortWithinPartitions("user_id"), "gold")
        counted = frames.read_files(staged.keys, ddl(GOLD_USER_FEATURES)).agg(F.sum("event_count").alias("events"))
        events = counted.collect()[0]["events"] or 0
    lake.commit_snapshot(day, staged)
    summary = f"{events} live events up to {day} give features of {staged.rows} users"
    return Outcome(events, staged.rows, watermark, summary)


if __name__ == "__main__":
    run_script("silver_to_gold", silver_to_gold, required=("lake_uri",))
