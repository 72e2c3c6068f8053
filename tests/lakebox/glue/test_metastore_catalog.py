"""The statements with which the metastore follows the lake, with a Trino that notes them down."""

from typing import Any

import pytest

from catalog.tables import SILVER_USER_EVENTS, Column, Table
from lakebox.glue.catalog import Partition, RegisteredTable
from lakebox.glue.metastore_catalog import ONE_BY_ONE, MetastoreCatalog, NameTakenError, create_statement
from lakebox.stack.trino_client import Answer

ROOT = "s3://lake"
ORDERS = Table(
    name="gold_orders",
    location="gold/orders/",
    columns=(Column("id", "bigint", "the shop's"), Column("tags", "array<struct<a:string,b:timestamp>>", "")),
    partitions=(Column("kind", "string", ""), Column("day", "date", "day of the order's")),
    comment="",
)


class FakeTrino:
    """A Trino that has some tables, of which lakebox made all but others'; views have columns None.

    It answers what lists and describes tables and partitions, and notes down what changes something.
    """

    def __init__(
        self,
        columns: dict[str, list[tuple[Any, ...]] | None],
        partitions: list[tuple[Any, ...]],
        others: tuple[str, ...] = (),
    ) -> None:
        self.columns, self.partitions, self.others = columns, partitions, others
        self.changes: list[str] = []

    def run(self, statement: str, parameters: list[str] | None = None) -> Answer:
        rows: list[tuple[Any, ...]] = []
        if "information_schema.tables" in statement:
            assert parameters == ["ai_lakehouse_db"]
            rows = [(name, "VIEW" if columns is None else "BASE TABLE") for name, columns in self.columns.items()]
        elif statement.endswith('$properties"'):
            own = statement.removeprefix('TABLE "').removesuffix('$properties"') not in self.others
            return Answer((("lakebox_published", "varchar"),) if own else (), [("true",)] if own else [], 0, 0.0)
        elif statement.startswith("DESCRIBE "):
            rows = self.columns[statement.removeprefix("DESCRIBE ").strip('"')] or []
        elif statement.startswith("TABLE "):
            rows = self.partitions
        else:
            self.changes.append(statement)
        return Answer((), rows, 0, 0.0)


def catalog_over(trino: FakeTrino) -> MetastoreCatalog:
    catalog = MetastoreCatalog("http://127.0.0.1:1")
    catalog._trino = trino  # type: ignore[assignment]
    return catalog


def registered(table: Table, *values: tuple[str, ...]) -> RegisteredTable:
    return RegisteredTable(table, tuple(Partition(one, ()) for one in values))


PUBLISHED = "extra_properties = MAP(ARRAY['lakebox_published'], ARRAY['true'])"
DESCRIBED: dict[str, list[tuple[Any, ...]] | None] = {
    "gold_orders": [
        ("id", "bigint", "", "the shop's"),
        ("tags", "array(row(a varchar, b timestamp(6)))", "", ""),
        ("kind", "varchar", "partition key", None),
        ("day", "date", "partition key", "day of the order's"),
    ]
}


def test_a_table_is_registered_where_its_data_lies() -> None:
    assert create_statement(ROOT, ORDERS) == (
        "CREATE TABLE \"gold_orders\" (\"id\" bigint COMMENT 'the shop''s', "
        '"tags" array(row(a varchar, b timestamp(6))), "kind" varchar, "day" date COMMENT \'day of the order\'\'s\') '
        f"WITH (format = 'PARQUET', external_location = 's3://lake/gold/orders/', {PUBLISHED}, "
        "partitioned_by = ARRAY['kind', 'day'])"
    )


