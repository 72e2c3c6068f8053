"""Reads Gold's snapshots by SQL, for the dashboard: totals, recency and users of each training date.

Four queries answer for all snapshots, whatever their number. Each chart of the page shows the query that gives its own
numbers, in CHART_QUERIES; a test holds that both give the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from lakebox.athena.engine import Engine

MOST_SNAPSHOTS = 30  # training dates to choose from, the newest ones
MOST_USERS = 100_000  # of the newest snapshot: a page with so many stays under 5 MB
MOST_USERS_BEFORE = 200  # of each older snapshot
EVENT_DAYS = 60  # days of the chart of events, up to the newest training date
ACTIVE_DAYS = 7


class User(NamedTuple):
    """A user's row in a snapshot of Gold."""

    user_id: str
    click_count: int
    purchase_count: int
    event_count: int
    last_event_type: str
    last_event_timestamp: datetime
    days_since_last_event: int


@dataclass(frozen=True)
class Snapshot:
    """A snapshot of Gold: its totals and its users.

    active: users seen in the last ACTIVE_DAYS days. recency: (days_since_last_event, users). users: those with most
    clicks and purchases first; at most MOST_USERS of the newest snapshot, and MOST_USERS_BEFORE of another one.
    """

    training_date: date
    user_count: int
    clicks: int
    purchases: int
    events: int
    active: int
    newest_event: datetime
    recency: Sequence[tuple[Any, ...]]
    users: Sequence[User]


TOTALS = """SELECT training_date, count(*) AS users, sum(click_count) AS clicks, sum(purchase_count) AS purchases,
       sum(event_count) AS events, count_if(days_since_last_event < {active_days}) AS active,
       max(last_event_timestamp) AS newest_event
FROM gold_user_features
GROUP BY training_date
ORDER BY training_date DESC
LIMIT {most}"""

RECENCY = """SELECT training_date, days_since_last_event, count(*) AS users
FROM gold_user_features
WHERE training_date >= DATE '{oldest}'
GROUP BY training_date, days_since_last_event
ORDER BY training_date, days_since_last_event"""

USERS = """SELECT training_date, user_id, click_count, purchase_count, event_count,
       last_event_type, last_event_timestamp, days_since_last_event
FROM (SELECT *, row_number() OVER (PARTITION BY training_date
                                   ORDER BY click_count + purchase_count DESC, user_id) AS place
      FROM gold_user_features
      WHERE training_date >= DATE '{oldest}')
WHERE place <= CASE WHEN training_date = DATE '{newest}' THEN {most} ELSE {most_before} END
ORDER BY training_date, place"""

EVENTS = """SELECT event_date, event_type, count(*) AS events
FROM silver_user_events
WHERE event_date > date_add('day', -{days}, DATE '{newest}') AND event_date <= DATE '{newest}'
GROUP BY event_date, event_type
ORDER BY event_date, event_type"""


def read_snapshots(engine: Engine) -> list[Snapshot]:
    """The newest MOST_SNAPSHOTS snapshots of Gold, the newest first; none where Gold is empty. Raises SqlError."""
    totals = engine.query(TOTALS.format(active_days=ACTIVE_DAYS, most=MOST_SNAPSHOTS)).rows
    if not totals:
        return []
    newest, oldest = totals[0][0], totals[-1][0]
    recency = _by_day(engine.query(RECENCY.format(oldest=oldest)).rows)
    most = {"most": MOST_USERS, "most_before": MOST_USERS_BEFORE}
    users = _by_day(engine.query(USERS.format(oldest=oldest, newest=newest, **most)).rows)
    return [
        Snapshot(*sums, recency[sums[0]], [User(*values) for values in users[sums[0]]])  # type: ignore[call-arg]
        for sums in totals
    ]


def read_events(engine: Engine, newest: date) -> list[tuple[date, str, int]]:
    """(event_date, event_type, events) of the EVENT_DAYS days up to a training date. Raises SqlError."""
    return [(day, kind, n) for day, kind, n in engine.query(EVENTS.format(days=EVENT_DAYS, newest=newest)).rows]


def _by_day(rows: Sequence[tuple[Any, ...]]) -> dict[date, list[tuple[Any, ...]]]:
    """Rows by their first value, without it."""
    found: dict[date, list[tuple[Any, ...]]] = {}
    for day, *values in rows:
        found.setdefault(day, []).append(tuple(values))
    return found
