"""What headers and parameters of S3's requests ask for: what objects keep of them, ranges, and what is refused."""

import re
from collections.abc import Mapping

from lakebox.endpoint.s3.checksums import PREFIX
from lakebox.endpoint.s3.documents import checked_tags
from lakebox.endpoint.s3.objects import KEPT_HEADERS
from lakebox.endpoint.service import ServiceError

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
STORAGE_CLASS = "x-amz-storage-class"
STORAGE_CLASSES = ("STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR")
ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
NOT_COPIED = (STORAGE_CLASS, "x-amz-website-redirect-location")
TAGS = "x-amz-tagging"
NOT_KEPT = ("x-amz-object-lock-mode", "x-amz-object-lock-legal-hold")
GREATEST = 2**31 - 1


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise ServiceError on an upload that asks for what lakebox can't keep: locks, archives; or has wrong tags."""
    for name in NOT_KEPT:
        if name in headers:
            raise ServiceError("NotImplemented", f"lakebox keeps no locks of objects: leave out {name}", 501)
    checked_tags(headers.get(TAGS, ""))
    storage_class = headers.get(STORAGE_CLASS, "STANDARD")
    if storage_class in ARCHIVES:
        text = f"lakebox has no archive: use another storage class than {storage_class}, {STORAGE_CLASSES[0]} say"
        raise ServiceError("NotImplemented", text, 501)
    if storage_class not in STORAGE_CLASSES:
        text = f"The storage class you specified is not valid: {storage_class}"
        raise ServiceError("InvalidStorageClass", text, StorageClassRequested=storage_class)


def copied_headers(given: Mapping[str, str], source: Mapping[str, str]) -> dict[str, str]:
    """What a copy keeps of its source, and of its own request: storage class and redirect belong to the latter."""
    own = NOT_COPIED if given.get(f"{TAGS}-directive", "COPY") == "COPY" else (*NOT_COPIED, TAGS)
    return {name: value for name, value in source.items() if name not in own} | {
        name: given[name] for name in own if name in given
    }


def copied_algorithms(given: Mapping[str, str], source: Mapping[str, str]) -> list[str]:
    """The algorithms of a copy's checksums: the one that is asked for, else those of the source."""
    asked = given.get(f"{PREFIX}algorithm")
    return [asked.lower()] if asked else [name.removeprefix(PREFIX) for name in source if name.startswith(PREFIX)]


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of an upload that its object keeps: content type and the like, and the user's own metadata."""
    kept = {name: value for name, value in headers.items() if name in KEPT_HEADERS or name.startswith("x-amz-meta-")}
    encodings = [part.strip() for part in kept.pop("content-encoding", "").split(",")]
    own = ",".join(part for part in encodings if part not in ("", "aws-chunked"))
    return kept | ({"content-encoding": own} if own else {})


def copied_range(header: str | None, size: int) -> tuple[int, int]:
    """The bytes [start, end) of a source that a part is copied from. Raises ServiceError unless both ends are given."""
    match = RANGE.fullmatch(header) if header is not None else None
    if header is not None and (match is None or not match[1] or not match[2] or int(match[2]) >= size):
        text = "The x-amz-copy-source-range value must be of the form bytes=first-last, both within the source"
        raise ServiceError("InvalidArgument", text, ArgumentName="x-amz-copy-source-range", ArgumentValue=header)
    return range_of(header, size) or (0, size)


def range_of(header: str | None, size: int) -> tuple[int, int] | None:
    """The bytes [start, end) that a Range header asks for; None where it is no range by HTTP's rules, or more than one.

    Raises ServiceError where an object has none of them.
    """
    match = RANGE.fullmatch(header or "")
    if match is None or match[0] == "bytes=-" or (match[1] and match[2] and int(match[1]) > int(match[2])):
        return None
    if not match[1]:
        start, end = max(0, size - int(match[2])), size
    else:
        start, end = int(match[1]), min(int(match[2]) + 1 if match[2] else size, size)
    if start >= size or start >= end:
        text = "The requested range is not satisfiable"
        raise ServiceError("InvalidRange", text, 416, RangeRequested=match[0], ActualObjectSize=str(size))
    return start, end


def number_in(query: Mapping[str, str], name: str, default: int) -> int:
    """A number among a request's parameters. Raises ServiceError where it is none that S3 allows."""
    given = query.get(name, str(default))
    if not given.isdigit() or int(given) > GREATEST:
        text = f"Provided {name} not an integer or within integer range"
        if given.startswith("-"):
            text = f"Argument {name} must be an integer between 0 and {GREATEST}"
        raise ServiceError("InvalidArgument", text, ArgumentName=name, ArgumentValue=given)
    return int(given)
