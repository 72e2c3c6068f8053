"""The walkthrough: four real events of this lake through Raw, Bronze, Silver and Gold, as each layer holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakebox.athena.engine import QueryResult
from lakebox.site.cells import Cell, Grid, local_text, result_grid
from lakebox.site.raw_items import raw_item
from lakebox.site.source import Source

BRONZE, SILVER, GOLD, QUARANTINE = (
    "bronze_user_events_parquet",
    "silver_user_events",
    "gold_user_features",
    "bronze_quarantine",
)
BRONZE_COLUMNS = "batch, op, user_id, event_type, event_timestamp, updated_at, page, amount, attributes"
SILVER_COLUMNS = "event_type, event_date, op, user_id, event_timestamp, updated_at, page, amount, attributes"
MOST_CHANGES = 12  # of one event that are shown
NEWEST = 100  # events among which one is chosen, so that a large lake is not read for it
SNAPSHOTS = 3

PLAIN = f"""SELECT pk FROM {BRONZE}
WHERE pk IN (SELECT pk FROM {SILVER} WHERE op = 'I' ORDER BY event_timestamp DESC, pk LIMIT {NEWEST})
GROUP BY pk HAVING count(*) = 1 ORDER BY max(event_timestamp) DESC, pk LIMIT 1"""
UPDATED = f"""SELECT pk FROM {BRONZE}
WHERE pk IN (SELECT pk FROM {SILVER} WHERE op = 'U' ORDER BY updated_at DESC, pk LIMIT {NEWEST})
GROUP BY pk HAVING count(*) > 1 ORDER BY count(DISTINCT batch) DESC, max(updated_at) DESC, pk LIMIT 1"""
DELETED = f"""SELECT changes.pk FROM {BRONZE} AS changes
JOIN (SELECT DISTINCT pk FROM (SELECT pk FROM {BRONZE} WHERE op = 'D' ORDER BY updated_at DESC, pk LIMIT {NEWEST}))
  AS gone ON gone.pk = changes.pk
LEFT JOIN {SILVER} AS live ON live.pk = changes.pk
WHERE live.pk IS NULL
GROUP BY changes.pk ORDER BY count(*) DESC, max(changes.updated_at) DESC, changes.pk LIMIT 1"""
NOT_READ = f"""SELECT raw, reason, source_file, line_number, quarantined_at, batch FROM {QUARANTINE}
ORDER BY quarantined_at DESC, source_file, line_number LIMIT 1"""


@dataclass(frozen=True)
class RawText:
    """An item as its file has it. text: None where the file can't be read any more."""

    place: str
    text: str | None


@dataclass(frozen=True)
class Story:
    """An event through the layers. missing: what this lake has none of, where there is no such event.

    pk: of the event; silver, gold: None where the layer does not have it, and then why not
    """

    id: str
    title: str
    what: str
    missing: str = ""
    pk: str = ""
    raw: Sequence[RawText] = ()
    bronze: Grid | None = None
    silver: Grid | None = None
    gold: Grid | None = None
    why_not_silver: str = ""
    why_not_gold: str = ""
    sql: str = ""


KINDS = (
    (
        "plain",
        "A plain event",
        "Delivered once, never changed: one row in Bronze, one in Silver, counted in Gold.",
        "no event that was delivered only once",
        PLAIN,
    ),
    (
        "updated",
        "An event that was updated late",
        "Bronze keeps every change. Silver has the one with the greatest updated_at, whenever it arrived.",
        "no event that was updated",
        UPDATED,
    ),
    (
        "deleted",
        "An event that was deleted",
        "Bronze remembers it and its delete. Silver does not show it any more, and Gold does not count it.",
        "no event that was deleted",
        DELETED,
    ),
)


def content(source: Source) -> Mapping[str, Any]:
    """The four stories, each of an event that a query has chosen."""
    is_filled = source.has(BRONZE, SILVER)
    chosen = {kind[0]: _first(source, kind[4]) if is_filled else None for kind in KINDS}
    return {"stories": [*(_story(source, kind, chosen[kind[0]]) for kind in KINDS), _quarantined(source)]}


