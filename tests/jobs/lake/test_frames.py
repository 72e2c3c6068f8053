"""A table's partitions as a DataFrame: the given ones and no other, whether or not their files are copied into one."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from silver_by_hand import OLD, Silver

import jobs.lake.frames
from catalog.tables import SILVER_USER_EVENTS
from jobs.lake.frames import MANY_FILES, Frames
from jobs.lake.store import StorageError

pytestmark = pytest.mark.spark
STRANGE = (
    "a/b",
    "a=b",
    "100%",
    "%2F",
    "back\\slash",
    "日本語",
    ".",
    "_hidden",
    "*?#:[]{}^,}",
    "null",
    "it's",
    '"',
    " x ",
)


@pytest.fixture
def silver(tmp_path: Path, spark: SparkSession) -> Silver:
    return Silver(tmp_path, spark)


@pytest.mark.parametrize("many", [0, MANY_FILES], ids=["copied into one", "as they are"])
def test_the_given_partitions_are_read_and_no_other(silver: Silver, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.lake.frames, "MANY_FILES", many)
    wanted = [(event_type, "2025-06-01") for event_type in STRANGE]
    for values in (*wanted, ("a", "2025-06-01"), ("a/b", "2025-06-02")):
        silver.put(values)
    registered = silver.lake.registered_partitions(SILVER_USER_EVENTS)
    partitions = {values: registered[values] for values in wanted}
    rows = Frames(silver.lake, silver.spark).table_in_few_files(SILVER_USER_EVENTS, partitions)
    assert rows.columns == [*SILVER_USER_EVENTS.column_names, "event_type", "event_date"]
    found = [(row.event_type, row.event_date.isoformat()) for row in rows.collect()]
    assert sorted(found) == sorted(wanted * 2)
    assert len(rows.inputFiles()) == (len(wanted) if many else 1)


def test_copied_rows_are_those_of_the_files(silver: Silver, monkeypatch: pytest.MonkeyPatch) -> None:
    silver.put(("a", "2025-06-01"), {"amount": "1.5d"})
    silver.put(("b", "2025-06-02"), without="amount")
    frames = Frames(silver.lake, silver.spark)
    registered = silver.lake.registered_partitions(SILVER_USER_EVENTS)
    as_they_are = frames.table_in_few_files(SILVER_USER_EVENTS, registered)
    monkeypatch.setattr(jobs.lake.frames, "MANY_FILES", 0)
    copied = frames.table_in_few_files(SILVER_USER_EVENTS, registered)
    assert copied.schema == as_they_are.schema
    assert sorted(copied.collect()) == sorted(as_they_are.collect())
    assert [row.amount for row in copied.orderBy("event_type").collect()] == [1.5, 1.5, None, None]


def test_a_damaged_file_among_many_is_named(silver: Silver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.lake.frames, "MANY_FILES", 0)
    silver.put()
    registered = silver.lake.registered_partitions(SILVER_USER_EVENTS)
    silver.lake.store.write(registered[OLD][0].key, b"PAR1 cut off")
    with pytest.raises(StorageError, match=r"event_date=2025-06-01/part-00000.parquet.*restore it from a backup"):
        Frames(silver.lake, silver.spark).table_in_few_files(SILVER_USER_EVENTS, registered)


def test_no_partition_is_no_row(silver: Silver) -> None:
    silver.put()
    assert Frames(silver.lake, silver.spark).table(SILVER_USER_EVENTS, {}).count() == 0
