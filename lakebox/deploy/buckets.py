"""Buckets of a template, by S3's API."""

from typing import Any

from botocore.exceptions import ClientError

from lakebox.deploy.api import FailedError, Resource, code_of, refused
from lakebox.deploy.kinds import Properties

AUTO_DELETE = {"Key": "aws-cdk:auto-delete-objects", "Value": "true"}  # CDK's autoDeleteObjects
GONE = ("404", "NoSuchBucket", "NoSuchKey")
MOST_DELETED = 1000  # by one request


class BucketHandler:
    """Makes buckets; settings other than the name are not kept, and are listed as left out."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def exists(self, resource: Resource) -> bool:
        """Whether there is a bucket of that name; where S3 says anything but yes, making it says why."""
        try:
            self._s3.head_bucket(**resource.identity)
        except ClientError:
            return False
        return True

    def create(self, resource: Resource) -> str:
        """Make a bucket."""
        try:
            self._s3.create_bucket(**resource.identity)
        except ClientError as error:
            raise refused(error, "CreateBucket") from None
        return ""

    def update(self, resource: Resource, before: Properties | None) -> None:
        """Nothing: a bucket has its name alone."""

    def delete(self, resource: Resource) -> None:
        """Delete a bucket. Raises FailedError on one with objects, unless the template has them deleted with it."""
        bucket = resource.identity["Bucket"]
        try:
            if resource.request["EmptiedFirst"]:
                empty(self._s3, bucket)
            self._s3.delete_bucket(Bucket=bucket)
        except ClientError as error:
            if code_of(error) == "BucketNotEmpty":
                raise FailedError(f"the bucket {bucket} has objects; empty it, then run again") from None
            if code_of(error) not in GONE:
                raise refused(error, "DeleteBucket") from None


def bucket_request(properties: Properties, name: str) -> tuple[Properties, list[str]]:
    """What is kept of a bucket's properties, and the names of those that are not."""
    emptied = AUTO_DELETE in (properties.get("Tags") or [])
    return {"Bucket": name, "EmptiedFirst": emptied}, [key for key in properties if key not in ("BucketName", "Tags")]


def keys_of(s3: Any, bucket: str, prefix: str = "") -> list[str]:
    """The keys of a bucket's objects that start with a prefix."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def empty(s3: Any, bucket: str, prefix: str = "") -> None:
    """Delete all objects of a bucket whose keys start with a prefix."""
    keys = keys_of(s3, bucket, prefix)
    for start in range(0, len(keys), MOST_DELETED):
        batch = [{"Key": key} for key in keys[start : start + MOST_DELETED]]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})


def ensure_bucket(s3: Any, bucket: str) -> None:
    """Make a bucket of lakebox's own where it is not there yet."""
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        s3.create_bucket(Bucket=bucket)
