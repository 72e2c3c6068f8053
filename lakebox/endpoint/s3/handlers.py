"""S3's operations on objects: GET, HEAD, PUT, copies, DELETE, and the parts of multipart uploads."""

import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from lakebox.endpoint.keys import Keys
from lakebox.endpoint.request import Answer, Request
from lakebox.endpoint.s3.answers import check_conditions, empty_answer, iso_time, object_headers, unmet, xml_answer
from lakebox.endpoint.s3.authorization import Authorized
from lakebox.endpoint.s3.body import Upload
from lakebox.endpoint.s3.checksums import Checksums, shown
from lakebox.endpoint.s3.documents import body_of, parsed, tag_set, tags_in, text_of
from lakebox.endpoint.s3.headers import (
    NOT_COPIED,
    TAGS,
    check_headers,
    copied_algorithms,
    copied_headers,
    copied_range,
    kept_headers,
    number_in,
    range_of,
)
from lakebox.endpoint.s3.multipart import Uploads
from lakebox.endpoint.s3.objects import Objects, S3Object
from lakebox.endpoint.service import ServiceError

MOST_PARTS = 1000


class ObjectHandlers:
    """Answers requests for one object. `query` has the parameters of the URL."""

    def __init__(self, objects: Objects, uploads: Uploads, keys: Keys) -> None:
        self._objects, self._uploads, self._keys = objects, uploads, keys

    def get(self, request: Request, bucket: str, key: str, query: Mapping[str, str]) -> Answer:
        """GetObject and HeadObject, with ranges and conditions; ListParts; GetObjectTagging."""
        if "uploadId" in query:
            return self._list_parts(bucket, key, query)
        if "tagging" in query:
            return xml_answer("Tagging", tag_set(self._existing(bucket, key).headers.get(TAGS, "")))
        found = self._existing(bucket, key)
        if "partNumber" in query and (query["partNumber"] != "1" or found.etag.partition("-")[2] not in ("", "1")):
            raise ServiceError("NotImplemented", "lakebox keeps no parts of a completed object: read it by ranges", 501)
        has_range = request.headers.get("range") is not None
        wants_checksums = request.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED" and not has_range
        headers = object_headers(found, checksums=wants_checksums)
        headers |= {
            name.removeprefix("response-"): value for name, value in query.items() if name.startswith("response-")
        }
        if check_conditions(found, request.headers):
            return empty_answer(304, object_headers(found, checksums=False))
        part = range_of(request.headers.get("range"), found.size)
        start, end = part or (0, found.size)
        if part is not None:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
        status = 206 if "Content-Range" in headers else 200
        if request.method == "HEAD" or found.size == 0:
            return Answer(status, b"", headers, end - start)
        stream = found.path.open("rb")
        stream.seek(start)
        return Answer(status, _Part(stream, end - start), headers, end - start)  # type: ignore[arg-type]

    def put(self, request: Request, bucket: str, key: str, query: Mapping[str, str], by: Authorized) -> Answer:
        """PutObject, CopyObject, UploadPart, UploadPartCopy, PutObjectTagging."""
        check_headers(request.headers)
        if "x-amz-copy-source" in request.headers:
            return self._copy(request, bucket, key, query)
        if set(query) & {"acl", "retention", "legal-hold"}:
            raise ServiceError("NotImplemented", "lakebox keeps no ACLs or locks of objects", 501)
        if "tagging" in query:
            self._retag(bucket, key, tags_in(parsed(body_of(request))))
            return empty_answer(200)
        if "partNumber" in query:
            number = _part_number(query)
            folder = self._uploads.check(bucket, key, query.get("uploadId", ""), number)
            with self._received(request, by) as (draft, etag, checksums):
                self._uploads.keep_part(folder, number, draft, etag)
            return empty_answer(200, {"ETag": f'"{etag}"', **checksums})
        self._objects.folder(bucket)
        with self._received(request, by) as (draft, etag, checksums):
            self._check_write(bucket, key, request.headers)
            found = self._objects.put(bucket, key, draft, etag, kept_headers(request.headers) | checksums)
        return empty_answer(200, {"ETag": f'"{found.etag}"', **checksums})

    def post(self, request: Request, bucket: str, key: str, query: Mapping[str, str]) -> Answer:
        """CreateMultipartUpload and CompleteMultipartUpload."""
        if "uploads" in query:
            check_headers(request.headers)
            upload_id = self._uploads.create(bucket, key, kept_headers(request.headers))
            return xml_answer("InitiateMultipartUploadResult", {"Bucket": bucket, "Key": key, "UploadId": upload_id})
        if "uploadId" in query:
            document = parsed(body_of(request))
            parts = [
                (int(text_of(part, "PartNumber")), text_of(part, "ETag").strip('"'))
                for part in document.iter()
                if part.tag.endswith("Part")
            ]
            self._check_write(bucket, key, request.headers)
            found = self._uploads.complete(bucket, key, query["uploadId"], parts, request.headers)
            content = {"Location": f"/{bucket}/{key}", "Bucket": bucket, "Key": key, "ETag": f'"{found.etag}"'}
            return xml_answer("CompleteMultipartUploadResult", content)
        raise ServiceError("NotImplemented", "lakebox does not have this operation on objects (select, restore)", 501)

    def delete(self, bucket: str, key: str, query: Mapping[str, str]) -> Answer:
        """DeleteObject, AbortMultipartUpload, DeleteObjectTagging."""
        if "uploadId" in query:
            self._uploads.abort(bucket, key, query["uploadId"])
        elif "tagging" in query:
            self._retag(bucket, key, "")
        else:
            self._objects.delete(bucket, key)
        return empty_answer(204)

    def _existing(self, bucket: str, key: str) -> S3Object:
        found = self._objects.find(bucket, key)
        if found is None:
            raise ServiceError("NoSuchKey", "The specified key does not exist.", 404, Key=key)
        return found

    def _retag(self, bucket: str, key: str, tags: str) -> None:
        found = self._existing(bucket, key)
        others = {name: value for name, value in found.headers.items() if name != TAGS}
        self._objects.keep_headers(found, bucket, others | ({TAGS: tags} if tags else {}))

    def _check_write(self, bucket: str, key: str, headers: Mapping[str, str]) -> None:
        """Conditional writes: If-None-Match: * wants no object there, If-Match one of this ETag."""
        if "if-none-match" not in headers and "if-match" not in headers:
            return
        found = self._objects.find(bucket, key)
        if found is None:
            if "if-match" in headers:
                raise ServiceError("NoSuchKey", "The specified key does not exist.", 404)
        elif "if-none-match" in headers:
            raise unmet("If-None-Match")
        else:
            check_conditions(found, {"if-match": headers["if-match"]})

    def _copy(self, request: Request, bucket: str, key: str, query: Mapping[str, str]) -> Answer:
        source_name, _, version = request.headers["x-amz-copy-source"].partition("?versionId=")
        if version not in ("", "null"):
            raise ServiceError("NoSuchVersion", "lakebox keeps no versions of objects", 404)
        source_bucket, _, source_key = unquote(source_name.split("?")[0]).lstrip("/").partition("/")
        source = self._existing(source_bucket, source_key)
        if check_conditions(source, request.headers, "x-amz-copy-source-"):
            raise unmet("x-amz-copy-source-If-None-Match")
        start, end = copied_range(request.headers.get("x-amz-copy-source-range"), source.size)
        checksums = Checksums(copied_algorithms(request.headers, source.headers))
        with self._objects.draft() as (stream, draft):
            md5 = hashlib.md5(usedforsecurity=False)
            with source.path.open("rb") if source.size else io.BytesIO() as content:
                content.seek(start)
                while piece := content.read(min(1 << 20, end - start)):
                    start += len(piece)
                    md5.update(piece)
                    checksums.update(piece)
                    stream.write(piece)
            stream.flush()
            etag = md5.hexdigest()
            if "partNumber" in query:
                number = _part_number(query)
                folder = self._uploads.check(bucket, key, query.get("uploadId", ""), number)
                self._uploads.keep_part(folder, number, draft, etag)
                return xml_answer("CopyPartResult", {"ETag": f'"{etag}"', "LastModified": iso_time(source.modified)})
            replaces = request.headers.get("x-amz-metadata-directive", "COPY") == "REPLACE"
            if (source_bucket, source_key) == (bucket, key) and not (
                replaces or set(NOT_COPIED) & set(request.headers)
            ):
                text = "This copy request is illegal: it copies an object to itself without changing its metadata."
                raise ServiceError("InvalidRequest", text)
            headers = kept_headers(request.headers) if replaces else copied_headers(request.headers, source.headers)
            found = self._objects.put(bucket, key, draft, etag, headers | checksums.headers())
        result = {"ETag": f'"{found.etag}"', "LastModified": iso_time(found.modified)}
        return xml_answer("CopyObjectResult", result | shown(checksums.headers()))

    def _list_parts(self, bucket: str, key: str, query: Mapping[str, str]) -> Answer:
        most, after = number_in(query, "max-parts", MOST_PARTS), number_in(query, "part-number-marker", 0)
        parts = [part for part in self._uploads.parts(bucket, key, query["uploadId"]) if part[0] > after]
        listed = [
            {
                "PartNumber": number,
                "ETag": f'"{etag}"',
                "Size": path.stat().st_size,
                "LastModified": iso_time(datetime.fromtimestamp(path.stat().st_mtime, UTC)),
            }
            for number, etag, path in parts[: min(most, MOST_PARTS)]
        ]
        content = {
            "Bucket": bucket,
            "Key": key,
            "UploadId": query["uploadId"],
            "PartNumberMarker": after,
            "NextPartNumberMarker": listed[-1]["PartNumber"] if listed else after,
            "MaxParts": most,
            "IsTruncated": len(listed) < len(parts),
            "Part": listed,
        }
        return xml_answer("ListPartsResult", content)

    @contextmanager
    def _received(self, request: Request, by: Authorized) -> Iterator[tuple[Path, str, dict[str, str]]]:
        """The request's body as a file, its hashes checked, with its MD5 and the headers that say its checksums."""
        upload = Upload(request.headers, by, self._keys)
        with self._objects.draft() as (stream, draft):
            upload.copy(request.stream, request.length, stream)
            stream.flush()
            yield draft, upload.md5.hexdigest(), upload.checksums.headers()


class _Part:
    """So many bytes of a file, as a stream."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(content)
        return content

    def __enter__(self) -> "_Part":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()


def _part_number(query: Mapping[str, str]) -> int:
    return int(query["partNumber"]) if query["partNumber"].isdigit() else 0
