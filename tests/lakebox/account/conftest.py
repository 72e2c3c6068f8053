"""Clients of the account's services, over an empty state; every answer is checked against botocore's model."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from lakebox.account.services import account_services
from lakebox.endpoint.keys import Keys
from lakebox.endpoint.server import Endpoint, running
from lakebox.glue.data_catalog.documents import SqliteDocuments

KEYS = Keys("LKBXTEST", "not-a-secret")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Callable[[str], Any]]:
    """A function that makes boto3's client of a service."""
    documents = SqliteDocuments(tmp_path / "state.sqlite")
    with running(Endpoint(account_services(documents), KEYS, checked=True)) as url:
        keys = {"aws_access_key_id": KEYS.access_key, "aws_secret_access_key": KEYS.secret_key}
        yield lambda service: boto3.client(service, endpoint_url=url, region_name="us-east-1", **keys)
    documents.close()


@pytest.fixture
def iam(client: Callable[[str], Any]) -> Any:
    """A client of IAM."""
    return client("iam")
