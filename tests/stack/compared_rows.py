"""All rows of the layers, in a form that is equal wherever they were made and by whatever engine they are read."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from lakes import CLOCK_COLUMNS

from catalog.tables import TABLES
from lakebox.athena.engine import Engine

Rows = dict[str, list[str]]
# Bronze, quarantine, Silver and Gold; what the clock says is left out, and so are the records of runs.
EVERY_COLUMN = {
    name: [column.name for column in (*table.columns, *table.partitions) if column.name not in CLOCK_COLUMNS]
    for name, table in TABLES.items()
    if name != "pipeline_runs"
}
# Without where it came from, which is another place on another target.
COMPARED = {name: [column for column in columns if column != "source_file"] for name, columns in EVERY_COLUMN.items()}


def rows_of(engine: Engine, compared: Mapping[str, Sequence[str]] = COMPARED) -> Rows:
    """Rows of each table as sorted JSON texts."""
    return {
        name: canonical(engine.query(f"SELECT {', '.join(columns)} FROM {name}").rows)
        for name, columns in compared.items()
    }


def canonical(rows: list[Any]) -> list[str]:
    """Rows as sorted JSON texts."""
    return sorted(json.dumps([plain(value) for value in row], ensure_ascii=False) for row in rows)


def plain(value: Any) -> Any:
    """A value as JSON takes it."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value
