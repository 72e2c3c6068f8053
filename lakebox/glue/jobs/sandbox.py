"""What a run needs on the embedded target: files from buckets, Python modules, Spark's settings, environment."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from lakebox.endpoint.buckets import Buckets
from lakebox.endpoint.keys import Keys
from lakebox.endpoint.service import ServiceError
from lakebox.glue.jobs.arguments import Special
from lakebox.glue.jobs.launch import Launch
from lakebox.settings import whole_environment
from lakebox.spark.class_archive import archive_options
from lakebox.spark.java import environment as spark_environment
from lakebox.spark.jvm import JVM_OPTIONS

RUNTIME = Path(__file__).parent.parent / "runtime"
VIEWFS = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"
RAW = "org.apache.hadoop.fs.RawLocalFileSystem"
SPARK = {
    "spark.master": "local[*]",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.session.timeZone": "UTC",
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "100000",
    "spark.sql.sources.ignoreDataLocality": "true",  # viewfs can't say where the files of a bucket's root lie
}
CATALOG = {
    "spark.sql.catalogImplementation": "hive",
    "spark.hadoop.hive.exec.dynamic.partition.mode": "nonstrict",  # as on Glue: all partition columns may be dynamic
}


@dataclass(frozen=True)
class Script:
    """What a run runs: the script's URI or path, its sys.argv[1:], what its special parameters ask for, its kind."""

    uri: str
    argv: list[str]
    special: Special
    spark: bool


@dataclass(frozen=True)
class Place:
    """Where runs work: the buckets, the folder of lakebox's own state, and the endpoint that scripts' boto3 reaches."""

    buckets: Buckets
    state: Path
    keys: Keys
    endpoint_url: str
    metastore_uri: Callable[[], str]

    def prepare(self, run_id: str, script: Script) -> Path:
        """Make the folder of a run, with all that its process needs. Raises ServiceError where something is missing."""
        folder = self.state / "runs" / run_id
        folder.mkdir(parents=True)
        local, special = self._fetched(script.uri, folder), script.special
        paths = [str(RUNTIME)]
        paths += [str(self._fetched(uri, folder / "py-files")) for uri in special.py_files]
        for uri in special.files:
            self._fetched(uri, folder)
        if special.modules:
            paths.append(str(self._installed(special)))
        java, options = self._jvm(special, folder) if script.spark else (None, [])
        Launch(str(local), script.argv, java, options).write(folder)
        (folder / "python-path").write_text(os.pathsep.join(_importable(paths)), encoding="utf-8")
        return folder

    def _jvm(self, special: Special, folder: Path) -> tuple[str, list[str]]:
        """The java command and its options, Spark's settings among them."""
        home = spark_environment().get("JAVA_HOME")
        jars = ",".join(f"file://{self._fetched(uri, folder / 'jars')}" for uri in special.jars)
        settings = (
            SPARK
            | {"spark.app.name": folder.name}
            | self._storage()
            | ({"spark.jars": jars} if jars else {})
            | dict(special.conf)
        )
        if special.uses_catalog:
            settings |= CATALOG | {"spark.hadoop.hive.metastore.uris": self.metastore_uri()} | dict(special.conf)
        properties = [f"-D{name}={value}" for name, value in settings.items()]
        java = str(Path(home, "bin", "java")) if home else "java"
        return java, [*JVM_OPTIONS, *archive_options(), *properties]

    def bookmark(self, job_name: str) -> Path:
        """The file that keeps a job's bookmarks."""
        return self.state / "bookmarks" / f"{hashlib.sha256(job_name.encode()).hexdigest()}.json"

    def environment(self, folder: Path, job_name: str) -> dict[str, str]:
        """The environment of a run's process: the user's own, less lakebox's settings, with the endpoint and keys."""
        own = {name: value for name, value in whole_environment().items() if not name.startswith(("LAKEBOX_", "AWS_"))}
        return own | {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.keys.access_key,
            "AWS_SECRET_ACCESS_KEY": self.keys.secret_key,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "PYTHONPATH": (folder / "python-path").read_text(encoding="utf-8"),
            "PYTHONUNBUFFERED": "1",
            "PYSPARK_PYTHON": sys.executable,
            "PYSPARK_DRIVER_PYTHON": sys.executable,
            "LAKEBOX_BOOKMARK_FILE": str(self.bookmark(job_name)),
        }

    def _fetched(self, uri: str, folder: Path) -> Path:
        """A copy of an object or local file in the run's folder: a change of it doesn't reach the run."""
        source = self.buckets.path_of(uri) if "://" in uri else Path(uri)
        if not source.is_file():
            raise ServiceError("InvalidInputException", f"{uri} does not exist; put it there, then start the run again")
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy2(source, folder / source.name))

    def _installed(self, special: Special) -> Path:
        """A folder with the modules that pip installs for this list, kept for the next run that asks for the same."""
        options = "\n".join([*special.installer_options, "", *special.modules])
        folder = self.state / "modules" / hashlib.sha256(options.encode()).hexdigest()[:16]
        if not folder.exists():
            draft = folder.with_suffix(".draft")
            shutil.rmtree(draft, ignore_errors=True)
            names = [str(self.buckets.path_of(name)) if "://" in name else name for name in special.modules]
            pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", str(draft)]
            done = subprocess.run(  # noqa: S603 the user's own list
                [*pip, *special.installer_options, *names], capture_output=True, text=True, check=False
            )
            if done.returncode:
                said = " ".join(done.stderr.split())[-500:]
                text = f"pip could not install --additional-python-modules {','.join(special.modules)}: {said}"
                raise ServiceError("InvalidInputException", text)
            draft.rename(folder)
        return folder

    def _storage(self) -> dict[str, str]:
        """Spark's settings by which s3:// and s3a:// paths are the folders of the buckets that exist now."""
        settings = {"spark.hadoop.fs.file.impl": RAW}  # the other local file system leaves .crc files
        for scheme in ("s3", "s3a"):
            settings[f"spark.hadoop.fs.{scheme}.impl"] = VIEWFS
            target = f"spark.hadoop.fs.viewfs.overload.scheme.target.{scheme}.impl"
            settings[target] = RAW
        for bucket in self.buckets.names():
            link = f"spark.hadoop.fs.viewfs.mounttable.{bucket}.linkFallback"
            settings[link] = self.buckets.folder(bucket).as_uri()
        return settings


def _importable(paths: Iterable[str]) -> list[str]:
    """Entries of sys.path: zips and eggs as they are, a single module by its folder."""
    return [str(Path(path).parent) if path.endswith(".py") else path for path in paths]
