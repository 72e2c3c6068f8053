"""bronze/user_events_parquet/ (new batches) -> silver/user_events/: the current state, one row a live event.

Only the partitions (event_type, event_date) that new changes touch are read and written again. What Silver remembers
of deletes, so that a late old change can't revive an event, lies in tombstones beside the table: the newest delete of
each pk that ever had one, whether or not the event lives again. They are few and small, so a file holds a whole day's.
"""

from collections.abc import Sequence

from pyspark.sql import DataFrame, Observation, Window
from pyspark.sql import functions as F

from catalog.tables import SILVER_USER_EVENTS
from jobs.arguments import Settings
from jobs.job import Outcome, run_script
from jobs.lake.frames import Frames, SparkSource, ddl
from jobs.lake.layout import DELETES, Batch, PartitionValues, Staged, partition_folder
from jobs.lake.parquet import row_count
from jobs.lake.protocol import Lake
from jobs.lake.store import StoredObject
from jobs.lake.tombstones import days_of, write_tombstones

STATE_SCHEMA = f"{ddl(SILVER_USER_EVENTS)}, event_type string"
PARTITIONS = ("event_type", "event_date")


def silver_user_events(changes: DataFrame, lost: Observation | None = None) -> DataFrame:
    """The current state: the latest change of each event, deleted ones left out.

    In:  one row a change: pk, op (I, U, D), updated_at (timestamp, UTC), event_type, event_timestamp, feature_hash and
         the other event columns; changes of one pk share event_type and event_timestamp
    Out: one row a live event: Silver's columns, event_type, event_date (DATE, UTC); pk is unique
    The greatest updated_at wins; a tie goes to D before U before I, then to the greater feature_hash. A tombstone has
    no feature_hash and needs none: at one updated_at a D beats all but another D. One shuffle and one sort serve the
    window and the write: pk decides event_type and event_timestamp, so they may stand before it.
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


def bronze_to_silver(lake: Lake, settings: Settings, spark: SparkSource) -> Outcome:
    """Merge the batches that Silver has not taken in yet into the partitions they touch."""
    backlog = lake.backlog()
    watermark = lake.bronze().watermark
    if not backlog:
        return Outcome(0, 0, watermark, "no new batch", skipped=True)
    rows_in = sum(batch.rows for batch in backlog)
    touched = {values for batch in backlog for values in batch.touched}
    live, deleted, live_rows, lost = Staged(), Staged(), 0, Observation()
    if touched:
        frames = Frames(lake, spark(), settings.scratch_dir)
        news = [(batch, lake.bronze_objects(batch)) for batch in backlog if batch.rows]
        live = _staged_live(frames, [stored for _, objects in news for stored in objects], touched, lost)
        deleted = _staged_tombstones(frames, [stored for batch, objects in news for stored in _deletes(batch, objects)])
        live_rows = row_count(lake.store, lake.store.list(live.prefix)) if live.keys else 0
    lake.commit_silver(live, deleted, touched, backlog[-1].number)
    summary = f"{rows_in} changes into {len(touched)} partitions, which now hold {live_rows} live events"
    if touched and lost.get["changes"]:
        summary += f"; {lost.get['changes']} lost to others of the same key and updated_at (a longer key keeps both)"
    return Outcome(rows_in, live_rows, watermark, summary)


def _staged_live(
    frames: Frames, news: Sequence[StoredObject], touched: set[PartitionValues], lost: Observation
) -> Staged:
    """The touched partitions as they will be."""
    lake = frames.lake
    received = [stored.key for stored in (*news, *lake.tombstones({day for _, day in touched}))]
    changes = frames.read_files(received, STATE_SCHEMA)  # what a tombstone doesn't have is null
    folders = {values: SILVER_USER_EVENTS.location + partition_folder(SILVER_USER_EVENTS, values) for values in touched}
    there = [values for values, folder in folders.items() if lake.store.list(folder)]  # registered or not
    state = frames.table(SILVER_USER_EVENTS, there)
    return frames.stage(
        silver_user_events(changes.unionByName(state.drop("event_date")), lost), "silver", partition_by=PARTITIONS
    )


def _staged_tombstones(frames: Frames, deletes: Sequence[StoredObject]) -> Staged:
    """The tombstones of the days of which events were deleted."""
    if not deletes:
        return Staged()
    lake, prefix = frames.lake, f"{frames.staging}tombstones/"
    known = lake.tombstones(days_of(lake.store, deletes))
    return Staged(prefix, write_tombstones(lake.store, prefix, [*deletes, *known]))


def _deletes(batch: Batch, objects: list[StoredObject]) -> list[StoredObject]:
    """Those of a batch's objects that hold its deletes: all, where an older version has put them among the rest."""
    if not batch.deletes:
        return []
    return [stored for stored in objects if stored.key.rsplit("/", 1)[1].startswith(DELETES)] or objects


if __name__ == "__main__":
    run_script("bronze_to_silver", bronze_to_silver, required=("lake_uri",))
