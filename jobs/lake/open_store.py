"""Opens the storage that a URI names, a local folder or S3, for all who read or write raw files and lakes."""

from pathlib import Path

from jobs.lake.folder import FolderStore
from jobs.lake.store import StorageError, Store


def open_store(uri: str, *, must_exist: bool = False) -> Store:
    """The store at a folder path, a `file://` URI or an `s3://bucket/prefix` URI; all characters stand for themselves.

    must_exist: a folder or bucket that isn't there raises StorageError; else a folder is made on the first write.
    """
    scheme, _, path = uri.partition("://") if "://" in uri else ("", "", uri)
    if scheme in ("s3", "s3a"):
        from jobs.lake.s3 import S3Store  # boto3 takes 0.2 s to import, and a folder needs none of it

        bucket, _, prefix = path.partition("/")
        return S3Store(bucket, prefix.strip("/"), must_exist=must_exist)
    if scheme not in ("", "file"):
        raise StorageError(f"{uri}: unknown storage {scheme}://; use a folder or s3://bucket/prefix")
    try:
        folder = Path(path).expanduser().absolute()
        is_folder, is_there = folder.is_dir(), folder.exists()
    except (OSError, RuntimeError, ValueError) as error:  # a name too long, an unknown user, no permission
        raise StorageError(f"{uri}: {error}; check the path") from error
    if is_there and not is_folder:
        raise StorageError(f"{uri} is a file; name the folder that it lies in")
    if must_exist and not is_there:
        raise StorageError(f"{uri}: no such folder; check the path (raw files are put there by you, a lake by a run)")
    return FolderStore(str(folder))
