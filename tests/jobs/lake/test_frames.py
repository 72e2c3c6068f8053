"""A table's partitions as a DataFrame: the named ones and no other, whether Spark lists their folders or the table."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from silver_by_hand import Silver

import jobs.lake.frames
from catalog.tables import SILVER_USER_EVENTS
from jobs.lake.frames import FEW_FOLDERS, Frames

pytestmark = [pytest.mark.spark, pytest.mark.slow]
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


@pytest.mark.parametrize("few", [0, FEW_FOLDERS], ids=["by the table", "by their folders"])
def test_the_named_partitions_are_read_and_no_other(silver: Silver, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.lake.frames, "FEW_FOLDERS", few)
    wanted = [(event_type, "2025-06-01") for event_type in STRANGE]
    for values in (*wanted, ("a", "2025-06-01"), ("a/b", "2025-06-02")):
        silver.put(values)
    rows = Frames(silver.lake, silver.spark).table(SILVER_USER_EVENTS, wanted)
    assert rows.columns == [*SILVER_USER_EVENTS.column_names, "event_type", "event_date"]
    found = [(row.event_type, row.event_date.isoformat()) for row in rows.collect()]
    assert sorted(found) == sorted(wanted * 2)


def test_no_partition_is_no_row(silver: Silver) -> None:
    silver.put()
    assert Frames(silver.lake, silver.spark).table(SILVER_USER_EVENTS, []).count() == 0
