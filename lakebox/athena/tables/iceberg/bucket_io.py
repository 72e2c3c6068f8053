"""Iceberg's files in the sandbox's buckets, for pyiceberg: `s3://bucket/key` is a file below the root's folder."""

from typing import Any

from pyiceberg.io.pyarrow import PyArrowFileIO

from lakebox.athena.tables.folder_tables import ROOT
from lakebox.endpoint.buckets import Buckets


class BucketIO(PyArrowFileIO):
    """pyiceberg's own, over folders. Raises ServiceError on a name that is not in a bucket."""

    def new_input(self, location: str) -> Any:
        """A file to read."""
        self._check(location)
        return super().new_input(location)

    def new_output(self, location: str) -> Any:
        """A file to write; its folders are made."""
        self._check(location).parent.mkdir(parents=True, exist_ok=True)
        return super().new_output(location)

    def delete(self, location: Any) -> None:
        """Delete a file."""
        self._check(location if isinstance(location, str) else location.location)
        super().delete(location)

    def _check(self, location: str) -> Any:
        from pathlib import Path

        return Buckets(Path(self.properties[ROOT])).path_of(location)

    def _initialize_fs(self, scheme: str, netloc: str | None = None) -> Any:  # noqa: ARG002 pyiceberg's own signature
        from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

        return SubTreeFileSystem(self.properties[ROOT], LocalFileSystem())
