"""Partitions through boto3: batches, expressions, segments, ten thousand of them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

KEYS = [{"Name": "kind", "Type": "string"}, {"Name": "day", "Type": "date"}, {"Name": "n", "Type": "int"}]
NAMED = {"DatabaseName": "db", "TableName": "t"}


@pytest.fixture
def table(glue: Any) -> Any:
    """A table with six partitions."""
    glue.create_database(DatabaseInput={"Name": "db"})
    descriptor = {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://data/t/"}
    glue.create_table(
        DatabaseName="db", TableInput={"Name": "t", "PartitionKeys": KEYS, "StorageDescriptor": descriptor}
    )
    inputs = [
        {
            "Values": [kind, f"2026-01-0{day}", str(day * 5)],
            "StorageDescriptor": descriptor | {"Location": f"s3://data/t/{day}"},
        }
        for kind in ("click", "buy")
        for day in (1, 2, 3)
    ]
    assert glue.batch_create_partition(**NAMED, PartitionInputList=inputs)["Errors"] == []
    return glue


def values_of(glue: Any, **arguments: Any) -> list[tuple[str, ...]]:
    return [tuple(part["Values"]) for part in glue.get_partitions(**NAMED, **arguments)["Partitions"]]


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        ("", 6),
        ("kind = 'click'", 3),
        ("KIND='click' AND day >= '2026-01-02'", 2),
        ("n < 10", 2),
        ("n > 5 and n <= 15", 4),
        ("day = date '2026-01-01' or n = 15", 4),
        ("kind in ('buy', 'x') and not (n = 5)", 2),
        ("day between '2026-01-01' and '2026-01-02'", 4),
        ("kind like 'c%k'", 3),
        ("kind not like 'c%' and kind like '___'", 3),
        ("n not in (5, '10') and n not between 11 and 12", 2),
        ("(n) = ((5))", 2),
        ("kind <> 'click'", 3),
        ("'click' = kind", 3),
        ("kind is null", 0),
        ("kind is not null", 6),
    ],
)
def test_expressions_choose_partitions(table: Any, expression: str, count: int) -> None:
    assert len(values_of(table, Expression=expression)) == count


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("nope = 1", "Invalid partition expression! nope is no partition key; there are: kind, day, n"),
        ("n = 'x'", '"x" is not an integer.'),
        ("n in (2.5)", '"2.5" is not an integer.'),
        ("day = '2026-02-32'", '"2026-02-32" is not a date.'),
        ("day like '2026%'", "Date data type doesn't support operation 'LIKE'"),
        ("kind =", "Unsupported expression"),
        ("lower(kind) = 'a'", "Invalid partition expression!"),
        ("kind = day", "Unsupported expression"),
        ("1 = 1; drop", "Invalid partition expression!"),
    ],
)
def test_a_wrong_expression_is_refused(table: Any, expression: str, message: str) -> None:
    with pytest.raises(ClientError) as raised:
        table.get_partitions(**NAMED, Expression=expression)
    error = raised.value.response["Error"]
    assert error["Code"] == "InvalidInputException"
    assert message in error["Message"]


def test_timestamps_compare_to_the_nanosecond(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "db"})
    glue.create_table(
        DatabaseName="db", TableInput={"Name": "t", "PartitionKeys": [{"Name": "at", "Type": "timestamp"}]}
    )
    for value in ("2026-01-01 12:00:00.0000001", "2026-01-01 12:00:00"):
        glue.create_partition(**NAMED, PartitionInput={"Values": [value]})
    assert values_of(glue, Expression="at > '2026-01-01 12:00:00.000'") == [("2026-01-01 12:00:00.0000001",)]
    assert values_of(glue, Expression="at = '2026-01-01 12:00:00.0'") == [("2026-01-01 12:00:00",)]
    with pytest.raises(ClientError, match="is not a timestamp"):
        values_of(glue, Expression="at = '2026-01-01'")


def test_a_key_of_another_type_is_refused(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "db"})
    keys = [{"Name": "f", "Type": "double"}, {"Name": "n", "Type": "int"}]
    glue.create_table(DatabaseName="db", TableInput={"Name": "t", "PartitionKeys": keys})
    glue.create_partition(**NAMED, PartitionInput={"Values": ["1.5", "many"]})
    with pytest.raises(ClientError, match="Unknown type : 'double'"):
        values_of(glue, Expression="f = 1.5")
    with pytest.raises(ClientError, match='"many" is not an integer') as raised:
        values_of(glue, Expression="n = 1")
    assert raised.value.response["Error"]["Code"] == "InvalidStateException"


def test_segments_part_all_partitions(table: Any) -> None:
    parts = [values_of(table, Segment={"SegmentNumber": number, "TotalSegments": 3}) for number in range(3)]
    assert sorted(value for part in parts for value in part) == sorted(values_of(table))


def test_batches_say_what_failed(table: Any) -> None:
    inputs = [{"Values": ["click", "2026-01-01", "5"]}, {"Values": ["new", "2026-01-01", "5"]}, {"Values": ["short"]}]
    errors = table.batch_create_partition(**NAMED, PartitionInputList=inputs)["Errors"]
    assert [(error["PartitionValues"][0], error["ErrorDetail"]["ErrorCode"]) for error in errors] == [
        ("click", "AlreadyExistsException"),
        ("short", "InvalidInputException"),
    ]
    wanted = [{"Values": ["new", "2026-01-01", "5"]}, {"Values": ["none", "2026-01-01", "5"]}]
    assert len(table.batch_get_partition(**NAMED, PartitionsToGet=wanted)["Partitions"]) == 1
    errors = table.batch_delete_partition(**NAMED, PartitionsToDelete=wanted)["Errors"]
    assert [error["PartitionValues"][0] for error in errors] == ["none"]


def test_a_partition_is_updated_and_deleted(table: Any) -> None:
    before, after = ["buy", "2026-01-01", "5"], ["buy", "2026-01-09", "9"]
    table.update_partition(
        **NAMED, PartitionValueList=before, PartitionInput={"Values": after, "Parameters": {"p": "1"}}
    )
    assert table.get_partition(**NAMED, PartitionValues=after)["Partition"]["Parameters"] == {"p": "1"}
    table.delete_partition(**NAMED, PartitionValues=after)
    with pytest.raises(ClientError, match="Cannot find partition"):
        table.get_partition(**NAMED, PartitionValues=before)


def test_columns_can_be_left_out(table: Any) -> None:
    part = table.get_partitions(**NAMED, ExcludeColumnSchema=True)["Partitions"][0]
    assert part["StorageDescriptor"] == {"Location": "s3://data/t/1"}


@pytest.mark.slow
def test_ten_thousand_partitions_are_found(table: Any) -> None:
    inputs = [
        {"Values": ["many", f"20{n // 300:02d}-{n // 25 % 12 + 1:02d}-{n % 25 + 1:02d}", str(n)]} for n in range(10_000)
    ]
    for start in range(0, len(inputs), 100):
        assert table.batch_create_partition(**NAMED, PartitionInputList=inputs[start : start + 100])["Errors"] == []
    assert len(values_of(table, Expression="kind = 'many' and n >= 9990")) == 10
    pages = table.get_paginator("get_partitions").paginate(**NAMED, Expression="kind = 'many'")
    assert sum(len(page["Partitions"]) for page in pages) == 10_000
