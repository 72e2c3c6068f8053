"""Archives Spark's classes, so that the JVM maps them at its start instead of loading and verifying them one by one.

`make` calls this once for an environment: a run on the sample data lists the classes, then the JVM dumps them into an
archive (class data sharing). That halves the start of Spark. A JVM that finds no archive, or one of another Java or
Spark, works without it.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from jobs.lake.errors import LakeboxError
from lakebox.settings import REPOSITORY, whole_environment
from lakebox.spark.java import environment
from lakebox.spark.jvm import class_path

ARCHIVE = Path(sys.prefix) / "share" / "lakebox" / "spark-classes.jsa"
SAMPLE = REPOSITORY / "sample_data"


def archive_options() -> list[str]:
    """JVM options that name the archive, and map it at the address for which it was made; none without an archive."""
    mapped = ["-XX:+UnlockDiagnosticVMOptions", "-XX:ArchiveRelocationMode=0"]
    return [f"-XX:SharedArchiveFile={ARCHIVE}", *mapped] if ARCHIVE.exists() else []


def make_archive(processes: dict[str, str]) -> None:
    """Run the flow on the sample data, and archive the classes that it loads. Takes about 20 s and 160 MB of disk.

    processes: variables that Spark's processes need. Raises CalledProcessError where the run or the dump fails.
    """
    java = Path(processes.get("JAVA_HOME", "/usr"), "bin", "java")
    environment = {name: value for name, value in whole_environment().items() if not name.startswith("LAKEBOX_")}
    ARCHIVE.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="lakebox-classes-") as folder:
        lake, listed, dumped = (str(Path(folder, name)) for name in ("lake", "classes", "archive"))
        run = [sys.executable, "-m", "lakebox", "run", "--lake", lake, "--raw"]
        listing = {"JDK_JAVA_OPTIONS": f"-XX:DumpLoadedClassList={listed}"}
        _quietly([*run, str(SAMPLE / "2025-06-17")], environment | processes)
        _quietly([*run, str(SAMPLE)], environment | processes | listing)
        dump = ["-Xshare:dump", f"-XX:SharedClassListFile={listed}", f"-XX:SharedArchiveFile={dumped}"]
        _quietly([str(java), *dump, "-XX:+UseParallelGC", "-cp", class_path()], environment)
        ARCHIVE.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(dumped, ARCHIVE)


def _quietly(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, env=environment, check=True, capture_output=True)


def main() -> None:
    """Make the archive; where it can't be made, say so and end well: lakebox works without."""
    try:
        make_archive(environment())
    except (LakeboxError, OSError, subprocess.CalledProcessError) as error:
        print(f"no class archive, so Spark starts as slowly as ever: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
