"""bronze/user_events_parquet/ (new batches) -> silver/user_events/: the current state, one row a live event.

This file is all of change data capture. The order in which changes arrive can't matter: each event's new changes, its
newest delete and its row in Silver are ranked together, by what is in them and never by arrival. Only the partitions
(event_type, event_date) that new changes touch are read and written again. A deleted event leaves a tombstone beside
the table, below _state/tombstones/, so that an old change that arrives late can't bring it back.
"""

from pyspark.sql import DataFrame, Observation, Window
from pyspark.sql import functions as F

from catalog.tables import SILVER_USER_EVENTS
from jobs.arguments import JobArguments
from jobs.job import run_script
from jobs.lake.frames import Frames, SparkSource, ddl
from jobs.lake.layout import Staged
from jobs.lake.protocol import Lake
from jobs.lake.run_properties import Outcome

CHANGES_SCHEMA = f"{ddl(SILVER_USER_EVENTS)}, event_type string"
PARTITIONS = ("event_type", "event_date")


def silver_user_events(changes: DataFrame, lost: Observation | None = None) -> DataFrame:
    """The current state: the latest change of each event, deleted ones left out.

    In:  one row a change: pk, op (I, U, D), updated_at (timestamp, UTC), event_type, event_timestamp, feature_hash and
         the other event columns, null in tombstones; changes of one pk share event_type and event_timestamp
    Out: one row a live event: Silver's columns, event_type, event_date (DATE, UTC); pk is unique
    The greatest updated_at wins; a tie goes to D before U before I, then to the greater feature_hash. The window names
    event_type, event_date and event_timestamp before pk, which doesn't change its groups (one pk has one of each): so
    the shuffle and the sort that the window needs are those that the files need, too.
    lost: counts, as `changes`, those that lost to another one of the same pk, updated_at and op, but other content
    """
    op_rank = F.when(F.col("op") == "D", 2).when(F.col("op") == "U", 1).otherwise(0)
    newest_first = Window.partitionBy(*PARTITIONS, "event_timestamp", "pk").orderBy(
        F.desc("updated_at"), op_rank.desc(), F.desc("feature_hash")
    )
    by_partition = changes.withColumn("event_date", F.to_date("event_timestamp")).repartition(*PARTITIONS)
    ranked = by_partition.withColumn("version", F.row_number().over(newest_first))
    if lost is not None:
        latest = F.first(F.struct("updated_at", "op", "feature_hash")).over(newest_first)
        is_tie = (F.col("updated_at") == latest["updated_at"]) & (F.col("op") == latest["op"]) & (F.col("op") != "D")
        ranked = ranked.withColumn("has_lost", is_tie & (F.col("feature_hash") != latest["feature_hash"]))
        ranked = ranked.observe(lost, F.count_if("has_lost").alias("changes"))
    live = ranked.filter((F.col("version") == 1) & (F.col("op") != "D"))
    return live.select(*SILVER_USER_EVENTS.column_names, *PARTITIONS)


def tombstones(changes: DataFrame) -> DataFrame:
    """The newest delete of each event that ever had one, whether or not the event lives again.

    In:  as for silver_user_events, with the tombstones of earlier runs among the changes
    Out: one row an event: pk, event_type, event_timestamp, op (D), updated_at, event_date; the rows of a day together
    """
    event = ("pk", "event_type", "event_timestamp")
    newest = changes.filter("op = 'D'").groupBy(*event).agg(F.max("updated_at").alias("updated_at"))
    columns = (*event, F.lit("D").alias("op"), "updated_at", F.to_date("event_timestamp").alias("event_date"))
    return newest.select(*columns).repartition("event_date").sortWithinPartitions("event_date", "pk")


def bronze_to_silver(lake: Lake, _: JobArguments, spark: SparkSource) -> Outcome:
    """Merge the batches that Silver has not taken in yet into the partitions they touch."""
    backlog = lake.backlog()
    watermark = lake.bronze().watermark
    if not backlog:
        return Outcome(0, 0, watermark, "no new batch", skipped=True)
    rows_in = sum(batch.rows for batch in backlog)
    touched = {values for batch in backlog for values in batch.touched}
    live, deleted, lost = Staged(), Staged(), Observation()
    if touched:
        frames = Frames(lake, spark())
        news = [stored for batch in backlog if batch.rows for stored in lake.bronze_objects(batch)]
        known_deletes = lake.tombstones({day for _, day in touched})
        changes = frames.read_files([stored.key for stored in (*news, *known_deletes)], CHANGES_SCHEMA)
        stored = lake.stored_partitions(SILVER_USER_EVENTS).items()
        state = frames.table(SILVER_USER_EVENTS, {values: objects for values, objects in stored if values in touched})
        live = frames.stage(
            silver_user_events(changes.unionByName(state.drop("event_date")), lost), "silver", PARTITIONS
        )
        if any(batch.deletes for batch in backlog):
            deleted = frames.stage(tombstones(changes), "tombstones", ("event_date",))
    lake.commit_silver(live, deleted, touched, backlog[-1].number)
    summary = f"{rows_in} changes into {len(touched)} partitions, which now hold {live.rows} live events"
    if touched and lost.get["changes"]:
        summary += f"; {lost.get['changes']} lost to others of the same key and updated_at (a longer key keeps both)"
    return Outcome(rows_in, live.rows, watermark, summary)


if __name__ == "__main__":
    run_script("bronze_to_silver", bronze_to_silver, required=("lake_uri",))
