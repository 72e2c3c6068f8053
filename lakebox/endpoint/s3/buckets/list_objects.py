"""ListObjects, ListObjectsV2 and ListObjectVersions: one page of a bucket's objects as S3's XML."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from lakebox.endpoint.request import Answer
from lakebox.endpoint.s3.answers import iso_time, xml_answer
from lakebox.endpoint.s3.buckets.listing import Wanted, page
from lakebox.endpoint.s3.buckets.settings import OWNER
from lakebox.endpoint.s3.checksums import shown
from lakebox.endpoint.s3.objects import Objects
from lakebox.endpoint.service import ServiceError

MOST_KEYS = 1000


def list_objects(objects: Objects, bucket: str, query: Mapping[str, str]) -> Answer:
    """The page that a request asks for. An object has one version, `null`, as in a bucket without versioning."""
    is_v2, has_versions = query.get("list-type") == "2", "versions" in query
    given_most = query.get("max-keys", str(MOST_KEYS))
    if not given_most.isdigit():
        raise ServiceError("InvalidArgument", "Provided max-keys not an integer or within integer range")
    most = min(int(given_most), MOST_KEYS)
    token = query.get("continuation-token")
    after = query.get("key-marker" if has_versions else "marker", "")
    if is_v2:
        after = query.get("start-after", "") if token is None else _key_of(token)
    wanted = Wanted(query.get("prefix", ""), query.get("delimiter", ""), after, most)
    listing = page(objects.folder(bucket), objects.markers(bucket), wanted)
    encode = quote if query.get("encoding-type") == "url" else str
    found = [objects.described(bucket, key, path) for key, path in listing.keys]
    contents = [
        {
            "Key": encode(item.key),
            "VersionId": "null" if has_versions else None,
            "IsLatest": True if has_versions else None,
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
        "Version" if has_versions else "Contents": contents,
        "CommonPrefixes": [{"Prefix": encode(prefix)} for prefix in listing.prefixes],
    }
    more_after = None if listing.more_after is None else encode(listing.more_after)
    if has_versions:
        content |= {"KeyMarker": encode(after), "NextKeyMarker": more_after}
        content["NextVersionIdMarker"] = None if more_after is None else "null"
        return xml_answer("ListVersionsResult", content)
    if is_v2:
        content |= {"KeyCount": len(contents) + len(listing.prefixes), "ContinuationToken": token}
        content["StartAfter"] = query.get("start-after") if token is None else None
        content["NextContinuationToken"] = None if listing.more_after is None else listing.more_after.encode().hex()
    else:
        content |= {"Marker": encode(after), "NextMarker": more_after}
    return xml_answer("ListBucketResult", content)


def _key_of(token: str) -> str:
    """The key after which a listing goes on. Raises ServiceError on a continuation token that is not ours."""
    try:
        key = bytes.fromhex(token).decode()
    except ValueError:
        key = ""
    if not key:
        raise ServiceError("InvalidArgument", "The continuation token provided is incorrect")
    return key
