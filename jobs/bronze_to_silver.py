"""bronze/user_events_parquet/ (new batches) -> silver/user_events/: the current state, one row a live event.

Only the partitions (event_type, event_date) that new changes touch are read and written again. What Silver remembers
of deletes, so that a late old change can't revive an event, lies in tombstones beside the table: the newest delete of
each pk that ever had one, whether or not the event lives again. They are few and small, so a file holds a whole day's.
"""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from catalog.tables import SILVER_USER_EVENTS
from jobs.arguments import Settings
from jobs.frames import Frames, SparkSource, ddl
from jobs.job import Outcome, run_script
from jobs.lake import Lake
from jobs.lake_layout import Staged

STATE_COLUMNS = (*SILVER_USER_EVENTS.column_names, "event_type")
PARTITIONS = ("event_type", "event_date")
TOMBSTONE_SCHEMA = "pk string, event_type string, event_timestamp timestamp, op string, updated_at timestamp"


def silver_user_events(changes: DataFrame) -> DataFrame:
    """The current state: the latest change of each event, deleted ones left out.

    In:  one row a change: pk, op (I, U, D), updated_at (timestamp, UTC), event_type, event_timestamp, feature_hash and
         the other event columns; changes of one pk share event_type and event_timestamp
    Out: one row a live event: Silver's columns, event_type, event_date (DATE, UTC); pk is unique
    The greatest updated_at wins; a tie goes to D before U before I, then to the greater feature_hash. A tombstone has
    no feature_hash and needs none: at one updated_at a D beats all but another D. One shuffle and one sort serve the
    window and the write: pk decides event_type and event_timestamp, so they may stand before it.
    """
    op_rank = F.when(F.col("op") == "D", 2).when(F.col("op") == "U", 1).otherwise(0)
    newest_first = Window.partitionBy(*PARTITIONS, "event_timestamp", "pk").orderBy(
        F.desc("updated_at"), op_rank.desc(), F.desc("feature_hash")
    )
    by_partition = with_day(changes).repartition(*PARTITIONS)
    latest = by_partition.withColumn("version", F.row_number().over(newest_first)).filter(F.col("version") == 1)
    return latest.filter(F.col("op") != "D").select(*SILVER_USER_EVENTS.column_names, *PARTITIONS)


def tombstones(changes: DataFrame) -> DataFrame:
    """The newest delete of each event that was ever deleted, and nothing of the event but its key.

    In:  as for silver_user_events
    Out: one row a pk with a D: pk, event_type, event_timestamp, op, updated_at, event_date
    """
    deletes = with_day(changes.filter(F.col("op") == "D"))
    newest = deletes.groupBy("event_date", "event_type", "event_timestamp", "pk", "op").agg(
        F.max("updated_at").alias("updated_at")
    )
    return newest.select("pk", "event_type", "event_timestamp", "op", "updated_at", "event_date")


def with_day(changes: DataFrame) -> DataFrame:
    """Changes with event_date, the UTC day of event_timestamp."""
    return changes.withColumn("event_date", F.to_date("event_timestamp"))


def bronze_to_silver(lake: Lake, settings: Settings, spark: SparkSource) -> Outcome:
    """Merge the batches that Silver has not taken in yet into the partitions they touch."""
    backlog = lake.backlog()
    watermark = lake.bronze().watermark
    if not backlog:
        return Outcome(0, 0, watermark, "no new batch", skipped=True)
    rows_in = sum(batch.rows for batch in backlog)
    touched = {values for batch in backlog for values in batch.touched}
    staged_live, staged_deleted, live_rows = Staged(), Staged(), 0
    if touched:
        frames = Frames(lake, spark(), settings.scratch_dir)
        changes = frames.bronze_batches(backlog).select(*STATE_COLUMNS)
        state = frames.silver_partitions(touched)
        known_deletes = frames.read_files(lake.tombstone_keys({day for _, day in touched}), TOMBSTONE_SCHEMA)
        if any(batch.deletes for batch in backlog):
            deletes = tombstones(changes.select(*known_deletes.columns).unionByName(known_deletes))
            staged_deleted = frames.stage(deletes.repartition("event_date"), "tombstones", partition_by=("event_date",))
        known = changes.unionByName(state).unionByName(known_deletes, allowMissingColumns=True)
        live = silver_user_events(known)
        staged_live = frames.stage(live, "silver", partition_by=PARTITIONS)
        live_rows = frames.staged(staged_live, ddl(SILVER_USER_EVENTS)).count()
    lake.commit_silver(staged_live, staged_deleted, touched, backlog[-1].number)
    summary = f"{rows_in} changes into {len(touched)} partitions, which now hold {live_rows} live events"
    return Outcome(rows_in, live_rows, watermark, summary)


if __name__ == "__main__":
    run_script("bronze_to_silver", bronze_to_silver, required=("lake_uri",))
