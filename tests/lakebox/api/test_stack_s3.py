"""S3 at the stack's API, over an S3 that stands in for MinIO: what is not a setting goes through as it was signed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from s3_sandbox import KEYS, client, code_of

from lakebox.api.stack_s3 import StackS3
from lakebox.endpoint.buckets import Buckets
from lakebox.endpoint.keys import Keys
from lakebox.endpoint.s3.multipart import Uploads
from lakebox.endpoint.s3.objects import Objects
from lakebox.endpoint.s3.service import S3
from lakebox.endpoint.server import Endpoint, running
from lakebox.glue.data_catalog.documents import SqliteDocuments

BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[str]:
    """The URL of the S3 behind it."""
    objects = Objects(Buckets(tmp_path), tmp_path / ".lakebox")
    with running(Endpoint({}, KEYS, s3=S3(objects, Uploads(objects, tmp_path / ".lakebox" / "uploads")))) as url:
        yield url
    objects.close()


@pytest.fixture
def url(tmp_path: Path, behind: str) -> Iterator[str]:
    """The URL of the API."""
    documents = SqliteDocuments(tmp_path / "state" / "state.sqlite")
    with running(Endpoint({}, KEYS, s3=StackS3(documents, client(behind), behind))) as address:
        yield address
    documents.close()


@pytest.fixture
def s3(url: str) -> Any:
    """A client of the API, and a bucket."""
    made = client(url)
    made.create_bucket(Bucket="data")
    return made


def test_objects_go_through_to_minio(s3: Any, behind: str, tmp_path: Path) -> None:
    content = os.urandom(9 << 20)
    (tmp_path / "large").write_bytes(content)
    s3.upload_file(str(tmp_path / "large"), "data", "a b/é")  # in parts
    head = s3.head_object(Bucket="data", Key="a b/é")
    assert (head["ContentLength"], head["ETag"][-3:]) == (len(content), '-2"')
    assert s3.get_object(Bucket="data", Key="a b/é")["Body"].read() == content
    assert s3.get_object(Bucket="data", Key="a b/é", Range="bytes=1-3")["Body"].read() == content[1:4]
    assert [one["Key"] for one in client(behind).list_objects_v2(Bucket="data")["Contents"]] == ["a b/é"]
    s3.put_object(Bucket="data", Key="empty", Body=b"")
    assert s3.get_object(Bucket="data", Key="empty")["Body"].read() == b""
    s3.delete_objects(Bucket="data", Delete={"Objects": [{"Key": "a b/é"}, {"Key": "empty"}]})
    assert code_of(s3.get_object, Bucket="data", Key="empty") == "NoSuchKey"
    s3.delete_bucket(Bucket="data")
    assert code_of(s3.head_bucket, Bucket="data") == "404"


def test_settings_are_kept_beside_minio(s3: Any, behind: str) -> None:
    assert code_of(s3.get_public_access_block, Bucket="data") == "NoSuchPublicAccessBlockConfiguration"
    s3.put_public_access_block(Bucket="data", PublicAccessBlockConfiguration=BLOCK)
    s3.put_bucket_acl(Bucket="data", ACL="public-read")
    assert s3.get_public_access_block(Bucket="data")["PublicAccessBlockConfiguration"] == BLOCK
    assert code_of(client(behind).get_public_access_block, Bucket="data") == "NoSuchPublicAccessBlockConfiguration"
    assert len(s3.get_bucket_acl(Bucket="data")["Grants"]) == 2
    assert code_of(s3.get_bucket_acl, Bucket="none") == "NoSuchBucket"
    s3.delete_bucket(Bucket="data")
    s3.create_bucket(Bucket="data")
    assert code_of(s3.get_public_access_block, Bucket="data") == "NoSuchPublicAccessBlockConfiguration"


def test_a_lifecycle_tells_its_least_size(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lakebox.endpoint.s3.buckets.settings.least_size", lambda _: {})  # as MinIO, which has none
    rules = {"Rules": [{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}
    for given in ({}, {"TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}):
        s3.put_bucket_lifecycle_configuration(Bucket="data", LifecycleConfiguration=rules, **given)
        size = s3.get_bucket_lifecycle_configuration(Bucket="data")["TransitionDefaultMinimumObjectSize"]
        assert size == given.get("TransitionDefaultMinimumObjectSize", "all_storage_classes_128K")


def test_other_keys_are_refused_everywhere(s3: Any, url: str) -> None:
    stranger = client(url, Keys("LKBXTEST", "another"))
    for call in (stranger.get_public_access_block, stranger.list_objects_v2):
        assert code_of(call, Bucket="data") == "SignatureDoesNotMatch"


def test_minio_that_is_down_is_said(s3: Any, behind: str, tmp_path: Path) -> None:
    documents = SqliteDocuments(tmp_path / "other.sqlite")
    nowhere = "http://127.0.0.1:1"
    with running(Endpoint({}, KEYS, s3=StackS3(documents, client(nowhere), nowhere))) as address:
        assert code_of(client(address).list_buckets) == "ServiceUnavailable"
        assert code_of(client(address).get_bucket_acl, Bucket="data") == "ServiceUnavailable"
    documents.close()
