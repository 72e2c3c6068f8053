"""Work follows what is new: counted in bytes and objects that are read, not in time."""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import pytest
from commands import lakebox
from lakes import TestLake
from pyspark.sql import SparkSession

import jobs.lake.parquet as parquet
from jobs.lake.folder import FolderStore
from jobs.lake.frames import Frames

pytestmark = pytest.mark.spark
EVENTS_A_DAY = 3000


def write_day(lake: TestLake, day: int) -> None:
    """A day of new events of four types."""
    chance = random.Random(day)
    date = f"2025-{1 + day // 28:02d}-{1 + day % 28:02d}"
    lake.write(
        f"{date}.jsonl",
        [
            {
                "user_id": f"u{chance.randrange(500)}",
                "event_type": chance.choice(["click", "view", "add_to_cart", "purchase"]),
                "timestamp": f"{date}T{chance.randrange(24):02d}:{chance.randrange(60):02d}:00Z",
                "page": f"/{chance.random()}",
                "device": f"{number}",
            }
            for number in range(EVENTS_A_DAY)
        ],
    )


class Reads:
    """Bytes of the objects that were opened for reading, by Spark and by the storage layer, and how many."""

    def __init__(self) -> None:
        self.bytes, self.objects = 0, 0

    def add(self, size: int) -> None:
        self.bytes += size
        self.objects += 1


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reads]:
    """Count what is read: state by FolderStore.read, tables by Frames and by pyarrow, raw files by their new bytes."""
    reads = Reads()
    read, read_files, read_table, source = FolderStore.read, Frames.read_files, Frames.table, parquet._source

    def counting_read(self: FolderStore, key: str) -> bytes | None:
        content = read(self, key)
        reads.add(len(content or b""))
        return content

    def counting_read_files(self: Frames, keys, schema):  # type: ignore[no-untyped-def]
        for key in keys:
            if "_state/staging/" not in key:
                reads.add(Path(self.lake.store.uri(key)).stat().st_size)
        return read_files(self, keys, schema)

    def counting_table(self: Frames, table, partitions):  # type: ignore[no-untyped-def]
        for stored in chain.from_iterable(partitions.values()):
            reads.add(stored.size)
        return read_table(self, table, partitions)

    def counting_source(store, stored):  # type: ignore[no-untyped-def]
        if "_state/staging/" not in stored.key:
            reads.add(stored.size)
        return source(store, stored)

    with monkeypatch.context() as patch:
        patch.setattr(FolderStore, "read", counting_read)
        patch.setattr(Frames, "read_files", counting_read_files)
        patch.setattr(Frames, "table", counting_table)
        patch.setattr(parquet, "_source", counting_source)
        yield reads


def reads_of_one_more_day(lake: TestLake, days: int, monkeypatch: pytest.MonkeyPatch) -> Reads:
    """Load a history day by day, then count what Bronze and Silver read for one more day."""
    for day in range(days):
        write_day(lake, day)
        lake.run("raw_to_bronze", "bronze_to_silver")
    write_day(lake, days)
    with counted(monkeypatch) as reads:
        outcomes = lake.run("raw_to_bronze", "bronze_to_silver")
    assert outcomes["raw_to_bronze"].rows_in == EVENTS_A_DAY, "Bronze opened files that were no news"
    return reads


