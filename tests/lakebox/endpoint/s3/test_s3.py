"""S3 over folders, through boto3: what is put is a file, what is a file is an object, and nothing leads out."""

import hashlib
import http.client
import os
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws
from s3_sandbox import KEYS, client, code_of, keys_in


def test_an_object_is_a_file_and_back(s3: Any, root: Path) -> None:
    s3.put_object(Bucket="data", Key="a/b c/é.txt", Body=b"hello", ContentType="text/plain", Metadata={"who": "me"})
    assert (root / "data" / "a" / "b c" / "é.txt").read_bytes() == b"hello"
    got = s3.get_object(Bucket="data", Key="a/b c/é.txt")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"hello", "text/plain", {"who": "me"})
    assert got["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    (root / "data" / "by_spark.bin").write_bytes(b"12345")
    head = s3.head_object(Bucket="data", Key="by_spark.bin")
    assert (head["ContentLength"], head["ETag"][-3:]) == (5, '-1"')


def test_a_file_replaced_by_others_forgets_its_metadata(s3: Any, root: Path) -> None:
    s3.put_object(Bucket="data", Key="x", Body=b"one", Metadata={"who": "me"})
    (root / "data" / "x").write_bytes(b"other")
    assert s3.head_object(Bucket="data", Key="x")["Metadata"] == {}


def test_buckets_are_made_listed_and_deleted(s3: Any, root: Path) -> None:
    s3.create_bucket(Bucket="new-bucket")
    assert "new-bucket" in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert s3.head_bucket(Bucket="new-bucket")["ResponseMetadata"]["HTTPStatusCode"] == 200
    s3.create_bucket(Bucket="new-bucket")  # no error in us-east-1, as on AWS
    elsewhere = client(s3.meta.endpoint_url, region_name="eu-west-1")
    arguments = {"Bucket": "new-bucket", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    assert code_of(elsewhere.create_bucket, **arguments) == "BucketAlreadyOwnedByYou"
    s3.put_object(Bucket="new-bucket", Key="a/b", Body=b"")
    assert code_of(s3.delete_bucket, Bucket="new-bucket") == "BucketNotEmpty"
    s3.delete_object(Bucket="new-bucket", Key="a/b")
    assert not (root / "new-bucket" / "a").exists()
    s3.delete_bucket(Bucket="new-bucket")
    assert code_of(s3.list_objects_v2, Bucket="new-bucket") == "NoSuchBucket"
    assert code_of(s3.head_bucket, Bucket="new-bucket") == "404"


@pytest.mark.parametrize(
    ("wanted", "status", "content"),
    [
        ("bytes=0-3", 206, b"0123"),
        ("bytes=4-", 206, b"456789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=0-99", 206, b"0123456789"),
        ("bytes=-99", 206, b"0123456789"),
        ("bytes=3-1", 200, b"0123456789"),
    ],
)
def test_ranges_give_parts(s3: Any, wanted: str, status: int, content: bytes) -> None:
    s3.put_object(Bucket="data", Key="x", Body=b"0123456789")
    got = s3.get_object(Bucket="data", Key="x", Range=wanted)
    assert (got["ResponseMetadata"]["HTTPStatusCode"], got["Body"].read()) == (status, content)
    assert code_of(s3.get_object, Bucket="data", Key="x", Range="bytes=10-") == "InvalidRange"


def test_conditions_are_kept(s3: Any) -> None:
    etag = s3.put_object(Bucket="data", Key="x", Body=b"1", IfNoneMatch="*")["ETag"]
    assert code_of(s3.put_object, Bucket="data", Key="x", Body=b"2", IfNoneMatch="*") == "PreconditionFailed"
    assert code_of(s3.put_object, Bucket="data", Key="x", Body=b"2", IfMatch='"other"') == "PreconditionFailed"
    assert code_of(s3.put_object, Bucket="data", Key="y", Body=b"2", IfMatch=etag) == "NoSuchKey"
    assert code_of(s3.get_object, Bucket="data", Key="x", IfNoneMatch=etag) == "304"
    assert code_of(s3.get_object, Bucket="data", Key="x", IfMatch='"other"') == "PreconditionFailed"
    s3.put_object(Bucket="data", Key="x", Body=b"2", IfMatch=etag)
    assert s3.get_object(Bucket="data", Key="x")["Body"].read() == b"2"


def test_listing_groups_and_pages(s3: Any) -> None:
    for key in ("a", "a-b/c", "a/b", "a/c", "b/x/y", "z"):
        s3.put_object(Bucket="data", Key=key.replace("a/", "aa/"), Body=b"")
    assert keys_in(s3) == ["a", "a-b/c", "aa/b", "aa/c", "b/x/y", "z"]
    assert keys_in(s3, Prefix="aa/") == ["aa/b", "aa/c"]
    grouped = s3.list_objects_v2(Bucket="data", Delimiter="/")
    assert [item["Prefix"] for item in grouped["CommonPrefixes"]] == ["a-b/", "aa/", "b/"]
    assert [item["Key"] for item in grouped["Contents"]] == ["a", "z"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="data", Delimiter="/", PaginationConfig={"PageSize": 1})
    entries = [*pages]
    assert sum(len(entry.get("Contents", [])) + len(entry.get("CommonPrefixes", [])) for entry in entries) == 5
    old = s3.get_paginator("list_objects").paginate(Bucket="data", PaginationConfig={"PageSize": 2})
    assert [item["Key"] for entry in old for item in entry["Contents"]] == ["a", "a-b/c", "aa/b", "aa/c", "b/x/y", "z"]
    assert keys_in(s3, StartAfter="aa/b") == ["aa/c", "b/x/y", "z"]
    assert code_of(s3.list_objects_v2, Bucket="data", ContinuationToken="") == "InvalidArgument"
    assert "Owner" in s3.list_objects_v2(Bucket="data", FetchOwner=True)["Contents"][0]


def test_ten_thousand_keys_are_listed(s3: Any, root: Path) -> None:
    for number in range(10_000):
        path = root / "data" / f"p={number % 100:02d}" / f"{number:05d}"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="data")
    keys = [item["Key"] for entry in pages for item in entry["Contents"]]
    assert (len(keys), keys) == (10_000, sorted(keys))


def test_copies_and_deletes(s3: Any) -> None:
    s3.put_object(Bucket="data", Key="a b", Body=b"content", Metadata={"k": "v"})
    s3.copy_object(Bucket="data", Key="copy", CopySource={"Bucket": "data", "Key": "a b"})
    assert s3.head_object(Bucket="data", Key="copy")["Metadata"] == {"k": "v"}
    s3.copy_object(Bucket="data", Key="copy", CopySource="data/copy", MetadataDirective="REPLACE", Metadata={"n": "1"})
    assert s3.head_object(Bucket="data", Key="copy")["Metadata"] == {"n": "1"}
    answer = s3.delete_objects(Bucket="data", Delete={"Objects": [{"Key": "a b"}, {"Key": "copy"}, {"Key": "none"}]})
    assert (len(answer["Deleted"]), keys_in(s3)) == (3, [])


def test_versions_that_are_not_kept_are_refused(s3: Any) -> None:
    s3.put_object(Bucket="data", Key="x", Body=b"1")
    assert code_of(s3.get_object, Bucket="data", Key="x", VersionId="v1") == "InvalidArgument"
    assert code_of(s3.delete_object, Bucket="data", Key="x", VersionId="v1") == "InvalidArgument"
    answer = s3.delete_objects(Bucket="data", Delete={"Objects": [{"Key": "x", "VersionId": "v1"}]})
    assert [error["Code"] for error in answer["Errors"]] == ["NoSuchVersion"]
    assert code_of(s3.delete_objects, Bucket="data", Delete={"Objects": []}) == "MalformedXML"
    assert keys_in(s3) == ["x"]


def test_storage_classes_are_kept_but_archives_refused(s3: Any) -> None:
    s3.put_object(Bucket="data", Key="x", Body=b"1", StorageClass="STANDARD_IA")
    s3.copy_object(Bucket="data", Key="y", CopySource="data/x")
    assert [item["StorageClass"] for item in s3.list_objects_v2(Bucket="data")["Contents"]] == [
        "STANDARD_IA",
        "STANDARD",
    ]
    assert s3.head_object(Bucket="data", Key="x")["StorageClass"] == "STANDARD_IA"
    for refused, code in (
        ({"StorageClass": "GLACIER"}, "NotImplemented"),
        ({"StorageClass": "COLD"}, "InvalidStorageClass"),
        ({"Tagging": "a=1&a=2"}, "InvalidTag"),
        ({"ObjectLockLegalHoldStatus": "ON"}, "NotImplemented"),
    ):
        assert code_of(s3.put_object, Bucket="data", Key="z", Body=b"1", **refused) == code


def test_buckets_are_listed_by_prefix_and_pages(s3: Any) -> None:
    for name in ("list-a", "list-b", "list-c"):
        s3.create_bucket(Bucket=name)
    first = s3.list_buckets(Prefix="list-", MaxBuckets=2)
    second = s3.list_buckets(Prefix="list-", ContinuationToken=first["ContinuationToken"])
    assert [bucket["Name"] for bucket in first["Buckets"] + second["Buckets"]] == ["list-a", "list-b", "list-c"]
    assert "ContinuationToken" not in second
    assert s3.list_buckets(BucketRegion="eu-west-1")["Buckets"] == []


def test_metadata_has_names_with_dots(s3: Any) -> None:
    s3.put_object(Bucket="data", Key="x", Body=b"1", Metadata={"meta.data": "1", "my-meta": "2"})
    assert s3.head_object(Bucket="data", Key="x")["Metadata"] == {"meta.data": "1", "my-meta": "2"}


@pytest.mark.parametrize(
    "path",
    [
        "/data/../.lakebox/keys.json",
        "/data/%2e%2e/.lakebox/keys.json",
        "/data/a/%2E%2E/%2E%2E/.lakebox/keys.json",
        "/.lakebox/keys.json",
        "/%2elakebox/keys.json",
        "/data//etc/passwd",
        "/data/link/secret",
        "/data/a%00b",
        "/..",
    ],
)
def test_no_path_leads_out_of_a_bucket(url: str, s3: Any, root: Path, path: str) -> None:
    outside = root.parent / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "secret").write_text("what lies outside")
    (root / "data" / "link").symlink_to(outside)
    presigned = s3.generate_presigned_url("get_object", {"Bucket": "data", "Key": "x"}, ExpiresIn=60)
    assert presigned
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest("GET", url + path, {})
    S3SigV4Auth(Credentials(KEYS.access_key, KEYS.secret_key), "s3", "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    connection.request("GET", path, headers=dict(request.headers))
    answer = connection.getresponse()
    assert answer.status in (400, 403, 404)
    assert b"what lies outside" not in answer.read()
    assert "link/secret" not in keys_in(s3)


def test_a_name_is_an_object_or_a_folder(s3: Any) -> None:
    s3.put_object(Bucket="data", Key="a", Body=b"1")
    assert code_of(s3.put_object, Bucket="data", Key="a/b", Body=b"2") == "InvalidArgument"
    s3.put_object(Bucket="data", Key="folder/", Body=b"")
    assert keys_in(s3) == ["a", "folder/"]
    s3.delete_object(Bucket="data", Key="folder/")
    assert keys_in(s3) == ["a"]


NAME = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6
)