def _first(source: Source, sql: str) -> str | None:
    rows = source.rows(sql)
    return str(rows[0][0]) if rows else None


def _story(source: Source, kind: tuple[str, str, str, str, str], pk: str | None) -> Story:
    """What each layer holds of an event."""
    name, title, what, missing, _ = kind
    if pk is None:
        return Story(name, title, what, missing)
    where = f"pk = {_text(pk)}"
    places = source.query(
        f"SELECT {BRONZE_COLUMNS}, source_file, line_number FROM {BRONZE} WHERE {where} "
        f"ORDER BY batch, updated_at, line_number LIMIT {MOST_CHANGES}"
    )
    silver = source.query(f"SELECT {SILVER_COLUMNS} FROM {SILVER} WHERE {where}")
    user_id = str(places.rows[0][2])
    gold = _gold(source, user_id)
    return Story(
        id=name,
        title=title,
        what=what,
        pk=pk,
        raw=[_raw(source, str(row[-2]), int(row[-1])) for row in places.rows],
        bronze=_changes(places, silver),
        silver=result_grid(silver, MOST_CHANGES) if silver.rows else None,
        gold=result_grid(gold, SNAPSHOTS) if gold is not None and gold.rows else None,
        why_not_silver="It is not there: its latest change is a delete.",
        why_not_gold=f"No snapshot has features of {user_id}.",
        sql=f"SELECT * FROM {BRONZE} WHERE {where}",
    )


def _changes(changes: QueryResult, silver: QueryResult) -> Grid:
    """An event's rows in Bronze, each with what became of it: it holds, or a later change replaced it."""
    grid = result_grid(QueryResult(changes.columns[:-2], [row[:-2] for row in changes.rows], 0, 0.0), MOST_CHANGES)
    last = max(row[5] for row in changes.rows)
    holding = (silver.rows[0][2], silver.rows[0][5]) if silver.rows else ("D", last)
    word = Cell("holds", state="good") if silver.rows else Cell("deletes it", state="bad")
    became = [word if (row[1], row[5]) == holding else Cell("replaced", state="muted") for row in changes.rows]
    rows = [[each, *cells] for each, cells in zip(became, grid.rows, strict=True)]
    return Grid((("outcome", "text"), *grid.columns), rows)


def _gold(source: Source, user_id: str) -> QueryResult | None:
    """The newest features of a user."""
    if not source.has(GOLD):
        return None
    return source.query(
        "SELECT training_date, user_id, click_count, purchase_count, event_count, last_event_type, "
        f"days_since_last_event FROM {GOLD} WHERE user_id = {_text(user_id)} "
        f"ORDER BY training_date DESC LIMIT {SNAPSHOTS}"
    )


def _quarantined(source: Source) -> Story:
    """An item that never became an event."""
    title, what = (
        "An item that could not be read",
        "It goes to quarantine with file, line and reason; the rest goes on.",
    )
    result = source.query(NOT_READ) if source.has(QUARANTINE) else None
    if result is None or not result.rows:
        return Story("quarantine", title, what, "nothing in quarantine")
    raw, _, source_file, line_number, _, _ = result.rows[0]
    shown = QueryResult(result.columns[1:], [result.rows[0][1:]], 0, 0.0)
    return Story(
        id="quarantine",
        title=title,
        what=what,
        raw=[RawText(_place(str(source_file), line_number), str(raw))],
        bronze=result_grid(shown, 1),
        why_not_silver="It is not there: only Bronze's changes get to Silver.",
        why_not_gold="No snapshot counts it.",
        sql=f"SELECT * FROM {QUARANTINE}",
    )


def _raw(source: Source, source_file: str, line_number: int) -> RawText:
    return RawText(_place(source_file, line_number), raw_item(source.clients("s3"), source_file, line_number))


def _place(source_file: str, line_number: int) -> str:
    return f"{local_text(source_file)}, line {line_number:,}"


def _text(value: str) -> str:
    """A text as SQL has it."""
    return "'" + value.replace("'", "''") + "'"
