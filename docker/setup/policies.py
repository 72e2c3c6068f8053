"""What each client of the lake may do in S3, and no more: names of buckets -> IAM policies.

| client    | raw bucket     | lake                                                                                   |
|-----------|----------------|----------------------------------------------------------------------------------------|
| landing   | reads, writes  |                                                                                        |
| jobs      | reads          | reads all; writes and deletes bronze, quarantine, silver, gold, audit, reports, _state |
| sql       |                | reads all; writes and deletes athena-results                                           |
| notebooks |                | reads all; writes and deletes scratch                                                  |
| metastore |                | reads; makes folder markers (empty objects whose name ends in `/`) for new tables      |
| user      | reads          | reads all                                                                              |

Other buckets are the user's own: `user`, by whose keys scripts and `lakebox env` work, makes and drops them and does
all in them; jobs, sql, notebooks and metastore read them, and the metastore makes its markers.
"""

from dataclasses import dataclass
from typing import Any

LIST = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
READ = ["s3:GetObject"]
WRITE = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
DELETE = ["s3:DeleteObject"]

CHANGES = [*WRITE, *DELETE, "s3:DeleteBucket", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutObjectTagging",
           "s3:PutBucketNotification", "s3:PutLifecycleConfiguration", "s3:PutBucketVersioning"]  # fmt: skip

JOBS_PREFIXES = ("bronze", "quarantine", "silver", "gold", "audit", "reports", "_state")


@dataclass(frozen=True)
class Buckets:
    """Names of the bucket where raw events land and of the lake's."""

    raw: str
    lake: str


def allow(actions: list[str], *resources: str) -> dict[str, Any]:
    """A statement that allows actions on a bucket or on a pattern of keys (`bucket/pattern`)."""
    return {"Effect": "Allow", "Action": actions, "Resource": [f"arn:aws:s3:::{resource}" for resource in resources]}


def deny(actions: list[str], *resources: str) -> dict[str, Any]:
    """A statement that forbids actions, whatever another one allows."""
    return allow(actions, *resources) | {"Effect": "Deny"}


def reads(bucket: str) -> list[dict[str, Any]]:
    """Statements that allow to list and read a whole bucket."""
    return [allow(LIST, bucket), allow(READ, f"{bucket}/*")]


def policies(buckets: Buckets) -> dict[str, dict[str, Any]]:
    """The policy of each client."""
    raw, lake = buckets.raw, buckets.lake
    reads_all_but_raw = [*reads("*"), deny(["s3:*"], raw, f"{raw}/*")]
    statements = {
        "landing": [*reads(raw), allow(WRITE, f"{raw}/*")],
        "jobs": [*reads("*"), allow(WRITE + DELETE, *(f"{lake}/{name}/*" for name in JOBS_PREFIXES))],
        "sql": [*reads_all_but_raw, allow(WRITE + DELETE, f"{lake}/athena-results/*")],
        "notebooks": [*reads_all_but_raw, allow(WRITE + DELETE, f"{lake}/scratch/*")],
        "metastore": [*reads_all_but_raw, allow(["s3:PutObject"], "*/")],
        "user": [allow(["s3:*"], "*"), deny(CHANGES, lake, raw, f"{lake}/*", f"{raw}/*")],
    }
    return {client: {"Version": "2012-10-17", "Statement": allowed} for client, allowed in statements.items()}
