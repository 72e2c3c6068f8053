"""The folders of tables' data: a metastore makes them with a table, and deletes and moves those of managed tables."""

import contextlib
import shutil
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit


class Folders(Protocol):
    """Folders that the catalog's locations name. A location that is not this store's is left alone."""

    def make(self, uri: str) -> None:
        """Make a folder, empty where it isn't there: Spark refuses to read a table without one."""

    def delete(self, uri: str) -> None:
        """Delete a folder with all that is in it; one that isn't there is no error."""

    def move(self, source_uri: str, target_uri: str) -> None:
        """Move a folder to where nothing is; one that isn't there is no error."""


class LakeFolders:
    """The folder of an embedded lake, in which each bucket is a folder: `s3://bucket/key` is `lake/bucket/key`.

    Nothing outside a bucket is touched, nor a bucket as a whole, whatever a location says (`..`, links).
    """

    def __init__(self, lake: Path) -> None:
        self._lake = lake.resolve()

    def make(self, uri: str) -> None:
        """Make a folder below a bucket that is there."""
        folder = self._folder(uri)
        if folder is not None and (self._lake / urlsplit(uri).netloc).is_dir():
            folder.mkdir(parents=True, exist_ok=True)

    def delete(self, uri: str) -> None:
        """Delete a folder below a bucket."""
        folder = self._folder(uri)
        if folder is not None:
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(folder)

    def move(self, source_uri: str, target_uri: str) -> None:
        """Move a folder below a bucket."""
        source, target = self._folder(source_uri), self._folder(target_uri)
        if source is not None and target is not None and source.is_dir() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)

    def _folder(self, uri: str) -> Path | None:
        """Where a location lies; None for one that is not below a bucket of this lake."""
        parts = urlsplit(uri, allow_fragments=False)
        if parts.scheme not in ("s3", "s3a", "s3n") or parts.netloc.startswith("."):
            return None
        bucket = self._lake / parts.netloc
        folder = (bucket / parts.path.lstrip("/")).resolve()
        return folder if parts.netloc and folder != bucket and folder.is_relative_to(bucket) else None
