"""A lock on S3: one object that its holder renews, taken over when its holder has been silent for too long.

S3 has no locks, but conditional writes: PUT with If-None-Match makes the object only where there is none, PUT with
If-Match replaces only the version that was seen. The object's age is read off the server's own clock, so clocks of
clients don't matter. A waiter that sees the lease renewed gives up at once: its holder is alive.
"""

import contextlib
import threading
import time
import uuid
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError


def take_lease(
    client: Any, where: dict[str, str], owner: str, lease_s: float, heartbeat_s: float
) -> contextlib.AbstractContextManager[None] | None:
    """Hold the lease until the context ends; None where a living holder has it. Waits out a silent one (lease_s)."""
    version = _put(client, where, owner, {"IfNoneMatch": "*"})
    first_seen: str | None = None
    while version is None:
        seen, age_s = _look(client, where)
        if seen is None:
            version = _put(client, where, owner, {"IfNoneMatch": "*"})
            continue
        first_seen = first_seen or seen
        if seen != first_seen:
            return None
        if age_s > lease_s:
            version = _put(client, where, owner, {"IfMatch": seen})
        else:
            time.sleep(min(1.0, heartbeat_s / 2))
    return _renewed(client, where, owner, version, heartbeat_s)


def _put(client: Any, where: dict[str, str], owner: str, condition: dict[str, str]) -> str | None:
    body = f"{owner}\n{uuid.uuid4().hex}".encode()
    try:
        return str(client.put_object(**where, Body=body, **condition)["ETag"])
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in (404, 409, 412):
            return None
        raise


def _renewal(client: Any, where: dict[str, str], owner: str, version: str) -> str | None:
    """The lease's new version; the old one where this beat did not get through; None where the lease is lost.

    A PUT whose answer was lost has renewed the lease all the same: it bears the owner's name.
    """
    renewed = _put(client, where, owner, {"IfMatch": version})
    if renewed is not None:
        return renewed
    try:
        there = client.get_object(**where)
    except client.exceptions.NoSuchKey:
        return None
    return str(there["ETag"]) if there["Body"].read().split(b"\n")[0] == owner.encode() else None


def _look(client: Any, where: dict[str, str]) -> tuple[str | None, float]:
    """Version of the lease and its age in seconds, by the server's clock; None where there is no lease."""
    try:
        answer = client.head_object(**where)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return None, 0.0
        raise
    now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    return str(answer["ETag"]), (now - answer["LastModified"]).total_seconds()


@contextlib.contextmanager
def _renewed(client: Any, where: dict[str, str], owner: str, version: str, heartbeat_s: float) -> Iterator[None]:
    held: list[str | None] = [version]
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(heartbeat_s) and held[0] is not None:
            with contextlib.suppress(BotoCoreError, ClientError):  # the next beat tries again
                held[0] = _renewal(client, where, owner, held[0])

    beat = threading.Thread(target=renew, daemon=True)
    beat.start()
    try:
        yield
    finally:
        stop.set()
        beat.join()
        with contextlib.suppress(BotoCoreError, ClientError):  # out of reach, the lease runs out by itself
            if held[0] is not None and _look(client, where)[0] == held[0]:
                client.delete_object(**where)
