"""S3 as the endpoint serves it: a request is checked, told apart by bucket, key and query, and answered."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote, urlsplit

from lakebox.endpoint.keys import Keys
from lakebox.endpoint.request import Answer, Request
from lakebox.endpoint.s3.answers import empty_answer, error_answer, iso_time, xml_answer
from lakebox.endpoint.s3.authorization import authorized, with_presigned_headers
from lakebox.endpoint.s3.buckets.list_objects import list_objects
from lakebox.endpoint.s3.buckets.settings import OWNER, answer_for_setting, setting_in
from lakebox.endpoint.s3.documents import body_of, parsed
from lakebox.endpoint.s3.handlers import ObjectHandlers
from lakebox.endpoint.s3.multipart import Uploads
from lakebox.endpoint.s3.objects import Objects
from lakebox.endpoint.service import ServiceError

LOG = logging.getLogger("lakebox.endpoint")
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
        setting = setting_in(query)
        if setting is not None:
            return answer_for_setting(self._objects, request, bucket, setting)
        if request.method == "PUT" and not query:
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
            raise ServiceError("NotImplemented", f"lakebox does not have {', '.join(query)} of buckets", 501)
        return self._described(bucket, query)

    def _create(self, bucket: str, region: str) -> Answer:
        """CreateBucket: one that is there already is no error in us-east-1, as on AWS."""
        folder = self._objects.buckets.folder(bucket)
        if folder.is_dir() and region != REGION:
            text = "Your previous request to create the named bucket succeeded and you already own it."
            raise ServiceError("BucketAlreadyOwnedByYou", text, 409, BucketName=bucket)
        if not folder.is_dir():
            self._objects.forget_settings(bucket)  # of one that was removed as a folder
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
        return list_objects(self._objects, bucket, query)

    def _delete_many(self, request: Request, bucket: str) -> Answer:
        document = parsed(body_of(request))
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
    query.pop("x-id", None)  # the operation's name, which some SDKs add
    host = request.headers.get("host", "").rsplit(":", 1)[0]
    if host.endswith(".localhost") and host.count(".") >= 1 and not host.startswith("s3."):
        return host.removesuffix(".localhost"), path[1:], query
    bucket, _, key = path[1:].partition("/")
    return bucket, key, query
