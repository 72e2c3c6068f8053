"""The runner seam: how a target runs a job of the workflow."""

from collections.abc import Callable
from typing import Protocol

from pyspark.sql import SparkSession

from jobs.arguments import Settings as JobSettings
from jobs.bronze_to_silver import bronze_to_silver
from jobs.check_silver import check_silver
from jobs.frames import SparkSource, spark_session
from jobs.job import Job, Outcome, run_job
from jobs.raw_to_bronze import raw_to_bronze
from jobs.silver_to_gold import silver_to_gold
from lakebox.local_spark import local_session
from lakebox.settings import Settings

JOBS: dict[str, Job] = {
    "raw_to_bronze": raw_to_bronze,
    "bronze_to_silver": bronze_to_silver,
    "check_silver": check_silver,
    "silver_to_gold": silver_to_gold,
}


class Runner(Protocol):
    """What a target must do with a job."""

    def run(self, name: str, settings: JobSettings) -> Outcome:
        """Run a job to its end; raises JobError where it fails."""


class SparkRunner:
    """Jobs in this process, on one Spark session that starts when the first job asks for it."""

    def __init__(self, session: SparkSource, on_spark_start: Callable[[], None] = lambda: None) -> None:
        self._session, self._on_spark_start = session, on_spark_start
        self._started = False

    def run(self, name: str, settings: JobSettings) -> Outcome:
        """Run a job to its end; raises JobError where it fails."""
        return run_job(name, JOBS[name], settings, self._spark)

    def _spark(self) -> SparkSession:
        if not self._started:
            self._on_spark_start()
            self._started = True
        return self._session()


def open_runner(settings: Settings, on_spark_start: Callable[[], None] = lambda: None) -> Runner:
    """The runner of the target: Spark in local mode, or as a driver of the stack's cluster (MASTER)."""
    return SparkRunner(local_session if settings.stack is None else spark_session, on_spark_start)
