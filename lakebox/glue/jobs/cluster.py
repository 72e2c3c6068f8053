"""Job runs on the stack: files from its S3, Spark by its own launcher, on the cluster that MASTER names."""

import shlex
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from lakebox.endpoint.keys import Keys
from lakebox.endpoint.service import ServiceError
from lakebox.glue.jobs.arguments import Special
from lakebox.glue.jobs.place import RUNTIME, Place, Script, Spark
from lakebox.settings import REPOSITORY, whole_environment

KEPT = (  # of the driver's own variables: how Spark reaches S3 and the catalog
    "AWS_ENDPOINT_URL_S3",
    "AWS_CREDENTIAL_PROFILES_FILE",
    "LAKEBOX_METASTORE_URI",
    "LAKEBOX_LAKE_BUCKET",
)


class ClusterPlace(Place):
    """Runs in the service `driver`; workers see its state folder at the same path."""

    def __init__(self, state: Path, keys: Keys, endpoint_url: str, s3_url: str) -> None:
        super().__init__(state, keys, endpoint_url)
        self._s3: Any = boto3.client(
            "s3",
            endpoint_url=s3_url,
            region_name="us-east-1",
            aws_access_key_id=keys.access_key,
            aws_secret_access_key=keys.secret_key,
        )

    ours = (str(REPOSITORY),)  # in the image nothing of ours is installed

    def fetched(self, uri: str, folder: Path) -> Path:
        """A copy of an object."""
        parts = urlsplit(uri)
        name = Path(parts.path).name
        if parts.scheme not in ("s3", "s3a", "s3n") or not parts.netloc or not name:
            raise ServiceError("InvalidInputException", f"{uri!r} is not an s3://bucket/key URI")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            answer = self._s3.get_object(Bucket=parts.netloc, Key=parts.path.lstrip("/"))
            with (folder / name).open("wb") as file:
                shutil.copyfileobj(answer["Body"], file)
        except (ClientError, BotoCoreError) as error:
            text = f"{uri} can't be read ({error}); put it there, then start the run again"
            raise ServiceError("InvalidInputException", text) from None
        return folder / name

    def spark(self, script: Script, folder: Path) -> Spark:
        """Arguments for PySpark's own start."""
        special = script.special
        modules = [str(RUNTIME), *([str(self.modules_folder(special))] if special.modules else [])]
        settings = {
            "spark.app.name": folder.name,
            "spark.executorEnv.PYTHONPATH": ":".join(modules),
            "spark.executorEnv.AWS_SHARED_CREDENTIALS_FILE": whole_environment()["AWS_CREDENTIAL_PROFILES_FILE"],
            "spark.hadoop.hive.exec.dynamic.partition.mode": "nonstrict",
            **{f"{name}.s3.path-style-access": "true" for name in _catalogs(special)},
            **special.conf,
        }
        words = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
        if special.jars:
            words += ["--jars", ",".join(str(self.fetched(uri, folder / "jars")) for uri in special.jars)]
        if special.py_files:
            words += ["--py-files", ",".join(str(folder / "py-files" / Path(uri).name) for uri in special.py_files)]
        return Spark(None, [], {"PYSPARK_SUBMIT_ARGS": shlex.join([*words, "pyspark-shell"])})

    def environment(self, folder: Path, job_name: str) -> dict[str, str]:
        """The environment of a run's process."""
        own = whole_environment()
        return super().environment(folder, job_name) | {name: own[name] for name in KEPT if name in own}


def _catalogs(special: Special) -> set[str]:
    """Settings' names of Iceberg's catalogs, whose S3 client is not Hadoop's: AWS's name for it, and others."""
    named = (name for name, value in special.conf.items() if value.endswith("SparkCatalog"))
    return {"spark.sql.catalog.glue_catalog", *named}
