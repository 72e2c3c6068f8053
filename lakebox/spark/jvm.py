"""Starts the JVM for Spark on this machine without Spark's scripts, and ends it at once.

Spark's own way (spark-submit: three shell scripts, a JVM that works out the command line, and a look every 0.1 s
whether the real one is up) takes 0.5 s, this one 0.3 s. It reads no spark-env.sh and no spark-defaults.conf.
"""

import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from jobs.lake.errors import LakeboxError

GATEWAY = "org.apache.spark.api.python.PythonGatewayServer"
PATIENCE_S = 60.0
SCRATCH = "lakebox-spark-"
OPENED = (  # what Spark 3.5 needs to see of Java 17: JavaModuleOptions in its launcher
    *(f"java.base/java.{name}" for name in ("lang", "lang.invoke", "lang.reflect", "io", "net", "nio", "util")),
    *(f"java.base/java.util.{name}" for name in ("concurrent", "concurrent.atomic")),
    *(f"java.base/{name}" for name in ("jdk.internal.ref", "sun.nio.ch", "sun.nio.cs", "sun.security.action")),
    "java.base/sun.util.calendar",
    "java.security.jgss/sun.security.krb5",
)

# TieredStopAtLevel=1 leaves the JVM its quick compiler alone: a run on a laptop is over before the thorough one has
# paid for itself. On a million events it costs the same processor time in all, on one day's events a third less.
JVM_OPTIONS = (
    "-Xms1g",
    "-Xmx1g",
    "-Xmn400m",
    "-XX:MetaspaceSize=200m",
    "-XX:+UseParallelGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Dfile.encoding=UTF-8",
    f"-Dlog4j2.configurationFile={(Path(__file__).parent / 'log4j2.properties').as_uri()}",
    "-Dlog4j2.disableJmx=true",
)

LOCAL_SPARK = {  # settings of every session on this machine
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


class JvmError(LakeboxError):
    """Spark's JVM did not start."""


def class_path(*jars: Path) -> str:
    """Spark's class path, as its own scripts give it, then more jars. A class archive is valid for how it begins."""
    return os.pathsep.join([f"{spark_home()}/conf", f"{spark_home()}/jars/*", *map(str, jars)])


def spark_home() -> Path:
    """Folder of the pyspark package, which is not imported for it: that takes longer than the look."""
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise JvmError("pyspark is not installed; make the environment anew: make clean demo")
    return Path(spec.origin).parent


@dataclass(frozen=True)
class SparkJvm:
    """A JVM that waits for a driver in Python; it ends with this process, whose end closes its standard input."""

    process: subprocess.Popen[bytes]
    scratch: Path

    def gateway(self) -> tuple[int, str]:
        """Port and secret under which it listens, on 127.0.0.1 alone; raises JvmError where it never does."""
        started, said = time.monotonic(), self.scratch / "gateway"
        while not said.exists():
            if self.process.poll() is not None or time.monotonic() - started > PATIENCE_S:
                raise JvmError("Spark's JVM did not start; what it printed above says why (memory? another Java?)")
            time.sleep(0.005)
        content = said.read_bytes()
        said.unlink()
        port, length = struct.unpack(">ii", content[:8])
        return port, content[8 : 8 + length].decode()

    def kill(self) -> None:
        """End it at once; on its own it takes half a second to tidy up what nobody needs any more."""
        self.process.kill()

    def end(self) -> None:
        """End it, wait until it is gone, and clear its scratch folder."""
        self.kill()
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        shutil.rmtree(self.scratch, ignore_errors=True)


def start_jvm(java: str, options: list[str], variables: dict[str, str]) -> SparkJvm:
    """Start a JVM with Spark in it; it may still be starting when this returns.

    java: the command; variables: the environment of it and of Spark's Python workers
    """
    _sweep()
    scratch = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-"))
    opened = [f"--add-opens={name}=ALL-UNNAMED" for name in OPENED]
    places = {"java.io.tmpdir": scratch, "spark.local.dir": scratch, "spark.sql.warehouse.dir": scratch / "warehouse"}
    own = [*(f"-D{name}={place}" for name, place in places.items()), "-Djdk.reflect.useDirectMethodHandle=false"]
    command = [java, "-cp", class_path(), *options, *opened, *own, GATEWAY]
    environment = {
        **variables,
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": "127.0.0.1",  # else it asks for this machine's name, which takes some machines seconds
        "_PYSPARK_DRIVER_CONN_INFO_PATH": str(scratch / "gateway"),
    }
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, preexec_fn=_ignore_interrupts)  # noqa: S603
    return SparkJvm(process, scratch)


def _sweep() -> None:
    """Delete the scratch folders of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*-*"):
        owner = folder.name.removeprefix(SCRATCH).split("-")[0]
        if owner.isdigit() and not _lives(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for this process, which ends the JVM
