"""Bad input never stops good input: the whole corpus through Spark, with file, line and reason of what was refused."""

from pathlib import Path

import pytest
from corpus import make_corpus
from lakes import TestLake
from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_each_file_reaches_bronze_or_quarantine(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    entries = make_corpus(lake.raw)
    assert len(entries) >= 40
    outcomes = lake.run()
    bronze, bad = lake.rows("bronze_user_events_parquet"), lake.rows("bronze_quarantine")
    assert len(bronze) == sum(entry.good for entry in entries if entry.read)
    assert outcomes["raw_to_bronze"].rows_in == len(bronze) + len(bad)
    for entry in (entry for entry in entries if entry.read):
        source_file = str(lake.raw / entry.name)
        bad_items = sorted((row["line_number"], row["reason"]) for row in bad if row["source_file"] == source_file)
        assert [line for line, _ in bad_items] == sorted(line for line, _ in entry.bad), entry.name
        for line, fragment in entry.bad:
            assert any(fragment in reason for at, reason in bad_items if at == line), (entry.name, line, bad_items)
        assert sum(row["source_file"] == source_file for row in bronze) == entry.good, entry.name


def test_strange_partitions_are_read_and_merged_again(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    kinds = [
        "Größe/ 1",
        "a b",
        "x=y",
        "100%",
        "'q'",
        '"q"',
        "{a}",
        "[b]",
        "*",
        "?",
        "#",
        ":",
        "\\",
        "1",
        "01",
        "true",
        "..",
        "🎉",
    ]
    lake.write("1.jsonl", [{"user_id": "u", "event_type": kind, "timestamp": 1_750_000_000} for kind in kinds])
    lake.run()
    lake.write("2.jsonl", [{"user_id": "v", "event_type": kind, "timestamp": 1_750_000_000} for kind in kinds])
    lake.run()
    rows = lake.rows("silver_user_events")
    assert sorted((row["user_id"], row["event_type"]) for row in rows) == sorted(
        (user, kind) for user in "uv" for kind in kinds
    )


def test_each_line_of_a_cut_file_is_read(tmp_path: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.events.reader.MOST_BIN", 5_000)
    monkeypatch.setattr("jobs.events.reader.MOST_BYTES_IN_DRIVER", 0)
    lake = TestLake(tmp_path, spark)
    lake.write("big.jsonl", [{"user_id": f"ü{n}", "event_type": "click", "timestamp": n} for n in range(1000)])
    with (lake.raw / "big.jsonl").open("a") as file:
        file.write("{broken\n")
    outcome = lake.run("raw_to_bronze")["raw_to_bronze"]
    assert (outcome.rows_in, outcome.rows_out) == (1001, 1000)
    rows = lake.rows("bronze_user_events_parquet")
    assert sorted((row["line_number"], row["user_id"]) for row in rows) == [(n + 1, f"ü{n}") for n in range(1000)]
    assert [row["line_number"] for row in lake.rows("bronze_quarantine")] == [1001]
