"""Job runs on the embedded target: files from folders, Spark in local mode."""

import shutil
from collections.abc import Callable
from pathlib import Path

from lakebox.endpoint.buckets import Buckets
from lakebox.endpoint.keys import Keys
from lakebox.endpoint.service import ServiceError
from lakebox.glue.jobs.launch import Launch
from lakebox.glue.jobs.place import Place, Script, Spark
from lakebox.glue.jobs.warm.own_jobs import own_script
from lakebox.spark.class_archive import archive_options
from lakebox.spark.jars import AVRO, ICEBERG, JarError, fetched
from lakebox.spark.java import environment as spark_environment
from lakebox.spark.jvm import JVM_OPTIONS, LOCAL_SPARK, class_path

VIEWFS = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"
RAW = "org.apache.hadoop.fs.RawLocalFileSystem"
SPARK = {
    **LOCAL_SPARK,
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.sources.ignoreDataLocality": "true",  # viewfs can't say where the files of a bucket's root lie
}
CATALOG = {
    "spark.sql.catalogImplementation": "hive",
    "spark.hadoop.hive.exec.dynamic.partition.mode": "nonstrict",  # as on Glue: all partition columns may be dynamic
}


class EmbeddedPlace(Place):
    """Runs on this machine: buckets are folders, Spark is in local mode, the catalog a metastore in this process."""

    def __init__(self, buckets: Buckets, keys: Keys, endpoint_url: str, metastore_uri: Callable[[], str]) -> None:
        super().__init__(buckets.root / ".lakebox", keys, endpoint_url)
        self._buckets, self._metastore_uri = buckets, metastore_uri

    def prepare(self, run_id: str, script: Script) -> Path:
        """Make the folder of a run. Our own jobs work on the lake's folder itself: its lock goes with its holder."""
        ours = own_script(script, self._content)
        if ours is None:
            return super().prepare(run_id, script)
        folder = self.state / "runs" / run_id
        folder.mkdir(parents=True)
        named = zip(["", *script.argv], script.argv, strict=False)
        argv = [self._lake_folder(word) if name == "--lake_uri" else word for name, word in named]
        Launch(str(ours), argv, None, [], is_warm=True).write(folder)
        return folder

    def _source(self, uri: str) -> Path:
        return self._buckets.path_of(uri) if "://" in uri else Path(uri)

    def _content(self, uri: str) -> bytes | None:
        path = self._source(uri)
        return path.read_bytes() if path.is_file() else None

    def _lake_folder(self, uri: str) -> str:
        """The folder of a lake's bucket; a lake that lies elsewhere stays as it is."""
        scheme, _, bucket = uri.rstrip("/").partition("://")
        return str(self._buckets.folder(bucket)) if scheme == "s3" and "/" not in bucket else uri

    def fetched(self, uri: str, folder: Path) -> Path:
        """A copy of an object, or of a file that `lakebox job run` names."""
        source = self._source(uri)
        if not source.is_file():
            raise ServiceError("InvalidInputException", f"{uri} does not exist; put it there, then start the run again")
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy2(source, folder / source.name))

    def spark(self, script: Script, folder: Path) -> Spark:
        """A JVM of lakebox's own, started with the settings."""
        home, special = spark_environment().get("JAVA_HOME"), script.special
        settings = SPARK | {"spark.app.name": folder.name} | self._storage() | dict(special.conf)
        if special.uses_catalog:
            settings |= CATALOG | {"spark.hadoop.hive.metastore.uris": self._metastore_uri()} | dict(special.conf)
        properties = [f"-D{name}={value}" for name, value in settings.items()]
        java = str(Path(home, "bin", "java")) if home else "java"
        jars = [self.fetched(uri, folder / "jars") for uri in special.jars] + _known_jars(script, folder)
        return Spark(java, [*JVM_OPTIONS, *archive_options(), *properties, "-cp", class_path(*jars)], {})

    def _storage(self) -> dict[str, str]:
        """Spark's settings by which s3:// and s3a:// paths are the folders of the buckets that exist now."""
        settings = {"spark.hadoop.fs.file.impl": RAW}  # the other local file system leaves .crc files
        for scheme in ("s3", "s3a"):
            settings[f"spark.hadoop.fs.{scheme}.impl"] = VIEWFS
            target = f"spark.hadoop.fs.viewfs.overload.scheme.target.{scheme}.impl"
            settings[target] = RAW
        for bucket in self._buckets.names():
            link = f"spark.hadoop.fs.viewfs.mounttable.{bucket}.linkFallback"
            settings[link] = self._buckets.folder(bucket).as_uri()
        return settings


def _known_jars(script: Script, folder: Path) -> list[Path]:
    """The jars that Glue has for what a script asks for.

    Avro's is on the path of every job of Glue's: here of every job once it has been fetched, which it is for the first
    one whose script or arguments name it.
    """
    texts = [*script.argv, *(path.read_text(encoding="utf-8", errors="ignore") for path in folder.rglob("*.py"))]
    names_avro = any("avro" in text.lower() for text in texts)
    wanted = [*(ICEBERG if script.special.uses_iceberg else ()), *([AVRO] if names_avro or AVRO.path.exists() else ())]
    try:
        return [fetched(jar) for jar in wanted]
    except JarError as error:
        raise ServiceError("InvalidInputException", str(error)) from error
