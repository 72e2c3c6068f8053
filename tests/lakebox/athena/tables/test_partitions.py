"""Partitions registered anywhere and projected ones, pruned by the conditions of a query."""

from datetime import date
from pathlib import Path

import pytest
from sql_lake import LAZY, SqlLake

from lakebox.athena.engine import SqlError


@pytest.fixture
def lake(tmp_path: Path) -> SqlLake:
    return SqlLake(tmp_path / "lake")


def projected(lake: SqlLake, keys: dict[str, str], **properties: str) -> None:
    """A projected table of text, whose every file is one line: its folder."""
    given = {"projection.enabled": "true"} | {key.replace("__", "."): value for key, value in properties.items()}
    lake.table("t", {"s": "string"}, keys, serde=LAZY, properties=given)


def fill(lake: SqlLake, *folders: str) -> None:
    for folder in folders:
        lake.write(f"t/{folder}/a.txt", folder)


def test_days_are_projected(lake: SqlLake) -> None:
    day = {
        "projection__day__type": "date",
        "projection__day__range": "2024-01-01,NOW",
        "projection__day__format": "yyyy-MM-dd",
    }
    projected(lake, {"day": "date"}, **day)
    fill(lake, "day=2023-12-31", "day=2024-01-01", "day=2024-02-29")
    assert lake.rows("SELECT * FROM t ORDER BY day") == [
        ("day=2024-01-01", date(2024, 1, 1)),
        ("day=2024-02-29", date(2024, 2, 29)),
    ]
    result = lake.query("SELECT s FROM t WHERE day >= DATE '2024-02-01'")
    assert (result.rows, result.scanned_bytes) == ([("day=2024-02-29",)], 14)


def test_enums_and_integers_are_projected_into_a_template(lake: SqlLake) -> None:
    projected(
        lake, {"zone": "string", "hour": "string"},
        projection__zone__type="enum", projection__zone__values="eu, us", projection__hour__type="integer",
        projection__hour__range="0,23", projection__hour__digits="2",
        storage__location__template="s3://bucket/t/${zone}/h-${hour}/",
    )  # fmt: skip
    fill(lake, "eu/h-01", "us/h-23", "asia/h-01", "us/h-24")
    assert lake.rows("SELECT * FROM t ORDER BY zone") == [("eu/h-01", "eu", "01"), ("us/h-23", "us", "23")]
    assert lake.query("SELECT s FROM t WHERE zone = 'us' AND hour > '01'").scanned_bytes == 7


def test_injected_keys_must_be_named(lake: SqlLake) -> None:
    projected(lake, {"device": "string"}, projection__device__type="injected")
    fill(lake, "device=a", "device=b", "device=c")
    assert lake.rows("SELECT s FROM t WHERE device IN ('a', 'c', 'z') ORDER BY 1") == [("device=a",), ("device=c",)]
    with pytest.raises(SqlError, match="injected projected partition column device, the WHERE clause must contain"):
        lake.rows("SELECT s FROM t")


def test_hours_and_months_step_by_their_unit(lake: SqlLake) -> None:
    projected(
        lake, {"at": "string"}, projection__at__type="date", projection__at__range="2024/01/01/00,2024/01/02/00",
        projection__at__format="yyyy/MM/dd/HH", projection__at__interval="6", projection__at__interval__unit="HOURS",
        storage__location__template="s3://bucket/t/${at}",
    )  # fmt: skip
    fill(lake, "2024/01/01/06", "2024/01/01/07", "2024/01/02/00")
    assert lake.rows("SELECT at FROM t ORDER BY 1") == [("2024/01/01/06",), ("2024/01/02/00",)]


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({}, "no property projection.k.type"),
        ({"projection__k__type": "list"}, "must be enum, integer, date or injected"),
        ({"projection__k__type": "integer", "projection__k__range": "a,b"}, "two whole numbers"),
        (
            {"projection__k__type": "integer", "projection__k__range": "1,2", "projection__k__interval": "0"},
            "interval and digits are numbers",
        ),
        (
            {"projection__k__type": "date", "projection__k__format": "EEE", "projection__k__range": "NOW,NOW"},
            "of yyyy MM",
        ),
        ({"projection__k__type": "integer", "projection__k__range": "0,99999999"}, "at most 1,000,000"),
    ],
)
def test_wrong_properties_are_named(lake: SqlLake, properties: dict[str, str], message: str) -> None:
    projected(lake, {"k": "string"}, **properties)
    with pytest.raises(SqlError, match=message):
        lake.rows("SELECT * FROM t")


def test_text_partitions_are_pruned_where_it_is_safe(lake: SqlLake) -> None:
    lake.table("t", {"s": "string"}, {"k": "int"}, serde=LAZY)
    for number in range(4):
        fill(lake, f"k={number}")
        lake.partition("t", str(number), location=f"t/k={number}")
    assert lake.query("SELECT s FROM t WHERE k > 1 AND s <> 'x'").scanned_bytes == 6
    assert lake.query("SELECT s FROM t WHERE k = 1 OR s = 'k=2'").scanned_bytes == 12
    assert lake.rows("SELECT count(*) FROM t a JOIN t b ON a.k = b.k AND b.k = 2") == [(1,)]
    left = "SELECT v.x, t.k FROM (VALUES 0, 9) v (x) LEFT JOIN t ON t.k = v.x"
    assert lake.rows(f"{left} WHERE t.k IS NULL") == [(9, None)]
    assert lake.rows(f"{left} AND t.k > 0 ORDER BY 1") == [(0, None), (9, None)]


def test_partitions_and_their_values_can_be_asked_for(lake: SqlLake) -> None:
    lake.table("t", {"s": "string"}, {"day": "date", "k": "int"}, serde=LAZY)
    lake.partition("t", "2024-01-02", "7", location="t/anywhere")
    lake.partition("t", "__HIVE_DEFAULT_PARTITION__", "8", location="t/null")
    assert lake.rows('SELECT * FROM "t$partitions" WHERE k < 8') == [(date(2024, 1, 2), 7)]
    with pytest.raises(SqlError, match='"t\\$files" is not supported'):
        lake.rows('SELECT * FROM "t$files"')


def test_a_partition_value_of_another_type_is_named(lake: SqlLake) -> None:
    lake.table("t", {"s": "string"}, {"k": "int"}, serde=LAZY)
    fill(lake, "k=x")
    lake.partition("t", "x", location="t/k=x")
    for sql in ("SELECT * FROM t", "SELECT * FROM t WHERE k = 1"):
        with pytest.raises(SqlError) as caught:
            lake.rows(sql)
        assert caught.value.name == "HIVE_INVALID_PARTITION_VALUE"
