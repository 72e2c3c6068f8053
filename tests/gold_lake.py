"""A lake whose Gold and Silver are as a test writes them, without a job: for what shows them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from sql_lake import SqlLake

from catalog.tables import GOLD_USER_FEATURES, SILVER_USER_EVENTS, Table
from lakebox.settings import Settings, read_settings

ARROW = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


class GoldLake(SqlLake):
    """Snapshots and events in, `settings` for commands out."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "ai-lakehouse-project").mkdir()
        for table in (GOLD_USER_FEATURES, SILVER_USER_EVENTS):
            columns = {column.name: column.type for column in table.columns}
            self.table(table.name, columns, {column.name: column.type for column in table.partitions})

    @property
    def settings(self) -> Settings:
        """The lake, as commands find it."""
        return read_settings(lake=str(self.folder), target="embedded")

    def snapshot(self, day: str, users: Sequence[tuple[str, int, int, str]]) -> None:
        """A snapshot of users: user_id, clicks, purchases, last_event_timestamp (UTC). Their last event is a click."""
        rows = []
        for user_id, clicks, purchases, last in users:
            moment = datetime.fromisoformat(last + "+00:00")
            rows.append(
                {
                    "user_id": user_id,
                    "click_count": clicks,
                    "purchase_count": purchases,
                    "event_count": clicks + purchases + 1,
                    "last_event_timestamp": moment,
                    "last_event_type": "click",
                    "days_since_last_event": (date.fromisoformat(day) - moment.date()) // timedelta(days=1),
                }
            )
        self._partition(GOLD_USER_FEATURES, (day,), rows)

    def events(self, day: str, event_type: str, count: int) -> None:
        """Events of a type on a day, in Silver."""
        self._partition(SILVER_USER_EVENTS, (event_type, day), [{"user_id": "ana"}] * count)

    def _partition(self, table: Table, values: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> None:
        schema = pa.schema([(column.name, ARROW[column.type]) for column in table.columns])
        folder = f"{table.name}/{abs(hash(values))}/"
        self.write(f"{folder}part.parquet", pa.Table.from_pylist(list(rows), schema=schema))
        self.partition(table.name, *values, location=folder)
