"""boto3 clients of an endpoint, as the command itself uses them."""

import functools
from typing import Any

import boto3

from lakebox.deploy.api import Clients
from lakebox.endpoint.keys import Keys


def clients_of(keys: Keys, url: str, s3_url: str) -> Clients:
    """One client a service, made when it is asked for."""

    @functools.cache
    def client(service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=s3_url if service == "s3" else url,
            region_name="us-east-1",
            aws_access_key_id=keys.access_key,
            aws_secret_access_key=keys.secret_key,
        )

    return client
