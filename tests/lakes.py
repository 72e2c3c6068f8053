"""A lake as a test works with it: raw files in, jobs run in this process, rows out as plain Python."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from pyspark.sql import SparkSession
from sql_lake import catalog_of

from catalog.tables import TABLES
from jobs.arguments import job_arguments
from jobs.bronze_to_silver import bronze_to_silver
from jobs.check_silver import check_silver
from jobs.job import run_job
from jobs.lake.layout import partition_folder
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from jobs.lake.run_properties import Outcome
from jobs.lake.run_records import flush_records
from jobs.raw_to_bronze import raw_to_bronze
from jobs.silver_to_gold import silver_to_gold
from lakebox.athena.duckdb_engine import DuckDbEngine
from lakebox.glue.crawlers.lake_crawl import crawl_lake

CLOCK_COLUMNS = ("ingestion_ts", "inference_ts", "run_id", "quarantined_at")
JOBS = {
    "raw_to_bronze": raw_to_bronze,
    "bronze_to_silver": bronze_to_silver,
    "check_silver": check_silver,
    "silver_to_gold": silver_to_gold,
}


def engine_over(lake: Lake) -> DuckDbEngine:
    """SQL over a lake in a folder, as `lakebox sql` has it, its tables registered in the catalog first."""
    root = Path(lake.store.root)
    crawl_lake(root.parent, root.name)
    return DuckDbEngine(catalog_of(root.parent), str(root.parent))


class TestLake:
    """A raw folder and a lake beside it."""

    __test__ = False

    def __init__(self, folder: Path, spark: SparkSession, mapping: str | None = None) -> None:
        self.raw, self.folder, self.spark, self.mapping = folder / "raw", folder / "lake", spark, mapping
        self.raw.mkdir(parents=True, exist_ok=True)

    @property
    def root(self) -> Path:
        """The lake's bucket, a folder of the command's `--lake` (`folder`)."""
        return self.folder / "ai-lakehouse-project"

    @property
    def lake(self) -> Lake:
        return Lake(open_store(str(self.root)))

    def write(self, name: str, changes: Iterable[dict[str, Any]]) -> None:
        """A raw file of JSON Lines."""
        (self.raw / name).write_text("".join(json.dumps(change) + "\n" for change in changes), encoding="utf-8")

    def run(self, *jobs: str, training_date: str = "2025-06-30", raw: Path | None = None) -> dict[str, Outcome]:
        """Run jobs (default: all four), as one run."""
        argv = ["--raw_uri", str(raw or self.raw), "--lake_uri", str(self.root), "--training_date", training_date]
        argv += ["--mapping_uri", self.mapping] if self.mapping else []
        settings = job_arguments(argv, ("lake_uri",), datetime.now(UTC))
        try:
            return {name: run_job(name, JOBS[name], settings, lambda: self.spark) for name in jobs or JOBS}
        finally:
            with self.lake.hold(settings.run_id):
                flush_records(self.lake)

    def rows(self, table_name: str) -> list[dict[str, Any]]:
        """All rows of a table through its catalog, clock columns left out, sorted."""
        table = TABLES[table_name]
        found = []
        for values in self.lake.partitions(table):
            folder = self.root / table.location / partition_folder(table, values)
            relation = duckdb.read_parquet([str(path) for path in sorted(folder.glob("*.parquet"))])
            columns = [name for name in relation.columns if name not in CLOCK_COLUMNS]
            fixed = (
                dict(zip(table.partition_names, values, strict=True))
                if table_name.startswith(("silver", "gold"))
                else {}
            )
            found += [{**dict(zip(columns, row, strict=True)), **fixed} for row in relation.select(*columns).fetchall()]
        return sorted(found, key=lambda row: json.dumps(row, default=str, sort_keys=True))

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of Bronze, quarantine, Silver and Gold."""
        return {name: self.rows(name) for name in TABLES if name != "pipeline_runs"}
