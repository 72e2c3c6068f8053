"""Multipart uploads: parts are files in the lake's own state until the upload is completed or aborted."""

import hashlib
import json
import re
import shutil
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lakebox.endpoint.s3.checksums import Checksums, announced
from lakebox.endpoint.s3.objects import Objects, S3Object
from lakebox.endpoint.service import ServiceError

LEAST_PART = 5 << 20  # bytes; the last part may have fewer
UPLOAD_ID = re.compile(r"[0-9a-f]{32}")


class Uploads:
    """The uploads under way."""

    def __init__(self, objects: Objects, folder: Path) -> None:
        self._objects, self._folder = objects, folder
        folder.mkdir(parents=True, exist_ok=True)

    def create(self, bucket: str, key: str, headers: Mapping[str, str]) -> str:
        """Begin an upload; its id."""
        self._objects.folder(bucket)
        self._objects.buckets.path(bucket, key)
        upload_id = uuid.uuid4().hex
        (self._folder / upload_id).mkdir()
        begun = {"bucket": bucket, "key": key, "headers": dict(headers), "time": datetime.now(UTC).timestamp()}
        (self._folder / upload_id / "upload.json").write_text(json.dumps(begun), encoding="utf-8")
        return upload_id

    def check(self, bucket: str, key: str, upload_id: str, number: int) -> Path:
        """The folder for a part of this number. Raises ServiceError where there is no such upload or number."""
        folder, _ = self._of(bucket, key, upload_id)
        if not 1 <= number <= 10_000:
            text = "Part number must be an integer between 1 and 10000, inclusive"
            raise ServiceError("InvalidArgument", text, ArgumentName="partNumber", ArgumentValue=str(number))
        return folder

    def keep_part(self, folder: Path, number: int, draft: Path, etag: str) -> None:
        """Keep a part, over one of the same number."""
        for old in folder.glob(f"{number:05d}-*"):
            old.unlink()
        draft.replace(folder / f"{number:05d}-{etag}")

    def parts(self, bucket: str, key: str, upload_id: str) -> list[tuple[int, str, Path]]:
        """The parts that are kept: number, ETag, file."""
        folder, _ = self._of(bucket, key, upload_id)
        names = sorted(path.name for path in folder.iterdir() if path.name != "upload.json")
        return [(int(name[:5]), name[6:], folder / name) for name in names]

    def complete(
        self, bucket: str, key: str, upload_id: str, wanted: Sequence[tuple[int, str]], given: Mapping[str, str]
    ) -> S3Object:
        """Make the object of the named parts (number, ETag). Raises ServiceError where one of them isn't there.

        given: the request's headers; a checksum of the whole object among them is verified
        """
        folder, begun = self._of(bucket, key, upload_id)
        kept = {(number, etag): path for number, etag, path in self.parts(bucket, key, upload_id)}
        _check_parts(wanted, kept)
        checksums = Checksums(announced(given))
        digests = b"".join(bytes.fromhex(etag) for _, etag in wanted)
        etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(wanted)}"
        with self._objects.draft() as (stream, draft):
            for part in wanted:
                with kept[part].open("rb") as source:
                    while piece := source.read(1 << 20):
                        checksums.update(piece)
                        stream.write(piece)
            stream.flush()
            checksums.check(given)
            found = self._objects.put(bucket, key, draft, etag, begun["headers"] | checksums.headers())
        shutil.rmtree(folder)
        return found

    def abort(self, bucket: str, key: str, upload_id: str) -> None:
        """Forget an upload and its parts."""
        folder, _ = self._of(bucket, key, upload_id)
        shutil.rmtree(folder)

    def under_way(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        """Uploads of a bucket whose keys start with a prefix: id, key, time."""
        self._objects.folder(bucket)
        begun = [
            json.loads(path.read_text(encoding="utf-8")) | {"id": path.parent.name}
            for path in self._folder.glob("*/upload.json")
        ]
        mine = [upload for upload in begun if upload["bucket"] == bucket and upload["key"].startswith(prefix)]
        return sorted(mine, key=lambda upload: (upload["key"], upload["time"]))

    def _of(self, bucket: str, key: str, upload_id: str) -> tuple[Path, dict[str, Any]]:
        path = self._folder / upload_id / "upload.json"
        if UPLOAD_ID.fullmatch(upload_id) and path.exists():
            begun: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if (begun["bucket"], begun["key"]) == (bucket, key):
                return path.parent, begun
        text = (
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or"
        )
        raise ServiceError("NoSuchUpload", f"{text} completed.", 404, UploadId=upload_id)


def _check_parts(wanted: Sequence[tuple[int, str]], kept: Mapping[tuple[int, str], Path]) -> None:
    """Raise ServiceError where the parts that a client has named can't become an object."""
    if not wanted:
        raise ServiceError("MalformedXML", "The XML you provided names no part of the upload")
    if any(part not in kept for part in wanted):
        raise ServiceError("InvalidPart", "One or more of the specified parts could not be found.")
    if [number for number, _ in wanted] != sorted({number for number, _ in wanted}):
        raise ServiceError("InvalidPartOrder", "The list of parts was not in ascending order.")
    small = next((part for part in wanted[:-1] if kept[part].stat().st_size < LEAST_PART), None)
    if small is not None:
        text = (
            f"Your proposed upload is smaller than the minimum allowed size: part {small[0]} has less than {LEAST_PART}"
        )
        raise ServiceError("EntityTooSmall", f"{text} bytes")
