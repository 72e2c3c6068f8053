"""The record of runs into its table without Spark: `lakebox run` ends in under three seconds where nothing was new."""

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.tables import PIPELINE_RUNS
from jobs.audit import TABLE_KEY, closed_records, forget, row_key, table_rows
from jobs.lake import Lake

ARROW_TYPES = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}
SCHEMA = pa.schema([(column.name, ARROW_TYPES[column.type]) for column in PIPELINE_RUNS.columns])


def flush_records(lake: Lake) -> None:
    """Move the closed records of a held lake into pipeline_runs."""
    closed = closed_records(lake)
    if not closed:
        return
    by_key = {row_key(row): row for row in [*recorded_rows(lake), *table_rows(closed)]}
    content = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(by_key.values()), schema=SCHEMA), content, compression="snappy")
    lake.check_still_held()
    lake.store.write(TABLE_KEY, content.getvalue())
    forget(lake, closed)


def recorded_rows(lake: Lake) -> list[dict[str, Any]]:
    """Rows of pipeline_runs."""
    known = lake.store.read(TABLE_KEY)
    return pq.read_table(io.BytesIO(known), schema=SCHEMA).to_pylist() if known else []


def last_run(lake: Lake) -> list[dict[str, Any]]:
    """The rows of the run that was recorded last, a job each, in the order of their start."""
    rows = recorded_rows(lake)
    newest = max((row["run_id"] for row in rows), default="")
    return sorted((row for row in rows if row["run_id"] == newest), key=lambda row: row["started_at"])
