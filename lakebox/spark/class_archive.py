"""Spark's classes -> an archive that the JVM maps instead of loading, verifying and linking them one by one.

A run on a laptop is short, so half of its time goes into classes. `make` calls this once for an environment: a run on
the sample data lists the classes, the JVM dumps them (class data sharing). A JVM that finds no archive, or one of
another Java or Spark, works without: nothing but speed depends on it.

The JVM archives no class of a signed jar. Spark's compiler, Janino, comes in two, so that its classes would be loaded
and verified while the first query waits for them: 0.06 s. So copies without signatures go before them; what is in
them pip has checked by the wheel's hash.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from jobs.lake.errors import LakeboxError
from lakebox.settings import REPOSITORY, whole_environment
from lakebox.spark.jvm import UNSIGNED, class_path, spark_home

SIGNATURES = (".SF", ".DSA", ".RSA", ".EC")
MANIFEST = "META-INF/MANIFEST.MF"
ARCHIVE = Path(sys.prefix) / "share" / "lakebox" / "spark-classes.jsa"
SAMPLE = REPOSITORY / "sample_data"


def archive_options() -> list[str]:
    """The JVM options that name the archive, and map it where it was made to lie; none where there is none."""
    mapped = ["-XX:+UnlockDiagnosticVMOptions", "-XX:ArchiveRelocationMode=0"]
    return [f"-XX:SharedArchiveFile={ARCHIVE}", *mapped] if ARCHIVE.exists() else []


def make_archive(processes: dict[str, str]) -> None:
    """Run the flow on the sample data, and archive the classes that it loads. Takes about 20 s and 160 MB of disk.

    processes: variables that Spark's processes need. Raises CalledProcessError where the run or the dump fails.
    """
    java = Path(processes.get("JAVA_HOME", "/usr"), "bin", "java")
    environment = {name: value for name, value in whole_environment().items() if not name.startswith("LAKEBOX_")}
    ARCHIVE.unlink(missing_ok=True)
    copy_unsigned(spark_home() / "jars", UNSIGNED)
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


def copy_unsigned(jars: Path, copies: Path) -> None:
    """Copy the signed ones of some jars without their signatures, and nothing else into that folder."""
    shutil.rmtree(copies, ignore_errors=True)
    copies.mkdir(parents=True)
    for path in jars.glob("*.jar"):
        with zipfile.ZipFile(path) as jar:
            if not any(_is_signature(name) for name in jar.namelist()):
                continue
            with zipfile.ZipFile(copies / path.name, "w", zipfile.ZIP_DEFLATED) as copy:
                for entry in jar.infolist():
                    content = jar.read(entry)
                    if entry.filename == MANIFEST:  # its main section alone: the others are digests, an entry each
                        content = content.split(b"\r\n\r\n")[0] + b"\r\n\r\n"
                    if not _is_signature(entry.filename):
                        copy.writestr(entry.filename, content)


def _is_signature(name: str) -> bool:
    return name.startswith("META-INF/") and name.upper().endswith(SIGNATURES)


def _quietly(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, env=environment, check=True, capture_output=True)


def main() -> None:
    """Make the archive; where it can't be made, say so and end well: lakebox works without."""
    from lakebox.spark.local_jvm import environment

    try:
        make_archive(environment())
    except (LakeboxError, OSError, subprocess.CalledProcessError) as error:
        print(f"no class archive, so Spark starts as slowly as ever: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
