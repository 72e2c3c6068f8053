"""The checksums that S3's clients send with an upload, in a header or after the last chunk: each is verified."""

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lakebox.endpoint.s3.crc import crc32c, crc64nvme
from lakebox.endpoint.service import ServiceError

PREFIX = "x-amz-checksum-"
NOT_VALUES = ("algorithm", "mode", "type")  # what else headers with the prefix speak of


class Crc32:
    """CRC-32 with the methods of hashlib."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, content: bytes) -> None:
        """Take in more bytes."""
        self._value = zlib.crc32(content, self._value)

    def digest(self) -> bytes:
        """The checksum's four bytes."""
        return self._value.to_bytes(4, "big")


ALGORITHMS: dict[str, Callable[[], Any]] = {
    "crc32": Crc32,
    "crc32c": crc32c,
    "crc64nvme": crc64nvme,
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}


class Checksums:
    """Checksums of one content, by the names of their algorithms. Raises ServiceError on one that is not known."""

    def __init__(self, algorithms: Iterable[str]) -> None:
        wanted = sorted(set(algorithms))
        unknown = [name for name in wanted if name not in ALGORITHMS]
        if unknown:
            text = f"lakebox can't verify the checksum {unknown[0]}; send one of {', '.join(ALGORITHMS)}"
            raise ServiceError("InvalidRequest", text)
        self._hashes = {name: ALGORITHMS[name]() for name in wanted}

    def update(self, content: bytes) -> None:
        """Take in more bytes."""
        for computed in self._hashes.values():
            computed.update(content)

    def headers(self) -> dict[str, str]:
        """The headers that say the checksums."""
        return {
            f"{PREFIX}{name}": base64.b64encode(computed.digest()).decode() for name, computed in self._hashes.items()
        }

    def check(self, given: Mapping[str, str]) -> None:
        """Raise ServiceError where a header or trailer is missing or says otherwise."""
        for name, value in self.headers().items():
            if given.get(name) != value:
                raise ServiceError("BadDigest", f"The {name} you specified did not match what we received.")


def announced(headers: Mapping[str, str]) -> set[str]:
    """The algorithms of the checksums that come with a body."""
    named = [*headers, *(name.strip().lower() for name in headers.get("x-amz-trailer", "").split(","))]
    return {name.removeprefix(PREFIX) for name in named if name.startswith(PREFIX)} - set(NOT_VALUES)


def shown(headers: Mapping[str, str]) -> dict[str, str]:
    """An object's checksums as elements of XML: ChecksumSHA256 and the like."""
    return {
        f"Checksum{name.removeprefix(PREFIX).upper()}": value
        for name, value in headers.items()
        if name.startswith(PREFIX)
    }
