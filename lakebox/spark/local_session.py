"""Spark in local mode, in this process's JVM."""

import atexit
import contextlib
import logging

from py4j.java_gateway import JavaGateway  # type: ignore[import-untyped]
from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from jobs.lake.frames import spark_session
from lakebox.settings import environment_with
from lakebox.spark.local_jvm import local_jvm

UNSENT = "Exception while sending command."  # what py4j logs, with a traceback
SETTINGS = {
    "spark.app.name": "lakebox",
    "spark.master": "local[*]",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
}


def local_session() -> SparkSession:
    """Start Spark in this process, or get the session that runs already. Raises NoJavaError and JvmError."""
    if SparkContext._active_spark_context is None:
        gateway = SparkContext._gateway or _gateway()
        SparkContext(conf=SparkConf().setAll(list(SETTINGS.items())), gateway=gateway)
    return spark_session()


def end_spark() -> None:
    """End Spark and its JVM, if there are any: its memory goes back while this process does what needs no Spark."""
    _close_gateway()
    if local_jvm.cache_info().currsize:
        local_jvm().kill()


def _gateway() -> JavaGateway:
    port, secret = local_jvm().gateway()
    atexit.register(_close_gateway)
    with environment_with({"PYSPARK_GATEWAY_PORT": str(port), "PYSPARK_GATEWAY_SECRET": secret}):
        return launch_gateway()  # type: ignore[no-untyped-call]


def _close_gateway() -> None:
    """Say nothing more to the JVM. A thread of py4j may be telling it what Python forgets; that it fails is no news."""
    if SparkContext._gateway is None:
        return
    logging.getLogger().addFilter(lambda record: record.msg != UNSENT)
    with contextlib.suppress(Py4JError, OSError):
        SparkContext._gateway.shutdown()  # else what Python forgets from here on is still told to the JVM
