"""The stack's tables: the catalog, and the files of its buckets in S3, by the user's own keys."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from lakebox.athena.engine import SqlError
from lakebox.athena.service.results.objects import bucket_and_key
from lakebox.athena.tables.catalog_tables import CatalogTables
from lakebox.endpoint.service import Operation

AT_ONCE = 1000  # objects that DeleteObjects takes


class S3Tables(CatalogTables):
    """Tables whose files lie in S3.

    s3: boto3's client with those keys; file_io: pyiceberg's properties for the same S3 and keys
    """

    def __init__(self, operations: Mapping[str, Operation], s3: Any, file_io: Mapping[str, str]) -> None:
        super().__init__(operations)
        self._s3, self._file_io = s3, file_io

    def check_location(self, uri: str) -> None:
        """Raise SqlError where the location's bucket is not there."""
        bucket, _ = bucket_and_key(uri)
        try:
            self._s3.head_bucket(Bucket=bucket)
        except ClientError:
            problem = f"there is no bucket {bucket} ({uri}); make it, or mend the location"
            raise SqlError(problem, "HIVE_FILESYSTEM_ERROR") from None

    def check_writable(self, uri: str) -> None:
        """Raise SqlError where the user's keys don't allow to write there: what marks a folder is written."""
        bucket, prefix = bucket_and_key(uri.rstrip("/") + "/")
        try:
            self._s3.put_object(Bucket=bucket, Key=prefix, Body=b"")
        except ClientError as error:
            problem = f"s3://{bucket}/{prefix} can't be written ({error.response['Error']['Code']})"
            raise SqlError(f"{problem}; choose a place in a bucket of your own", "PERMISSION_DENIED") from None

    def delete_mark(self, uri: str) -> None:
        """Delete what marks a folder, which the metastore makes."""
        bucket, prefix = bucket_and_key(uri.rstrip("/") + "/")
        self._s3.delete_object(Bucket=bucket, Key=prefix)

    def files_below(self, uri: str) -> Iterator[str]:
        """Names of objects, in their order; those that only mark a folder are left out."""
        bucket, prefix = bucket_and_key(uri.rstrip("/") + "/")
        try:
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                names = (stored["Key"].removeprefix(prefix) for stored in page.get("Contents", ()))
                yield from (name for name in names if name and not name.endswith("/"))
        except ClientError as error:
            raise SqlError(f"{uri} can't be listed: {error}", "HIVE_FILESYSTEM_ERROR") from None

    def move_files(self, uri: str, target: str) -> list[str]:
        """Move all files below a folder into another one, which ends in /; their new URIs."""
        (bucket, prefix), (other, folder) = bucket_and_key(uri.rstrip("/") + "/"), bucket_and_key(target)
        moved = []
        for name in self.files_below(uri):
            self._s3.copy({"Bucket": bucket, "Key": prefix + name}, other, folder + name)
            self._s3.delete_object(Bucket=bucket, Key=prefix + name)
            moved.append(target + name)
        return moved

    def delete_files(self, uri: str) -> None:
        """Delete objects. Raises SqlError where the user's keys don't allow that."""
        bucket, prefix = bucket_and_key(uri.rstrip("/") + "/")
        keys = [{"Key": prefix + name} for name in self.files_below(uri)]
        for start in range(0, len(keys), AT_ONCE):
            done = self._s3.delete_objects(Bucket=bucket, Delete={"Objects": keys[start : start + AT_ONCE]})
            for error in done.get("Errors", ()):
                raise SqlError(f"s3://{bucket}/{error['Key']} can't be deleted: {error['Message']}",
                               "HIVE_FILESYSTEM_ERROR")  # fmt: skip

    def file_io(self) -> dict[str, str]:
        """By them pyiceberg reads and writes the metadata of Iceberg tables."""
        return dict(self._file_io)
