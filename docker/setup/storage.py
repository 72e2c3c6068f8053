"""Buckets and users in S3, ready to use: waits for the endpoint, then makes what is missing. Safe to repeat.

On the stack's own MinIO: the buckets, a user a client with its policy, and the object that readiness checks read.
On the user's own S3 (LAKEBOX_S3_ENDPOINT): the buckets and that object, with the jobs' and landing credentials.
"""

import configparser
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

import urllib3
from minio import Minio, MinioAdmin
from minio.credentials import StaticProvider
from minio.error import S3Error
from minio.minioadmin import MinioAdminException
from policies import Buckets, policies

SECRETS = Path("/run/lakebox")
READY_KEY = "_state/ready/ready.csv"
NOT_READY = (urllib3.exceptions.HTTPError, MinioAdminException)
Answer = TypeVar("Answer")


def main() -> None:
    endpoint = urlsplit(os.environ["AWS_ENDPOINT_URL_S3"])
    buckets = Buckets(raw=os.environ["LAKEBOX_RAW_BUCKET"], lake=os.environ["LAKEBOX_LAKE_BUCKET"])
    if os.environ.get("LAKEBOX_S3_ENDPOINT"):
        clients = {"raw": client(endpoint, *keys("landing")), "lake": client(endpoint, *keys("jobs"))}
    else:
        root_keys = tuple((SECRETS / "minio" / name).read_text() for name in ("root-user", "root-password"))
        root = client(endpoint, *root_keys)
        clients = {"raw": root, "lake": root}
        answered(lambda: make_users(endpoint, root_keys, buckets))
    answered(lambda: make_bucket(clients["raw"], buckets.raw))
    answered(lambda: make_bucket(clients["lake"], buckets.lake))
    ready = Path(__file__).with_name("ready.csv").read_bytes()
    answered(lambda: clients["lake"].put_object(buckets.lake, READY_KEY, io.BytesIO(ready), len(ready)))
    print(f"storage: s3://{buckets.raw} and s3://{buckets.lake} are ready on {endpoint.netloc}")


def keys(name: str) -> tuple[str, str]:
    """Access key and secret key of a client."""
    profiles = configparser.ConfigParser(interpolation=None)
    profiles.read(SECRETS / name / "credentials")
    profile = profiles["default"]
    return profile["aws_access_key_id"], profile["aws_secret_access_key"]


def client(endpoint: SplitResult, access_key: str, secret_key: str) -> Minio:
    """An S3 client that fails fast: who calls it asks again."""
    http = urllib3.PoolManager(timeout=urllib3.Timeout(5), retries=False)
    secure = endpoint.scheme == "https"
    region = os.environ["AWS_REGION"]
    return Minio(
        endpoint.netloc, access_key=access_key, secret_key=secret_key, secure=secure, region=region, http_client=http
    )


def make_users(endpoint: SplitResult, root_keys: tuple[str, ...], buckets: Buckets) -> None:
    """MinIO users with their policies; those that are there get today's secret and policy."""
    http = urllib3.PoolManager(timeout=urllib3.Timeout(5), retries=False)
    admin = MinioAdmin(
        endpoint=endpoint.netloc,
        credentials=StaticProvider(*root_keys),
        secure=endpoint.scheme == "https",
        http_client=http,
    )
    for name, policy in policies(buckets).items():
        access_key, secret_key = keys(name)
        admin.policy_add(name, policy=policy)
        admin.user_add(access_key, secret_key)
        admin.policy_set(name, user=access_key)


def make_bucket(s3: Minio, bucket: str) -> None:
    """A bucket, where it isn't there yet."""
    if not s3.bucket_exists(bucket):
        s3.make_bucket(bucket, location=os.environ["AWS_REGION"])


def answered(ask: Callable[[], Answer]) -> Answer:
    """What a call answers, asked again while S3 isn't ready; ends the program with one line after LAKEBOX_WAIT_S."""
    error: Exception | None = None
    for _ in until_deadline():
        try:
            return ask()
        except NOT_READY as not_ready:
            error = not_ready
        except S3Error as refused:
            if refused.code in ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"):
                sys.exit(f"storage: S3 refuses ({refused.code}): check LAKEBOX_S3_CREDENTIALS_FILE")
            error = refused
    sys.exit(f"storage: {os.environ['AWS_ENDPOINT_URL_S3']} is not ready: {error}; is the service minio up?")


def until_deadline() -> Iterator[None]:
    """Twice a second, until LAKEBOX_WAIT_S (default 120) seconds are over."""
    deadline = time.monotonic() + float(os.environ.get("LAKEBOX_WAIT_S", "120"))
    while time.monotonic() < deadline:
        yield
        time.sleep(0.5)


if __name__ == "__main__":
    main()
