"""The API of the stack: the processes of its services `api`, `driver` and `lake-driver`.

python -m lakebox.api.stack api           the endpoint: catalog in the metastore, state in PostgreSQL, two drivers
python -m lakebox.api.stack driver        where users' job scripts run
python -m lakebox.api.stack lake-driver   where the lake's own jobs run
"""

import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from jobs.lake.open_store import open_store
from jobs.lake.store import Store
from lakebox.account.services import account_services
from lakebox.api.glue import Glue
from lakebox.api.stack_s3 import StackS3
from lakebox.athena.on_trino.engine import TrinoStatements
from lakebox.athena.on_trino.hidden_table import drop_hidden_tables
from lakebox.athena.on_trino.s3_tables import S3Tables
from lakebox.athena.service.operations import Athena
from lakebox.athena.service.queue import Target
from lakebox.athena.service.results.objects import S3Objects
from lakebox.athena.statements.open_tables import open_table_operations
from lakebox.endpoint.keys import Keys
from lakebox.endpoint.server import Endpoint, running
from lakebox.glue.crawlers.crawl import Surroundings
from lakebox.glue.crawlers.lake_tables import lake_tables
from lakebox.glue.crawlers.targets import OpenBucket
from lakebox.glue.data_catalog.operations import catalog_operations
from lakebox.glue.hive.client import MetastoreClient
from lakebox.glue.hive.documents import PostgresDocuments
from lakebox.glue.hive.names import Names
from lakebox.glue.hive.store import MetastoreStore
from lakebox.glue.jobs.cluster import ClusterPlace
from lakebox.glue.jobs.driver.choice import StackHost
from lakebox.glue.jobs.driver.client import DriverClient
from lakebox.glue.jobs.driver.lake import LakeHost
from lakebox.glue.jobs.driver.server import PORT, Driver
from lakebox.glue.jobs.host import Host, LocalHost
from lakebox.settings import ApiSettings, read_api_settings, whole_environment

API_PORT = 4566
API_URL = f"http://api:{API_PORT}"
STATE = Path("/var/lib/lakebox/driver")
OWNERS = Path("/tmp/owners")  # noqa: S108 nobody else lives in this container
QUERIES_AT_ONCE = 8
LARGEST_OWN_FILE = 4 << 20


class StackEndpoint(Endpoint):
    """The endpoint in a container: other containers call it `api`; on the host it is published on 127.0.0.1 alone."""

    address = "0.0.0.0"  # noqa: S104 of the container
    names = (*Endpoint.names, "api")


def serve_api(settings: ApiSettings) -> None:
    """Answer AWS's APIs until the container stops."""
    documents = _documents(settings)
    store = MetastoreStore(
        MetastoreClient(settings.metastore_uri),
        Names(settings.metastore_dsn),
        documents,
        f"s3://{settings.lake_bucket}/warehouse",
    )
    users, lake = DriverClient("driver", settings.driver_token), DriverClient("lake-driver", settings.lake_driver_token)
    for driver in (users, lake):
        driver.end_all()
    s3 = _user_s3(settings)
    host = StackHost(users, lake, f"s3://{settings.lake_bucket}", lambda uri: _content(s3, uri))
    around = Surroundings(catalog_operations(store, documents), _open_bucket(), lake_tables(settings.lake_bucket))
    glue = Glue(documents, around, host, OWNERS)
    tables = S3Tables(around.catalog, s3, _file_io(settings, s3))
    athena = Athena(documents, around.catalog, _queries(settings, tables, s3), OWNERS)
    endpoint = StackEndpoint({}, _keys(settings), API_PORT, s3=StackS3(documents, s3, settings.s3_url))
    own = {"glue": {**glue.operations(), **open_table_operations(tables)}, "athena": athena.operations()}
    endpoint.services = {**own, **account_services(documents)}
    with running(endpoint), glue.at_work(lasting=True):
        _wait_for_the_end()
    athena.close()
    documents.close()


def serve_driver(settings: ApiSettings) -> None:
    """Run scripts for the API until the container stops."""
    _serve(LocalHost(ClusterPlace(STATE, _keys(settings), API_URL, settings.s3_url)), settings)


def serve_lake_driver(settings: ApiSettings) -> None:
    """Run the lake's own jobs for the API until the container stops."""
    glue = {
        "endpoint_url": API_URL,
        "region_name": "us-east-1",
        "aws_access_key_id": settings.access_key,
        "aws_secret_access_key": settings.secret_key,
    }
    environment = whole_environment()
    host = LakeHost(STATE, environment, glue, environment["MASTER"])
    _serve(host, settings)
    host.close()


def _serve(host: Host, settings: ApiSettings) -> None:
    driver = Driver(host, settings.driver_token, ("0.0.0.0", PORT))  # noqa: S104 of the container
    threading.Thread(target=driver.serve_forever, daemon=True).start()
    _wait_for_the_end()
    driver.calls()["end_all"]()


def _open_bucket() -> OpenBucket:
    """The objects of a bucket; boto3's session makes clients for one thread at a time."""
    lock = threading.Lock()

    def opened(bucket: str) -> Store:
        with lock:
            return open_store(f"s3://{bucket}", must_exist=True)

    return opened


def _user_s3(settings: ApiSettings) -> Any:
    """S3 with the user's keys."""
    return boto3.client(
        "s3",
        endpoint_url=settings.s3_url,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
    )


def _content(s3: Any, uri: str) -> bytes | None:
    """What an object holds, up to the size of lakebox's own files; None where there is none. Raises OSError."""
    parts = urlsplit(uri)
    try:
        content: bytes = s3.get_object(Bucket=parts.netloc, Key=parts.path.lstrip("/"))["Body"].read(LARGEST_OWN_FILE)
    except (ClientError, BotoCoreError) as error:
        if isinstance(error, ClientError) and error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
            return None
        raise OSError(f"{uri} can't be read: {error}") from error
    return content


def _file_io(settings: ApiSettings, s3: Any) -> dict[str, str]:
    """pyiceberg's properties for the same."""
    return {
        "s3.endpoint": settings.s3_url,
        "s3.access-key-id": settings.access_key,
        "s3.secret-access-key": settings.secret_key,
        "s3.region": str(s3.meta.region_name),
    }


def _queries(settings: ApiSettings, tables: S3Tables, s3: Any) -> Target:
    """Statements on Trino and the catalog, results and tables' files in S3 with the user's keys."""
    drop_hidden_tables(tables)
    return Target(TrinoStatements(settings.trino_url, settings.trino_name, tables), S3Objects(s3), QUERIES_AT_ONCE)


def _keys(settings: ApiSettings) -> Keys:
    return Keys(settings.access_key, settings.secret_key)


def _documents(settings: ApiSettings) -> PostgresDocuments:
    """The state, once PostgreSQL answers."""
    deadline = time.monotonic() + settings.patience_s
    while True:
        try:
            return PostgresDocuments(settings.documents_dsn)
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                sys.exit(f"api: PostgreSQL does not answer ({error}); is the service postgres up?")
            time.sleep(0.5)


def _wait_for_the_end() -> None:
    end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: end.set())
    end.wait()


if __name__ == "__main__":
    services = {"api": serve_api, "driver": serve_driver, "lake-driver": serve_lake_driver}
    services[sys.argv[1]](read_api_settings())
