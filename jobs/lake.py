"""The lake's protocol: what is kept where, and written in which order, so that a crash at any point costs nothing.

Bronze    A run stages its rows, moves them to a folder of their own (batch=000012), then replaces `_state/bronze.json`:
          that one write is the commit, and it names the last batch, the raw files seen and the mapping. The catalog
          is told last. A folder beyond the last batch is half done: the next run deletes it and reads the files again.
Silver    A run merges the batches it has not applied yet into the partitions they touch. It replaces tombstones, then
          Silver's objects, one move each, then writes `_state/silver.json`. Merging is idempotent, so after a crash
          the next run merges the same batches again and arrives at the same rows.
Gold      One partition a snapshot day, replaced by one move, then noted in `_state/gold/<day>.json`.
Catalog   `_state/catalog/<table>.json` lists a table's partitions; readers see no partition that is not in it.
"""

import base64
import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from catalog.errors import LakeboxError
from catalog.paths import escape_path_name
from catalog.tables import BRONZE_QUARANTINE, BRONZE_USER_EVENTS, GOLD_USER_FEATURES, SILVER_USER_EVENTS, Table
from jobs.storage import STAGING, StorageError, Store, StoredObject

TOMBSTONES = "_state/tombstones/"
LOCK = "_state/lock"

PartitionValues = tuple[str, ...]


class LakeError(LakeboxError):
    """The lake refuses: another run holds it, or the mapping is not the lake's own. One line for the user."""


@dataclass(frozen=True)
class BronzeState:
    """What Bronze holds: its last batch (0: none), fingerprints of the raw files read, the mapping's hash, and the
    watermark: the newest event_timestamp (ISO, UTC), which is reported and decides nothing."""

    last_batch: int = 0
    seen: tuple[str, ...] = ()
    mapping_hash: str | None = None
    watermark: str | None = None


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


def fingerprint(uri: str, version: str) -> str:
    """22 characters that stand for one content of one raw file."""
    digest = hashlib.sha256(f"{uri}\0{version}".encode("utf-8", "surrogateescape")).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def partition_folder(table: Table, values: PartitionValues) -> str:
    """Folder of a partition below the table's location, its values escaped as Hive escapes them."""
    pairs = zip(table.partition_names, values, strict=True)
    return "".join(f"{name}={escape_path_name(value)}/" for name, value in pairs)


