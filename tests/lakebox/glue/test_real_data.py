"""The flow on data that nobody here wrote: real shopping events, and the raw files of the original project."""

import shutil
from pathlib import Path

import pytest
from lakes import TestLake
from pyspark.sql import SparkSession

DATA = Path(__file__).parents[4] / "shared" / "data"
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not beside the repository"),
]
MAPPING = """
key = ["user_id", "item_id", "event_type", "event_timestamp"]
[fields]
event_type = "behavior"
timestamp = "ts"
[values.event_type]
pv = "click"
buy = "purchase"
"""
DAY = "2017-12-03"


@pytest.fixture(scope="module")
def shopping(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> TestLake:
    """A lake of all ten days at once."""
    folder = tmp_path_factory.mktemp("shopping")
    (folder / "mapping.toml").write_text(MAPPING)
    lake = TestLake(folder, spark, mapping=str(folder / "mapping.toml"))
    lake.run(training_date=DAY, raw=DATA / "taobao_user_behavior")
    return lake


def test_the_shopping_events_give_the_known_figures(shopping: TestLake) -> None:
    gold = shopping.rows("gold_user_features")
    assert len(shopping.rows("bronze_user_events_parquet")) == 10_000
    assert len(shopping.rows("silver_user_events")) == 10_000
    assert len(gold) == 114
    assert sum(row["click_count"] for row in gold) == 9_046
    assert sum(row["purchase_count"] for row in gold) == 206


def test_days_in_reverse_equal_all_at_once(shopping: TestLake, tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark, mapping=shopping.mapping)
    for path in sorted((DATA / "taobao_user_behavior").glob("*.gz"), reverse=True):
        shutil.copy(path, lake.raw)
        lake.run("raw_to_bronze", "bronze_to_silver")
    lake.run("check_silver", "silver_to_gold", training_date=DAY)
    assert lake.rows("silver_user_events") == shopping.rows("silver_user_events")
    assert lake.rows("gold_user_features") == shopping.rows("gold_user_features")


def test_the_original_projects_files_work_as_they_are(tmp_path: Path, spark: SparkSession) -> None:
    lake = TestLake(tmp_path, spark)
    lake.run(training_date="2025-06-17", raw=DATA / "seed")
    assert len(lake.rows("bronze_user_events_parquet")) == 5
    silver = lake.rows("silver_user_events")
    assert [(row["user_id"], row["event_type"], row["page"]) for row in silver] == [
        ("u001", "click", "/home?ref=promo")
    ]
