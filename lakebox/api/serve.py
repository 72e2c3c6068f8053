"""The endpoint of the embedded target: AWS's APIs over one lake, for `lakebox serve` and other commands.

`DIR/<bucket>/…` are the buckets, `DIR/.lakebox/` has the keys, the state of Glue's resources, and each run's folder.
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jobs.lake.errors import LakeboxError
from jobs.lake.open_store import open_store
from jobs.lake.store import Store
from lakebox.account.services import account_services
from lakebox.api.embedded_queries import athena_over
from lakebox.api.glue import Glue
from lakebox.athena.statements.open_tables import open_table_operations
from lakebox.athena.tables.folder_tables import FolderTables
from lakebox.endpoint.buckets import Buckets
from lakebox.endpoint.keys import Keys, keys_of
from lakebox.endpoint.s3.multipart import Uploads
from lakebox.endpoint.s3.objects import Objects
from lakebox.endpoint.s3.service import S3
from lakebox.endpoint.server import Endpoint, running
from lakebox.endpoint.service import Operation
from lakebox.glue.crawlers.crawl import Surroundings
from lakebox.glue.crawlers.lake_tables import lake_tables
from lakebox.glue.crawlers.targets import OpenBucket
from lakebox.glue.data_catalog.documents import Documents, SqliteDocuments
from lakebox.glue.data_catalog.operations import catalog_operations
from lakebox.glue.data_catalog.store import CatalogStore
from lakebox.glue.jobs.host import LocalHost
from lakebox.glue.jobs.runs import Runs
from lakebox.glue.jobs.sandbox import EmbeddedPlace
from lakebox.settings import lake_bucket


class EndpointError(LakeboxError):
    """The endpoint can't be started."""


@dataclass(frozen=True)
class Serving:
    """An endpoint at work in this process."""

    lake: str
    url: str
    keys: Keys
    documents: Documents
    runs: Runs
    buckets: Buckets
    host: LocalHost
    troubles: list[Exception]


def state_folder(lake: str) -> Path:
    """Where a lake's own state lies."""
    return Path(lake).absolute() / ".lakebox"


@contextlib.contextmanager
def serving(lake: str, port: int = 0, *, checked: bool = False, lasting: bool = False) -> Iterator[Serving]:
    """Answer requests for as long as the context lasts. Raises EndpointError where the port is taken.

    port: 0 takes any free one; checked: answers are held against botocore's models (for tests)
    lasting: as `lakebox serve` is, which goes on with workflow runs of endpoints that have ended, and fires schedules
    """
    state = state_folder(lake)
    keys, documents = keys_of(state), SqliteDocuments(state / "glue.sqlite")
    try:
        endpoint = Endpoint({}, keys, port, checked=checked)
    except OSError as error:
        text = f"port {port} of 127.0.0.1 can't be used ({error.strerror}); name another: --port or LAKEBOX_API_PORT"
        raise EndpointError(text) from error
    buckets = Buckets(Path(lake))
    objects = Objects(buckets, state)
    endpoint.s3 = S3(objects, Uploads(objects, state / "uploads"))
    catalog = CatalogStore(state / "catalog.sqlite")
    tables = catalog_operations(catalog, documents)
    metastore = _Metastore(tables, Path(lake))
    host = LocalHost(EmbeddedPlace(buckets, keys, endpoint.url, metastore.uri))
    around = Surroundings(tables, _open_bucket(buckets), lake_tables(lake_bucket()))
    glue = Glue(documents, around, host, state / "owners")
    athena = athena_over(lake, documents, tables, objects)
    open_tables = open_table_operations(FolderTables(tables, buckets))
    own = {"glue": {**glue.operations(), **open_tables}, "athena": athena.operations()}
    endpoint.services = {**own, **account_services(documents)}
    try:
        with metastore, running(endpoint) as url, glue.at_work(lasting=lasting):
            yield Serving(lake, url, keys, documents, glue.runs, buckets, host, glue.troubles)
    finally:
        host.close()
        athena.close()
        documents.close()
        catalog.close()
        objects.close()


def _open_bucket(buckets: Buckets) -> OpenBucket:
    """The objects of a bucket, as files of its folder."""

    def opened(bucket: str) -> Store:
        return open_store(str(buckets.folder(bucket)), must_exist=True)

    return opened


class _Metastore(contextlib.ExitStack):
    """The catalog in the metastore's protocol, for Spark SQL; it starts when a first run asks for it."""

    def __init__(self, operations: Mapping[str, Operation], lake: Path) -> None:
        super().__init__()
        self._operations, self._lake = operations, lake
        self._uri: str | None = None
        self._lock = threading.Lock()

    def uri(self) -> str:
        """Where it listens."""
        from lakebox.glue.metastore.folders import LakeFolders
        from lakebox.glue.metastore.server import running_metastore  # thrift takes 0.1 s to import

        with self._lock:
            if self._uri is None:
                self._uri = self.enter_context(running_metastore(self._operations, LakeFolders(self._lake)))
            return self._uri


@contextlib.contextmanager
def only_one(lake: str) -> Iterator[None]:
    """Hold a lake's place for one `lakebox serve`. Raises EndpointError where another one serves this lake."""
    state = state_folder(lake)
    state.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(state / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise EndpointError(f"`lakebox serve` is at work on {lake} already; end that one first, or use it") from None
    finally:
        os.close(descriptor)
