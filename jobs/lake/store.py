"""Says what jobs may ask of a lake's storage, so that no job knows whether it is a local folder or S3.

A store holds objects under keys with `/`, below one root. An object appears whole or not at all: a folder renames a
finished file into place, S3 shows an object only when its PUT is complete. Only a missing object reads as None; one
that can't be read raises StorageError, which says what to do.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from jobs.lake.errors import LakeboxError

STAGING = "_state/staging/"


class StorageError(LakeboxError):
    """Storage can't be read or written, or another run holds the lake. The message is one line for the user."""


@dataclass(frozen=True)
class StoredObject:
    """An object: its key below the store's root, size in bytes, and a version that changes when its content does."""

    key: str
    size: int
    version: str


class Store(Protocol):
    """Objects below one root. Keys are relative, `/`-separated; a prefix ends in `/`."""

    root: str

    def uri(self, key: str) -> str: ...
    def list(self, prefix: str = "") -> list[StoredObject]: ...
    def read(self, key: str) -> bytes | None: ...
    def open(self, key: str, start: int = 0) -> BinaryIO: ...
    def create(self, key: str) -> "contextlib.AbstractContextManager[BinaryIO]": ...
    def write(self, key: str, content: bytes) -> None: ...
    def move(self, source: str, target: str) -> None: ...
    def move_all(self, source: str, target: str) -> None: ...
    def delete(self, keys: Iterable[str]) -> None: ...
    def delete_all(self, prefix: str) -> None: ...
    def check_folder_names(self, names: Iterable[str]) -> None: ...
    def try_lock(self, key: str, owner: str) -> "contextlib.AbstractContextManager[None] | None": ...
