"""Buckets of the embedded target: `DIR/<bucket>/<key>` is `s3://<bucket>/<key>`. No name leads out of its bucket."""

import os
import re
from pathlib import Path

from lakebox.endpoint.service import ServiceError

BUCKET_NAME = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
LONGEST_NAME = 255


class Buckets:
    """The folders below a root that are buckets; the root's own state (`.lakebox`) can't be one, by its name."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def names(self) -> list[str]:
        """The buckets that exist, sorted."""
        if not self.root.is_dir():
            return []
        return sorted(path.name for path in self.root.iterdir() if BUCKET_NAME.fullmatch(path.name) and path.is_dir())

    def folder(self, bucket: str) -> Path:
        """The folder of a bucket, which need not exist. Raises ServiceError on a name that S3 doesn't allow."""
        if not BUCKET_NAME.fullmatch(bucket) or ".." in bucket:
            raise ServiceError("InvalidBucketName", f"The specified bucket is not valid: {bucket!r}")
        return self.root / bucket

    def path(self, bucket: str, key: str) -> Path:
        """The file of an object, which need not exist. Raises ServiceError on a key that no file can have."""
        parts = key.removesuffix("/").split("/")
        if any(part in ("", ".", "..") or "\0" in part or len(part.encode()) > LONGEST_NAME for part in parts):
            text = (
                f"a folder can't hold an object with the key {key!r}: no part may be empty, `.`, `..` or over 255 bytes"
            )
            raise ServiceError("InvalidArgument", text)
        folder = self.folder(bucket)
        path = folder.joinpath(*parts)
        if not f"{os.path.realpath(path)}/".startswith(f"{os.path.realpath(folder)}/"):
            raise ServiceError("AccessDenied", f"the key {key!r} leads out of its bucket by a link", 403)
        return path

    def path_of(self, uri: str) -> Path:
        """The file of an s3:// or s3a:// URI. Raises ServiceError on any other URI, and as `path` does."""
        scheme, _, rest = uri.partition("://")
        bucket, _, key = rest.partition("/")
        if scheme not in ("s3", "s3a", "s3n") or not bucket:
            raise ServiceError("InvalidInputException", f"{uri!r} is not an s3://bucket/key URI")
        return self.path(bucket, key.lstrip("/"))
