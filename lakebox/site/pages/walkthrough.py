"""The walkthrough: four real events of this lake through Raw, Bronze, Silver and Gold, as each layer holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import dedent
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
GOLD_COLUMNS = (
    "user_id, training_date, click_count, purchase_count, event_count, last_event_type, days_since_last_event"
)
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


@dataclass(frozen=True)
class Kind:
    """A kind of event. missing: what a lake has not that has none; choice: the query that gives the pk of one."""

    id: str
    title: str
    what: str
    missing: str
    choice: str


KINDS = (
    Kind(
        "plain",
        "A plain event",
        "Delivered once, never changed: one row in Bronze, one in Silver, counted in Gold.",
        "no event that was delivered only once",
        PLAIN,
    ),
    Kind(
        "updated",
        "An event that was updated late",
        "Bronze keeps every change. Silver has the one with the greatest updated_at, whenever it arrived.",
        "no event that was updated",
        UPDATED,
    ),
    Kind(
        "deleted",
        "An event that was deleted",
        "Bronze remembers it and its delete. Silver does not show it any more, and Gold does not count it.",
        "no event that was deleted",
        DELETED,
    ),
)


@dataclass(frozen=True)
class Layers:
    """What the layers hold of the chosen events: results whose first column is the event's pk, or Gold's user."""

    bronze: QueryResult
    silver: QueryResult
    gold: QueryResult | None


def content(source: Source) -> Mapping[str, Any]:
    """The four stories, each of an event that a query has chosen."""
    chosen = dict.fromkeys(KINDS, None)
    if source.has(BRONZE, SILVER):
        picked = source.query(f"SELECT {', '.join(f'({kind.choice}) AS {kind.id}' for kind in KINDS)}")
        chosen = dict(zip(KINDS, picked.rows[0], strict=True))
    pks = [pk for pk in chosen.values() if pk is not None]
    layers = _layers(source, pks) if pks else None
    stories = [_story(source, kind, pk, layers) for kind, pk in chosen.items()]
    return {"stories": [*stories, _quarantined(source)]}


def _layers(source: Source, pks: Sequence[str]) -> Layers:
    wanted = f"pk IN ({', '.join(map(_text, pks))})"
    bronze = source.query(
        f"SELECT pk, {BRONZE_COLUMNS}, source_file, line_number FROM "
        "(SELECT *, row_number() OVER (PARTITION BY pk ORDER BY batch, updated_at, line_number) AS place "
        f"FROM {BRONZE} WHERE {wanted}) WHERE place <= {MOST_CHANGES} ORDER BY pk, place"
    )
    silver = source.query(f"SELECT pk, {SILVER_COLUMNS} FROM {SILVER} WHERE {wanted}")
    users = ", ".join(sorted({_text(str(row[3])) for row in bronze.rows}))
    gold = None
    if source.has(GOLD):
        gold = source.query(
            f"SELECT {GOLD_COLUMNS} FROM "
            "(SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY training_date DESC) AS place "
            f"FROM {GOLD} WHERE user_id IN ({users})) WHERE place <= {SNAPSHOTS} ORDER BY user_id, place"
        )
    return Layers(bronze, silver, gold)


def _story(source: Source, kind: Kind, pk: str | None, layers: Layers | None) -> Story:
    """What each layer holds of an event."""
    if pk is None or layers is None:
        return Story(kind.id, kind.title, kind.what, kind.missing)
    bronze, silver = _of(layers.bronze, pk), _of(layers.silver, pk)
    user_id = str(bronze.rows[0][2])
    gold = _of(layers.gold, user_id) if layers.gold else None
    return Story(
        id=kind.id,
        title=kind.title,
        what=kind.what,
        pk=pk,
        raw=[_raw(source, str(row[-2]), int(row[-1])) for row in bronze.rows],
        bronze=_changes(bronze, silver),
        silver=result_grid(silver, MOST_CHANGES) if silver.rows else None,
        gold=result_grid(gold, SNAPSHOTS) if gold and gold.rows else None,
        why_not_silver="It is not there: its latest change is a delete.",
        why_not_gold=f"No snapshot has features of {user_id}.",
        sql=f"SELECT * FROM {BRONZE} WHERE pk = {_text(pk)}",
    )


def _of(result: QueryResult, key: str) -> QueryResult:
    """The rows of one event or user, without the column that says so."""
    return QueryResult(result.columns[1:], [row[1:] for row in result.rows if row[0] == key], 0, 0.0)


def _changes(changes: QueryResult, silver: QueryResult) -> Grid:
    """An event's rows in Bronze, each with what became of it: it holds, or a later change replaced it."""
    grid = result_grid(QueryResult(changes.columns[:-2], [row[:-2] for row in changes.rows], 0, 0.0), MOST_CHANGES)
    last = max(row[5] for row in changes.rows)
    holding = (silver.rows[0][2], silver.rows[0][5]) if silver.rows else ("D", last)
    word = Cell("current", state="good") if silver.rows else Cell("deletes it", state="bad")
    became = [word if (row[1], row[5]) == holding else Cell("replaced", state="muted") for row in changes.rows]
    rows = [[each, *cells] for each, cells in zip(became, grid.rows, strict=True)]
    return Grid((("outcome", "text"), *grid.columns), rows, from_sql=True)


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
    text = raw_item(source.clients("s3"), source_file, line_number)
    return RawText(_place(source_file, line_number), None if text is None else _without_indent(text))


def _without_indent(text: str) -> str:
    """An item of several lines, moved left by what its array indents it; its first line starts at its brace."""
    first, newline, rest = text.partition("\n")
    return first + newline + dedent(rest)


def _place(source_file: str, line_number: int) -> str:
    return f"{local_text(source_file)}, line {line_number:,}"


def _text(value: str) -> str:
    """A text as SQL has it."""
    return "'" + value.replace("'", "''") + "'"
