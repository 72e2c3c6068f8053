"""S3's answers: XML documents, errors, and the headers of an object."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from lakebox.endpoint.request import Answer, Request
from lakebox.endpoint.s3.checksums import PREFIX
from lakebox.endpoint.s3.objects import PLAIN, S3Object
from lakebox.endpoint.service import ServiceError

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def xml_answer(root: str, content: Mapping[str, Any], status: int = 200) -> Answer:
    """An answer in XML: a list repeats its element, a mapping nests, None is left out."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">{_elements(content)}</{root}>'
    return Answer(status, body.encode("utf-8", "replace"), {"Content-Type": "application/xml", **ids()})


def empty_answer(status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer without a body."""
    return Answer(status, b"", {**ids(), **(headers or {})})


def error_answer(error: ServiceError, request: Request) -> Answer:
    """An error in S3's XML."""
    content = {"Code": error.code, "Message": error.message, "Resource": request.target.split("?")[0], **error.details}
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{_elements(content)}</Error>'
    return Answer(error.status, body.encode("utf-8", "replace"), {"Content-Type": "application/xml", **ids()})


def object_headers(found: S3Object, *, checksums: bool) -> dict[str, str]:
    """What GET and HEAD say of an object beside its length; its checksums where they are asked for."""
    kept = {name: value for name, value in found.headers.items() if checksums or not name.startswith(PREFIX)}
    if tags := kept.pop("x-amz-tagging", ""):
        kept["x-amz-tagging-count"] = str(len(parse_qsl(tags, keep_blank_values=True)))
    return {
        "content-type": PLAIN,
        "ETag": f'"{found.etag}"',
        "Last-Modified": format_datetime(found.modified, usegmt=True),
        "Accept-Ranges": "bytes",
        **kept,
        **ids(),
    }


def iso_time(time: datetime) -> str:
    """A time as S3's XML has it."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def check_conditions(found: S3Object, headers: Mapping[str, str], prefix: str = "") -> bool:
    """Whether the client has this content already (304). Raises ServiceError where it wanted another one (412)."""
    match, none_match = headers.get(f"{prefix}if-match"), headers.get(f"{prefix}if-none-match")
    since, unmodified = headers.get(f"{prefix}if-modified-since"), headers.get(f"{prefix}if-unmodified-since")
    if match is not None and not _is_listed(found.etag, match):
        raise unmet("If-Match")
    if match is None and unmodified is not None and found.modified > parsedate_to_datetime(unmodified):
        raise unmet("If-Unmodified-Since")
    if none_match is not None:
        return _is_listed(found.etag, none_match)
    return since is not None and found.modified <= parsedate_to_datetime(since)


def unmet(condition: str) -> ServiceError:
    """The error of a condition that does not hold."""
    text = "At least one of the pre-conditions you specified did not hold"
    return ServiceError("PreconditionFailed", text, 412, Condition=condition)


def _is_listed(etag: str, listed: str) -> bool:
    return any(part.strip().removeprefix("W/").strip('"') in ("*", etag) for part in listed.split(","))


def _elements(content: Mapping[str, Any]) -> str:
    parts = []
    for name, value in content.items():
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                inner = _elements(item) if isinstance(item, Mapping) else escape(_text(item))
                parts.append(f"<{name}>{inner}</{name}>")
    return "".join(parts)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def ids() -> dict[str, str]:
    """The headers by which an answer is named in logs."""
    return {"x-amz-request-id": uuid.uuid4().hex[:16].upper()}
