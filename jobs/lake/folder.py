"""Keeps a lake, or raw files, in a local folder: a finished file is renamed into place, a lock is the kernel's."""

import contextlib
import errno
import os
import shutil
import time
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from jobs.lake.store import STAGING, StorageError, StoredObject

DELETE_ATTEMPTS = 50


@contextlib.contextmanager
def _clear_errors(action: str, where: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "check permissions, free space and that the disk is mounted"
        raise StorageError(f"cannot {action} {where}: {error.strerror or error}; {hint}") from error


class FolderStore:
    """A store in a local folder."""

    def __init__(self, root: str) -> None:
        self.root = root.rstrip("/") or "/"

    def _path(self, key: str) -> Path:
        return Path(self.root, key)

    def uri(self, key: str) -> str:
        """The absolute path of a key."""
        return f"{self.root.rstrip('/')}/{key}"

    def list(self, prefix: str = "") -> list[StoredObject]:
        """Regular files below a prefix, sorted by key; a prefix that isn't there has none."""
        with _clear_errors("list", self.uri(prefix)):
            folder = self._path(prefix)
            files = self._walk(folder, prefix, frozenset()) if folder.is_dir() else ()
            return sorted(files, key=lambda stored: stored.key)

    def _walk(self, folder: Path, prefix: str, above: frozenset[str]) -> Iterator[StoredObject]:
        real = os.path.realpath(folder)
        if real in above:  # a link that leads back up
            return
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    yield from self._walk(Path(entry.path), f"{prefix}{entry.name}/", above | {real})
                elif entry.is_file():
                    status = entry.stat()
                    version = f"{status.st_size}-{status.st_mtime_ns}"
                    yield StoredObject(f"{prefix}{entry.name}", status.st_size, version)

    def read(self, key: str) -> bytes | None:
        """The content of an object; None where there is none."""
        with _clear_errors("read", self.uri(key)):
            try:
                return self._path(key).read_bytes()
            except FileNotFoundError:
                return None

    def open(self, key: str, start: int = 0) -> BinaryIO:
        """The object as a stream of bytes from `start` on."""
        with _clear_errors("read", self.uri(key)):
            stream = self._path(key).open("rb")
            stream.seek(start)
            return stream

    @contextlib.contextmanager
    def create(self, key: str) -> Iterator[BinaryIO]:
        """A stream to an object, which appears, whole, when the context ends well.

        A staged one may be lost with the machine's power until it is moved: thousands wait for the disk together then.
        """
        with _clear_errors("write", self.uri(key)):
            temporary = self._path(f"{STAGING}{uuid.uuid4().hex}.tmp")
            temporary.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as stream:
                yield stream
            if not key.startswith(STAGING):
                _sync(temporary)
            target = self._path(key)
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(target)

    def write(self, key: str, content: bytes) -> None:
        """Write an object whole, over the one that may be there."""
        with self.create(key) as stream:
            stream.write(content)

    def move(self, source: str, target: str) -> None:
        """Move one object, over the one that may be there, in one step."""
        with _clear_errors("write", self.uri(target)):
            self._path(target).parent.mkdir(parents=True, exist_ok=True)
            _sync(self._path(source))
            self._path(source).replace(self._path(target))

    def check_folder_names(self, names: Iterable[str]) -> None:
        """Raise StorageError where this disk takes two of some names for one: Click for click, or ö in two spellings.

        It is tried out, in a staging folder: which names are one depends on the disk.
        """
        with _clear_errors("write", self.root):
            staging = self._path(f"{STAGING}{uuid.uuid4().hex}")
            made: dict[str, str] = {}
            for name in names:
                folded = unicodedata.normalize("NFC", name).casefold()
                try:
                    (staging / name).mkdir(parents=True)
                except FileExistsError:
                    twin = made.get(folded, "made before")
                    text = f"the disk of {self.root} takes the folders {twin} and {name} for one"
                    fix = "put the lake on a disk that is case-sensitive, or spell them alike in the raw files"
                    raise StorageError(f"{text}; {fix}") from None
                made[folded] = name
            shutil.rmtree(staging, ignore_errors=True)

    def move_all(self, source: str, target: str) -> None:
        """Move what lies below a prefix to a new prefix, in one step."""
        with _clear_errors("write", self.uri(target)):
            self._path(target).parent.mkdir(parents=True, exist_ok=True)
            for stored in self.list(source):
                _sync(self._path(stored.key))
            self._path(source).rename(self._path(target))

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects, and the folders that this leaves empty; what isn't there is no error."""
        for key in keys:
            with _clear_errors("delete", self.uri(key)):
                path = self._path(key)
                path.unlink(missing_ok=True)
                self._prune(path.parent)

    def _prune(self, folder: Path) -> None:
        while str(folder) != self.root and self.root in str(folder):
            try:
                folder.rmdir()
            except OSError:  # not empty, or deleted by another: either way nothing is left to do
                return
            folder = folder.parent

    def delete_all(self, prefix: str) -> None:
        """Delete all below a prefix, also where a process that is just dying still writes there."""
        with _clear_errors("delete", self.uri(prefix)):
            for last in (False,) * DELETE_ATTEMPTS + (True,):
                try:
                    shutil.rmtree(self._path(prefix))
                except OSError as error:
                    if not self._path(prefix).exists():
                        return
                    if last or error.errno not in (errno.ENOTEMPTY, errno.ENOENT):
                        raise
                    time.sleep(0.1)

    def try_lock(self, key: str, owner: str) -> "contextlib.AbstractContextManager[None] | None":
        """Hold a lock that the kernel frees when this process ends, however it ends; None where it is held."""
        import fcntl  # not on Windows, where lakebox runs in WSL

        with _clear_errors("write", self.uri(key)):
            path = self._path(key)
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return None
            os.ftruncate(descriptor, 0)
            os.write(descriptor, owner.encode())
        return _closing(descriptor)


def _sync(path: Path) -> None:
    """Wait until a file is on disk, so that it outlives a loss of power."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


@contextlib.contextmanager
def _closing(descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.ftruncate(descriptor, 0)
        os.close(descriptor)
