"""Gives notebooks queries as pandas frames or charts, the tables in Spark, and a small lake to try changes on."""

import json
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import SparkSession

from catalog.tables import DATABASE, TABLES
from jobs.bronze_to_silver import bronze_to_silver
from jobs.check_silver import check_silver
from jobs.job import Job, run_job
from jobs.lake.frames import Frames, spark_session
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from jobs.lake.run_records import flush_records
from jobs.raw_to_bronze import raw_to_bronze
from jobs.silver_to_gold import silver_to_gold
from lakebox.athena.engine import query_cost
from lakebox.charts.drawing import standalone
from lakebox.charts.theme import Spec
from lakebox.glue.crawlers.lake_crawl import crawl_lake
from lakebox.settings import Settings, lake_bucket, read_settings
from lakebox.spark.local_session import local_session
from lakebox.steps import job_arguments
from lakebox.targets import open_engine

HOPS: dict[str, Job] = {
    "raw_to_bronze": raw_to_bronze,
    "bronze_to_silver": bronze_to_silver,
    "check_silver": check_silver,
    "silver_to_gold": silver_to_gold,
}


def query(sql: str, settings: Settings | None = None) -> pd.DataFrame:
    """Rows of a query in Athena's SQL; prints run time, bytes scanned and Athena's price."""
    result = open_engine(settings or read_settings()).query(sql)
    print(query_cost(result))
    return pd.DataFrame(result.rows, columns=[name for name, _ in result.columns])


class Chart:
    """A chart, which Jupyter shows by the method that it looks for."""

    def __init__(self, svg: str) -> None:
        self._svg = svg

    def _repr_svg_(self) -> str:
        return self._svg


def show(chart: Callable[[Sequence[Any]], Spec], sql: str, settings: Settings | None = None) -> Chart:
    """The rows of a query as a chart of lakebox.charts, as the site draws it; prints what the query costs."""
    result = open_engine(settings or read_settings()).query(sql)
    print(query_cost(result))
    return Chart(standalone(chart(result.rows), sql))


def spark() -> SparkSession:
    """Spark with the lake's tables by name: on the stack the metastore's, embedded those of the lake's folder."""
    settings = read_settings()
    if settings.stack is not None:
        session = spark_session()
        session.catalog.setCurrentDatabase(DATABASE)
        return session
    session = local_session()
    lake = Lake(open_store(settings.lake_uri, must_exist=True))
    frames = Frames(lake, session)
    for table in TABLES.values():
        if lake.is_registered(table):
            frames.table(table, lake.registered_partitions(table)).createOrReplaceTempView(table.name)
    return session


class SmallLake:
    """A lake of its own in a temporary folder, in which a few changes are followed through the layers."""

    DAY = "2025-06-18"

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="lakebox-small-lake-"))
        self._runs = 0
        (self._folder / "raw").mkdir()

    def deliver(self, *changes: dict[str, Any]) -> None:
        """Deliver changes as one raw file, and run all jobs; Gold is the snapshot of SmallLake.DAY."""
        self._runs += 1
        lines = "".join(json.dumps(change) + "\n" for change in changes)
        Path(self._folder, "raw", f"delivery-{self._runs}.jsonl").write_text(lines, encoding="utf-8")
        settings = self._settings()
        arguments = job_arguments(settings, datetime.now(UTC), self.DAY)
        session = local_session if read_settings().stack is None else spark_session
        for name, hop in HOPS.items():
            print(f"{name}: {run_job(name, hop, arguments, session).summary}")
        lake = Lake(open_store(arguments.lake_uri))
        with lake.hold(arguments.run_id):
            flush_records(lake)
        crawl_lake(Path(settings.folder), lake_bucket())

    def query(self, sql: str) -> pd.DataFrame:
        """Rows of a query over this lake's tables."""
        return query(sql, self._settings())

    def _settings(self) -> Settings:
        lake, raw = str(self._folder / "lake"), str(self._folder / "raw")
        return read_settings(lake=lake, raw=raw, target="embedded")
