"""A lake whose Silver a test writes by hand, partition by partition, to see what the gate says of it."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from catalog.tables import SILVER_USER_EVENTS
from jobs.arguments import JobArguments
from jobs.check_silver import REPORT_JSON, GateFailed, check_silver
from jobs.lake.layout import partition_folder
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake

OLD, NEW = ("click", "2025-06-01"), ("click", "2025-06-02")
COLUMNS = {
    "pk": "sha2(concat('{day}', id), 256)",
    "user_id": "concat('u', id)",
    "event_timestamp": "timestamp '{day} 10:00:00'",
    "op": "'I'",
    "updated_at": "timestamp '{day} 10:00:00'",
    "page": "cast(null as string)",
    "device": "cast(null as string)",
    "source": "cast(null as string)",
    "amount": "cast(null as double)",
    "attributes": "cast(null as string)",
    "ingestion_ts": "timestamp '2025-06-03 00:00:00'",
    "model_input_flag": "true",
    "inference_ts": "timestamp '2025-06-03 00:00:00'",
    "feature_hash": "sha2(concat('f', id), 256)",
}
BATCH = {"number": 1, "run_id": "r", "files": [], "rows": 0, "quarantined": 0, "deletes": 0, "touched": []}


@cache
def written(spark: SparkSession, query: str) -> bytes:
    """A query's rows as one Parquet file of Spark's."""
    with tempfile.TemporaryDirectory() as folder:
        spark.sql(query).coalesce(1).write.parquet(f"{folder}/rows")
        return next(Path(folder, "rows").glob("*.parquet")).read_bytes()


class Silver:
    """A lake whose Silver a test writes by hand."""

    def __init__(self, folder: Path, spark: SparkSession) -> None:
        self.folder, self.spark = folder, spark
        self.lake = Lake(open_store(str(folder / "lake")))
        self.batch(1)
        self.settings = JobArguments(
            str(folder / "lake"), None, None, date(2025, 6, 18), "run-1", datetime(2025, 6, 18, 12, tzinfo=UTC)
        )

    def batch(self, applied: int, **counts: int) -> None:
        """Say that Silver has taken in batches up to this one, each with these counts."""
        for number in range(1, applied + 1):
            self.state(f"batches/{number:06d}", {**BATCH, "watermark": None, **counts, "number": number})
        self.state("silver", {"applied_batch": applied})

    def state(self, name: str, content: dict[str, Any]) -> None:
        self.lake.store.write(f"_state/{name}.json", json.dumps(content).encode())

    def put(
        self,
        values: tuple[str, str] = OLD,
        changed: Mapping[str, str] | None = None,
        *,
        without: str = "",
        rows: int = 2,
    ) -> None:
        """Rows of a partition, some columns changed (SQL) or one left out."""
        columns = {name: sql for name, sql in {**COLUMNS, **(changed or {})}.items() if name != without}
        select = ", ".join(f"{sql.format(day=values[1])} AS {name}" for name, sql in columns.items())
        key = SILVER_USER_EVENTS.location + partition_folder(SILVER_USER_EVENTS, values) + "part-00000.parquet"
        self.lake.store.write(key, written(self.spark, f"SELECT {select} FROM range({rows})"))
        self.lake.register(SILVER_USER_EVENTS, add=[values])

    def check(self, *, recheck: bool = False) -> str:
        return check_silver(self.lake, replace(self.settings, recheck=recheck), lambda: self.spark).summary

    def failure(self) -> str:
        with pytest.raises(GateFailed) as failed:
            self.check()
        return str(failed.value)

    def report(self) -> dict[str, Any]:
        return dict(json.loads(self.lake.store.read(REPORT_JSON) or b"{}"))
