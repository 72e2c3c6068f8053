"""A request and an answer of HTTP, as the server hands them to the protocols."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO


@dataclass(frozen=True)
class Request:
    """One HTTP request. Header names are in lower case; `target` is the path with its query, as it was sent.

    body: None while it has not been read; `stream` gives its `length` bytes.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    stream: BinaryIO
    length: int
    body: bytes | None = None

    @property
    def url(self) -> str:
        """The URL as the client signed it."""
        return f"http://{self.headers.get('host', '')}{self.target}"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; a body that is a stream is sent in pieces, `length` bytes in all."""

    status: int
    body: bytes | BinaryIO = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
