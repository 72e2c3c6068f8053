"""Keeps a lake, or raw files, in S3: an object is there when its PUT is complete, a lock is a lease that is renewed."""

import contextlib
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, cast

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from jobs.lake.lease import take_lease
from jobs.lake.store import StorageError, StoredObject

IN_MEMORY = 64 << 20  # bytes of an object that is being written; more of it goes to a temporary file


class S3Store:
    """A store in an S3 bucket, through boto3, which takes endpoint, region and credentials from its own settings."""

    LEASE_S = 30.0
    HEARTBEAT_S = 5.0

    def __init__(
        self, bucket: str, prefix: str, keys: Mapping[str, str | None] | None = None, *, must_exist: bool = False
    ) -> None:
        self.bucket, self.prefix = bucket, f"{prefix}/" if prefix else ""
        self.root = f"s3://{bucket}/{self.prefix}".rstrip("/")
        retries = {"mode": "standard", "total_max_attempts": 4}
        config = Config(connect_timeout=5, read_timeout=60, retries=retries, max_pool_connections=32)  # type: ignore[arg-type]
        with _clear_s3_errors("open", self.root):
            self._client: Any = boto3.client("s3", config=config, **(keys or {}))  # type: ignore[call-overload]
            if must_exist:
                self._client.head_bucket(Bucket=bucket)

    def __reduce__(self) -> tuple[Any, ...]:
        return S3Store, (self.bucket, self.prefix.strip("/"), _keys_of_file())  # clients do not travel to workers

    def _where(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.prefix + key}

    def uri(self, key: str) -> str:
        """The s3:// URI of a key."""
        return f"s3://{self.bucket}/{self.prefix}{key}"

    def list(self, prefix: str = "") -> list[StoredObject]:
        """Objects below a prefix, sorted by key; folder markers (keys that end in `/`) are not objects."""
        with _clear_s3_errors("list", self.uri(prefix)):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.prefix + prefix
            )
            listed = [item for page in pages for item in page.get("Contents", [])]
        cut = len(self.prefix)
        objects = [StoredObject(item["Key"][cut:], item["Size"], item["ETag"].strip('"')) for item in listed]
        return sorted((item for item in objects if not item.key.endswith("/")), key=lambda stored: stored.key)

    def read(self, key: str) -> bytes | None:
        """The content of an object; None where there is none."""
        with _clear_s3_errors("read", self.uri(key)):
            try:
                content: bytes = self._client.get_object(**self._where(key))["Body"].read()
            except self._client.exceptions.NoSuchKey:
                return None
            return content

    def open(self, key: str, start: int = 0) -> BinaryIO:
        """The object as a stream of bytes from `start` on."""
        with _clear_s3_errors("read", self.uri(key)):
            whole = {} if start == 0 else {"Range": f"bytes={start}-"}
            return io.BufferedReader(_Body(self._client.get_object(**self._where(key), **whole)["Body"]))

    @contextlib.contextmanager
    def create(self, key: str) -> Iterator[BinaryIO]:
        """A stream to an object, which appears, whole, when the context ends well."""
        with _clear_s3_errors("write", self.uri(key)), tempfile.SpooledTemporaryFile(IN_MEMORY) as stream:
            yield cast(BinaryIO, stream)
            stream.seek(0)
            self._client.upload_fileobj(stream, self.bucket, self.prefix + key)

    def write(self, key: str, content: bytes) -> None:
        """Write an object whole, over the one that may be there."""
        with _clear_s3_errors("write", self.uri(key)):
            self._client.put_object(**self._where(key), Body=content)

    def move(self, source: str, target: str) -> None:
        """Copy one object inside S3, over the one that may be there, then delete the source."""
        with _clear_s3_errors("write", self.uri(target)):
            self._client.copy(self._where(source), self.bucket, self.prefix + target)
            self._client.delete_object(**self._where(source))

    def move_all(self, source: str, target: str) -> None:
        """Move object by object: readers wait for the catalog to name the new prefix."""
        keys = [stored.key for stored in self.list(source)]
        if not keys:
            raise StorageError(f"cannot move {self.uri(source)}: nothing is there; has somebody deleted it? Run again")
        with ThreadPoolExecutor(max_workers=16) as pool:
            list(pool.map(lambda key: self.move(key, target + key[len(source) :]), keys))

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects; what isn't there is no error."""
        names = [{"Key": self.prefix + key} for key in keys]
        for start in range(0, len(names), 1000):
            with _clear_s3_errors("delete", self.root):
                answer = self._client.delete_objects(
                    Bucket=self.bucket, Delete={"Objects": names[start : start + 1000], "Quiet": True}
                )
            if answer.get("Errors"):
                first = answer["Errors"][0]
                raise StorageError(f"cannot delete s3://{self.bucket}/{first['Key']}: {first['Message']}")

    def delete_all(self, prefix: str) -> None:
        """Delete all below a prefix, folder markers included."""
        self.delete(stored.key for stored in self.list(prefix))

    def check_folder_names(self, names: Iterable[str]) -> None:
        """Nothing to check: S3 tells all names apart."""

    def try_lock(self, key: str, owner: str) -> contextlib.AbstractContextManager[None] | None:
        """Hold a lease that is renewed every 5 s; None where another owner's is alive. A dead one ends after 30 s."""
        with _clear_s3_errors("lock", self.uri(key)):
            return take_lease(self._client, self._where(key), owner, self.LEASE_S, self.HEARTBEAT_S)


def _keys_of_file() -> dict[str, str | None]:
    """The keys that this process has from a file, which a worker need not have; nothing where they are a role's."""
    found = boto3.Session().get_credentials()
    if found is None or found.method != "shared-credentials-file":
        return {}
    keys = found.get_frozen_credentials()
    return {
        "aws_access_key_id": keys.access_key,
        "aws_secret_access_key": keys.secret_key,
        "aws_session_token": keys.token,
    }


class _Body(io.RawIOBase):
    """An answer's body as a plain stream; a connection that breaks on the way is a StorageError."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _clear_s3_errors("read", "an object"):
            content: bytes = self._body.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._body.close()
        super().close()


@contextlib.contextmanager
def _clear_s3_errors(action: str, where: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError, Boto3Error) as error:
        hint = "check the bucket, the credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID) and AWS_ENDPOINT_URL_S3"
        raise StorageError(f"cannot {action} {where}: {' '.join(str(error).split())}; {hint}") from error
