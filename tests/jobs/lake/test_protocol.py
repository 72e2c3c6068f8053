"""The lake's protocol without Spark: a crash at every single step of storage, then the same command again.

The jobs' DataFrames are stood in for by small JSON files; every write, move and delete goes through a store that
fails once, at a step that the test chooses, either just before or just after the step has had its effect.
"""

import json
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.tables import BRONZE_QUARANTINE, BRONZE_USER_EVENTS, GOLD_USER_FEATURES, SILVER_USER_EVENTS, TABLES
from jobs.lake.layout import TOMBSTONES, Batch, BronzeState, Staged, day_folder, fingerprint, partition_folder
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake, LakeError
from jobs.lake.store import STAGING, StorageError, Store

Change = tuple[str, str, str, int, str]  # pk, event_type, event_date, updated_at, op
CHANGES_BY_FILE: dict[str, list[Change]] = {
    "1.json": [
        ("a", "click", "2025-01-01", 1, "I"),
        ("b", "click", "2025-01-01", 1, "I"),
        ("x", "a/b", "2025-01-01", 1, "I"),
    ],
    "2.json": [
        ("a", "click", "2025-01-01", 2, "D"),
        ("b", "click", "2025-01-01", 2, "D"),
        ("c", "buy", "2025-01-02", 2, "I"),
    ],
    "3.json": [
        ("a", "click", "2025-01-01", 1, "U"),
        ("b", "click", "2025-01-01", 3, "I"),
        ("x", "a/b", "2025-01-01", 9, "D"),
    ],
}


class Crash(Exception):  # noqa: N818
    """The process died here."""


class FaultyStore:
    """A store that dies at its n-th step that changes anything, before or after the step's effect."""

    def __init__(self, store: Store, crash_at: int, after: bool) -> None:
        self._store, self._crash_at, self._after = store, crash_at, after
        self.steps = 0
        self._one_by_one = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name not in ("write", "move", "move_all", "delete", "delete_all"):
            return method

        def step(*arguments: Any) -> None:
            with self._one_by_one:
                self.steps += 1
                if self.steps > self._crash_at or (self.steps == self._crash_at and not self._after):
                    raise Crash
                method(*arguments)
                if self.steps == self._crash_at:
                    raise Crash

        return step


def ingest(lake: Lake, file: str) -> None:
    """raw_to_bronze in small: one file, one batch; nothing to do where it was seen."""
    with lake.hold(f"run-of-{file}"):
        state = lake.bronze()
        mark = fingerprint(file, "1")
        if mark in state.seen:
            return
        changes = CHANGES_BY_FILE[file]
        lake.store.write(f"{STAGING}{file}/rows/part", json.dumps(changes).encode())
        lake.store.write(f"{STAGING}{file}/bad/part", b"[]")
        touched = tuple(sorted({(kind, day) for _, kind, day, _, _ in changes}))
        batch = Batch(
            state.last_batch + 1, f"run-of-{file}", (file,), len(changes), 1, 0, touched, "2025-01-02T00:00:00Z"
        )
        after = BronzeState(seen=(*state.seen, mark), mapping_hash="m", watermark=batch.watermark)
        lake.commit_batch(batch, staged(lake, f"{file}/rows/"), staged(lake, f"{file}/bad/"), after)


def merge(lake: Lake) -> None:
    """bronze_to_silver in small."""
    with lake.hold("merge"):
        backlog = lake.backlog()
        if not backlog:
            return
        touched = {values for batch in backlog for values in batch.touched}
        folders = [BRONZE_USER_EVENTS.location + batch.folder for batch in backlog]
        folders += [SILVER_USER_EVENTS.location + partition_folder(SILVER_USER_EVENTS, values) for values in touched]
        folders += [TOMBSTONES + day_folder(day) for day in {day for _, day in touched}]
        latest: dict[str, Change] = {}
        for change in read(lake.store, folders):
            pk, _, _, updated_at, op = change
            if pk not in latest or (updated_at, op == "D") > (latest[pk][3], latest[pk][4] == "D"):
                latest[pk] = change
        by_key: dict[str, list[Change]] = {}
        for row in sorted(latest.values()):
            live = f"live/{partition_folder(SILVER_USER_EVENTS, row[1:3])}part"
            by_key.setdefault(f"deleted/{day_folder(row[2])}part" if row[4] == "D" else live, []).append(row)
        for key, rows in by_key.items():
            lake.store.write(f"{STAGING}silver/{key}", json.dumps(rows).encode())
        lake.commit_silver(staged(lake, "silver/live/"), staged(lake, "silver/deleted/"), touched, backlog[-1].number)


