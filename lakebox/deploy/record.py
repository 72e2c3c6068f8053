"""What a stack has made, kept as an object `<stack>/record.json` in the bucket `lakebox-stacks`.

A bucket is there on every target and is read by any client; tags would do for jobs and crawlers, but tables, named
queries and classifiers can't have them. It is written after each resource, so that a killed deployment is taken up
where it ended.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from lakebox.deploy.api import code_of
from lakebox.deploy.buckets import GONE, empty, ensure_bucket
from lakebox.deploy.kinds import Properties

BUCKET = "lakebox-stacks"


@dataclass(frozen=True)
class Made:
    """A resource that a stack has made: what names it in the API, and the request by which it was made.

    ref: what `Ref` gives for it; keeps: whether it stays when the stack goes (DeletionPolicy)
    """

    logical_id: str
    type: str
    ref: str
    identity: Properties
    request: Properties
    keeps: bool = False


@dataclass
class Record:
    """A stack's resources, in the order in which they were made, and its outputs.

    kept: requests of resources that stay for their DeletionPolicy, and name files that the stack has uploaded
    """

    stack: str
    resources: list[Made] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    exports: dict[str, str] = field(default_factory=dict)
    kept: list[Properties] = field(default_factory=list)

    def find(self, logical_id: str) -> Made | None:
        """What the stack has made for a logical id."""
        return next((made for made in self.resources if made.logical_id == logical_id), None)

    def put(self, made: Made) -> None:
        """Note a resource in the place of the one that its logical id had."""
        places = [place for place, other in enumerate(self.resources) if other.logical_id == made.logical_id]
        if places:
            self.resources[places[0]] = made
        else:
            self.resources.append(made)

    def drop(self, logical_id: str) -> None:
        """Forget a resource."""
        self.resources = [made for made in self.resources if made.logical_id != logical_id]


class Records:
    """The records of all stacks of a sandbox."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def load(self, stack: str) -> Record:
        """A stack's record; an empty one where there is none."""
        try:
            body = self._s3.get_object(Bucket=BUCKET, Key=_key(stack))["Body"].read()
        except ClientError as error:
            if code_of(error) in GONE:
                return Record(stack)
            raise
        content = json.loads(body)
        return Record(**{**content, "resources": [Made(**made) for made in content["resources"]]})

    def has(self, stack: str) -> bool:
        """Whether there is a stack of that name."""
        return stack in self._stacks()

    def save(self, record: Record) -> None:
        """Keep a record."""
        ensure_bucket(self._s3, BUCKET)
        content = json.dumps(asdict(record), indent=1, ensure_ascii=False).encode()
        self._s3.put_object(Bucket=BUCKET, Key=_key(record.stack), Body=content, ContentType="application/json")

    def forget(self, stack: str) -> None:
        """Delete a stack's record and uploads, and the bucket with the last of them."""
        empty(self._s3, BUCKET, f"{stack}/")
        with contextlib.suppress(ClientError):  # another stack is there
            self._s3.delete_bucket(Bucket=BUCKET)

    def exported(self, name: str) -> str | None:
        """What a stack exports under a name."""
        return next((record.exports[name] for record in self._all() if name in record.exports), None)

    def owner(self, stack: str, type_name: str, identity: Properties) -> str | None:
        """The other stack that has made a resource."""
        for record in self._all():
            if record.stack != stack:
                for made in record.resources:
                    if (made.type, made.identity) == (type_name, identity):
                        return record.stack
        return None

    def _all(self) -> Iterator[Record]:
        yield from (self.load(stack) for stack in self._stacks())

    def _stacks(self) -> list[str]:
        try:
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Delimiter="/")
            return [entry["Prefix"][:-1] for page in pages for entry in page.get("CommonPrefixes", [])]
        except ClientError as error:
            if code_of(error) in GONE:
                return []
            raise


def _key(stack: str) -> str:
    return f"{stack}/record.json"