class Lake:
    """A lake in a store: its state, and the commits of each layer. Hold it (`hold`) before any write."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._holder: str | None = None

    # --- one run at a time -------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        """Hold the lake for a run. Jobs of a run whose caller holds it (same run_id) join in; else LakeError."""
        lock = self.store.try_lock(LOCK, run_id)
        if lock is None:
            owner = self._owner()
            if owner != run_id:
                raise LakeError(f"run {owner} is at work on {self.store.root}; wait for its end, then run again")
            self._holder = run_id
            yield
            return
        with lock:
            self._holder = run_id
            self._mend()
            yield

    def _owner(self) -> str:
        return (self.store.read(LOCK) or b"").decode().split("\n")[0]

    def _check_still_held(self) -> None:
        """Refuse to commit what a run made that was stopped for so long that another one took the lake over."""
        if self._holder is not None and self._owner() != self._holder:
            text = f"run {self._holder} was stopped for too long and lost {self.store.root} to another; run again"
            raise LakeError(text)

    def _mend(self) -> None:
        """Clear what a run that died has left half done."""
        self.store.delete_all(STAGING)
        last = self.bronze().last_batch
        for table in (BRONZE_USER_EVENTS, BRONZE_QUARANTINE):
            self.store.delete_all(f"{table.location}batch={last + 1:06d}/")
        unregistered = range(self._last_registered_batch() + 1, last + 1)
        for number in unregistered:
            self._register_batch(self.batch(number))

    # --- catalog -----------------------------------------------------------------------------------------------------

    def partitions(self, table: Table) -> set[PartitionValues]:
        """The registered partitions of a table; that of a table without partition columns is the empty tuple."""
        return {tuple(values) for values in self._state(f"catalog/{table.name}").get("partitions", [])}

    def is_registered(self, table: Table) -> bool:
        """Whether the catalog knows the table."""
        return bool(self._state(f"catalog/{table.name}"))

    def register(
        self, table: Table, *, add: Iterable[PartitionValues] = (), drop: Iterable[PartitionValues] = ()
    ) -> None:
        """Bring the catalog in line; writes nothing where it is already so."""
        before = self.partitions(table)
        after = (before | set(add)) - set(drop)
        if after != before or not self.is_registered(table):
            self._write_state(f"catalog/{table.name}", {"partitions": sorted(after)})

    # --- bronze ------------------------------------------------------------------------------------------------------

    def bronze(self) -> BronzeState:
        """The state of Bronze."""
        state = self._state("bronze")
        return BronzeState(**{**state, "seen": tuple(state["seen"])}) if state else BronzeState()

    def batch(self, number: int) -> Batch:
        """The record of a committed batch."""
        state = self._state(f"batches/{number:06d}")
        if not state:
            raise StorageError(
                f"{self.store.uri(f'_state/batches/{number:06d}.json')} is missing; restore it from a backup"
            )
        touched = tuple(tuple(values) for values in state["touched"])
        return Batch(**{**state, "files": tuple(state["files"]), "touched": touched})

    def check_mapping(self, mapping_hash: str) -> None:
        """Refuse a mapping other than the lake's own: pk would not mean the same in one table."""
        known = self.bronze().mapping_hash
        if known is not None and known != mapping_hash:
            text = f"{self.store.root} was made with another mapping; pass that one with --mapping, or use a new --lake"
            raise LakeError(text)

    def commit_batch(self, batch: Batch, staged_rows: str, staged_quarantine: str, state: BronzeState) -> None:
        """Make a staged batch part of Bronze, with the state that follows it."""
        self._check_still_held()
        if batch.quarantined:
            self.store.move_all(staged_quarantine, BRONZE_QUARANTINE.location + batch.folder)
        if batch.rows:
            self.store.move_all(staged_rows, BRONZE_USER_EVENTS.location + batch.folder)
        self._write_state(f"batches/{batch.number:06d}", asdict(batch))
        self._write_state("bronze", asdict(replace(state, last_batch=batch.number)))
        self._register_batch(batch)

    def _register_batch(self, batch: Batch) -> None:
        values = (f"{batch.number:06d}",)
        self.register(BRONZE_USER_EVENTS, add=[values] if batch.rows else [])
        self.register(BRONZE_QUARANTINE, add=[values] if batch.quarantined else [])
        self._write_state("catalog/last_batch", {"number": batch.number})

    def _last_registered_batch(self) -> int:
        return int(self._state("catalog/last_batch").get("number", 0))

    # --- silver ------------------------------------------------------------------------------------------------------

    def applied_batch(self) -> int:
        """The last batch that Silver has taken in (0: none). It stands for Silver's version, too."""
        return int(self._state("silver").get("applied_batch", 0))

    def backlog(self) -> list[Batch]:
        """Batches that Silver has not taken in yet, oldest first."""
        return [self.batch(number) for number in range(self.applied_batch() + 1, self.bronze().last_batch + 1)]

    def commit_silver(self, staged_live: str, staged_deleted: str, touched: set[PartitionValues], batch: int) -> None:
        """Replace the touched partitions, and tombstones where any are staged; drop partitions that became empty."""
        self._check_still_held()
        self._replace_partitions(staged_deleted, touched, TOMBSTONES)
        live = self._replace_partitions(staged_live, touched, SILVER_USER_EVENTS.location)
        self.register(SILVER_USER_EVENTS, add=live, drop=touched - live)
        self._drop_partitions(SILVER_USER_EVENTS, touched - live, SILVER_USER_EVENTS.location)
        self._write_state("silver", {"applied_batch": batch})

    def _replace_partitions(self, staged: str, touched: set[PartitionValues], location: str) -> set[PartitionValues]:
        """Move Silver's staged partitions into place; returns those that have rows."""
        staged_files = files_by_folder(self.store.list(staged), staged) if staged else {}
        folders = {values: partition_folder(SILVER_USER_EVENTS, values) for values in sorted(touched)}
        with_rows = {values for values, folder in folders.items() if folder in staged_files}
        for values in sorted(with_rows):
            self._replace_folder(staged_files[folders[values]], location + folders[values])
        return with_rows

    def _replace_folder(self, files: list[str], folder: str) -> None:
        """Move files over a partition's fixed keys (part-00000.parquet, …), then delete what is left of more parts."""
        targets = [f"{folder}part-{part:05d}.parquet" for part in range(len(files))]
        for source, target in zip(sorted(files), targets, strict=True):
            self.store.move(source, target)
        self.store.delete(stored.key for stored in self.store.list(folder) if stored.key not in targets)

    def _drop_partitions(self, table: Table, dropped: Iterable[PartitionValues], location: str) -> None:
        for values in sorted(dropped):
            folder = location + partition_folder(table, values)
            self.store.delete(stored.key for stored in self.store.list(folder))

    # --- gate and gold -----------------------------------------------------------------------------------------------

    def gate(self) -> dict[str, Any]:
        """The gate's last outcome: applied_batch, ruleset_hash, passed, message; empty before the first."""
        return self._state("gate")

    def commit_gate(self, reports: dict[str, bytes], outcome: dict[str, Any]) -> None:
        """Write the reports, then the outcome."""
        self._check_still_held()
        for key, content in reports.items():
            self.store.write(key, content)
        self._write_state("gate", outcome)

    def has_snapshot(self, training_date: str) -> bool:
        """Whether Gold has the day's snapshot, made from Silver as it is now."""
        state = self._state(f"gold/{training_date}")
        folder = GOLD_USER_FEATURES.location + partition_folder(GOLD_USER_FEATURES, (training_date,))
        there = bool(state) and (state["rows"] == 0 or bool(self.store.list(folder)))
        return there and state["applied_batch"] == self.applied_batch()

    def commit_snapshot(self, training_date: str, staged: str, rows: int) -> None:
        """Replace one day's snapshot by what is staged; a snapshot without rows has no partition."""
        self._check_still_held()
        values = (training_date,)
        folder = GOLD_USER_FEATURES.location + partition_folder(GOLD_USER_FEATURES, values)
        if rows:
            self._replace_folder([stored.key for stored in self.store.list(staged)], folder)
        self.register(GOLD_USER_FEATURES, add=[values] if rows else [], drop=[] if rows else [values])
        if not rows:
            self._drop_partitions(GOLD_USER_FEATURES, [values], GOLD_USER_FEATURES.location)
        self._write_state(f"gold/{training_date}", {"applied_batch": self.applied_batch(), "rows": rows})

    # --- state -------------------------------------------------------------------------------------------------------

    def _state(self, name: str) -> dict[str, Any]:
        key = f"_state/{name}.json"
        content = self.store.read(key)
        if content is None:
            return {}
        try:
            state: dict[str, Any] = json.loads(content)
        except ValueError as error:
            raise StorageError(f"{self.store.uri(key)} is damaged ({error}); restore it from a backup") from error
        return state

    def _write_state(self, name: str, state: dict[str, Any]) -> None:
        self.store.write(f"_state/{name}.json", json.dumps(state, ensure_ascii=False).encode("utf-8", "replace"))


def files_by_folder(objects: Iterable[StoredObject], prefix: str) -> dict[str, list[str]]:
    """Keys of objects by their folder below a prefix."""
    folders: dict[str, list[str]] = {}
    for stored in objects:
        folder = stored.key[len(prefix) : stored.key.rindex("/") + 1]
        folders.setdefault(folder, []).append(stored.key)
    return folders
