"""S3's operations on objects: GET, HEAD, PUT, copies, DELETE, and the parts of multipart uploads."""

import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote
from xml.etree import ElementTree

from lakebox.endpoint.keys import Keys
from lakebox.endpoint.request import Answer, Request
from lakebox.endpoint.s3.answers import check_conditions, empty_answer, iso_time, object_headers, xml_answer
from lakebox.endpoint.s3.authorization import Authorized
from lakebox.endpoint.s3.body import Upload
from lakebox.endpoint.s3.multipart import Uploads
from lakebox.endpoint.s3.objects import KEPT_HEADERS, Objects, S3Object
from lakebox.endpoint.service import ServiceError

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
LARGEST_DOCUMENT = 8 << 20


class ObjectHandlers:
    """Answers requests for one object. `query` has the parameters of the URL."""

    def __init__(self, objects: Objects, uploads: Uploads, keys: Keys) -> None:
        self._objects, self._uploads, self._keys = objects, uploads, keys

    def get(self, request: Request, bucket: str, key: str, query: Mapping[str, str]) -> Answer:
        """GetObject and HeadObject, with ranges and conditions; ListParts; GetObjectTagging."""
        if "uploadId" in query:
            return self._list_parts(bucket, key, query["uploadId"])
        if "tagging" in query:
            self._existing(bucket, key)
            return xml_answer("Tagging", {"TagSet": ""})
        found = self._existing(bucket, key)
        headers = object_headers(found)
        headers |= {
            name.removeprefix("response-"): value for name, value in query.items() if name.startswith("response-")
        }
        if check_conditions(found, request.headers):
            return empty_answer(304, headers)
        start, end = range_of(request.headers.get("range"), found.size)
        if (start, end) != (0, found.size):
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
        status = 206 if "Content-Range" in headers else 200
        if request.method == "HEAD" or found.size == 0:
            return Answer(status, b"", headers, end - start)
        stream = found.path.open("rb")
        stream.seek(start)
        return Answer(status, _Part(stream, end - start), headers, end - start)  # type: ignore[arg-type]

    def put(self, request: Request, bucket: str, key: str, query: Mapping[str, str], by: Authorized) -> Answer:
        """PutObject, CopyObject, UploadPart, UploadPartCopy."""
        if "x-amz-copy-source" in request.headers:
            return self._copy(request, bucket, key, query)
        if set(query) & {"acl", "tagging", "retention", "legal-hold"}:
            raise ServiceError("NotImplemented", "lakebox keeps no ACLs, tags or locks of objects", 501)
        if "partNumber" in query:
            number = _part_number(query)
            folder = self._uploads.check(bucket, key, query.get("uploadId", ""), number)
            with self._received(request, by) as (draft, etag):
                self._uploads.keep_part(folder, number, draft, etag)
            return empty_answer(200, {"ETag": f'"{etag}"'})
        self._objects.folder(bucket)
        with self._received(request, by) as (draft, etag):
            self._check_write(bucket, key, request.headers)
            found = self._objects.put(bucket, key, draft, etag, kept_headers(request.headers))
        return empty_answer(200, {"ETag": f'"{found.etag}"'})

    def post(self, request: Request, bucket: str, key: str, query: Mapping[str, str]) -> Answer:
        """CreateMultipartUpload and CompleteMultipartUpload."""
        if "uploads" in query:
            upload_id = self._uploads.create(bucket, key, kept_headers(request.headers))
            return xml_answer("InitiateMultipartUploadResult", {"Bucket": bucket, "Key": key, "UploadId": upload_id})
        if "uploadId" in query:
            document = read_document(request)
            parts = [
                (int(_text_of(part, "PartNumber")), _text_of(part, "ETag").strip('"'))
                for part in document.iter()
                if part.tag.endswith("Part")
            ]
            self._check_write(bucket, key, request.headers)
            found = self._uploads.complete(bucket, key, query["uploadId"], parts)
            content = {"Location": f"/{bucket}/{key}", "Bucket": bucket, "Key": key, "ETag": f'"{found.etag}"'}
            return xml_answer("CompleteMultipartUploadResult", content)
        raise ServiceError("NotImplemented", "lakebox does not have this operation on objects (select, restore)", 501)

    def delete(self, bucket: str, key: str, query: Mapping[str, str]) -> Answer:
        """DeleteObject and AbortMultipartUpload."""
        if "uploadId" in query:
            self._uploads.abort(bucket, key, query["uploadId"])
        elif "tagging" not in query:
            self._objects.delete(bucket, key)
        return empty_answer(204)

    def _existing(self, bucket: str, key: str) -> S3Object:
        found = self._objects.find(bucket, key)
        if found is None:
            raise ServiceError("NoSuchKey", "The specified key does not exist.", 404)
        return found

    def _check_write(self, bucket: str, key: str, headers: Mapping[str, str]) -> None:
        """Conditional writes: If-None-Match: * wants no object there, If-Match one of this ETag."""
        if "if-none-match" not in headers and "if-match" not in headers:
            return
        found = self._objects.find(bucket, key)
        if found is None:
            if "if-match" in headers:
                raise ServiceError("NoSuchKey", "The specified key does not exist.", 404)
        elif "if-none-match" in headers:
            raise ServiceError(
                "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412
            )
        else:
            check_conditions(found, {"if-match": headers["if-match"]})

    def _copy(self, request: Request, bucket: str, key: str, query: Mapping[str, str]) -> Answer:
        source_bucket, _, source_key = (
            unquote(request.headers["x-amz-copy-source"].split("?")[0]).lstrip("/").partition("/")
        )
        source = self._existing(source_bucket, source_key)
        if check_conditions(source, request.headers, "x-amz-copy-source-"):
            raise ServiceError(
                "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412
            )
        start, end = range_of(request.headers.get("x-amz-copy-source-range"), source.size)
        with self._objects.draft() as (stream, draft):
            md5 = hashlib.md5(usedforsecurity=False)
            with source.path.open("rb") if source.size else io.BytesIO() as content:
                content.seek(start)
                while piece := content.read(min(1 << 20, end - start)):
                    start += len(piece)
                    md5.update(piece)
                    stream.write(piece)
            stream.flush()
            etag = md5.hexdigest()
            if "partNumber" in query:
                number = _part_number(query)
                folder = self._uploads.check(bucket, key, query.get("uploadId", ""), number)
                self._uploads.keep_part(folder, number, draft, etag)
                return xml_answer("CopyPartResult", {"ETag": f'"{etag}"', "LastModified": iso_time(source.modified)})
            replaces = request.headers.get("x-amz-metadata-directive", "COPY") == "REPLACE"
            if (source_bucket, source_key) == (bucket, key) and not replaces:
                text = "This copy request is illegal: it copies an object to itself without changing its metadata."
                raise ServiceError("InvalidRequest", text)
            headers = kept_headers(request.headers) if replaces else source.headers
            found = self._objects.put(bucket, key, draft, etag, headers)
        return xml_answer("CopyObjectResult", {"ETag": f'"{found.etag}"', "LastModified": iso_time(found.modified)})

    def _list_parts(self, bucket: str, key: str, upload_id: str) -> Answer:
        parts = [
            {
                "PartNumber": number,
                "ETag": f'"{etag}"',
                "Size": path.stat().st_size,
            }
            for number, etag, path in self._uploads.parts(bucket, key, upload_id)
        ]
        content = {"Bucket": bucket, "Key": key, "UploadId": upload_id, "IsTruncated": False, "Part": parts}
        return xml_answer("ListPartsResult", content)

    @contextmanager
    def _received(self, request: Request, by: Authorized) -> Iterator[tuple[Path, str]]:
        """The request's body as a file, its hashes checked, and its MD5."""
        upload = Upload(request.headers, by, self._keys)
        with self._objects.draft() as (stream, draft):
            upload.copy(request.stream, request.length, stream)
            stream.flush()
            yield draft, upload.md5.hexdigest()


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


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of an upload that its object keeps: content type and the like, and the user's own metadata."""
    kept = {name: value for name, value in headers.items() if name in KEPT_HEADERS or name.startswith("x-amz-meta-")}
    encodings = [part.strip() for part in kept.pop("content-encoding", "").split(",")]
    own = ",".join(part for part in encodings if part not in ("", "aws-chunked"))
    return kept | ({"content-encoding": own} if own else {})


