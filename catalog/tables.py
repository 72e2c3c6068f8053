"""The tables of the lakehouse: columns, types, units, partitions and locations, as Athena and Glue name them.

Crawlers, SQL engines and docs read these definitions. The jobs that fill a column name it, too: CONTRIBUTING.md says
which files a new one needs.
All timestamps are UTC with microseconds.
"""

from dataclasses import dataclass

DATABASE = "ai_lakehouse_db"


@dataclass(frozen=True)
class Column:
    """A column: its name, its Hive type (string, double, bigint, boolean, timestamp, date) and what it holds."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class Table:
    """A table of Snappy Parquet under `location` (a key prefix below the lake's root, ending in `/`)."""

    name: str
    location: str
    columns: tuple[Column, ...]
    partitions: tuple[Column, ...]
    comment: str

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the data columns, in order, without the partition columns."""
        return tuple(column.name for column in self.columns)

    @property
    def partition_names(self) -> tuple[str, ...]:
        """Names of the partition columns, in the order of their folders."""
        return tuple(column.name for column in self.partitions)


PK = Column("pk", "string", "hex SHA-256 of the event's key columns")
USER_ID = Column("user_id", "string", "who acted")
EVENT_TYPE = Column("event_type", "string", "what was done: click, purchase, …")
EVENT_TIMESTAMP = Column("event_timestamp", "timestamp", "when it was done (UTC)")
OP = Column("op", "string", "change: I (insert), U (update) or D (delete)")
UPDATED_AT = Column("updated_at", "timestamp", "when the change was made (UTC); the greatest wins")
PAYLOAD = (
    Column("page", "string", "page on which it was done"),
    Column("device", "string", "device it was done with"),
    Column("source", "string", "channel it came from"),
    Column("amount", "double", "money spent, in the source's currency"),
    Column("attributes", "string", "every other field of the event, as a JSON object with sorted keys; null if none"),
)
INGESTION_TS = Column("ingestion_ts", "timestamp", "clock of the run that read the change (UTC)")
MODEL_INPUT_FLAG = Column("model_input_flag", "boolean", "true where op is not D: the row may feed a model")
INFERENCE_TS = Column("inference_ts", "timestamp", "clock of the run, as the time of inference (UTC)")
FEATURE_HASH = Column("feature_hash", "string", "hex SHA-256 of the event's values; equal hash, equal event")
RUN_ID = Column("run_id", "string", "run that wrote the row")
SOURCE_FILE = Column("source_file", "string", "URI of the raw file")
LINE_NUMBER = Column("line_number", "bigint", "line of the raw file on which the item starts, from 1")

BRONZE_USER_EVENTS = Table(
    name="bronze_user_events_parquet",
    location="bronze/user_events_parquet/",
    columns=(
        PK,
        USER_ID,
        EVENT_TYPE,
        EVENT_TIMESTAMP,
        OP,
        UPDATED_AT,
        *PAYLOAD,
        INGESTION_TS,
        MODEL_INPUT_FLAG,
        INFERENCE_TS,
        FEATURE_HASH,
        RUN_ID,
        SOURCE_FILE,
        LINE_NUMBER,
    ),
    partitions=(Column("batch", "string", "number of the Bronze run, counted up from 000001"),),
    comment="Every change ever received, append-only: one row a change.",
)

BRONZE_QUARANTINE = Table(
    name="bronze_quarantine",
    location="quarantine/user_events/",
    columns=(
        Column("raw", "string", "the item as it was read, at most 64 Ki characters of it"),
        Column("reason", "string", "why it is not in Bronze"),
        SOURCE_FILE,
        LINE_NUMBER,
        RUN_ID,
        Column("quarantined_at", "timestamp", "clock of the run (UTC)"),
    ),
    partitions=(Column("batch", "string", "number of the Bronze run, counted up from 000001"),),
    comment="Every raw item that could not become an event: one row an item, or one a file that is broken as a whole.",
)

SILVER_USER_EVENTS = Table(
    name="silver_user_events",
    location="silver/user_events/",
    columns=(
        PK,
        USER_ID,
        EVENT_TIMESTAMP,
        OP,
        UPDATED_AT,
        *PAYLOAD,
        INGESTION_TS,
        MODEL_INPUT_FLAG,
        INFERENCE_TS,
        FEATURE_HASH,
    ),
    partitions=(EVENT_TYPE, Column("event_date", "date", "day of event_timestamp (UTC)")),
    comment="Current state: one row a live event, the latest change of each; deleted events are not here.",
)

GOLD_USER_FEATURES = Table(
    name="gold_user_features",
    location="gold/user_features/",
    columns=(
        USER_ID,
        Column("click_count", "bigint", "live events of type click before the end of training_date"),
        Column("purchase_count", "bigint", "live events of type purchase before the end of training_date"),
        Column("event_count", "bigint", "live events of any type before the end of training_date"),
        Column("first_event_timestamp", "timestamp", "oldest of these events (UTC)"),
        Column("last_event_timestamp", "timestamp", "newest of these events (UTC)"),
        Column("last_event_type", "string", "type of the newest; the greatest in UTF-8 bytes where several are newest"),
        Column("days_since_last_event", "bigint", "days from the newest event's day to training_date"),
    ),
    partitions=(Column("training_date", "date", "snapshot day D: events before D+1 00:00 UTC are counted"),),
    comment="ML features: one row per user and snapshot day.",
)

PIPELINE_RUNS = Table(
    name="pipeline_runs",
    location="audit/pipeline_runs/",
    columns=(
        RUN_ID,
        Column("job_name", "string", "job of the workflow"),
        Column("rows_in", "bigint", "rows or raw items read"),
        Column("rows_out", "bigint", "rows written"),
        Column("started_at", "timestamp", "start of the job (UTC)"),
        Column("finished_at", "timestamp", "end of the job (UTC); for a killed job, when the next run found it"),
        Column("status", "string", "SUCCEEDED, FAILED, KILLED, or SKIPPED where nothing was new"),
        Column("max_event_timestamp", "timestamp", "watermark: the newest event known to the job (UTC)"),
        Column("freshness_days", "double", "days from max_event_timestamp to started_at"),
        Column("message", "string", "why the job failed; null otherwise"),
    ),
    partitions=(),
    comment="One row per job and run, failed and killed ones included.",
)

TABLES = {
    table.name: table
    for table in (BRONZE_USER_EVENTS, BRONZE_QUARANTINE, SILVER_USER_EVENTS, GOLD_USER_FEATURES, PIPELINE_RUNS)
}
