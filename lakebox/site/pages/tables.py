"""The page of data: each table of the catalog with its columns, partitions, sizes, newest rows and lineage."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.tables import DATABASE
from lakebox.athena.engine import SqlError
from lakebox.site.cells import Cell, Grid, bytes_cell, bytes_text, result_grid
from lakebox.site.diagram import crawlers_after, job_order
from lakebox.site.inventory import ColumnFact, TableFact
from lakebox.site.source import Source, quoted

MOST_TABLES = 60  # that are shown in full
MOST_PARTITIONS = 400
NEWEST = 10
TIMES = ("started_at", "quarantined_at", "updated_at", "last_event_timestamp", "event_timestamp")
UNIT = re.compile(r"\((UTC)\)|\b(money|days|line|hex SHA-256|JSON)\b")
UNITS = {"UTC": "UTC", "money": "currency", "days": "days", "line": "line", "hex SHA-256": "hex", "JSON": "JSON"}


@dataclass(frozen=True)
class TablePart:
    """A table as the page shows it. lineage: sentences' ends, each a label and names; error: why no rows are shown."""

    table: TableFact
    facts: list[tuple[str, str]]
    columns: Grid
    partitions: Grid | None
    rows: Grid | None
    order: str
    lineage: list[tuple[str, list[Cell]]]
    error: str = ""


def content(source: Source) -> Mapping[str, Any]:
    """The tables of all databases, those of the lakehouse first."""
    tables = source.tables
    return {"parts": [_part(source, table) for table in tables[:MOST_TABLES]], "more": tables[MOST_TABLES:]}


def _part(source: Source, table: TableFact) -> TablePart:
    files, size = source.size_of(table.location) if table.location else (0, 0)
    count = source.row_counts.get(table.name) if table.database == DATABASE else None
    facts = [
        ("rows", "–" if count is None else f"{count:,}"),
        ("stored", bytes_text(size)),
        ("files", f"{files:,}"),
        ("partitions", f"{len(table.partitions):,}" if table.is_partitioned else "none"),
        ("format", table.format or table.kind.lower() or "–"),
    ]
    rows, order, error = _newest(source, table)
    partitions = _partitions(source, table) if table.is_partitioned else None
    return TablePart(table, facts, _columns(table), partitions, rows, order, _lineage(source, table), error)


def _columns(table: TableFact) -> Grid:
    heads = (("column", "code"), ("type", "code"), ("unit", "text"), ("meaning", "prose"))
    rows = [[_column_name(column), column.type, unit_of(column), column.comment] for column in table.columns]
    return Grid(heads, rows)


def _column_name(column: ColumnFact) -> Cell:
    return Cell(f"{column.name} (partition)" if column.is_partition else column.name)


def unit_of(column: ColumnFact) -> str:
    """A column's unit, as its meaning has it; times have none but their zone."""
    if column.type in ("bigint", "int", "integer") and column.name.endswith(("_count", "rows_in", "rows_out")):
        return "rows" if column.name.startswith("rows") else "events"
    found = UNIT.search(column.comment)
    return UNITS[found[1] or found[2]] if found else ""


def _partitions(source: Source, table: TableFact) -> Grid:
    """The last partitions, with the files and bytes of each."""
    keys = [column.name for column in table.columns if column.is_partition]
    shown = table.partitions[-MOST_PARTITIONS:]
    rows: list[list[Any]] = []
    for partition in reversed(shown):
        files, size = source.size_of(partition.location)
        rows.append([*map(Cell, partition.values), files, bytes_cell(size)])
    heads = (*((key, "text") for key in keys), ("files", "number"), ("size", "number"))
    return Grid(heads, rows, len(table.partitions) - len(shown), from_sql=True)


def _newest(source: Source, table: TableFact) -> tuple[Grid | None, str, str]:
    """The newest rows of a table, the column that says which are, and why there are none."""
    names = [column.name for column in table.columns]
    order = next((name for name in TIMES if name in names), "")
    name = f"{quoted(table.database)}.{quoted(table.name)}"
    sql = f"SELECT * FROM {name}"
    if order:  # in two steps, so that an engine reads one column of all rows, and all columns of few rows
        last = f"SELECT {order} AS newest FROM {name} ORDER BY 1 DESC NULLS LAST LIMIT {NEWEST}"
        sql += f" WHERE {order} >= (SELECT min(newest) FROM ({last})) ORDER BY {order} DESC"
    try:
        return result_grid(source.query(f"{sql} LIMIT {NEWEST}"), NEWEST), order, ""
    except SqlError as error:
        return None, order, str(error)


def _lineage(source: Source, table: TableFact) -> list[tuple[str, list[Cell]]]:
    """What writes a table, what registers it, what reads it, by the template's triggers and queries."""
    definitions = source.definitions
    crawlers = [crawler for crawler in definitions.crawlers if table.location.startswith(crawler.paths or ("-",))]
    names = {crawler.name for crawler in crawlers}
    jobs = job_order(definitions)
    writers = [job.name for job in jobs if names & set(crawlers_after(definitions, job.name))]
    after = [trigger.starts for trigger in definitions.triggers if names & set(trigger.after)]
    readers = [job.name for job in jobs if any(job.name in starts for starts in after)]
    asking = [query.name for query in definitions.queries if re.search(rf"\b{re.escape(table.name)}\b", query.sql)]
    found = [
        ("written by", [Cell(name, href=f"index.html#job-{name}") for name in writers]),
        ("registered by", [Cell(name, href=f"index.html#crawler-{name}") for name in sorted(names)]),
        ("starts", [Cell(name, href=f"index.html#job-{name}") for name in readers]),
        ("asked by", [Cell(name, href=f"queries.html#{name}") for name in asking]),
    ]
    return [(label, cells) for label, cells in found if cells]
