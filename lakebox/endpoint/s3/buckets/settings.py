"""Settings of buckets: kept as a client puts them, told as it put them, so that projects that define them apply.

They have no effect: nothing expires, no version is kept, nobody is refused. What would have to act is refused instead
of kept: notifications, replication, websites, locks.
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol
from xml.sax.saxutils import escape

from lakebox.endpoint.request import Answer, Request
from lakebox.endpoint.s3.answers import NAMESPACE, empty_answer, ids
from lakebox.endpoint.s3.documents import body_of, parsed
from lakebox.endpoint.service import ACCOUNT, ServiceError

OWNER = {"ID": ACCOUNT, "DisplayName": "lakebox"}
ABSENT = {  # what a GET answers before there was a PUT
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
EMPTY = {  # or that, as the content of this element
    "versioning": ("VersioningConfiguration", ""),
    "logging": ("BucketLoggingStatus", ""),
    "notification": ("NotificationConfiguration", ""),
    "accelerate": ("AccelerateConfiguration", ""),
    "requestPayment": ("RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>"),
}
SETTINGS = (*ABSENT, *EMPTY, "acl")
REFUSED = ("website", "replication", "object-lock", "notification", "accelerate")
GROUPS = {
    "private": (),
    "public-read": (("global/AllUsers", "READ"),),
    "public-read-write": (("global/AllUsers", "READ"), ("global/AllUsers", "WRITE")),
    "authenticated-read": (("global/AuthenticatedUsers", "READ"),),
    "log-delivery-write": (("s3/LogDelivery", "WRITE"), ("s3/LogDelivery", "READ_ACP")),
}
LEAST_SIZE = "x-amz-transition-default-minimum-object-size"  # of a lifecycle, beside its document


def setting_in(query: Mapping[str, str]) -> str | None:
    """The setting that a request's parameters name; None where they name none."""
    return next((name for name in SETTINGS if name in query), None)


class Kept(Protocol):
    """Where settings are kept."""

    def folder(self, bucket: str) -> object:
        """Raises ServiceError where there is no such bucket."""

    def setting(self, bucket: str, name: str) -> dict[str, Any] | None:
        """What is kept of one of a bucket's settings; None where nothing is."""

    def keep_setting(self, bucket: str, name: str, content: Mapping[str, Any] | None) -> None:
        """Keep a setting of a bucket; None forgets it."""


def answer_for_setting(kept: Kept, request: Request, bucket: str, name: str) -> Answer:
    """GET, PUT or DELETE of a setting. Raises ServiceError where there is none, or it is refused."""
    kept.folder(bucket)
    if request.method == "GET":
        return _told(kept, bucket, name)
    if request.method == "DELETE":
        kept.keep_setting(bucket, name, None)
        return empty_answer(204)
    body = body_of(request)
    if request.method != "PUT" or (name in REFUSED and len(parsed(body))):
        raise ServiceError("NotImplemented", f"lakebox does not have {name} of buckets", 501)
    canned = request.headers.get("x-amz-acl", "")
    content = acl_document(canned) if name == "acl" and canned else _checked(body, name)
    headers = least_size(request) if name == "lifecycle" else {}
    kept.keep_setting(bucket, name, {"content": content, "headers": headers})
    return empty_answer(204 if name == "policy" else 200, headers)


def least_size(request: Request) -> dict[str, str]:
    """The header of a lifecycle that a request gives, or S3's default."""
    return {LEAST_SIZE: request.headers.get(LEAST_SIZE, "all_storage_classes_128K")}


def _told(settings: Kept, bucket: str, name: str) -> Answer:
    kept = settings.setting(bucket, name)
    if kept is None and name in ABSENT:
        code, message = ABSENT[name]
        raise ServiceError(code, message, 404, BucketName=bucket)
    if kept is None:
        kept = {"content": _document(*EMPTY[name]) if name in EMPTY else acl_document("private"), "headers": {}}
    kind = "application/json" if name == "policy" else "application/xml"
    return Answer(200, kept["content"].encode(), {"Content-Type": kind, **kept["headers"], **ids()})


def _checked(body: bytes, name: str) -> str:
    """The text of a policy's JSON, or of another setting's XML. Raises ServiceError where it is none."""
    if name == "policy":
        try:
            json.loads(body)
        except ValueError as error:
            raise ServiceError("MalformedPolicy", f"Policies must be valid JSON: {error}") from None
    else:
        parsed(body)
    return body.decode("utf-8", "replace")


def acl_document(canned: str) -> str:
    """The document of one of S3's canned ACLs. Raises ServiceError on a name that lakebox does not know."""
    if canned not in GROUPS:
        raise ServiceError("InvalidArgument", f"lakebox knows these canned ACLs: {', '.join(GROUPS)}")
    owner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in OWNER.items())
    grants = _grant("CanonicalUser", owner, "FULL_CONTROL") + "".join(
        _grant("Group", f"<URI>http://acs.amazonaws.com/groups/{group}</URI>", permission)
        for group, permission in GROUPS[canned]
    )
    content = f"<Owner>{owner}</Owner><AccessControlList>{grants}</AccessControlList>"
    return _document("AccessControlPolicy", content)


def _document(root: str, content: str) -> str:
    return f'<{root} xmlns="{NAMESPACE}">{content}</{root}>'


def _grant(kind: str, grantee: str, permission: str) -> str:
    schema = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    of = f'<Grantee {schema} xsi:type="{kind}">{grantee}</Grantee>'
    return f"<Grant>{of}<Permission>{permission}</Permission></Grant>"
