"""Objects as files: what a file can't say of itself (content type, metadata, MD5) is kept beside, in SQLite.

What is kept holds for one content of the file, told by size and time of change: a file that Spark has replaced has
none. Its ETag is then made of size and time, in the form of a multipart upload's, which no client takes for the MD5.
"""

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from lakebox.endpoint.buckets import Buckets
from lakebox.endpoint.service import ServiceError

PLAIN = "binary/octet-stream"
KEPT_HEADERS = (
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
    "x-amz-storage-class",
    "x-amz-tagging",
    "x-amz-website-redirect-location",
)
SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (bucket TEXT, key TEXT, stamp TEXT, content TEXT, PRIMARY KEY (bucket, key));
CREATE TABLE IF NOT EXISTS settings (bucket TEXT, name TEXT, content TEXT, PRIMARY KEY (bucket, name));
"""


@dataclass(frozen=True)
class S3Object:
    """An object: its file, and what answers say of it. ETags are without quotes; a folder's marker has no bytes."""

    key: str
    path: Path
    size: int
    modified: datetime
    etag: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Objects:
    """The objects of all buckets below a root. `state`: a folder on the same disk, for files that are being written."""

    def __init__(self, buckets: Buckets, state: Path) -> None:
        self.buckets, self._state = buckets, state
        (state / "uploads").mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._database = sqlite3.connect(state / "s3.sqlite", timeout=60, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._database.close()

    def folder(self, bucket: str) -> Path:
        """The folder of a bucket that exists. Raises ServiceError where it doesn't."""
        folder = self.buckets.folder(bucket)
        if not folder.is_dir():
            raise ServiceError("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=bucket)
        return folder

    def find(self, bucket: str, key: str) -> S3Object | None:
        """An object; None where there is none."""
        self.folder(bucket)
        path = self.buckets.path(bucket, key)
        kept = self._kept(bucket, key)
        if key.endswith("/"):
            return self.described(bucket, key, path) if kept is not None and path.is_dir() else None
        return self.described(bucket, key, path) if path.is_file() else None

    def described(self, bucket: str, key: str, path: Path) -> S3Object:
        """What is known of an object whose file is there."""
        status = path.stat()
        stamp = "folder" if key.endswith("/") else _stamp(status)
        kept = self._kept(bucket, key)
        known = json.loads(kept[1]) if kept is not None and kept[0] == stamp else {}
        size = 0 if stamp == "folder" else status.st_size
        etag = known.get("etag") or f"{hashlib.md5(stamp.encode(), usedforsecurity=False).hexdigest()}-1"
        time = datetime.fromtimestamp(int(status.st_mtime), UTC)
        return S3Object(key, path, size, time, etag, known.get("headers", {}))

    def markers(self, bucket: str) -> set[str]:
        """Keys of folders that were put as objects of their own, `a/b/`."""
        with self._lock:
            text = "SELECT key FROM objects WHERE bucket = ? AND key LIKE '%/'"
            return {row[0] for row in self._database.execute(text, (bucket,)).fetchall()}

    @contextlib.contextmanager
    def draft(self) -> Iterator[tuple[BinaryIO, Path]]:
        """A file that is being written; it is gone at the end unless it was put in place."""
        path = self._state / "uploads" / f"{uuid.uuid4().hex}.draft"
        try:
            with path.open("wb") as stream:
                yield stream, path
        finally:
            path.unlink(missing_ok=True)

    def put(self, bucket: str, key: str, draft: Path, etag: str, headers: Mapping[str, str]) -> S3Object:
        """Put a finished file in an object's place, in one step. Raises ServiceError where no folder can hold it."""
        self.folder(bucket)
        path = self.buckets.path(bucket, key)
        try:
            if key.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
                stamp = "folder"
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                draft.replace(path)
                stamp = _stamp(path.stat())
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            text = f"{key!r} is taken: on the embedded target one name can't be both an object and a folder of objects"
            raise ServiceError("InvalidArgument", text) from None
        self._keep(bucket, key, stamp, etag, headers)
        return self.described(bucket, key, path)

    def keep_headers(self, found: S3Object, bucket: str, headers: Mapping[str, str]) -> None:
        """Keep other headers with an object's present content."""
        stamp = "folder" if found.key.endswith("/") else _stamp(found.path.stat())
        self._keep(bucket, found.key, stamp, found.etag, headers)

    def delete(self, bucket: str, key: str) -> None:
        """Delete an object, and the folders that this leaves empty; what isn't there is no error."""
        folder = self.folder(bucket)
        path = self.buckets.path(bucket, key)
        with self._lock:
            self._database.execute("DELETE FROM objects WHERE bucket = ? AND key = ?", (bucket, key))
        if not key.endswith("/") and path.is_file():
            path.unlink()
            path = path.parent
        markers = self.markers(bucket)
        while path != folder and path.is_dir() and f"{path.relative_to(folder).as_posix()}/" not in markers:
            try:
                path.rmdir()
            except OSError:  # not empty
                return
            path = path.parent

    def delete_bucket(self, bucket: str) -> None:
        """Delete an empty bucket. Raises ServiceError where it isn't empty."""
        folder = self.folder(bucket)
        if any(names for _, _, names in os.walk(folder)) or self.markers(bucket):
            raise ServiceError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, BucketName=bucket)
        shutil.rmtree(folder)
        self.forget_settings(bucket)

    def setting(self, bucket: str, name: str) -> dict[str, Any] | None:
        """What is kept of one of a bucket's settings; None where nothing is."""
        with self._lock:
            text = "SELECT content FROM settings WHERE bucket = ? AND name = ?"
            row = self._database.execute(text, (bucket, name)).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def keep_setting(self, bucket: str, name: str, content: Mapping[str, Any] | None) -> None:
        """Keep a setting of a bucket; None forgets it."""
        with self._lock:
            if content is None:
                self._database.execute("DELETE FROM settings WHERE bucket = ? AND name = ?", (bucket, name))
            else:
                row = (bucket, name, json.dumps(content))
                self._database.execute("INSERT OR REPLACE INTO settings VALUES (?, ?, ?)", row)

    def forget_settings(self, bucket: str) -> None:
        """Forget a bucket's settings, as its name may be another bucket's later."""
        with self._lock:
            self._database.execute("DELETE FROM settings WHERE bucket = ?", (bucket,))

    def _keep(self, bucket: str, key: str, stamp: str, etag: str, headers: Mapping[str, str]) -> None:
        with self._lock:
            content = json.dumps({"etag": etag, "headers": dict(headers)})
            self._database.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)", (bucket, key, stamp, content))

    def _kept(self, bucket: str, key: str) -> tuple[str, str] | None:
        with self._lock:
            text = "SELECT stamp, content FROM objects WHERE bucket = ? AND key = ?"
            row: tuple[str, str] | None = self._database.execute(text, (bucket, key)).fetchone()
            return row


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}"