def snapshot(lake: Lake) -> None:
    """silver_to_gold in small."""
    with lake.hold("snapshot"):
        if not lake.has_snapshot("2025-01-02"):
            rows = read(lake.store, [SILVER_USER_EVENTS.location])
            lake.store.write(f"{STAGING}gold/part", json.dumps(sorted(rows)).encode())
            lake.commit_snapshot("2025-01-02", replace(staged(lake, "gold/"), rows=len(rows)))


def staged(lake: Lake, folder: str) -> Staged:
    """What lies in a folder of the staging prefix."""
    return Staged(STAGING + folder, tuple(stored.key for stored in lake.store.list(STAGING + folder)))


def read(store: Store, prefixes: Iterable[str]) -> list[Change]:
    """Rows of all objects below the prefixes."""
    keys = [stored.key for prefix in prefixes for stored in store.list(prefix)]
    return [tuple(row) for key in keys for row in json.loads(store.read(key) or b"[]")]


def seen_by_readers(lake: Lake) -> dict[str, list[Change]]:
    """All tables as a reader has them: the partitions that the catalog names."""
    return {
        name: sorted(
            read(lake.store, [table.location + partition_folder(table, values) for values in lake.partitions(table)])
        )
        for name, table in TABLES.items()
    }


def whole_flow(lake: Lake) -> None:
    """Three increments, each to Gold."""
    for file in CHANGES_BY_FILE:
        ingest(lake, file)
        merge(lake)
        snapshot(lake)


UNDISTURBED_SILVER = [("b", "click", "2025-01-01", 3, "I"), ("c", "buy", "2025-01-02", 2, "I")]


def crash_and_repeat(store: Store, crash_at: int, after: bool) -> bool:
    """Run the flow with one crash, then again; True where the crash happened. Checks what readers see."""
    faulty = FaultyStore(store, crash_at, after)
    try:
        whole_flow(Lake(faulty))  # type: ignore[arg-type]
    except Crash:
        batches = {tuple(map(tuple, changes)) for changes in CHANGES_BY_FILE.values()}
        visible = set(seen_by_readers(Lake(store))[BRONZE_USER_EVENTS.name])
        assert all(not visible & set(batch) or set(batch) <= visible for batch in batches), "half a batch is visible"
    else:
        return False
    whole_flow(Lake(store))
    tables = seen_by_readers(Lake(store))
    assert tables[BRONZE_USER_EVENTS.name] == sorted(change for part in CHANGES_BY_FILE.values() for change in part)
    assert tables[SILVER_USER_EVENTS.name] == UNDISTURBED_SILVER
    assert tables[GOLD_USER_FEATURES.name] == UNDISTURBED_SILVER
    assert read(store, [SILVER_USER_EVENTS.location]) == [*reversed(UNDISTURBED_SILVER)], "storage, not only catalog"
    assert len(Lake(store).partitions(BRONZE_QUARANTINE)) == 3
    return True


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_any_crash_in_a_folder_costs_nothing(tmp_path: Path, after: bool) -> None:
    crash_at = 1
    while crash_and_repeat(open_store(str(tmp_path / str(crash_at))), crash_at, after):
        crash_at += 1
    assert crash_at > 60


@pytest.mark.slow
@pytest.mark.parametrize("crash_at", range(3, 60, 13))
def test_some_crashes_on_s3_cost_nothing(s3_uri: str, crash_at: int) -> None:
    assert crash_and_repeat(open_store(s3_uri), crash_at, after=crash_at % 2 == 0)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_any_crash_on_s3_costs_nothing(s3_uri: str, after: bool) -> None:
    crash_at = 1
    while crash_and_repeat(open_store(f"{s3_uri}/{crash_at}"), crash_at, after):
        crash_at += 1
    assert crash_at > 60


def test_an_empty_partition_is_gone(store: Store) -> None:
    lake = Lake(store)
    ingest(lake, "1.json")
    merge(lake)
    assert ("click", "2025-01-01") in lake.partitions(SILVER_USER_EVENTS)
    ingest(lake, "2.json")
    merge(lake)
    assert lake.partitions(SILVER_USER_EVENTS) == {("a/b", "2025-01-01"), ("buy", "2025-01-02")}
    assert store.list(SILVER_USER_EVENTS.location + "event_type=click/") == []


def test_another_run_is_refused_and_named(store: Store) -> None:
    lake = Lake(store)
    with lake.hold("run-1"), pytest.raises(LakeError, match="run run-1 is at work"), lake.hold("run-2"):
        pass


def test_a_run_stopped_too_long_commits_nothing(s3_uri: str) -> None:
    store = open_store(s3_uri)
    ingest(Lake(store), "1.json")
    late = Lake(store)
    with late.hold("run-1"):
        store.write("_state/lock", b"run-2\n1")  # as the next run does when the lease has run out
        before = {stored.key for stored in store.list()}
        with pytest.raises(LakeError, match="run-1 was stopped for too long and lost s3://"):
            late.commit_silver(Staged(), Staged(), {("click", "2025-01-01")}, 1)
        with pytest.raises(LakeError):
            late.commit_gate({"report.md": b""}, {})
        assert {stored.key for stored in store.list()} == before


