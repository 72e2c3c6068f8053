"""S3 of a test: a boto3 client of an endpoint, and requests that boto3 does not make."""

import http.client
from typing import Any

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from lakebox.endpoint.keys import Keys

KEYS = Keys("LKBXTEST", "not-a-secret")


def client(url: str, keys: Keys = KEYS, **config: Any) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name=config.pop("region_name", "us-east-1"),
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        config=Config(retries={"total_max_attempts": 1}, **config),
    )


def code_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return str(raised.value.response["Error"]["Code"])


def keys_in(s3: Any, **arguments: Any) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket="data", **arguments).get("Contents", [])]


def signed_put(url: str, path: str, headers: dict[str, str], body: bytes) -> int:
    class Signer(S3SigV4Auth):
        def payload(self, request: Any) -> str:
            return headers["x-amz-content-sha256"]

    request = AWSRequest("PUT", url + path, dict(headers), body)
    Signer(Credentials(KEYS.access_key, KEYS.secret_key), "s3", "us-east-1").add_auth(request)
    request.headers.replace_header("X-Amz-Content-SHA256", headers["x-amz-content-sha256"])
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    connection.request("PUT", path, body, dict(request.headers))
    return connection.getresponse().status
