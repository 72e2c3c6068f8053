"""Settings of buckets, tags and versions, as clients and Terraform's provider ask for them: told as they were put."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from s3_sandbox import code_of

RULE = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 7}}
ENCRYPTED = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}
OWNERSHIP = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
CORS = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
VERSIONS = {"Status": "Enabled"}


@pytest.mark.parametrize(
    ("name", "argument", "value", "absent", "deleted_by"),
    [
        ("lifecycle_configuration", "LifecycleConfiguration", {"Rules": [RULE]}, "NoSuchLifecycleConfiguration",
         "delete_bucket_lifecycle"),
        ("encryption", "ServerSideEncryptionConfiguration", ENCRYPTED,
         "ServerSideEncryptionConfigurationNotFoundError", ""),
        ("ownership_controls", "OwnershipControls", OWNERSHIP, "OwnershipControlsNotFoundError", ""),
        ("cors", "CORSConfiguration", CORS, "NoSuchCORSConfiguration", ""),
        ("tagging", "Tagging", {"TagSet": [{"Key": "a", "Value": "b"}]}, "NoSuchTagSet", ""),
    ],
)  # fmt: skip
def test_a_setting_is_told_as_it_was_put(
    s3: Any, name: str, argument: str, value: dict[str, Any], absent: str, deleted_by: str
) -> None:
    get = getattr(s3, f"get_bucket_{name}")
    assert code_of(get, Bucket="data") == absent
    getattr(s3, f"put_bucket_{name}")(Bucket="data", **{argument: value})
    told = get(Bucket="data")
    assert {key: told.get(argument, told)[key] for key in value} == value
    getattr(s3, deleted_by or f"delete_bucket_{name}")(Bucket="data")
    assert code_of(get, Bucket="data") == absent


def test_a_public_access_block_is_kept(s3: Any) -> None:
    s3.put_public_access_block(Bucket="data", PublicAccessBlockConfiguration=BLOCK)
    assert s3.get_public_access_block(Bucket="data")["PublicAccessBlockConfiguration"] == BLOCK
    s3.delete_public_access_block(Bucket="data")
    assert code_of(s3.get_public_access_block, Bucket="data") == "NoSuchPublicAccessBlockConfiguration"


def test_versioning_is_unset_until_it_is_put(s3: Any) -> None:
    assert "Status" not in s3.get_bucket_versioning(Bucket="data")
    s3.put_bucket_versioning(Bucket="data", VersioningConfiguration=VERSIONS)
    assert s3.get_bucket_versioning(Bucket="data")["Status"] == "Enabled"


def test_a_policy_must_be_json(s3: Any) -> None:
    assert code_of(s3.get_bucket_policy, Bucket="data") == "NoSuchBucketPolicy"
    assert code_of(s3.put_bucket_policy, Bucket="data", Policy="{") == "MalformedPolicy"
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    s3.put_bucket_policy(Bucket="data", Policy=policy)
    assert s3.get_bucket_policy(Bucket="data")["Policy"] == policy


def test_a_canned_acl_becomes_its_grants(s3: Any) -> None:
    owner = [("CanonicalUser", "FULL_CONTROL")]
    assert _grants(s3) == owner
    s3.put_bucket_acl(Bucket="data", ACL="public-read")
    assert _grants(s3) == [*owner, ("Group", "READ")]
    assert code_of(s3.put_bucket_acl, Bucket="data", ACL="nobody") == "InvalidArgument"


def _grants(s3: Any) -> list[tuple[str, str]]:
    return [(grant["Grantee"]["Type"], grant["Permission"]) for grant in s3.get_bucket_acl(Bucket="data")["Grants"]]


def test_what_would_have_to_act_is_refused(s3: Any) -> None:
    website = {"IndexDocument": {"Suffix": "index.html"}}
    assert code_of(s3.put_bucket_website, Bucket="data", WebsiteConfiguration=website) == "NotImplemented"
    events = {"EventBridgeConfiguration": {}}
    put = s3.put_bucket_notification_configuration
    assert code_of(put, Bucket="data", NotificationConfiguration=events) == "NotImplemented"
    put(Bucket="data", NotificationConfiguration={})
    assert code_of(s3.get_bucket_website, Bucket="data") == "NoSuchWebsiteConfiguration"
    assert s3.get_bucket_location(Bucket="data")["LocationConstraint"] is None


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_new_bucket_has_no_old_settings(s3: Any, root: Path, by_hand: bool) -> None:
    s3.put_bucket_tagging(Bucket="data", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    if by_hand:
        shutil.rmtree(root / "data")
    else:
        s3.delete_bucket(Bucket="data")
    assert code_of(s3.get_bucket_tagging, Bucket="data") == "NoSuchBucket"
    s3.create_bucket(Bucket="data")
    assert code_of(s3.get_bucket_tagging, Bucket="data") == "NoSuchTagSet"


def test_tags_of_an_object_can_be_changed(s3: Any) -> None:
    s3.put_object(Bucket="data", Key="x", Body=b"1", Tagging="a=1&b=two%20words", Metadata={"who": "me"})
    assert _tags(s3, "x") == {"a": "1", "b": "two words"}
    assert s3.get_object(Bucket="data", Key="x")["TagCount"] == 2
    s3.copy_object(Bucket="data", Key="y", CopySource="data/x")
    s3.copy_object(Bucket="data", Key="z", CopySource="data/x", Tagging="c=3", TaggingDirective="REPLACE")
    assert (_tags(s3, "y"), _tags(s3, "z")) == ({"a": "1", "b": "two words"}, {"c": "3"})
    s3.put_object_tagging(Bucket="data", Key="x", Tagging={"TagSet": [{"Key": "d", "Value": "é"}]})
    assert (_tags(s3, "x"), s3.head_object(Bucket="data", Key="x")["Metadata"]) == ({"d": "é"}, {"who": "me"})
    s3.delete_object_tagging(Bucket="data", Key="x")
    assert _tags(s3, "x") == {}
    assert s3.get_object(Bucket="data", Key="x")["Body"].read() == b"1"


def test_a_file_of_spark_can_be_tagged(s3: Any, root: Path) -> None:
    (root / "data" / "part").write_bytes(b"12")
    etag = s3.head_object(Bucket="data", Key="part")["ETag"]
    s3.put_object_tagging(Bucket="data", Key="part", Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    assert (_tags(s3, "part"), s3.head_object(Bucket="data", Key="part")["ETag"]) == ({"a": "1"}, etag)


@pytest.mark.parametrize(
    ("tags", "code"),
    [([str(number) for number in range(11)], "BadRequest"), (["a", "a"], "InvalidTag")],
)
def test_wrong_tags_are_refused(s3: Any, tags: list[str], code: str) -> None:
    s3.put_object(Bucket="data", Key="x", Body=b"1")
    tag_set = {"TagSet": [{"Key": key, "Value": "v"} for key in tags]}
    assert code_of(s3.put_object_tagging, Bucket="data", Key="x", Tagging=tag_set) == code
    assert code_of(s3.put_object_tagging, Bucket="data", Key="none", Tagging={"TagSet": []}) == "NoSuchKey"


def _tags(s3: Any, key: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in s3.get_object_tagging(Bucket="data", Key=key)["TagSet"]}


def test_every_object_has_one_version(s3: Any) -> None:
    for key in ("a", "b/1", "b/2", "c"):
        s3.put_object(Bucket="data", Key=key, Body=b"1")
    first = s3.list_object_versions(Bucket="data", MaxKeys=3)
    second = s3.list_object_versions(Bucket="data", KeyMarker=first["NextKeyMarker"])
    versions = first["Versions"] + second["Versions"]
    assert [(one["Key"], one["VersionId"], one["IsLatest"]) for one in versions] == [
        (key, "null", True) for key in ("a", "b/1", "b/2", "c")
    ]
    grouped = s3.list_object_versions(Bucket="data", Delimiter="/")
    assert [prefix["Prefix"] for prefix in grouped["CommonPrefixes"]] == ["b/"]
    named = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in versions]
    s3.delete_objects(Bucket="data", Delete={"Objects": named})
    s3.delete_bucket(Bucket="data")
