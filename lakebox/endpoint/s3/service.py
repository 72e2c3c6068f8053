"""S3 as the endpoint serves it: a request is checked, told apart by bucket, key and query, and answered."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from lakebox.endpoint.keys import Keys
from lakebox.endpoint.request import Answer, Request
from lakebox.endpoint.s3.answers import empty_answer, error_answer, iso_time, xml_answer
from lakebox.endpoint.s3.authorization import authorized, with_presigned_headers
from lakebox.endpoint.s3.checksums import shown
from lakebox.endpoint.s3.handlers import ObjectHandlers, read_document
from lakebox.endpoint.s3.listing import Wanted, page
from lakebox.endpoint.s3.multipart import Uploads
from lakebox.endpoint.s3.objects import Objects
from lakebox.endpoint.service import ServiceError

LOG = logging.getLogger("lakebox.endpoint")
OWNER = {"ID": "000000000000", "DisplayName": "lakebox"}
NOT_CONFIGURED = {
    "policy": ("NoSuchBucketPolicy", "The bucket policy does not exist"),
    "tagging": ("NoSuchTagSet", "The TagSet does not exist"),
    "lifecycle": ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    "cors": ("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    "website": ("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
    "encryption": ("ServerSideEncryptionConfigurationNotFoundError", "The encryption configuration was not found"),
    "replication": ("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
    "object-lock": ("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"),
    "publicAccessBlock": ("NoSuchPublicAccessBlockConfiguration", "The configuration was not found"),
    "ownershipControls": ("OwnershipControlsNotFoundError", "The ownership controls were not found"),
}
EMPTY_SETTINGS = {
    "versioning": "VersioningConfiguration",
    "logging": "BucketLoggingStatus",
    "notification": "NotificationConfiguration",
    "accelerate": "AccelerateConfiguration",
}
MOST_KEYS = 1000
REGION = "us-east-1"  # the one region of the sandbox; a signature may name any


class S3:
    """Answers S3's requests over the buckets below a root."""

    def __init__(self, objects: Objects, uploads: Uploads) -> None:
        self._objects, self._uploads = objects, uploads

    def __call__(self, request: Request, keys: Keys) -> Answer:
        """Answer a request; errors, also unforeseen ones, are S3's."""
        try:
            request = with_presigned_headers(request)
            by = authorized(request, keys, datetime.now(UTC))
            bucket, key, query = target_of(request)
            if not bucket:
                return self._list_buckets(request, query)
            if not key:
                return self._answer_for_bucket(request, bucket, query, by.region)
            if query.get("versionId", "null") != "null":
                text = "Invalid version id specified: lakebox keeps no versions of objects"
                raise ServiceError("InvalidArgument", text, ArgumentName="versionId", ArgumentValue=query["versionId"])
            handlers = ObjectHandlers(self._objects, self._uploads, keys)
            if request.method in ("GET", "HEAD"):
                return handlers.get(request, bucket, key, query)
            if request.method == "PUT":
                return handlers.put(request, bucket, key, query, by)
            if request.method == "POST":
                return handlers.post(request, bucket, key, query)
            return handlers.delete(bucket, key, query)
        except ServiceError as error:
            return error_answer(error, request)
        except Exception:
            LOG.exception("%s %s failed", request.method, request.target)
            text = "We encountered an internal error. The log of `lakebox serve` says why."
            return error_answer(ServiceError("InternalError", text, 500), request)

    def _list_buckets(self, request: Request, query: Mapping[str, str]) -> Answer:
        if request.method != "GET":
            raise ServiceError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
        buckets = self._objects.buckets
        prefix, after = query.get("prefix", ""), query.get("continuation-token", "")
        names = [name for name in buckets.names() if name.startswith(prefix) and name > after]
        if query.get("bucket-region", REGION) != REGION:
            names = []
        most = int(query["max-buckets"]) if query.get("max-buckets", "").isdigit() else len(names)
        listed = [
            {
                "Name": name,
                "CreationDate": iso_time(datetime.fromtimestamp(buckets.folder(name).stat().st_ctime, UTC)),
                "BucketRegion": REGION,
            }
            for name in names[:most]
        ]
        content = {"Owner": OWNER, "Buckets": {"Bucket": listed}, "Prefix": prefix or None}
        token = names[most - 1] if 0 < most < len(names) else None
        return xml_answer("ListAllMyBucketsResult", content | {"ContinuationToken": token})

    def _answer_for_bucket(self, request: Request, bucket: str, query: Mapping[str, str], region: str) -> Answer:
        if request.method == "PUT" and not set(query) & {*NOT_CONFIGURED, *EMPTY_SETTINGS, "acl"}:
            return self._create(bucket, region)
        self._objects.folder(bucket)
        if request.method == "HEAD":
            return empty_answer(200, {"x-amz-bucket-region": REGION})
        if request.method == "DELETE" and not query:
            self._objects.delete_bucket(bucket)
            return empty_answer(204)
        if request.method == "POST" and "delete" in query:
            return self._delete_many(request, bucket)
        if request.method != "GET":
            raise ServiceError(
                "NotImplemented", f"lakebox keeps no {', '.join(query) or 'such'} settings of buckets", 501
            )
        return self._described(bucket, query)

    def _create(self, bucket: str, region: str) -> Answer:
        """CreateBucket: one that is there already is no error in us-east-1, as on AWS."""
        folder = self._objects.buckets.folder(bucket)
        if folder.is_dir() and region != REGION:
            text = "Your previous request to create the named bucket succeeded and you already own it."
            raise ServiceError("BucketAlreadyOwnedByYou", text, 409, BucketName=bucket)
        folder.mkdir(parents=True, exist_ok=True)
        return empty_answer(200, {"Location": f"/{bucket}"})

    def _described(self, bucket: str, query: Mapping[str, str]) -> Answer:
        if "location" in query:
            return xml_answer("LocationConstraint", {})
        if "uploads" in query:
            listed = [
                {
                    "Key": upload["key"],
                    "UploadId": upload["id"],
                    "Initiated": iso_time(datetime.fromtimestamp(upload["time"], UTC)),
                }
                for upload in self._uploads.under_way(bucket, query.get("prefix", ""))
            ]
            return xml_answer("ListMultipartUploadsResult", {"Bucket": bucket, "IsTruncated": False, "Upload": listed})
        for name, (code, message) in NOT_CONFIGURED.items():
            if name in query:
                raise ServiceError(code, message, 404)
        for name, root in EMPTY_SETTINGS.items():
            if name in query:
                return xml_answer(root, {})
        if "acl" in query:
            return xml_answer("AccessControlPolicy", {"Owner": OWNER, "AccessControlList": ""})
        if "versions" in query:
            raise ServiceError(
                "NotImplemented", "lakebox keeps no versions of objects; list them with ListObjectsV2", 501
            )
        return self._list(bucket, query)

    def _list(self, bucket: str, query: Mapping[str, str]) -> Answer:
        is_v2 = query.get("list-type") == "2"
        given_most = query.get("max-keys", str(MOST_KEYS))
        if not given_most.isdigit():
            raise ServiceError("InvalidArgument", "Provided max-keys not an integer or within integer range")
        most = min(int(given_most), MOST_KEYS)
        token = query.get("continuation-token")
        after = (query.get("start-after", "") if token is None else key_of(token)) if is_v2 else query.get("marker", "")
        wanted = Wanted(query.get("prefix", ""), query.get("delimiter", ""), after, most)
        listing = page(self._objects.folder(bucket), self._objects.markers(bucket), wanted)
        encode = quote if query.get("encoding-type") == "url" else str
        found = [self._objects.described(bucket, key, path) for key, path in listing.keys]
        contents = [
            {
                "Key": encode(item.key),
                "LastModified": iso_time(item.modified),
                "ETag": f'"{item.etag}"',
                "Size": item.size,
                "StorageClass": item.headers.get("x-amz-storage-class", "STANDARD"),
                "ChecksumAlgorithm": [name.removeprefix("Checksum") for name in shown(item.headers)],
                "Owner": OWNER if not is_v2 or query.get("fetch-owner") == "true" else None,
            }
            for item in found
        ]
        content: dict[str, Any] = {
            "Name": bucket,
            "Prefix": encode(wanted.prefix),
            "Delimiter": encode(wanted.delimiter) or None,
            "MaxKeys": most,
            "EncodingType": query.get("encoding-type"),
            "IsTruncated": listing.more_after is not None,
            "Contents": contents,
            "CommonPrefixes": [{"Prefix": encode(prefix)} for prefix in listing.prefixes],
        }
        if is_v2:
            content |= {"KeyCount": len(contents) + len(listing.prefixes), "ContinuationToken": token}
            content["StartAfter"] = query.get("start-after") if token is None else None
            content["NextContinuationToken"] = None if listing.more_after is None else listing.more_after.encode().hex()
        else:
            content |= {"Marker": encode(after), "NextMarker": listing.more_after and encode(listing.more_after)}
        return xml_answer("ListBucketResult", content)

    def _delete_many(self, request: Request, bucket: str) -> Answer:
        document = read_document(request)
        items = [
            {child.tag.rpartition("}")[2]: child.text or "" for child in item}
            for item in document
            if item.tag.endswith("Object")
        ]
        if not items or any("Key" not in item for item in items):
            raise ServiceError("MalformedXML", "The XML you provided names no keys to delete")
        quiet = any(child.tag.endswith("Quiet") and child.text == "true" for child in document)
        deleted, errors = [], []
        for item in items:
            name = item["Key"]
            try:
                if item.get("VersionId", "null") not in ("null", ""):
                    raise ServiceError("NoSuchVersion", "lakebox keeps no versions of objects")
                self._objects.delete(bucket, name)
                deleted.append({"Key": name})
            except ServiceError as error:
                errors.append({"Key": name, "Code": error.code, "Message": error.message})
        return xml_answer("DeleteResult", {"Deleted": [] if quiet else deleted, "Error": errors})


def target_of(request: Request) -> tuple[str, str, dict[str, str]]:
    """Bucket, key and query of a request, in path style or with the bucket in the host's name (`bucket.localhost`)."""
    parts = urlsplit(request.target)
    path = unquote(parts.path, errors="surrogateescape")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = request.headers.get("host", "").rsplit(":", 1)[0]
    if host.endswith(".localhost") and host.count(".") >= 1 and not host.startswith("s3."):
        return host.removesuffix(".localhost"), path[1:], query
    bucket, _, key = path[1:].partition("/")
    return bucket, key, query


def key_of(token: str) -> str:
    """The key after which a listing goes on. Raises ServiceError on a continuation token that is not ours."""
    try:
        key = bytes.fromhex(token).decode()
    except ValueError:
        key = ""
    if not key:
        raise ServiceError("InvalidArgument", "The continuation token provided is incorrect")
    return key
