"""Runs a job of the workflow in this process, on local Spark or as the driver of a cluster."""

from collections.abc import Callable
from typing import Protocol

from pyspark.sql import SparkSession

from jobs.arguments import JobArguments
from jobs.bronze_to_silver import bronze_to_silver
from jobs.check_silver import check_silver
from jobs.job import Job, JobError, run_job
from jobs.lake.frames import SparkSource
from jobs.lake.run_properties import Outcome
from jobs.raw_to_bronze import raw_to_bronze
from jobs.silver_to_gold import silver_to_gold
from lakebox.spark.cluster_watch import ClusterWatch

JOBS: dict[str, Job] = {
    "raw_to_bronze": raw_to_bronze,
    "bronze_to_silver": bronze_to_silver,
    "check_silver": check_silver,
    "silver_to_gold": silver_to_gold,
}


class Runner(Protocol):
    """What a target must do with a job."""

    def run(self, name: str, settings: JobArguments) -> Outcome:
        """Run a job to its end; raises JobError where it fails."""


class SparkRunner:
    """Jobs in this process, on one Spark session that starts when the first job asks for it.

    master: where it is a standalone cluster's (spark://…), the cluster is watched while a job uses the session.
    """

    def __init__(
        self, session: SparkSource, on_spark_start: Callable[[], None] = lambda: None, master: str = ""
    ) -> None:
        self._session, self._on_spark_start = session, on_spark_start
        self._master = master if master.startswith("spark://") else ""
        self._started = False
        self._watch: ClusterWatch | None = None

    def run(self, name: str, settings: JobArguments) -> Outcome:
        """Run a job to its end; raises JobError where it fails."""
        try:
            return run_job(name, JOBS[name], settings, self._spark)
        except JobError as error:
            if self._watch is not None and self._watch.lost:
                raise JobError(f"{name}: {self._watch.lost}") from error
            raise
        finally:
            if self._watch is not None:
                self._watch.end()

    def _spark(self) -> SparkSession:
        if not self._started:
            self._on_spark_start()
            self._started = True
        session = self._session()
        if self._master:
            self._watch = self._watch or ClusterWatch(self._master, session)
            self._watch.begin()
        return session
