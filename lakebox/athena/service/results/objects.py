"""Where result files lie: buckets that are folders (embedded), or S3 (the stack)."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, BinaryIO, Protocol
from urllib.parse import urlsplit

from lakebox.endpoint.s3.objects import Objects
from lakebox.endpoint.service import ServiceError

PART = 8 << 20
BINARY = "application/octet-stream"


class Sink(Protocol):
    """An object that is being written."""

    def write(self, content: bytes, /) -> object:
        """Add bytes to it."""


class ResultObjects(Protocol):
    """Objects by their s3:// URIs."""

    def has_bucket(self, bucket: str) -> bool:
        """Whether there is a bucket of that name."""

    def make_bucket(self, bucket: str) -> None:
        """Make a bucket; one that is there is no error."""

    def writing(self, uri: str) -> AbstractContextManager[Sink]:
        """An object that is there, whole, when the context has ended well, and not at all where it raised."""

    def reading(self, uri: str, start: int) -> BinaryIO:
        """The bytes of an object from a place on. Raises FileNotFoundError where there is none."""


def bucket_and_key(uri: str) -> tuple[str, str]:
    """The bucket and the key of an s3:// URI."""
    parts = urlsplit(uri, allow_fragments=False)
    return parts.netloc, parts.path.removeprefix("/") + (f"?{parts.query}" if parts.query else "")


class FolderObjects:
    """Objects of the embedded target."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def has_bucket(self, bucket: str) -> bool:
        """Whether the bucket's folder is there."""
        try:
            return self._objects.buckets.folder(bucket).is_dir()
        except ServiceError:
            return False

    def make_bucket(self, bucket: str) -> None:
        """Make the bucket's folder."""
        self._objects.buckets.folder(bucket).mkdir(parents=True, exist_ok=True)

    @contextmanager
    def writing(self, uri: str) -> Iterator[Sink]:
        """A draft that is put in the object's place at the end."""
        bucket, key = bucket_and_key(uri)
        with self._objects.draft() as (stream, draft):
            sink = _Hashing(stream)
            yield sink
            stream.flush()
            self._objects.put(bucket, key, draft, sink.md5.hexdigest(), {"content-type": BINARY})

    def reading(self, uri: str, start: int) -> BinaryIO:
        """The object's file."""
        bucket, key = bucket_and_key(uri)
        stream = self._objects.buckets.path(bucket, key).open("rb")
        stream.seek(start)
        return stream


class _Hashing:
    """Writes to a stream, and counts the MD5 of what it writes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.md5 = stream, hashlib.md5(usedforsecurity=False)

    def write(self, content: bytes, /) -> None:
        self.md5.update(content)
        self._stream.write(content)


class S3Objects:
    """Objects of an S3, by boto3's client."""

    def __init__(self, client: Any) -> None:
        self._s3 = client

    def has_bucket(self, bucket: str) -> bool:
        """Whether HeadBucket finds it."""
        try:
            self._s3.head_bucket(Bucket=bucket)
        except self._s3.exceptions.ClientError:
            return False
        return True

    def make_bucket(self, bucket: str) -> None:
        """CreateBucket, unless it is there."""
        if not self.has_bucket(bucket):
            self._s3.create_bucket(Bucket=bucket)

    @contextmanager
    def writing(self, uri: str) -> Iterator[Sink]:
        """An upload, in parts where it is large."""
        bucket, key = bucket_and_key(uri)
        sink = _Upload(self._s3, {"Bucket": bucket, "Key": key})
        try:
            yield sink
        except BaseException:
            sink.abort()
            raise
        sink.complete()

    def reading(self, uri: str, start: int) -> BinaryIO:
        """GetObject from a byte on."""
        bucket, key = bucket_and_key(uri)
        part = {"Range": f"bytes={start}-"} if start else {}
        try:
            return io.BufferedReader(self._s3.get_object(Bucket=bucket, Key=key, **part)["Body"])
        except self._s3.exceptions.ClientError as error:
            raise FileNotFoundError(uri) from error


class _Upload:
    """An object on its way to S3: one PUT where it is small, else an upload in parts."""

    def __init__(self, client: Any, target: dict[str, str]) -> None:
        self._s3, self._target = client, target
        self._kept = bytearray()
        self._parts: list[dict[str, Any]] = []
        self._upload: dict[str, str] = {}

    def write(self, content: bytes, /) -> None:
        self._kept += content
        if len(self._kept) >= PART:
            self._send_part()

    def complete(self) -> None:
        if not self._upload:
            self._s3.put_object(**self._target, Body=bytes(self._kept), ContentType=BINARY)
            return
        if self._kept:
            self._send_part()
        self._s3.complete_multipart_upload(**self._upload, MultipartUpload={"Parts": self._parts})

    def abort(self) -> None:
        if self._upload:
            self._s3.abort_multipart_upload(**self._upload)

    def _send_part(self) -> None:
        if not self._upload:
            made = self._s3.create_multipart_upload(**self._target, ContentType=BINARY)
            self._upload = self._target | {"UploadId": made["UploadId"]}
        number = len(self._parts) + 1
        sent = self._s3.upload_part(**self._upload, PartNumber=number, Body=bytes(self._kept))
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._kept.clear()
