"""Signature Version 4, checked with botocore's own code: a request without a valid one is answered with an error only.

The body is hashed here, never taken from a header: Glue and Athena send no hash, and a replayed request with another
body must fail. The signature has to cover `host`, which names this endpoint, so that a web page that reaches
the port under a name of its own (DNS rebinding) has nothing it could replay.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from lakebox.endpoint.keys import Keys
from lakebox.endpoint.request import Request
from lakebox.endpoint.service import ServiceError

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/\s,]+)/(?P<day>\d{8})/(?P<region>[\w-]+)/(?P<service>[\w-]+)/aws4_request"
    r", ?"
    r"SignedHeaders=(?P<headers>[\w;!#$%&'*+.^`|~-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


class SignedHeadersOnly:
    """For botocore's signers: the headers that count are those which the client has signed, and no others."""

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        """All headers of the rebuilt request."""
        headers = HTTPHeaders()
        for name, value in request.headers.items():
            headers[name.lower()] = value
        return headers


class _Json(SignedHeadersOnly, SigV4Auth):
    """Signs what is not for S3."""


SKEW = timedelta(minutes=15)
TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Signed:
    """What a signature says: who signed, for which service and region, and over which headers."""

    access_key: str
    region: str
    service: str
    day: str
    signed_headers: tuple[str, ...]
    signature: str


def read_signature(request: Request) -> Signed:
    """The parts of the Authorization header. Raises ServiceError where there is none that could be checked."""
    given = request.headers.get("authorization")
    if given is None:
        raise ServiceError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
    found = AUTHORIZATION.fullmatch(given)
    if found is None:
        raise ServiceError("IncompleteSignature", "The Authorization header is not one of AWS Signature Version 4", 403)
    names = tuple(found["headers"].split(";"))
    return Signed(found["key"], found["region"], found["service"], found["day"], names, found["signature"])


def check_signature(request: Request, signed: Signed, keys: Keys, now: datetime) -> None:
    """Raise ServiceError unless the request, body included, is signed by the keys, just now, for this endpoint."""
    if not hmac.compare_digest(signed.access_key.encode(), keys.access_key.encode()):
        text = "The security token included in the request is invalid. Take the keys of `lakebox env`"
        raise ServiceError("UnrecognizedClientException", text, 403)
    time = _time_of(request, signed, now)
    if "host" not in signed.signed_headers:
        raise _mismatch("'Host' must be a 'SignedHeader' in the AWS Authorization")
    if not hmac.compare_digest(_expected(request, signed, keys, time), signed.signature):
        raise _mismatch(
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method"
        )


def _time_of(request: Request, signed: Signed, now: datetime) -> str:
    text = request.headers.get("x-amz-date", "")
    try:
        time = datetime.strptime(text, TIME).replace(tzinfo=UTC)
    except ValueError:
        raise _mismatch("the header X-Amz-Date is missing or is not written as YYYYMMDDTHHMMSSZ") from None
    if not text.startswith(signed.day):
        raise _mismatch(f"Date in Credential scope does not match YYYYMMDD from X-Amz-Date: {signed.day}, {text[:8]}")
    if abs(now - time) > SKEW:
        raise _mismatch(f"Signature expired or not yet current: {text} is more than 15 minutes from {now:{TIME}}")
    return text


def _expected(request: Request, signed: Signed, keys: Keys, time: str) -> str:
    headers = {name: request.headers[name] for name in signed.signed_headers if name in request.headers}
    rebuilt = AWSRequest(method=request.method, url=request.url, headers=headers, data=request.body or b"")
    rebuilt.context["timestamp"] = time
    hashed = hashlib.sha256(request.body or b"").hexdigest()
    if headers.get("x-amz-content-sha256", hashed) != hashed:
        raise _mismatch("The provided 'x-amz-content-sha256' header does not match what was computed")
    return signature_of(_Json(Credentials(keys.access_key, keys.secret_key), signed.service, signed.region), rebuilt)


def signature_of(auth: SigV4Auth, request: AWSRequest) -> str:
    """The signature that the holder of the keys would give to a request."""
    signature: str = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    return signature


def _mismatch(text: str) -> ServiceError:
    return ServiceError("InvalidSignatureException", text, 403)
