"""Crawls bring the catalog in line: partitions that came and went, new columns, and tables that nobody knew."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lakes import engine_over

from catalog.tables import SILVER_USER_EVENTS
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from jobs.lake.store import Store
from lakebox.glue.column_types import duckdb_type, hive_type, trino_type
from lakebox.glue.crawler import Crawled, UnknownTableError, crawl
from lakebox.glue.parquet_schema import hive_type_of_arrow
from lakebox.glue.table_definitions import committed_tables

CLICKS = "silver/user_events/event_type=click/event_date=2025-06-17/part-00000.parquet"
VIEWS = "silver/user_events/event_type=view/event_date=2025-06-18/part-00000.parquet"


def write(store: Store, key: str, **columns: list[object]) -> None:
    """A Parquet object with these columns."""
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    store.write(key, content.getvalue())


def query(store: Store, sql: str) -> list[tuple[object, ...]]:
    return engine_over(Lake(store)).query(sql).rows


def found(store: Store, name: str) -> Crawled:
    (crawled,) = crawl(Lake(store), "run", name)
    return crawled


def test_partitions_that_came_are_registered_and_those_that_went_dropped(store: Store) -> None:
    write(store, CLICKS, pk=["a"])
    write(store, VIEWS, pk=["b"])
    assert (found(store, "silver_user_events").added, found(store, "silver_user_events").added) == (2, 0)
    store.delete([VIEWS])
    assert found(store, "silver_user_events").dropped == 1
    assert Lake(store).partitions(SILVER_USER_EVENTS) == {("click", "2025-06-17")}


@pytest.mark.parametrize("store", ["folder"], indirect=True)  # embedded SQL reads folders
def test_a_column_that_only_newer_files_have_is_null_in_older_ones(store: Store) -> None:
    write(store, CLICKS, pk=["a"])
    write(store, VIEWS, pk=["b"], Score=[0.5])
    assert found(store, "silver_user_events").new_columns == ("score",)
    assert found(store, "silver_user_events").new_columns == ()
    assert query(store, "SELECT pk, score FROM silver_user_events ORDER BY pk") == [("a", None), ("b", 0.5)]


@pytest.mark.parametrize("store", ["folder"], indirect=True)  # embedded SQL reads folders
def test_a_folder_that_nobody_knew_becomes_a_table_and_goes_again(store: Store) -> None:
    write(store, "gold/orders/day=2026-01-01/a.parquet", total=[1], items=[["x", "y"]])
    write(store, "gold/orders/day=2026-01-02/a.parquet", total=[2], items=[[]])
    crawled = found(store, "gold_orders")
    assert (crawled.state, crawled.partitions, crawled.new_columns) == ("new", 2, ("total", "items"))
    store.delete_all("gold/orders/")
    assert found(store, "gold_orders").state == "gone"
    assert "gold_orders" not in [table.definition.name for table in committed_tables(Lake(store))]


def test_files_that_readers_do_not_see_make_no_table(store: Store) -> None:
    for key in (
        "_state/staging/x/a.parquet",
        "reports/a/b.parquet",
        "gold/_tmp/a.parquet",
        "a.parquet",
        "gold/t/.a.parquet",
    ):
        write(store, key, a=[1])
    assert [one.table for one in crawl(Lake(store), "run") if one.state] == []


def test_a_file_that_is_not_parquet_or_does_not_fit_is_named(store: Store) -> None:
    write(store, CLICKS, pk=[1])
    store.write(VIEWS, b"not Parquet")
    notes = found(store, "silver_user_events").notes
    assert f"{VIEWS} is no Parquet file" in notes[1] + notes[0]
    assert f"{CLICKS}: pk is bigint, not string" in notes[0] + notes[1]


def test_a_file_with_a_broken_footer_is_named(store: Store) -> None:
    for number, footer in enumerate((b"\xff" * 40, b"", b"\0" * 40)):
        content = b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"
        key = f"silver/user_events/event_type=v{number}/event_date=2025-06-18/part-00000.parquet"
        store.write(key, content)
    notes = found(store, "silver_user_events").notes
    assert [note.endswith("is no Parquet file; take it away, or queries fail") for note in notes] == [True] * 3


def test_a_batch_that_was_never_committed_is_not_registered(store: Store) -> None:
    write(store, "bronze/user_events_parquet/batch=000007/part-0.parquet", pk=["a"])
    assert found(store, "bronze_user_events_parquet").partitions == 0


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownTableError, match="no table nope; tables: bronze_user_events_parquet, "):
        crawl(Lake(open_store(str(tmp_path))), "run", "nope")


@pytest.mark.parametrize(
    ("arrow", "hive", "trino", "duckdb"),
    [
        (pa.string(), "string", "varchar", "TEXT"),
        (pa.timestamp("us", "UTC"), "timestamp", "timestamp(6)", "TIMESTAMP"),
        (pa.int32(), "int", "integer", "INT"),
        (pa.decimal128(10, 2), "decimal(10,2)", "decimal(10, 2)", "DECIMAL(10, 2)"),
        (pa.list_(pa.int64()), "array<bigint>", "array(bigint)", "BIGINT[]"),
        (pa.map_(pa.string(), pa.float64()), "map<string,double>", "map(varchar, double)", "MAP(TEXT, DOUBLE)"),
        (
            pa.struct([("a", pa.bool_()), ("b", pa.list_(pa.date32()))]),
            "struct<a:boolean,b:array<date>>",
            "row(a boolean, b array(date))",
            "STRUCT(a BOOLEAN, b DATE[])",
        ),
    ],
)
def test_a_type_has_its_name_in_each_engine(arrow: pa.DataType, hive: str, trino: str, duckdb: str) -> None:
    assert hive_type_of_arrow(arrow) == hive
    assert (trino_type(hive), hive_type(trino), duckdb_type(hive)) == (trino, hive, duckdb)
