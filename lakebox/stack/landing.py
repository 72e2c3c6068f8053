"""Landing: raw files of a local folder, and a mapping -> the stack's raw bucket, where jobs may read and not write.

A file lands under its path: below the repository its path there (`sample_data/…`), else its whole path, so that two
folders never write the same object. What is there already with the same content is left alone: to the jobs an object
written again is news. Its ETag says what it holds, or its metadata where ETags are no MD5 (encryption with KMS, say).
A mapping lands in `_mappings/`, which is no raw folder.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import boto3
import botocore.session
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from jobs.events.raw_folder import raw_folder
from jobs.lake.open_store import open_store
from jobs.lake.store import StorageError, Store, StoredObject
from lakebox.settings import REPOSITORY, Settings, SettingsError, StackSettings

CONTENT = "lakebox-etag"  # metadata: the ETag that S3 gives to the content where it encrypts nothing
PART = 64 * 1024 * 1024
S3 = ("s3://", "s3a://")
EMPTY = hashlib.md5(b"", usedforsecurity=False).hexdigest()
TRANSFER = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=2)


def land(settings: Settings, say: Callable[[str], None] = lambda _: None) -> Settings:
    """Land the settings' raw folder and mapping; returns settings that name what landed. An s3:// URI stays as it is.

    say: is told of files that are left alone for their ending. Raises RawFolderError where there is nothing to land,
    StorageError where the folder or the bucket can't be used, SettingsError where nothing may be landed.
    """
    if settings.stack is None:
        return settings
    raw, mapping, bucket = settings.raw_uri, settings.mapping_uri, settings.stack.raw_bucket
    try:
        if not raw.startswith(S3):
            raw = f"s3://{bucket}/{_landed_folder(settings.stack, raw, say)}"
        if mapping is not None and not mapping.startswith(S3):
            mapping = f"s3://{bucket}/{_landed_mapping(settings.stack, mapping)}"
    except (BotoCoreError, ClientError, Boto3Error) as error:
        text = f"cannot land {settings.raw_uri} in s3://{bucket}: {' '.join(str(error).split())}"
        raise StorageError(f"{text}; is the stack up? lakebox status says what runs") from error
    return replace(settings, raw_uri=raw, mapping_uri=mapping)


def _landed_folder(stack: StackSettings, uri: str, say: Callable[[str], None]) -> str:
    """Land a raw folder; its prefix in the raw bucket."""
    source = open_store(uri, must_exist=True)
    folder, prefix = raw_folder(source), landing_prefix(Path(source.root))
    raw = _RawFolder(_client(stack), stack.raw_bucket, prefix)
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(lambda stored: raw.land(source, stored), folder.files))
    if folder.note:
        say(folder.note)
    return prefix.rstrip("/")


def _landed_mapping(stack: StackSettings, uri: str) -> str:
    """Land a mapping, under a digest of its content; its key in the raw bucket."""
    path = Path(uri.removeprefix("file://")).expanduser()
    if not path.is_file():
        raise StorageError(f"there is no mapping file {uri}; check the path")
    content = path.read_bytes()
    key = f"_mappings/{hashlib.sha256(content).hexdigest()[:16]}/{path.name}"
    _client(stack).put_object(Bucket=stack.raw_bucket, Key=key, Body=content)
    return key


def landing_prefix(folder: Path) -> str:
    """Prefix in the raw bucket for a local folder."""
    path = folder.expanduser().resolve()
    inside = path.is_relative_to(REPOSITORY) and path != REPOSITORY
    return (path.relative_to(REPOSITORY) if inside else path.relative_to(path.anchor)).as_posix() + "/"


def _client(stack: StackSettings) -> Any:
    if stack.landing_credentials is None:
        raise SettingsError("raw files land from the service lakebox only: docker compose run --rm lakebox run")
    session = botocore.session.Session()
    session.set_config_variable("credentials_file", stack.landing_credentials)
    return boto3.Session(botocore_session=session).client("s3")


class _RawFolder:
    """A prefix of the raw bucket, and what was in it before."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        found = [item for page in pages for item in page.get("Contents", [])]
        self._there = {item["Key"]: (item["Size"], item["ETag"].strip('"')) for item in found}

    def land(self, source: Store, stored: StoredObject) -> None:
        """Upload a file, unless its content is there."""
        key = self._prefix + stored.key
        with source.open(stored.key) as stream:
            content = etag(stream)
        if self._holds(key, stored.size, content):
            return
        extra = {"Metadata": {CONTENT: content}}
        with source.open(stored.key) as stream:
            self._client.upload_fileobj(stream, self._bucket, key, ExtraArgs=extra, Config=TRANSFER)

    def _holds(self, key: str, size: int, content: str) -> bool:
        """Whether the object is there with this content; one more request only where its ETag leaves that open."""
        there_size, there_etag = self._there.get(key, (None, ""))
        if there_size != size:
            return False
        if there_etag == content:
            return True
        metadata = self._client.head_object(Bucket=self._bucket, Key=key)["Metadata"]
        return bool(metadata.get(CONTENT) == content)


def etag(stream: BinaryIO) -> str:
    """The ETag that S3 gives to this content: its MD5, or that of its parts' MD5s where it is sent in parts."""
    parts = [hashlib.md5(part, usedforsecurity=False) for part in iter(lambda: stream.read(PART), b"")]
    if stream.tell() < PART:
        return parts[0].hexdigest() if parts else EMPTY
    whole = hashlib.md5(b"".join(part.digest() for part in parts), usedforsecurity=False)
    return f"{whole.hexdigest()}-{len(parts)}"
