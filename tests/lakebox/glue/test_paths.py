"""Names as they are: a lake's path is no pattern, and names beyond ASCII work where the locale is C, as under cron."""

from pathlib import Path

import pytest
from commands import lakebox
from lakes import TestLake, engine_over
from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_a_lakes_path_is_no_pattern(tmp_path: Path, spark: SparkSession) -> None:
    lakes = {}
    for name, user in (
        ("lake1", "x"),
        *((name, user) for user in "ab" for name in ("lake[1]", "lake?", "{lake1,*}\\")),
    ):
        lake = lakes[name] = TestLake(tmp_path / user, spark)
        lake.folder = tmp_path / name
        lake.write("1.jsonl", [{"user_id": user, "event_type": "click", "timestamp": "2025-06-17T07:00:00Z"}])
        lake.run(*(("raw_to_bronze", "bronze_to_silver") if user == "a" else ()))
    for name in lakes.keys() - {"lake1"}:
        engine = engine_over(lakes[name].lake)
        assert engine.query("SELECT user_id FROM silver_user_events ORDER BY 1").rows == [("a",), ("b",)]
        assert engine.query("SELECT user_id FROM gold_user_features ORDER BY 1").rows == [("a",), ("b",)]


def test_a_colon_in_a_pattern_is_refused(tmp_path: Path) -> None:
    done = lakebox("run", "--lake", "a:b[c]", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "has a colon and one of [ ] { } * ?" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_names_beyond_ascii_work_under_the_c_locale(tmp_path: Path) -> None:
    plain = {"LC_ALL": "C", "LANG": "C"}
    (tmp_path / "raw").mkdir()
    for user in ("a", "ß"):
        event = f'{{"user_id": "{user}", "event_type": "Käufe", "timestamp": "2025-06-17T07:00:00Z"}}'
        (tmp_path / f"raw/{user}.jsonl").write_text(event, encoding="utf-8")
        done = lakebox("run", "--raw", "raw", "--lake", "üx", cwd=tmp_path, **plain)
        assert done.returncode == 0, done.stderr
    query = "SELECT user_id, event_type FROM silver_user_events ORDER BY 1"
    answer = lakebox("sql", query, "--lake", "üx", "--format", "csv", cwd=tmp_path, **plain)
    assert answer.stdout == "user_id,event_type\na,Käufe\nß,Käufe\n"
    assert (
        tmp_path
        / "üx/ai-lakehouse-project/silver/user_events/event_type=Käufe/event_date=2025-06-17/part-00000.parquet"
    ).exists()
