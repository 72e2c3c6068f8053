"""What a lake keeps, and where: batches, folders of partitions, and how staged objects get into them."""

import base64
import hashlib
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from catalog.tables import Table
from jobs.lake.store import StorageError, Store, StoredObject

TOMBSTONES = "_state/tombstones/"
REPORT_JSON = "reports/dq_report.json"  # of the quality gate
REPORT_MARKDOWN = "reports/dq_report.md"
DELETES = "deletes"  # how the names of those objects of Bronze start that hold nothing but deletes

PartitionValues = tuple[str, ...]

# Hive's rule for partition values in folder names, which Spark, Trino, Athena and Glue share.
_SPECIAL = "".join(map(chr, range(1, 32))) + "\x7f\"#%'*/:=?\\{[]^"
_ESCAPES = {ord(character): f"%{ord(character):02X}" for character in _SPECIAL}
_ESCAPED = re.compile("%([0-9A-Fa-f]{2})")


@dataclass(frozen=True)
class BronzeState:
    """What Bronze holds: its last batch (0: none), fingerprints of the raw files read, the mapping's hash, and the
    watermark: the newest event_timestamp (ISO, UTC), which is reported and decides nothing."""

    last_batch: int = 0
    seen: tuple[str, ...] = ()
    mapping_hash: str | None = None
    watermark: str | None = None


@dataclass(frozen=True)
class Staged:
    """Objects that a job has written below a staging prefix, for a commit to move into place."""

    prefix: str = ""
    keys: tuple[str, ...] = ()
    rows: int = 0

    def by_folder(self) -> dict[str, list[str]]:
        """Keys by their folder below the prefix."""
        folders: dict[str, list[str]] = {}
        for key in self.keys:
            folders.setdefault(key[len(self.prefix) : key.rindex("/") + 1], []).append(key)
        return folders


@dataclass(frozen=True)
class Batch:
    """A run's part of Bronze: which Silver partitions (event_type, event_date) it touches, and its counts."""

    number: int
    run_id: str
    files: tuple[str, ...]
    rows: int
    quarantined: int
    deletes: int
    touched: tuple[PartitionValues, ...]
    watermark: str | None

    @property
    def folder(self) -> str:
        """Name of the batch's partition folder."""
        return f"batch={self.number:06d}/"


def new_run_id(started_at: datetime) -> str:
    """A run's name: its start in UTC, to the microsecond, so that names sort by time."""
    return started_at.strftime("%Y%m%dT%H%M%S.%fZ")


def fingerprint(uri: str, version: str) -> str:
    """22 characters that stand for one content of one raw file."""
    digest = hashlib.sha256(f"{uri}\0{version}".encode("utf-8", "surrogateescape")).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def partition_folder(table: Table, values: PartitionValues) -> str:
    """Folder of a partition below the table's location, its values escaped as Hive escapes them."""
    pairs = zip(table.partition_names, values, strict=True)
    return "".join(f"{name}={escape_path_name(value)}/" for name, value in pairs)


def day_folder(day: str) -> str:
    """Folder of the tombstones of the events of a day (YYYY-MM-DD)."""
    return f"event_date={day}/"


def objects_by_partition(table: Table, objects: Iterable[StoredObject]) -> dict[PartitionValues, list[StoredObject]]:
    """Those objects that lie in a folder of a table which is named as a partition, by the partition's values."""
    partitions: dict[PartitionValues, list[StoredObject]] = {}
    for stored in objects:
        folder, _, name = stored.key.removeprefix(table.location).rpartition("/")
        pairs = [level.partition("=") for level in folder.split("/") if level]
        is_own = stored.key.startswith(table.location) and tuple(pair[0] for pair in pairs) == table.partition_names
        if is_own and not name.startswith(("_", ".")):
            partitions.setdefault(tuple(unescape_path_name(value) for _, _, value in pairs), []).append(stored)
    return partitions


def escape_path_name(value: str) -> str:
    """A partition value as it stands in a folder name; `unescape_path_name` is the way back."""
    return value.translate(_ESCAPES)


def unescape_path_name(name: str) -> str:
    """The partition value that a folder name stands for."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), name)


def move_whole(store: Store, staged: Staged, folder: str) -> None:
    """Move all that is staged to a new folder, in one step. Raises StorageError where some of it is gone."""
    there, named = {stored.key for stored in store.list(staged.prefix)}, set(staged.keys)
    if named - there:
        raise StorageError(f"{store.uri(min(named - there))} is missing: somebody deleted it; run again")
    store.delete(there - named)  # of a worker that died on the way, and whose bin another one has read
    store.move_all(staged.prefix, folder)


def replace_folders(store: Store, staged: Staged, location: str) -> None:
    """Replace those folders of a location for which objects are staged."""
    folders = sorted(staged.by_folder().items())
    with ThreadPoolExecutor(max_workers=16) as pool:  # on S3 a move is two requests
        list(pool.map(lambda item: _replace_folder(store, item[1], location + item[0]), folders))


def _replace_folder(store: Store, files: Iterable[str], folder: str) -> None:
    """Move files over a partition's fixed keys (part-00000.parquet, …), then delete what is left of more parts."""
    moves = {source: f"{folder}part-{part:05d}.parquet" for part, source in enumerate(sorted(files))}
    for source, target in moves.items():
        store.move(source, target)
    store.delete(stored.key for stored in store.list(folder) if stored.key not in moves.values())


def delete_partitions(store: Store, table: Table, partitions: Iterable[PartitionValues]) -> None:
    """Delete the objects of some partitions."""
    for values in sorted(partitions):
        store.delete(stored.key for stored in store.list(table.location + partition_folder(table, values)))
