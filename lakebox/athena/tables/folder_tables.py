"""The embedded target's tables: the catalog, and the folders that are its buckets."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from lakebox.athena.engine import SqlError
from lakebox.athena.tables.catalog_tables import CatalogTables
from lakebox.endpoint.buckets import Buckets
from lakebox.endpoint.service import Operation, ServiceError

ROOT = "lakebox.root"
IMPLEMENTATION = "lakebox.athena.tables.iceberg.bucket_io.BucketIO"


class FolderTables(CatalogTables):
    """Tables whose files lie in folders: `s3://bucket/key` is a file below the root of `buckets`."""

    def __init__(self, operations: Mapping[str, Operation], buckets: Buckets) -> None:
        super().__init__(operations)
        self.buckets = buckets

    def folder(self, uri: str) -> Path:
        """The folder of an s3:// location. Raises SqlError on one that is no folder of a bucket of the sandbox."""
        bucket = uri.partition("://")[2].partition("/")[0]
        try:
            if uri.partition("://")[2].rstrip("/") == bucket:
                folder = self.buckets.folder(bucket)
            else:
                folder = self.buckets.path_of(uri.rstrip("/") + "/")
        except ServiceError as error:
            raise SqlError(f"{uri!r} is no folder that can be read: {error.message}", "HIVE_INVALID_METADATA") from None
        if not self.buckets.folder(bucket).is_dir():
            problem = f"there is no bucket {bucket} ({uri}); make it, or mend the location"
            raise SqlError(problem, "HIVE_FILESYSTEM_ERROR")
        return folder

    def uri(self, path: str) -> str:
        """The s3:// URI of a file in a bucket."""
        return f"s3://{Path(path).relative_to(self.buckets.root).as_posix()}"

    def check_location(self, uri: str) -> None:
        """Raise SqlError where a location is no folder of a bucket."""
        self.folder(uri)

    def files_below(self, uri: str) -> Iterator[str]:
        """Names of files, folder by folder."""
        root = self.folder(uri)
        if root.is_file():
            yield root.name
        for folder, folders, names in os.walk(root):
            folders.sort()
            for name in sorted(names):
                yield (Path(folder) / name).relative_to(root).as_posix()

    def delete_files(self, uri: str) -> None:
        """Delete a folder."""
        shutil.rmtree(self.folder(uri), ignore_errors=True)

    def file_io(self) -> dict[str, str]:
        """By them pyiceberg finds the buckets' folders."""
        return {"py-io-impl": IMPLEMENTATION, ROOT: str(self.buckets.root)}
