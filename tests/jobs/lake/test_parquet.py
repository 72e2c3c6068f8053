"""Parquet without Spark: rows go out and come back, big ones in several objects, and broken files are named."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import jobs.lake.parquet as parquet
from catalog.tables import Column
from jobs.lake.open_store import open_store
from jobs.lake.parquet import ObjectFile, RowWriter, arrow_schema, footer, rows_of, schemas
from jobs.lake.store import StorageError, Store, StoredObject

COLUMNS = (Column("pk", "string", ""), Column("at", "timestamp", ""), Column("n", "bigint", ""))
ROWS = [("a", 1_000_001, 1), ("b", datetime(2025, 6, 1, tzinfo=UTC), None), (None, None, 3)]


def write(
    store: Store,
    stem: str = "folder/part",
    rows: list[tuple[object, ...]] | None = None,
    object_bytes: int = parquet.OBJECT_BYTES,
) -> list[StoredObject]:
    writer = RowWriter(store, stem, arrow_schema(COLUMNS), object_bytes)
    for row in ROWS if rows is None else rows:
        writer.add([[value] for value in row])
    keys = writer.close()
    return [stored for stored in store.list() if stored.key in keys]


def rows(store: Store, stored: StoredObject) -> list[dict[str, object]]:
    return rows_of(COLUMNS, store.read(stored.key) or b"")


def test_rows_come_back_as_they_were_written(store: Store) -> None:
    objects = write(store)
    assert [stored.key for stored in objects] == ["folder/part-000.parquet"]
    assert rows(store, objects[0]) == [
        {"pk": "a", "at": datetime(1970, 1, 1, 0, 0, 1, 1, tzinfo=UTC), "n": 1},
        {"pk": "b", "at": datetime(2025, 6, 1, tzinfo=UTC), "n": None},
        {"pk": None, "at": None, "n": 3},
    ]
    assert schemas(store, objects)[0] == arrow_schema(COLUMNS)


def test_no_rows_are_no_object(store: Store) -> None:
    assert write(store, rows=[]) == []


def test_many_rows_lie_in_several_objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROW_GROUP_BYTES", 1)
    store = open_store(str(tmp_path))
    objects = write(store, object_bytes=1)
    assert [stored.key for stored in objects] == [f"folder/part-{number:03d}.parquet" for number in range(3)]
    assert [row["pk"] for stored in objects for row in rows(store, stored)] == ["a", "b", None]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"text that is no Parquet at all PAR1", b"PAR1\xff\xff\xff\x7fPAR1"])
def test_what_is_no_parquet_is_named(store: Store, content: bytes) -> None:
    store.write("broken.parquet", content)
    assert footer(store, store.list()[0]) is None
    with pytest.raises(StorageError, match=r"broken\.parquet is not a Parquet file"):
        schemas(store, store.list())


def test_an_object_that_is_gone_is_an_error(store: Store) -> None:
    with pytest.raises(StorageError, match=r"gone\.parquet"):
        footer(store, StoredObject("gone.parquet", 100, "1"))


def test_an_object_is_read_as_a_file_piece_by_piece(store: Store) -> None:
    stored = write(store)[0]
    with ObjectFile(store, stored) as file:
        assert pq.read_table(file).num_rows == 3
        assert file.seek(-4, 2) == stored.size - 4
        assert (file.read(), file.read()) == (b"PAR1", b"")