def test_quotes_in_names_and_comments_stay_what_they_are() -> None:
    odd = Table('a"b', "it's/", (Column('c"d', "string", "'; DROP TABLE x --"),), (), 'it\'s "odd"')
    assert create_statement(ROOT, odd) == (
        'CREATE TABLE "a""b" ("c""d" varchar COMMENT \'\'\'; DROP TABLE x --\') COMMENT \'it\'\'s "odd"\' '
        f"WITH (format = 'PARQUET', external_location = 's3://lake/it''s/', {PUBLISHED})"
    )


def test_all_columns_of_silver_are_registered_with_microseconds() -> None:
    statement = create_statement(ROOT, SILVER_USER_EVENTS)
    assert all(f'"{name}" ' in statement for name in SILVER_USER_EVENTS.column_names)
    assert '"event_timestamp" timestamp(6)' in statement
    assert "partitioned_by = ARRAY['event_type', 'event_date']" in statement


def test_a_table_is_read_back_as_it_was_registered() -> None:
    trino = FakeTrino(DESCRIBED, [("b", "2025-06-18"), ("a", "2025-06-17")])
    found = catalog_over(trino).table("gold_orders")
    assert found.definition == Table("gold_orders", "", ORDERS.columns, ORDERS.partitions, "")
    assert [one.values for one in found.partitions] == [("a", "2025-06-17"), ("b", "2025-06-18")]
    with pytest.raises(KeyError):
        catalog_over(trino).table("nope")


def test_what_is_in_line_is_left_alone() -> None:
    trino = FakeTrino(DESCRIBED, [("a", "2025-06-17")])
    catalog_over(trino).follow(ROOT, [registered(ORDERS, ("a", "2025-06-17"))])
    assert trino.changes == []


def test_partitions_are_registered_and_dropped_one_by_one() -> None:
    trino = FakeTrino(DESCRIBED, [("a", "2025-06-17")])
    catalog_over(trino).follow(ROOT, [registered(ORDERS, ("it's/ 1", "2025-06-18"))])
    names = "'ai_lakehouse_db', 'gold_orders', ARRAY['kind', 'day']"
    assert trino.changes == [
        f"CALL awsdatacatalog.system.register_partition({names}, ARRAY['it''s/ 1', '2025-06-18'], "
        "'s3://lake/gold/orders/kind=it%27s%2F 1/day=2025-06-18/')",
        f"CALL awsdatacatalog.system.unregister_partition({names}, ARRAY['a', '2025-06-17'])",
    ]


def test_many_partitions_are_compared_at_once_and_what_that_missed_is_made_good() -> None:
    trino = FakeTrino(DESCRIBED, [])
    many = [(f"k{number}", "2025-06-17") for number in range(ONE_BY_ONE + 1)]
    catalog_over(trino).follow(ROOT, [registered(ORDERS, *many)])
    sync, *rest = trino.changes
    assert sync == "CALL awsdatacatalog.system.sync_partition_metadata('ai_lakehouse_db', 'gold_orders', 'FULL')"
    assert len(rest) == len(many)


def test_new_tables_and_columns_are_added_and_those_of_its_own_that_are_gone_dropped() -> None:
    orders = (DESCRIBED["gold_orders"] or [])[1:]
    trino = FakeTrino({"gold_orders": orders, "old": [], "theirs": [], "a_view": None}, [], others=("theirs",))
    plain = Table("plain", "plain/", (Column("n", "int", ""),), (), "")
    catalog_over(trino).follow(ROOT, [registered(ORDERS), registered(plain, ())])
    assert trino.changes == [
        'DROP TABLE "old"',
        "ALTER TABLE \"gold_orders\" ADD COLUMN \"id\" bigint COMMENT 'the shop''s'",
        create_statement(ROOT, plain),
    ]


def test_a_view_in_a_tables_place_is_named() -> None:
    trino = FakeTrino({"gold_orders": None}, [])
    with pytest.raises(NameTakenError, match=r"gold_orders is a view.*drop the view, or give it another name"):
        catalog_over(trino).follow(ROOT, [registered(ORDERS)])
    assert trino.changes == []
