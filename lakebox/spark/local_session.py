"""Spark in local mode for the embedded target: starts it in this process's own JVM, and ends both."""

import atexit
import contextlib
import logging
from functools import cache
from pathlib import Path

from py4j.java_gateway import JavaGateway  # type: ignore[import-untyped]
from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from jobs.lake.frames import spark_session
from lakebox.settings import environment_with, set_environment, whole_environment
from lakebox.spark.class_archive import archive_options
from lakebox.spark.java import environment
from lakebox.spark.jvm import JVM_OPTIONS, LOCAL_SPARK, SparkJvm, start_jvm

INTERRUPTED = "KeyboardInterrupt while sending command."  # py4j logs these two with a traceback
UNSENT = "Exception while sending command."
SETTINGS = {**LOCAL_SPARK, "spark.app.name": "lakebox"}


def local_session() -> SparkSession:
    """Start Spark in this process, or get the session that runs already. Raises NoJavaError and JvmError."""
    if SparkContext._active_spark_context is None:
        SparkContext(conf=SparkConf().setAll(list(SETTINGS.items())), gateway=SparkContext._gateway or gateway())
    return spark_session()


@cache
def local_jvm() -> SparkJvm:
    """This process's JVM, which may still be starting; it ends with the process. Raises NoJavaError."""
    variables = environment()
    set_environment(variables)
    java = str(Path(variables["JAVA_HOME"], "bin", "java")) if "JAVA_HOME" in variables else "java"
    jvm = start_jvm(java, [*JVM_OPTIONS, *archive_options()], whole_environment())
    atexit.register(jvm.end)
    return jvm


def end_jvm() -> None:
    """End this process's JVM, if there is one, and clear its scratch folder."""
    if local_jvm.cache_info().currsize:
        local_jvm().end()


def gateway() -> JavaGateway:
    """The way to this process's JVM, which is started for it."""
    port, secret = local_jvm().gateway()
    atexit.register(_hang_up)
    _never_log(INTERRUPTED)  # the command says that it was stopped
    with environment_with({"PYSPARK_GATEWAY_PORT": str(port), "PYSPARK_GATEWAY_SECRET": secret}):
        return launch_gateway()  # type: ignore[no-untyped-call]


def _hang_up() -> None:
    """Close the connections to the JVM, before it is killed; what fails only because it is gone is not printed.

    py4j tells the JVM, from any thread, which objects Python has dropped. PySpark's accumulator server reads from the
    JVM and takes the end of that stream for an error (EOFError); stopping it properly would take up to a second.
    """
    if SparkContext._gateway is None:
        return
    _never_log(UNSENT)
    accumulators = getattr(SparkContext._active_spark_context, "_accumulatorServer", None)
    if accumulators is not None:
        accumulators.handle_error = lambda *_: None
    with contextlib.suppress(Py4JError, OSError):
        SparkContext._gateway.shutdown()


def _never_log(message: str) -> None:
    logging.getLogger().addFilter(lambda record: record.msg != message)