def test_one_more_day_reads_the_same_later(
    tmp_path: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_3 = reads_of_one_more_day(TestLake(tmp_path / "3", spark), 3, monkeypatch)
    after_12 = reads_of_one_more_day(TestLake(tmp_path / "12", spark), 12, monkeypatch)
    assert after_12.objects <= after_3.objects + 1
    assert after_12.bytes <= 1.1 * after_3.bytes


def test_a_run_with_nothing_new_starts_no_spark(
    tmp_path: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = TestLake(tmp_path, spark)
    write_day(lake, 1)
    lake.run(training_date="2025-01-02")

    def no_spark(*_: object) -> None:
        raise AssertionError("Spark was started")

    monkeypatch.setattr(Frames, "__init__", no_spark)
    outcomes = lake.run(training_date="2025-01-02")
    assert all(outcome.skipped for outcome in outcomes.values())


def test_the_command_with_nothing_new_says_so(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    write_day(lake, 1)
    lake.run(training_date="2025-01-02")
    arguments = ("run", "--raw", str(lake.raw), "--lake", str(lake.folder), "--training_date", "2025-01-02")
    done = lakebox(*arguments, JAVA_HOME="/nowhere")
    assert done.returncode == 0, done.stderr
    assert re.search("Nothing new", done.stdout)


def test_a_late_event_touches_its_own_partition_alone(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    for day in range(3):
        write_day(lake, day)
    lake.run("raw_to_bronze", "bronze_to_silver")
    before = {path: path.stat().st_mtime_ns for path in lake.root.glob("silver/user_events/*/*/*.parquet")}
    lake.write("late.jsonl", [{"user_id": "late", "event_type": "view", "timestamp": "2025-01-02T03:00:00Z"}])
    lake.run("raw_to_bronze", "bronze_to_silver")
    after = {path: path.stat().st_mtime_ns for path in lake.root.glob("silver/user_events/*/*/*.parquet")}
    changed = {str(path.relative_to(lake.root)) for path in after if after[path] != before.get(path)}
    assert changed == {"silver/user_events/event_type=view/event_date=2025-01-02/part-00000.parquet"}


def test_changed_content_is_read_again_whole(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    lake.write("x.jsonl", [{"user_id": "a", "event_type": "view", "timestamp": 1}])
    assert lake.run("raw_to_bronze")["raw_to_bronze"].rows_out == 1
    assert lake.run("raw_to_bronze")["raw_to_bronze"].skipped
    lake.write("x.jsonl", [{"user_id": "a", "event_type": "view", "timestamp": second} for second in (1, 2)])
    assert lake.run("raw_to_bronze", "bronze_to_silver")["raw_to_bronze"].rows_out == 2
    assert len(lake.rows("bronze_user_events_parquet")) == 3
    assert len(lake.rows("silver_user_events")) == 2


def test_a_lake_reads_none_of_its_own_files(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    lake.raw = tmp_path
    (tmp_path / "events.jsonl").write_text('{"user_id": "a", "event_type": "view", "timestamp": 1}\n')
    assert lake.run(training_date="2025-01-02")["raw_to_bronze"].rows_out == 1
    assert all(outcome.skipped for outcome in lake.run(training_date="2025-01-02").values())


def test_deletes_of_older_versions_are_remembered(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    event = {"user_id": "u", "event_type": "view", "timestamp": "2025-01-02T03:00:00Z"}
    lake.write(
        "1.jsonl", [event, {**event, "op": "D", "updated_at": "2025-01-03T00:00:00Z"}, {**event, "user_id": "v"}]
    )
    lake.run("raw_to_bronze")
    for path in lake.root.glob("bronze/user_events_parquet/*/deletes-*"):
        path.rename(path.with_name(path.name.replace("deletes", "part")))
    lake.run("bronze_to_silver")
    lake.write("2.jsonl", [{**event, "op": "U", "updated_at": "2025-01-02T23:00:00Z"}])
    lake.run("raw_to_bronze", "bronze_to_silver")
    assert [row["user_id"] for row in lake.rows("silver_user_events")] == ["v"]


def test_an_unregistered_partition_keeps_its_rows(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    event = {"user_id": "u", "event_type": "view", "timestamp": "2025-01-02T03:00:00Z"}
    lake.write("1.jsonl", [event])
    lake.run("raw_to_bronze", "bronze_to_silver")
    (lake.root / "_state/catalog/silver_user_events.json").unlink()
    lake.write("2.jsonl", [{**event, "user_id": "v"}])
    lake.run("raw_to_bronze", "bronze_to_silver")
    assert sorted(row["user_id"] for row in lake.rows("silver_user_events")) == ["u", "v"]
