"""Opens the store that a URI names: a local folder or S3."""

from pathlib import Path
from urllib.parse import urlsplit

from jobs.lake.folder import FolderStore
from jobs.lake.store import StorageError, Store


def open_store(uri: str, *, must_exist: bool = False) -> Store:
    """The store at a folder path, a `file://` URI or an `s3://bucket/prefix` URI.

    must_exist: a folder or bucket that isn't there raises StorageError; else a folder is made on the first write.
    """
    parts = urlsplit(uri)
    if parts.scheme in ("s3", "s3a"):
        from jobs.lake.s3 import S3Store  # boto3 takes 0.2 s to import, and a folder needs none of it

        return S3Store(parts.netloc, parts.path.strip("/"), must_exist=must_exist)
    if parts.scheme not in ("", "file"):
        raise StorageError(f"{uri}: unknown storage {parts.scheme}://; use a folder or s3://bucket/prefix")
    try:
        folder = Path(parts.path if parts.scheme == "file" else uri).expanduser().absolute()
        is_there = folder.is_dir()
    except (OSError, RuntimeError, ValueError) as error:  # a name too long, an unknown user, no permission
        raise StorageError(f"{uri}: {error}; check the path") from error
    if must_exist and not is_there:
        raise StorageError(f"{uri}: no such folder; check the path (raw files are put there by you, a lake by a run)")
    return FolderStore(str(folder))