KEY = st.lists(NAME.filter(lambda name: name not in (".", "..")), min_size=1, max_size=3).map("/".join)


@pytest.mark.slow
@settings(max_examples=30)
@given(st.dictionaries(KEY, st.binary(max_size=20), max_size=8), st.sampled_from(["", "/", "a"]))
def test_keys_are_listed_as_another_s3_lists_them(url: str, contents: dict[str, bytes], delimiter: str) -> None:
    taken = set(contents)
    kept = {key: value for key, value in contents.items() if not any(other.startswith(f"{key}/") for other in taken)}
    here = client(url)
    name = f"b-{os.urandom(6).hex()}"
    with mock_aws():
        theirs = boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        listed = [listing_of(theirs, name, kept, delimiter)]
    listed.append(listing_of(here, name, kept, delimiter))
    assert listed[1] == listed[0]


def listing_of(s3: Any, bucket: str, contents: dict[str, bytes], delimiter: str) -> Any:
    s3.create_bucket(Bucket=bucket)
    for key, value in contents.items():
        s3.put_object(Bucket=bucket, Key=key, Body=value)
    pages = [*s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter=delimiter)]
    keys = [(item["Key"], item["Size"], item["ETag"]) for entry in pages for item in entry.get("Contents", [])]
    return keys, [item["Prefix"] for entry in pages for item in entry.get("CommonPrefixes", [])]
