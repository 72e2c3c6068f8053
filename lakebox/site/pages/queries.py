"""The queries of the template, each with its text, its result, run time, bytes scanned and Athena's price."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakebox.athena.engine import SqlError, athena_price_usd
from lakebox.site.cells import Grid, result_grid
from lakebox.site.definitions import NamedQuery
from lakebox.site.source import Source

MOST_ROWS = 100


@dataclass(frozen=True)
class Answered:
    """A query with its result; error: why it has none."""

    query: NamedQuery
    grid: Grid
    row_count: int = 0
    duration_s: float = 0.0
    scanned_bytes: int = 0
    price_usd: float = 0.0
    error: str = ""


def content(source: Source) -> Mapping[str, Any]:
    """All queries of the template, answered now."""
    return {"answers": [answered(source, query) for query in source.definitions.queries]}


def answered(source: Source, query: NamedQuery) -> Answered:
    """A query, answered by the target's engine."""
    try:
        result = source.query(query.sql)
    except SqlError as error:
        return Answered(query, Grid((), []), error=str(error))
    price = athena_price_usd(result.scanned_bytes)
    grid = result_grid(result, MOST_ROWS)
    return Answered(query, grid, len(result.rows), result.duration_s, result.scanned_bytes, price)
