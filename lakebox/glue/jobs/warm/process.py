"""A warm process: runs our own jobs one after the other, on one Spark that the first job starts which needs it.

python -P -m lakebox.glue.jobs.warm.process reads from its standard input where Glue is, the keys to it and Spark's
cluster (JSON, one line), then the folder of each run (launch.json in it says what to run, output.log takes what it
prints), and answers each with a line: the exit status and why it failed (JSON). It ends when its standard input does:
at once, with all that it started, where a job is at work.
"""

import importlib
import json
import os
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import boto3
import pyspark.context
from py4j.java_gateway import JavaGateway  # type: ignore[import-untyped]
from pyspark.sql import SparkSession

from jobs import job
from jobs.lake import run_properties
from jobs.lake.frames import spark_session
from lakebox.glue.jobs.launch import launch_of, run_script
from lakebox.glue.jobs.warm.own_jobs import HOPS
from lakebox.spark.cluster_watch import ClusterWatch
from lakebox.spark.local_session import SETTINGS, end_jvm, gateway
from lakebox.spark.without_pandas import look_without_pandas


class Requests:
    """The folders of the runs that are asked for. Ends the whole process group where the asker goes during a run."""

    def __init__(self) -> None:
        self._folders: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._unanswered = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def next(self) -> str | None:
        """The next folder; None where no more will come."""
        return self._folders.get()

    def answered(self) -> None:
        """A run is over."""
        with self._lock:
            self._unanswered -= 1

    def _listen(self) -> None:
        for line in sys.stdin:
            with self._lock:
                self._unanswered += 1
            self._folders.put(line.rstrip("\n"))
        with self._lock:
            if self._unanswered:
                os.killpg(0, signal.SIGKILL)
        self._folders.put(None)


class Cluster:
    """A standalone cluster (spark://…), watched while a job uses it: Spark itself would wait for it for ever."""

    def __init__(self, master: str) -> None:
        self._master = master
        self._watch: ClusterWatch | None = None

    def session(self) -> SparkSession:
        """The session of this process, a driver of the cluster."""
        session = spark_session()
        if self._master.startswith("spark://"):
            self._watch = self._watch or ClusterWatch(self._master, session)
            self._watch.begin()
        return session

    def lost(self) -> str | None:
        """At a job's end: why the cluster could not go on with it; None where it could."""
        if self._watch is None:
            return None
        self._watch.end()
        return self._watch.lost


def main() -> None:
    """Run what is asked for until no more comes."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    settings, master = json.loads(sys.stdin.readline())
    glue = boto3.client("glue", **settings)
    run_properties.glue_client = lambda: glue  # type: ignore[assignment]
    requests = Requests()
    cluster = Cluster(master)
    if master:
        job.spark_session = cluster.session  # type: ignore[attr-defined]
    else:
        pyspark.context.launch_gateway = _gateway  # type: ignore[attr-defined]
    look_without_pandas()
    for name in HOPS:
        importlib.import_module(f"jobs.{name}")
    while (folder := requests.next()) is not None:
        status, why = _run(Path(folder), cluster)
        requests.answered()
        answers.write(json.dumps([status, why]).encode() + b"\n")
    end_jvm()
    os._exit(0)


def _run(folder: Path, cluster: Cluster) -> tuple[int, str]:
    """Run one script, its output going to its own file; the exit status, and why it failed."""
    log = os.open(folder / "output.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
    os.chdir(folder)
    launch = launch_of(folder)
    status, why = run_script(launch)
    lost = cluster.lost()
    if status and lost:
        why = f"jobs.job.JobFailed: {Path(launch.script).stem}: {lost}"
    return status, why


def _gateway(conf: Any = None, popen_kwargs: Any = None) -> JavaGateway:  # noqa: ARG001 as PySpark calls it
    """Spark's JVM in PySpark's own way of asking for it, with the settings of a session on this machine."""
    found = gateway()
    for name, value in SETTINGS.items():
        found.jvm.System.setProperty(name, value)
    return found


if __name__ == "__main__":
    main()
