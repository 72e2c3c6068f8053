"""Jars that some jobs need beyond Spark's own: Iceberg and Avro. Fetched from Maven Central once, for all lakes.

The first job that needs one fetches it, by the Ivy that comes with Spark; from then on no network is needed. Glue has
the same ones in its image: Iceberg's runtime for Spark, the AWS SDK that its GlueCatalog and S3FileIO call, and Avro.
"""

import hashlib
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from jobs.lake.errors import LakeboxError
from lakebox.settings import cache_folder
from lakebox.spark.java import find_java_home
from lakebox.spark.jvm import class_path

FETCHING = threading.Lock()
PATIENCE_S = 600
HELP = (
    "it is fetched from Maven Central once: connect to the network for this one run. Behind a proxy Java must be told: "
    "JDK_JAVA_OPTIONS='-Dhttps.proxyHost=… -Dhttps.proxyPort=… -Djavax.net.ssl.trustStore=FILE'"
)


class JarError(LakeboxError):
    """A jar could not be fetched."""


@dataclass(frozen=True)
class Jar:
    """A jar of Maven Central, and the SHA-256 of the one file that it may be."""

    group: str
    name: str
    version: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where it is kept, once it is there."""
        return cache_folder() / "jars" / f"{self.name}-{self.version}.jar"


ICEBERG = (
    Jar(
        "org.apache.iceberg",
        "iceberg-spark-runtime-3.5_2.12",
        "1.10.0",
        "70f9471870b2d456167d703c829f098a446b86bb1379eee338c0efa03a341026",
    ),
    Jar(
        "org.apache.iceberg",
        "iceberg-aws-bundle",
        "1.10.0",
        "172370cfc32a5f1ae5399b210e86fc04a366dc29a112d97ac8ffc74df7525596",
    ),
)
AVRO = Jar(
    "org.apache.spark",
    "spark-avro_2.12",
    "3.5.6",
    "933ab859ec96aca9b4628b26e1b9ac4e67156f38f6936fb495d7df1486f6ee24",
)


def fetched(jar: Jar) -> Path:
    """The jar on this machine, fetched if it isn't there yet. Raises JarError where it can't be had."""
    with FETCHING:
        if not jar.path.exists():
            _fetch(jar)
    return jar.path


def _fetch(jar: Jar) -> None:
    """Put the jar into the cache by one rename, so that whoever looks finds it whole or not at all."""
    jar.path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=jar.path.parent) as folder:
        said = [_run_ivy(java, jar, Path(folder)) for java in _javas() if not list(Path(folder).glob("*.jar"))]
        found = next(Path(folder).glob("*.jar"), None)
        if found is None:
            raise JarError(f"{jar.name} {jar.version} could not be fetched: {HELP} (Java said: {said[-1]})")
        if hashlib.sha256(found.read_bytes()).hexdigest() != jar.sha256:
            raise JarError(f"{jar.name} {jar.version} as fetched is not the file that lakebox was tested with: {HELP}")
        found.rename(jar.path)


def _javas() -> list[str]:
    """The machine's own Java first: it trusts the certificates that the machine does, proxies' ones among them."""
    home = find_java_home()
    return list(filter(None, [shutil.which("java"), str(Path(home, "bin", "java")) if home else None]))


def _run_ivy(java: str, jar: Jar, folder: Path) -> str:
    """Retrieve the jar, without what it depends on, into the folder; what Ivy said of its failure."""
    wanted = ["-dependency", jar.group, jar.name, jar.version, "-notransitive", "-types", "jar"]
    places = ["-cache", str(folder / "ivy"), "-retrieve", str(folder / "[artifact].[ext]")]
    command = [java, "-cp", class_path(), "org.apache.ivy.Main", "-error", *wanted, *places]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)  # noqa: S603
    except subprocess.TimeoutExpired:
        return f"no answer within {PATIENCE_S} s"
    errors = [line for line in (done.stdout + done.stderr).splitlines() if " url=" in line or "xception" in line]
    return errors[0].partition(" url=")[0].strip() if errors else f"Ivy ended with status {done.returncode}"
