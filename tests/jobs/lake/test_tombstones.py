"""Tombstones: whatever deletes come, and in how many files, the newest of each event is kept, in a file a day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.lake.open_store import open_store
from jobs.lake.parquet import RowWriter, arrow_schema, read_columns
from jobs.lake.store import Store
from jobs.lake.tombstones import COLUMNS, NAMES, days_of, write_tombstones

START = datetime(2025, 6, 1, 23, 59, 59, 999_999, tzinfo=UTC)
EVENTS = {f"pk{number}": START + timedelta(microseconds=number) for number in range(4)} | {
    "old": datetime(1970, 1, 1, tzinfo=UTC)
}
DELETES = st.tuples(st.sampled_from(sorted(EVENTS)), st.integers(0, 3))


def put(store: Store, stem: str, deletes: list[tuple[str, int]]) -> None:
    by_name = {
        "pk": [pk for pk, _ in deletes],
        "event_type": ["click"] * len(deletes),
        "event_timestamp": [EVENTS[pk] for pk, _ in deletes],
        "op": ["D"] * len(deletes),
        "updated_at": [START + timedelta(hours=hours) for _, hours in deletes],
    }
    writer = RowWriter(store, stem, arrow_schema(COLUMNS))
    writer.add([by_name[name] for name in NAMES])
    writer.close()


@given(files=st.lists(st.lists(DELETES, min_size=1, max_size=6), min_size=1, max_size=4))
def test_the_newest_delete_of_each_event_is_kept(
    files: list[list[tuple[str, int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = open_store(str(tmp_path_factory.mktemp("store")))
    for number, deletes in enumerate(files):
        put(store, f"deletes/{number}", deletes)
    keys = write_tombstones(store, "tombstones/", store.list("deletes/"))
    newest: dict[str, int] = {}
    for pk, hours in (delete for deletes in files for delete in deletes):
        newest[pk] = max(hours, newest.get(pk, 0))
    days = {EVENTS[pk].date().isoformat() for pk in newest}
    assert days_of(store, store.list("deletes/")) == days
    assert sorted(keys) == [f"tombstones/event_date={day}/part-000.parquet" for day in sorted(days)]
    found = {row["pk"]: row for row in read_columns(store, store.list("tombstones/"), NAMES).to_pylist()}
    assert {pk: row["updated_at"] for pk, row in found.items()} == {
        pk: START + timedelta(hours=hours) for pk, hours in newest.items()
    }
    assert all(row["op"] == "D" and row["event_timestamp"] == EVENTS[pk] for pk, row in found.items())
    again = write_tombstones(store, "again/", [*store.list("deletes/"), *store.list("tombstones/")])
    assert [store.read(key) for key in again] == [store.read(key) for key in keys], "merging again changes nothing"


def test_a_row_lies_in_its_own_day(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    put(store, "deletes/0", [("pk0", 0), ("pk1", 0)])
    write_tombstones(store, "", store.list("deletes/"))
    days = [stored for stored in store.list() if stored.key.startswith("event_date=")]
    assert {stored.key: read_columns(store, [stored], ["pk"]).to_pydict()["pk"] for stored in days} == {
        "event_date=2025-06-01/part-000.parquet": ["pk0"],
        "event_date=2025-06-02/part-000.parquet": ["pk1"],
    }
