"""Gives SQL engine, clients, flow and job runs of a target: the one place that knows embedded from compose.

SQL goes to DuckDB on the embedded target, and to Trino on compose (the stack; LAKEBOX_TARGET chooses).
Imports are inside the functions, so that a command waits for no module that its target or its verb does not need.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.lake.open_store import open_store
from lakebox.athena.engine import Engine
from lakebox.settings import Settings, is_aws, lake_bucket, read_settings, s3_url, stack_api_url

STACK_POLL_S = 0.2

if TYPE_CHECKING:
    from lakebox.api.records import JobRuns
    from lakebox.deploy.api import Clients
    from lakebox.endpoint.service import Service
    from lakebox.flow.client import Flow
    from lakebox.glue.data_catalog.documents import Document


def open_engine(settings: Settings) -> Engine:
    """The SQL engine of the target, over the lake of the settings; raises StorageError where there is no lake."""
    if settings.stack is not None:
        from lakebox.athena.trino_engine import TrinoEngine
        from lakebox.glue.metastore_catalog import MetastoreCatalog

        return TrinoEngine(settings.stack.trino_url, MetastoreCatalog(settings.stack.trino_url))
    from lakebox.athena.duckdb_engine import DuckDbEngine
    from lakebox.glue.data_catalog.documents import SqliteDocuments
    from lakebox.glue.data_catalog.operations import catalog_operations
    from lakebox.glue.data_catalog.store import CatalogStore

    open_store(settings.lake_uri, must_exist=True)
    state = Path(settings.folder) / ".lakebox"
    operations = catalog_operations(CatalogStore(state / "catalog.sqlite"), SqliteDocuments(state / "glue.sqlite"))
    return DuckDbEngine(operations, settings.folder)


def open_job_runs(settings: Settings) -> "JobRuns":
    """What runs users' scripts, and knows all runs. Raises StackError where the stack does not answer."""
    if settings.stack is not None:
        from lakebox.api.stack_runs import StackRuns, user_keys

        return StackRuns(stack_api_url(), s3_url(), user_keys())
    from lakebox.api.embedded_runs import EmbeddedRuns

    return EmbeddedRuns(settings.folder)


@contextlib.contextmanager
def open_clients(settings: Settings) -> "Iterator[Clients]":
    """boto3 clients of the target's API by service; embedded, an endpoint in this process answers them."""
    from lakebox.api.clients import clients_of

    if settings.stack is not None:
        from lakebox.api.stack_runs import user_keys

        keys = user_keys()
        yield clients_of(keys, stack_api_url(), s3_url())
        return
    from lakebox.api.serve import serving

    with serving(settings.folder) as endpoint:
        yield clients_of(endpoint.keys, endpoint.url, endpoint.url)


def lakehouse_parameters(settings: Settings) -> dict[str, str]:
    """The parameters of catalog/lakehouse.yaml on the target."""
    if settings.stack is None:
        return {"BucketName": lake_bucket()}
    raw, results = f"s3://{settings.stack.raw_bucket}/", "s3://aws-athena-query-results-000000000000-us-east-1/"
    return {"BucketName": lake_bucket(), "RawUri": raw, "ResultsUri": results}  # nobody queries with the lake's keys


@contextlib.contextmanager
def open_flow(settings: Settings) -> "Iterator[Flow]":
    """The medallion flow of the target, deployed where it is not there as it should be."""
    if settings.stack is None:
        from lakebox.flow import embedded

        with embedded.open_flow(settings) as flow:
            yield flow
        return
    from lakebox.deploy.lakehouse import deploy_lakehouse
    from lakebox.flow.client import Flow

    with open_clients(settings) as clients:
        deploy_lakehouse(clients, lakehouse_parameters(settings))
        yield Flow(clients("glue"), STACK_POLL_S)


def within_reach(settings: Settings, say: Callable[[str], None]) -> Settings:
    """Settings whose raw files and mapping the target's jobs can read: on the stack they land in the raw bucket first.

    say: is told of files that are left alone. Raises StorageError where they can't land.
    """
    if settings.stack is None:
        from lakebox.flow.embedded import absolute

        return absolute(settings)
    from lakebox.stack.landing import land

    return land(settings, say)


@contextlib.contextmanager
def open_athena(lake: str | None) -> "Iterator[Service]":
    """Athena's operations by name: embedded, of this process; else asked of the stack's API, or of AWS.

    Raises StorageError where there is no lake, StackError and ServiceError where nothing answers.
    """
    if is_aws():
        from lakebox.api.aws_operations import aws_operations

        yield aws_operations("athena")
        return
    settings = read_settings(lake=lake)
    if settings.stack is not None:
        from lakebox.api.aws_operations import AwsOperations

        with open_clients(settings) as client:
            yield AwsOperations(client("athena"), "is the stack up? lakebox status tells, lakebox up starts it")
        return
    from lakebox.api.embedded_queries import athena_operations

    open_store(settings.folder, must_exist=True)
    with athena_operations(settings.folder) as operations:
        yield operations


def query_executions(settings: Settings) -> "list[Document]":
    """All queries of Athena's API, the newest first. Raises StackError where the stack does not answer."""
    if settings.stack is not None:
        from lakebox.api.stack_queries import executions

        return executions(stack_api_url())
    from lakebox.api.serve import state_folder
    from lakebox.athena.service.history import kept_executions

    return kept_executions(state_folder(settings.folder) / "glue.sqlite")


def client_variables(settings: Settings, port: int) -> dict[str, str]:
    """The variables by which AWS's clients reach the target's endpoint, and on the stack its S3."""
    from lakebox.endpoint.keys import keys_of, variables

    url = f"http://127.0.0.1:{port}"
    if settings.stack is not None:
        from lakebox.api.stack_runs import user_keys

        return variables(user_keys(), url) | {"AWS_ENDPOINT_URL_S3": s3_url()}
    from lakebox.api.serve import state_folder

    return variables(keys_of(state_folder(settings.folder)), url)
