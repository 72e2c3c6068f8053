"""The partitions of a table, registered or projected, and the files of those that a query can need."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from jobs.lake.layout import escape_path_name
from lakebox.athena.engine import SqlError
from lakebox.athena.tables.catalog_tables import CatalogTable, Columns
from lakebox.athena.tables.folder_tables import FolderTables
from lakebox.glue.data_catalog.documents import Document

HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
Values = tuple[str | None, ...]


@dataclass(frozen=True)
class Partition:
    """A partition: its values as text, in the order of the table's keys, its s3:// folder, how it is stored.

    A table without partition keys is one partition without values.
    """

    values: Values
    location: str
    storage: Document


@dataclass(frozen=True)
class DataFile:
    """A file of a table, with the values of its partition."""

    path: str
    size: int
    modified_s: float
    partition: Partition


def registered_partitions(tables: FolderTables, table: CatalogTable) -> list[Partition]:
    """The partitions that the catalog has of a table, or the table itself where it has no keys."""
    if not table.keys:
        return [Partition((), table.location, table.storage)]
    request = {"DatabaseName": table.database, "TableName": table.name}
    found = []
    for document in tables.pages("GetPartitions", request, "Partitions"):
        values = tuple(None if value == HIVE_NULL else value for value in document["Values"])
        storage = {**table.storage, **document.get("StorageDescriptor", {})}
        found.append(Partition(values, storage["Location"], storage))
    return found


def standard_folder(keys: Sequence[str], values: Values) -> str:
    """The folder of a partition below its table's, where it has no location of its own: `day=1/hour=2/`."""
    pairs = zip(keys, values, strict=True)
    return "".join(f"{key}={escape_path_name(HIVE_NULL if value is None else value)}/" for key, value in pairs)


def data_files(tables: FolderTables, partitions: Sequence[Partition]) -> list[DataFile]:
    """The files of partitions, however deep; what starts with _ or a dot, folders too, is no data."""
    found = []
    missing: set[str] = set()  # folders that are not there; of projected partitions most are below such a one
    for partition in partitions:
        above = [f"{folder}/" for folder in accumulate(partition.location.split("/"), "{}/{}".format)]
        if not missing.isdisjoint(above):
            continue
        folder = tables.folder(partition.location)
        if not folder.exists():
            missing.add(next((one for one in above[3:] if not tables.folder(one).exists()), above[-1]))
            continue
        for entry in sorted(_entries(folder), key=lambda entry: entry.path):
            if entry.is_symlink():
                _check_link(tables, entry)
            status = entry.stat()
            found.append(DataFile(entry.path, status.st_size, status.st_mtime, partition))
    return found


def _entries(folder: Path | str) -> Iterator["os.DirEntry[str]"]:
    try:
        entries = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    with entries:
        for entry in entries:
            if entry.name.startswith(("_", ".")):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(entry.path)
            elif entry.is_file():
                yield entry


def _check_link(tables: FolderTables, entry: "os.DirEntry[str]") -> None:
    root = tables.buckets.root
    bucket = Path(entry.path).relative_to(root).parts[0]
    if not Path(entry.path).resolve().is_relative_to((root / bucket).resolve()):
        raise SqlError(f"{tables.uri(entry.path)} leads out of its bucket by a link; take it away", "PERMISSION_DENIED")


@dataclass(frozen=True)
class TableFiles:
    """The files of a table that a query can need, and the columns that it can name of them."""

    tables: FolderTables
    table: CatalogTable
    files: Sequence[DataFile]
    columns: Columns
