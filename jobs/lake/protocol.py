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

import contextlib
import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from catalog.tables import BRONZE_QUARANTINE, BRONZE_USER_EVENTS, GOLD_USER_FEATURES, SILVER_USER_EVENTS, Table
from jobs.lake.errors import LakeboxError
from jobs.lake.layout import (
    TOMBSTONES,
    Batch,
    BronzeState,
    PartitionValues,
    Staged,
    day_folder,
    delete_partitions,
    escape_path_name,
    move_whole,
    objects_by_partition,
    partition_folder,
    replace_folders,
)
from jobs.lake.store import STAGING, StorageError, Store, StoredObject

LOCK = "_state/lock"
THIS_PROCESS = uuid.uuid4().hex  # a run's jobs join its hold in one process; the same run_id elsewhere is another run


class LakeError(LakeboxError):
    """The lake refuses: another run holds it, or the mapping is not the lake's own. One line for the user."""


class Lake:
    """A lake in a store: its state, and the commits of each layer. Hold it (`hold`) before any write."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._held_as: str | None = None

    @contextlib.contextmanager
    def hold(self, run_id: str) -> Iterator[bool]:
        """Hold the lake for a run, or join the same run's hold of it in this process: yields whether it joined.

        Raises LakeError where another run is at work, or the same one in another process.
        """
        owner = f"{run_id} {THIS_PROCESS}"
        if self._owner() == owner:
            self._held_as = owner
            yield True
            return
        lock = self.store.try_lock(LOCK, owner)
        if lock is None:
            other = self._owner().split(" ")[0]
            raise LakeError(f"run {other} is at work on {self.store.root}; wait for its end, then run again")
        with lock:
            self._held_as = owner
            self._mend()
            yield False

    def _owner(self) -> str:
        return (self.store.read(LOCK) or b"").decode().split("\n")[0]

    def check_still_held(self) -> None:
        """Raise LakeError where the run was stopped for so long that another one has taken the lake over."""
        if self._held_as is not None and self._owner() != self._held_as:
            run_id = self._held_as.split(" ")[0]
            raise LakeError(f"run {run_id} was stopped for too long and lost {self.store.root} to another; run again")

    def clear_staging(self) -> None:
        """Delete what the run's jobs have staged and no longer need."""
        self.check_still_held()
        self.store.delete_all(STAGING)

    def _mend(self) -> None:
        """Clear what a run that died has left half done."""
        self.clear_staging()
        last = self.bronze().last_batch
        for table in (BRONZE_USER_EVENTS, BRONZE_QUARANTINE):
            self.store.delete_all(f"{table.location}batch={last + 1:06d}/")
        for number in range(int(self._state("catalog/last_batch").get("number", 0)) + 1, last + 1):
            self._register_batch(self.batch(number))

    def partitions(self, table: Table) -> set[PartitionValues]:
        """The registered partitions of a table; that of a table without partition columns is the empty tuple."""
        return {tuple(values) for values in self._state(f"catalog/{table.name}").get("partitions", [])}

    def is_registered(self, table: Table) -> bool:
        """Whether the catalog knows the table."""
        return bool(self._state(f"catalog/{table.name}"))

    def stored_partitions(self, table: Table) -> dict[PartitionValues, list[StoredObject]]:
        """The partitions of a table that have files, whether or not they are registered, with their objects."""
        return objects_by_partition(table, self.store.list(table.location))

    def registered_partitions(self, table: Table) -> dict[PartitionValues, list[StoredObject]]:
        """The registered partitions with their objects, in order; raises StorageError for one that has no files."""
        stored, registered = self.stored_partitions(table), sorted(self.partitions(table))
        gone = [values for values in registered if values not in stored]
        if gone:
            first = self.store.uri(table.location + partition_folder(table, gone[0]))
            raise StorageError(f"{len(gone)} registered partitions have no files, the first is {first}; restore them")
        return {values: stored[values] for values in registered}

    def register(
        self, table: Table, *, add: Iterable[PartitionValues] = (), drop: Iterable[PartitionValues] = ()
    ) -> None:
        """Bring the catalog in line; writes nothing where it is already so."""
        before = self.partitions(table)
        after = (before | set(add)) - set(drop)
        if after != before or not self.is_registered(table):
            self._write_state(f"catalog/{table.name}", {"partitions": sorted(after)})

    def bronze(self) -> BronzeState:
        """The state of Bronze."""
        state = self._state("bronze")
        return BronzeState(**{**state, "seen": tuple(state["seen"])}) if state else BronzeState()

    def batch(self, number: int) -> Batch:
        """The record of a committed batch."""
        state = self._state(f"batches/{number:06d}")
        if not state:
            key = self.store.uri(f"_state/batches/{number:06d}.json")
            raise StorageError(f"{key} is missing; restore it from a backup")
        touched = tuple(tuple(values) for values in state["touched"])
        return Batch(**{**state, "files": tuple(state["files"]), "touched": touched})

    def bronze_mapped_by(self, mapping_hash: str) -> BronzeState:
        """The state of Bronze for a run with a mapping; raises LakeError where Bronze has rows of another one.

        With two mappings, pk would not mean the same in one table. Where all items went to quarantine there is no row
        yet, so a corrected mapping is taken, and all raw files count as new.
        """
        state = self.bronze()
        if state.mapping_hash in (None, mapping_hash):
            return replace(state, mapping_hash=mapping_hash)
        if any(self.batch(number).rows for number in range(1, state.last_batch + 1)):
            text = f"{self.store.root} was made with another mapping; pass that one with --mapping, or use a new --lake"
            raise LakeError(text)
        return replace(state, mapping_hash=mapping_hash, seen=())

    def commit_batch(self, batch: Batch, rows: Staged, quarantine: Staged, state: BronzeState) -> None:
        """Make a staged batch part of Bronze, with the state that follows it.

        Raises StorageError where the lake's disk can't tell the batch's event types apart in names of folders: once in
        Bronze, they would fail each run at Silver.
        """
        self.check_still_held()
        in_bronze = {values for earlier in self.backlog() for values in earlier.touched}
        stored_types = {values[0] for values in in_bronze | self.partitions(SILVER_USER_EVENTS)}
        event_types = {values[0] for values in batch.touched}
        if event_types - stored_types:
            names = map(escape_path_name, sorted(event_types | stored_types))
            self.store.check_folder_names(f"event_type={name}" for name in names)
        if batch.quarantined:
            move_whole(self.store, quarantine, BRONZE_QUARANTINE.location + batch.folder)
        if batch.rows:
            move_whole(self.store, rows, BRONZE_USER_EVENTS.location + batch.folder)
        self._write_state(f"batches/{batch.number:06d}", asdict(batch))
        self._write_state("bronze", asdict(replace(state, last_batch=batch.number)))
        self._register_batch(batch)

    def _register_batch(self, batch: Batch) -> None:
        values = (f"{batch.number:06d}",)
        self.register(BRONZE_USER_EVENTS, add=[values] if batch.rows else [])
        self.register(BRONZE_QUARANTINE, add=[values] if batch.quarantined else [])
        self._write_state("catalog/last_batch", {"number": batch.number})

    def applied_batch(self) -> int:
        """The last batch that Silver has taken in (0: none). It stands for Silver's version, too."""
        return int(self._state("silver").get("applied_batch", 0))

    def backlog(self) -> list[Batch]:
        """Batches that Silver has not taken in yet, oldest first."""
        return [self.batch(number) for number in range(self.applied_batch() + 1, self.bronze().last_batch + 1)]

    def bronze_objects(self, batch: Batch) -> list[StoredObject]:
        """The objects of a batch."""
        return self.store.list(BRONZE_USER_EVENTS.location + batch.folder)

    def commit_silver(self, live: Staged, deleted: Staged, touched: set[PartitionValues], batch: int) -> None:
        """Replace the touched partitions, and tombstones where any are staged; drop partitions that became empty."""
        self.check_still_held()
        replace_folders(self.store, deleted, TOMBSTONES)
        replace_folders(self.store, live, SILVER_USER_EVENTS.location)
        folders = live.by_folder()
        empty = {values for values in touched if partition_folder(SILVER_USER_EVENTS, values) not in folders}
        self.register(SILVER_USER_EVENTS, add=touched - empty, drop=empty)
        delete_partitions(self.store, SILVER_USER_EVENTS, empty)
        self._write_state("silver", {"applied_batch": batch})

    def tombstones(self, days: Iterable[str]) -> list[StoredObject]:
        """What is remembered of the deletes of events of some days (YYYY-MM-DD)."""
        return [stored for day in sorted(days) for stored in self.store.list(TOMBSTONES + day_folder(day))]

    def gate(self) -> dict[str, Any]:
        """The gate's last outcome: applied_batch, ruleset_hash, passed, message; empty before the first."""
        return self._state("gate")

    def commit_gate(self, reports: dict[str, bytes], outcome: dict[str, Any]) -> None:
        """Write the reports, then the outcome."""
        self.check_still_held()
        for key, content in reports.items():
            self.store.write(key, content)
        self._write_state("gate", outcome)

    def has_snapshot(self, training_date: str) -> bool:
        """Whether Gold has the day's snapshot, made from Silver as it is now."""
        state = self._state(f"gold/{training_date}")
        if state.get("applied_batch") != self.applied_batch():
            return False
        folder = GOLD_USER_FEATURES.location + partition_folder(GOLD_USER_FEATURES, (training_date,))
        return state["rows"] == 0 or bool(self.store.list(folder))

    def commit_snapshot(self, training_date: str, staged: Staged) -> None:
        """Replace one day's snapshot by what is staged; a snapshot without rows has no partition."""
        self.check_still_held()
        values = (training_date,)
        if staged.rows:
            folder = GOLD_USER_FEATURES.location + partition_folder(GOLD_USER_FEATURES, values)
            replace_folders(self.store, staged, folder)
            self.register(GOLD_USER_FEATURES, add=[values])
        else:
            self.register(GOLD_USER_FEATURES, drop=[values])
            delete_partitions(self.store, GOLD_USER_FEATURES, [values])
        self._write_state(f"gold/{training_date}", {"applied_batch": self.applied_batch(), "rows": staged.rows})

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
        self.check_still_held()
        self.store.write(f"_state/{name}.json", json.dumps(state, ensure_ascii=False).encode("utf-8", "replace"))