def range_of(header: str | None, size: int) -> tuple[int, int]:
    """The bytes [start, end) that a Range header asks for. Raises ServiceError where an object has none of them."""
    match = RANGE.fullmatch(header or "")
    if match is None or match[0] == "bytes=-":
        return 0, size
    if not match[1]:
        start, end = max(0, size - int(match[2])), size
    else:
        start, end = int(match[1]), min(int(match[2]) + 1 if match[2] else size, size)
    if start >= size or start >= end:
        raise ServiceError("InvalidRange", "The requested range is not satisfiable", 416)
    return start, end


def read_document(request: Request) -> ElementTree.Element:
    """The XML that a request carries. Raises ServiceError on anything else, entities included."""
    body = request.stream.read(LARGEST_DOCUMENT) if request.body is None else request.body
    try:
        if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
            raise ElementTree.ParseError("no document type is allowed")
        return ElementTree.fromstring(body)  # noqa: S314 without a document type there are no entities to expand
    except ElementTree.ParseError as error:
        text = f"The XML you provided was not well-formed or did not validate against our published schema: {error}"
        raise ServiceError("MalformedXML", text) from None


def _text_of(element: ElementTree.Element, name: str) -> str:
    return next((child.text or "" for child in element if child.tag.endswith(name)), "")


def _part_number(query: Mapping[str, str]) -> int:
    return int(query["partNumber"]) if query["partNumber"].isdigit() else 0
