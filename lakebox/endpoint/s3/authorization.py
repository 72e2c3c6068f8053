"""Who may ask S3: signatures in the header or in a presigned URL, checked before a byte of the body is read."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

from botocore.auth import HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from lakebox.endpoint.keys import Keys
from lakebox.endpoint.request import Request
from lakebox.endpoint.service import ServiceError
from lakebox.endpoint.signature import SKEW, TIME, SignedHeadersOnly, read_signature, signature_of

LONGEST_EXPIRY_S = 604_800


class _Header(SignedHeadersOnly, S3SigV4Auth):
    """Signs requests by their headers."""


class _Query(SignedHeadersOnly, S3SigV4QueryAuth):
    """Signs presigned URLs."""


class _Version2(HmacV1QueryAuth):
    """Signs presigned URLs as Version 2 does, with a time of expiry that is given (seconds since 1970)."""

    def __init__(self, credentials: Credentials, expires: str) -> None:
        super().__init__(credentials)
        self._given = expires

    def _get_date(self) -> str:
        return self._given


@dataclass(frozen=True)
class Authorized:
    """A request whose signature holds: what it says of the body's hash, and what chunk signatures go on from."""

    payload: str  # x-amz-content-sha256
    signature: str
    scope: str
    time: str
    region: str


def authorized(request: Request, keys: Keys, now: datetime) -> Authorized:
    """Check a request's signature. Raises ServiceError with S3's codes."""
    try:
        query = dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))
        if "X-Amz-Signature" in query:
            return _presigned(request, query, keys, now)
        if "Signature" in query and "AWSAccessKeyId" in query:
            return _presigned_by_version_2(request, query, keys, now)
        return _signed(request, keys, now)
    except ServiceError as error:
        codes = {"UnrecognizedClientException": "InvalidAccessKeyId", "MissingAuthenticationToken": "AccessDenied"}
        raise ServiceError(codes.get(error.code, error.code), error.message, error.status) from None


def with_presigned_headers(request: Request) -> Request:
    """A request by a presigned URL, which may carry `x-amz-` headers in its query instead; both are signed."""
    query = dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))
    if "X-Amz-Signature" not in query and "Signature" not in query:
        return request
    carried = {name: value for name, value in query.items() if name.startswith("x-amz-")}
    return replace(request, headers={**carried, **request.headers})


def _signed(request: Request, keys: Keys, now: datetime) -> Authorized:
    signed = read_signature(request)
    _check_key(signed.access_key, keys)
    time = request.headers.get("x-amz-date", "")
    _check_time(time, signed.day, now - SKEW, now + SKEW)
    payload = request.headers.get("x-amz-content-sha256", "")
    if not payload:
        raise ServiceError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    signer = _Header(Credentials(keys.access_key, keys.secret_key), "s3", signed.region)
    _compare(signature_of(signer, _rebuilt(request, signed.signed_headers, request.url, time)), signed.signature)
    return Authorized(payload, signed.signature, f"{signed.day}/{signed.region}/s3/aws4_request", time, signed.region)


def _presigned(request: Request, query: Mapping[str, str], keys: Keys, now: datetime) -> Authorized:
    key, _, scope = query.get("X-Amz-Credential", "").partition("/")
    day, _, rest = scope.partition("/")
    region = rest.partition("/")[0]
    _check_key(key, keys)
    time, expiry = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
    if not expiry.isdigit() or int(expiry) > LONGEST_EXPIRY_S:
        raise ServiceError(
            "AuthorizationQueryParametersError", "X-Amz-Expires must be a number of seconds up to a week"
        )
    _check_time(time, day, now - timedelta(seconds=int(expiry)), now + SKEW, "Request has expired")
    names = tuple(query.get("X-Amz-SignedHeaders", "").split(";"))
    unsigned = [pair for pair in urlsplit(request.target).query.split("&") if not pair.startswith("X-Amz-Signature=")]
    url = f"http://{request.headers.get('host', '')}{urlsplit(request.target).path}?{'&'.join(unsigned)}"
    signer = _Query(Credentials(keys.access_key, keys.secret_key), "s3", region, int(expiry))
    _compare(signature_of(signer, _rebuilt(request, names, url, time)), query["X-Amz-Signature"])
    payload = request.headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    return Authorized(payload, query["X-Amz-Signature"], scope, time, region)


def _presigned_by_version_2(request: Request, query: Mapping[str, str], keys: Keys, now: datetime) -> Authorized:
    """Presigned URLs of Signature Version 2, which boto3 makes for us-east-1 unless it is told otherwise."""
    _check_key(query["AWSAccessKeyId"], keys)
    expires = query.get("Expires", "")
    if not expires.isdigit() or int(expires) < now.timestamp():
        raise ServiceError("AccessDenied", "Request has expired", 403)
    parts = urlsplit(request.url)
    own = ("AWSAccessKeyId=", "Signature=", "Expires=")
    unsigned = "&".join(pair for pair in parts.query.split("&") if not pair.startswith(own))
    headers = HTTPHeaders()
    for name, value in request.headers.items():
        headers[name] = value
    signer = _Version2(Credentials(keys.access_key, keys.secret_key), expires)
    split = parts._replace(query=unsigned)
    _compare(signer.get_signature(request.method, split, headers), query["Signature"])  # type: ignore[arg-type]
    return Authorized("UNSIGNED-PAYLOAD", "", "", "", "us-east-1")


def _rebuilt(request: Request, names: tuple[str, ...], url: str, time: str) -> AWSRequest:
    if "host" not in names:
        raise ServiceError("SignatureDoesNotMatch", "the header host must be signed", 403)
    headers = {name: request.headers[name] for name in names if name in request.headers}
    rebuilt = AWSRequest(method=request.method, url=quote(url, safe="%/:?=&+~*'()!,;@$#[]"), headers=headers)
    rebuilt.context["timestamp"] = time
    return rebuilt


def _check_key(given: str, keys: Keys) -> None:
    if not hmac.compare_digest(given.encode(), keys.access_key.encode()):
        text = "The AWS Access Key Id you provided does not exist in our records. Take the keys of `lakebox env`"
        raise ServiceError("InvalidAccessKeyId", text, 403)


def _check_time(text: str, day: str, earliest: datetime, latest: datetime, late: str = "") -> None:
    try:
        time = datetime.strptime(text, TIME).replace(tzinfo=UTC)
    except ValueError:
        raise ServiceError("AccessDenied", "AWS authentication requires a valid Date or x-amz-date", 403) from None
    if not text.startswith(day) or not day:
        raise ServiceError("SignatureDoesNotMatch", "the day of the credential's scope is not the request's", 403)
    if time > latest or (time < earliest and not late):
        text = "The difference between the request time and the current time is too large."
        raise ServiceError("RequestTimeTooSkewed", text, 403)
    if time < earliest:
        raise ServiceError("AccessDenied", late, 403)


def _compare(expected: str, given: str) -> None:
    if not hmac.compare_digest(expected.encode(), given.encode()):
        text = "The request signature we calculated does not match the signature you provided. Check your secret key."
        raise ServiceError("SignatureDoesNotMatch", text, 403)