def test_the_jobs_of_a_run_join_its_lock(store: Store) -> None:
    lake = Lake(store)
    with lake.hold("run-1"):
        with Lake(store).hold("run-1"):
            pass
        with pytest.raises(LakeError), lake.hold("run-2"):
            pass


def test_a_run_joins_in_its_process_only(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with Lake(store).hold("run-1") as joined:
        assert not joined
        store.write(f"{STAGING}mine", b"")
        monkeypatch.setattr("jobs.lake.protocol.THIS_PROCESS", "another")
        with pytest.raises(LakeError, match="run run-1 is at work"), Lake(store).hold("run-1"):
            pass
        assert store.list(STAGING), "and what the first has staged is still there"


def test_what_was_staged_and_is_gone_drops_nothing(store: Store) -> None:
    lake = Lake(store)
    ingest(lake, "1.json")
    merge(lake)
    before, values = seen_by_readers(lake), ("click", "2025-01-01")
    with lake.hold("run-2"):
        key = f"{STAGING}silver/{partition_folder(SILVER_USER_EVENTS, values)}part"
        with pytest.raises(StorageError):
            lake.commit_silver(Staged(f"{STAGING}silver/", (key,)), Staged(), {values}, 2)
        with pytest.raises(StorageError):
            lake.commit_snapshot("2025-01-02", Staged(f"{STAGING}gold/", (f"{STAGING}gold/part",), 3))
        batch = Batch(2, "run-2", ("2.json",), 3, 0, 0, (values,), None)
        with pytest.raises(StorageError):
            lake.commit_batch(batch, Staged(f"{STAGING}rows/"), Staged(), BronzeState())
    assert seen_by_readers(lake) == before
    assert lake.applied_batch() == 1


def test_a_dead_workers_leftovers_are_not_moved(store: Store) -> None:
    lake = Lake(store)
    with lake.hold("run-1"):
        for name in ("read", "left"):
            store.write(f"{STAGING}rows/{name}", b"[]")
        batch = Batch(1, "run-1", ("1.json",), 1, 0, 0, (("click", "2025-01-01"),), None)
        lake.commit_batch(batch, Staged(f"{STAGING}rows/", (f"{STAGING}rows/read",)), Staged(), BronzeState())
        assert [stored.key for stored in lake.bronze_objects(batch)] == [
            f"{BRONZE_USER_EVENTS.location}batch=000001/read"
        ]


def test_another_mapping_is_refused(store: Store) -> None:
    lake = Lake(store)
    assert lake.bronze_mapped_by("any") == BronzeState(mapping_hash="any")
    ingest(lake, "1.json")
    assert lake.bronze_mapped_by("m") == lake.bronze()
    with pytest.raises(LakeError, match="another mapping"):
        lake.bronze_mapped_by("other")


def test_a_lake_without_rows_takes_another_mapping(store: Store) -> None:
    lake = Lake(store)
    with lake.hold("run-1"):
        store.write(f"{STAGING}bad/part", b"[]")
        batch = Batch(1, "run-1", ("1.json",), 0, 3, 0, (), None)
        lake.commit_batch(batch, Staged(), staged(lake, "bad/"), BronzeState(seen=("1.json",), mapping_hash="m"))
    assert lake.bronze_mapped_by("m").seen == ("1.json",)
    assert lake.bronze_mapped_by("corrected") == BronzeState(last_batch=1, seen=(), mapping_hash="corrected")


@pytest.mark.usefixtures("folding_disk")
def test_event_types_the_disk_folds_never_enter_bronze(tmp_path: Path) -> None:
    lake = Lake(open_store(str(tmp_path)))
    day = "2025-01-01"
    with lake.hold("run-1"):
        both = Batch(1, "run-1", ("1.json",), 0, 0, 0, (("Click", day), ("click", day)), None)
        with pytest.raises(StorageError, match="event_type=Click and event_type=click for one"):
            lake.commit_batch(both, Staged(), Staged(), BronzeState())
        assert lake.bronze() == BronzeState()
        lake.commit_batch(replace(both, touched=(("Click", day),)), Staged(), Staged(), BronzeState())
        with pytest.raises(StorageError, match="event_type=Click and event_type=click for one"):
            lake.commit_batch(replace(both, number=2, touched=(("click", day),)), Staged(), Staged(), BronzeState())
    assert lake.bronze().last_batch == 1


def test_damaged_state_is_never_a_fresh_start(store: Store) -> None:
    store.write("_state/bronze.json", b"{cut")
    with pytest.raises(StorageError, match="damaged"):
        Lake(store).bronze()
