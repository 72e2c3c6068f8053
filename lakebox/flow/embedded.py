"""The flow of the embedded target: an endpoint in this process, with our template deployed and a process warm.

An endpoint of its own even where `lakebox serve` answers for the same lake: both keep their state in the lake, and each
run has one owner, so that a workflow of one run at a time stays one.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lakebox.api.clients import clients_of
from lakebox.api.serve import serving
from lakebox.deploy.lakehouse import deploy_lakehouse
from lakebox.flow.client import Flow
from lakebox.flow.errors import FlowError
from lakebox.settings import Settings, lake_bucket

POLL_S = 0.05


@contextlib.contextmanager
def open_flow(settings: Settings) -> Iterator[Flow]:
    """The flow of a lake in a folder. Raises DeployError where our template can't be deployed."""
    try:
        with serving(settings.folder) as endpoint:
            endpoint.host.warm_up(outer_s3=_names_outer_bucket(settings, endpoint.buckets.names()))
            clients = clients_of(endpoint.keys, endpoint.url, endpoint.url)
            deploy_lakehouse(clients, {"BucketName": lake_bucket()})
            yield Flow(clients("glue"), POLL_S, lambda: _raise_first(endpoint.troubles))
    except (sqlite3.Error, OSError) as error:
        text = f"the sandbox's own state in {settings.folder}/.lakebox can't be written ({error})"
        raise FlowError(f"{text}; mend that, then run again") from error


def _raise_first(troubles: Sequence[Exception]) -> None:
    if troubles:
        raise troubles[0]


def absolute(settings: Settings) -> Settings:
    """The same settings with absolute paths: jobs work in folders of their own."""
    mapping = settings.mapping_uri
    return replace(settings, raw_uri=_absolute(settings.raw_uri), mapping_uri=mapping and _absolute(mapping))


def _absolute(uri: str) -> str:
    return uri if "://" in uri else str(Path(uri).expanduser().absolute())


def _names_outer_bucket(settings: Settings, inner: Sequence[str]) -> bool:
    """Whether raw files or the mapping lie in a bucket that the sandbox hasn't: it is in the user's own S3."""
    uris = [uri for uri in (settings.raw_uri, settings.mapping_uri) if uri and uri.startswith(("s3://", "s3a://"))]
    return any(uri.split("/")[2] not in inner for uri in uris)
