"""The metastore's tables as Trino describes them."""

from typing import Any

import pyarrow as pa
import pytest

from catalog.tables import Column, Table
from lakebox.glue.column_types import hive_type
from lakebox.glue.metastore_catalog import MetastoreCatalog
from lakebox.glue.parquet_schema import hive_type_of_arrow
from lakebox.stack.trino_client import Answer

COLUMNS = (Column("id", "bigint", "the shop's"), Column("tags", "array<struct<a:string,b:timestamp>>", ""))
KEYS = (Column("kind", "string", ""), Column("day", "date", "day of the order's"))
DESCRIBED: list[tuple[Any, ...]] = [
    ("id", "bigint", "", "the shop's"),
    ("tags", "array(row(a varchar, b timestamp(6)))", "", ""),
    ("kind", "varchar", "partition key", None),
    ("day", "date", "partition key", "day of the order's"),
]


class FakeTrino:
    """A Trino with a table and a view."""

    def run(self, statement: str, parameters: list[str] | None = None) -> Answer:
        if "information_schema.tables" in statement:
            assert parameters == ["ai_lakehouse_db"]
            return Answer((), [("gold_orders",), ("a_view",)], 0, 0.0)
        rows = {
            'DESCRIBE "gold_orders"': DESCRIBED,
            'TABLE "gold_orders$partitions"': [("b", "2025-06-18"), ("a", "2025-06-17")],
        }
        return Answer((), rows[statement], 0, 0.0)


@pytest.fixture
def catalog() -> MetastoreCatalog:
    made = MetastoreCatalog("http://127.0.0.1:1")
    made._trino = FakeTrino()  # type: ignore[assignment]
    return made


def test_a_table_is_read_back_as_it_was_registered(catalog: MetastoreCatalog) -> None:
    found = catalog.table("gold_orders")
    assert found.definition == Table("gold_orders", "", COLUMNS, KEYS, "")
    assert [one.values for one in found.partitions] == [("a", "2025-06-17"), ("b", "2025-06-18")]
    with pytest.raises(KeyError):
        catalog.table("nope")


def test_views_are_listed_too(catalog: MetastoreCatalog) -> None:
    assert catalog.table_names() == ["a_view", "gold_orders"]


@pytest.mark.parametrize(
    ("arrow", "hive", "trino"),
    [
        (pa.string(), "string", "varchar"),
        (pa.timestamp("us", "UTC"), "timestamp", "timestamp(6)"),
        (pa.int32(), "int", "integer"),
        (pa.decimal128(10, 2), "decimal(10,2)", "decimal(10, 2)"),
        (pa.list_(pa.int64()), "array<bigint>", "array(bigint)"),
        (pa.map_(pa.string(), pa.float64()), "map<string,double>", "map(varchar, double)"),
        (
            pa.struct([("a", pa.bool_()), ("b", pa.list_(pa.date32()))]),
            "struct<a:boolean,b:array<date>>",
            "row(a boolean, b array(date))",
        ),
    ],
)
def test_a_type_is_one_in_parquet_and_trino(arrow: pa.DataType, hive: str, trino: str) -> None:
    assert hive_type_of_arrow(arrow) == hive_type(trino) == hive
