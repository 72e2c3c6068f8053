"""bronze/user_events_parquet/ (new batches) -> silver/user_events/: the current state, one row a live event.

Only the partitions (event_type, event_date) that new changes touch are read and written again. What Silver remembers
of deleted events, so that a late old change can't revive them, lies in tombstones beside the state, not in the table.
"""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from catalog.tables import SILVER_USER_EVENTS
from jobs.arguments import Settings
from jobs.frames import SILVER_WITHOUT_TYPE, Frames, SparkSource
from jobs.job import Outcome, run_script
from jobs.lake import TOMBSTONES, Lake

STATE_COLUMNS = (*SILVER_USER_EVENTS.column_names, "event_type")
KEPT_OF_DELETED = ("pk", "event_timestamp", "updated_at", "op", "event_type", "event_date", "deleted")
STAGED_COLUMNS = (*SILVER_USER_EVENTS.column_names, "event_type", "event_date", "deleted")


def latest_changes(changes: DataFrame) -> DataFrame:
    """The latest change of each event, deletes among them.

    In:  one row a change: pk, op (I, U, D), updated_at (timestamp, UTC), event_type, event_timestamp, feature_hash and
         the other event columns; changes of one pk share event_type and event_timestamp
    Out: one row a pk, with event_date (DATE, UTC) and deleted (boolean)
    The greatest updated_at wins; a tie goes to D before U before I, then to the greater feature_hash. A tombstone has
    no feature_hash and needs none: at one updated_at a D beats all but another D.
    """
    op_rank = F.when(F.col("op") == "D", 2).when(F.col("op") == "U", 1).otherwise(0)
    newest_first = Window.partitionBy("event_type", "event_date", "pk").orderBy(
        F.desc("updated_at"), op_rank.desc(), F.desc("feature_hash")
    )
    latest = changes.withColumn("version", F.row_number().over(newest_first)).filter(F.col("version") == 1)
    return latest.withColumn("deleted", F.col("op") == "D").drop("version")


def changes_with_day(changes: DataFrame) -> DataFrame:
    """Changes with event_date, one task a Silver partition: one shuffle serves the window and the write."""
    dated = changes.withColumn("event_date", F.to_date("event_timestamp"))
    return dated.repartition("event_type", "event_date")


def state_to_keep(latest: DataFrame) -> DataFrame:
    """Live rows whole; of deleted ones the key and the time alone.

    In:  latest_changes' output
    Out: Silver's columns, event_type, event_date, deleted; ordered by the write's partitions, then user and time
    """
    live = ~F.col("deleted")
    columns = [
        F.col(name) if name in KEPT_OF_DELETED else F.when(live, F.col(name)).alias(name) for name in STAGED_COLUMNS
    ]
    kept = latest.select(*columns)
    return kept.sortWithinPartitions("deleted", "event_type", "event_date", "user_id", "event_timestamp", "pk")


def bronze_to_silver(lake: Lake, settings: Settings, spark: SparkSource) -> Outcome:
    """Merge the batches that Silver has not taken in yet into the partitions they touch."""
    backlog = lake.backlog()
    watermark = lake.bronze().watermark
    if not backlog:
        return Outcome(0, 0, watermark, "no new batch", skipped=True)
    rows_in = sum(batch.rows for batch in backlog)
    touched = {values for batch in backlog for values in batch.touched}
    staged_live, staged_deleted, live_rows = "", "", 0
    if touched:
        frames = Frames(lake, spark(), settings.scratch_dir)
        state = [frames.silver_partitions(touched, place) for place in (SILVER_USER_EVENTS.location, TOMBSTONES)]
        changes = frames.bronze_batches(backlog).select(*STATE_COLUMNS)
        known = changes.unionByName(state[0].select(*STATE_COLUMNS)).unionByName(state[1].select(*STATE_COLUMNS))
        kept = state_to_keep(latest_changes(changes_with_day(known)))
        staged = frames.stage(kept, "silver", partition_by=("deleted", "event_type", "event_date"))
        staged_live, staged_deleted = f"{staged}deleted=false/", f"{staged}deleted=true/"
        live_rows = frames.staged(staged_live, SILVER_WITHOUT_TYPE).count()
    lake.commit_silver(staged_live, staged_deleted, touched, backlog[-1].number)
    summary = f"{rows_in} changes into {len(touched)} partitions, which now hold {live_rows} live events"
    return Outcome(rows_in, live_rows, watermark, summary)


if __name__ == "__main__":
    run_script("bronze_to_silver", bronze_to_silver, required=("lake_uri",))
