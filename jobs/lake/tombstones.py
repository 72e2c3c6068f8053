"""Deletes -> tombstones: the newest delete of each event that ever had one, an object a day, and nothing of the event
but its key. They are few: pyarrow has them merged before Spark has planned a query."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from catalog.tables import BRONZE_USER_EVENTS
from jobs.lake.parquet import RowWriter, arrow_schema, read_columns
from jobs.lake.store import Store, StoredObject

KEY = ("pk", "event_type", "event_timestamp")
COLUMNS = tuple(column for column in BRONZE_USER_EVENTS.columns if column.name in (*KEY, "op", "updated_at"))
NAMES = [column.name for column in COLUMNS]
DAY_US = 86_400_000_000


def days_of(store: Store, deletes: Sequence[StoredObject]) -> set[str]:
    """The days (YYYY-MM-DD, UTC) of the events that some objects with deletes delete."""
    times = _deletes(store, deletes, ["event_timestamp", "op"])
    return {_day(number) for number in pc.unique(_day_numbers(times)).to_pylist()}


def write_tombstones(store: Store, prefix: str, deletes: Sequence[StoredObject]) -> tuple[str, ...]:
    """Write the newest delete of each pk below `event_date=<day>/`; the keys of the objects.

    In:  objects with deletes, among other changes or not, and with tombstones: pk, event_type, event_timestamp, op,
         updated_at
    """
    by_key = _deletes(store, deletes, NAMES).group_by([*KEY, "op"]).aggregate([("updated_at", "max")])
    newest = by_key.rename_columns([name.removesuffix("_max") for name in by_key.column_names])
    return tuple(key for day, rows in _by_day(newest) for key in _written(store, f"{prefix}event_date={day}/", rows))


def _deletes(store: Store, objects: Sequence[StoredObject], names: Sequence[str]) -> pa.Table:
    rows = read_columns(store, objects, names)
    return rows.filter(pc.equal(rows["op"], "D"))


def _by_day(rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    numbers = _day_numbers(rows)
    for number in sorted(pc.unique(numbers).to_pylist()):
        yield _day(number), rows.filter(pc.equal(numbers, number))


def _written(store: Store, folder: str, rows: pa.Table) -> tuple[str, ...]:
    writer = RowWriter(store, f"{folder}part", arrow_schema(COLUMNS))
    for batch in rows.select(NAMES).sort_by("pk").to_batches():
        writer.add(batch.columns)
    return writer.close()


def _day_numbers(rows: pa.Table) -> pa.ChunkedArray:
    return pc.divide(rows["event_timestamp"].cast(pa.int64()), DAY_US)


def _day(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()
