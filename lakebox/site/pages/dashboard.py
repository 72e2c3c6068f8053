"""The dashboard's page: Gold's snapshots and Silver's days, read by SQL -> what templates/dashboard.html shows.

Charts are drawn here, as SVG, for the newest training date, so that the page is whole without scripts. With scripts,
static/dashboard.js moves the bars of these same SVGs when a reader picks a date, searches or turns a page: its data
lies in the page as JSON. Vega's own runtime would draw them anew from their specs, but it is 0.9 MB, takes 2.5 s to
bundle, a quarter of what the whole site may take, and must interpret its expressions where a policy forbids eval. The
script is a hundredth of that, for the bars are rectangles whose places do not change.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import nsmallest
from typing import Any

from markupsafe import Markup

from lakebox.athena.result_text import cell_text
from lakebox.charts.clicks_and_purchases import clicks_and_purchases
from lakebox.charts.drawing import draw
from lakebox.charts.events_by_day import events_by_day, shown_types
from lakebox.charts.recency import Bins, bins_for, recency
from lakebox.charts.theme import NARROW, WIDE, Spec
from lakebox.site.snapshots import EVENT_DAYS, EVENTS, Snapshot, User, read_events, read_snapshots
from lakebox.site.source import Source

SIZES = (WIDE, NARROW)
COLUMNS = (  # of the table of users: heading, the script's name, whether it is a number
    ("User", "user", False),
    ("Last event (UTC)", "last", False),
    ("Type", "type", False),
    ("Days since", "days", True),
    ("Events", "events", True),
    ("Clicks", "clicks", True),
    ("Purchases", "purchases", True),
)
PLACES = 12  # users a page of the bars
ROWS = 25  # users a page of the table
USERS_BYTES = 4_300_000  # of the page's data: user ids may be long
EPOCH = datetime(1970, 1, 1)  # timestamps of SQL are UTC, without a zone

BARS_SQL = """SELECT user_id, click_count, purchase_count
FROM gold_user_features
WHERE training_date = DATE '{day}'
ORDER BY click_count + purchase_count DESC, user_id
LIMIT 12"""
RECENCY_SQL = """SELECT days_since_last_event, count(*) AS users
FROM gold_user_features
WHERE training_date = DATE '{day}'
GROUP BY days_since_last_event
ORDER BY days_since_last_event"""
USERS_SQL = """SELECT user_id, last_event_timestamp, last_event_type, days_since_last_event,
       event_count, click_count, purchase_count
FROM gold_user_features
WHERE training_date = DATE '{day}'
ORDER BY last_event_timestamp DESC, user_id"""


@dataclass(frozen=True)
class Chart:
    """A chart as the page has it: for wide and narrow screens, with its query in parts around the training date.

    plot: how long the longest bar of each may be, in pixels.
    """

    wide: Markup
    narrow: Markup
    plot: tuple[int, int]
    sql: tuple[str, ...]


def content(source: Source) -> dict[str, Any]:
    """What the template needs; `snapshots` is empty where Gold has no snapshot yet. Raises SqlError."""
    if not source.rows("SELECT 1 FROM gold_user_features LIMIT 1", "gold_user_features", "silver_user_events"):
        return {"snapshots": []}
    snapshots = read_snapshots(source.engine)
    newest = snapshots[0]
    events = read_events(source.engine, newest.training_date)
    every_day = [counted for snapshot in snapshots for counted in snapshot.recency]
    bins = bins_for(every_day)
    most = max(n for snapshot in snapshots for n in bins.counts(snapshot.recency))
    top = [(user.user_id, user.click_count, user.purchase_count) for user in newest.users[:PLACES]]
    latest = nsmallest(ROWS, newest.users, key=lambda user: (EPOCH - user.last_event_timestamp, user.user_id))
    longest_name = max((len(user.user_id) for snapshot in snapshots for user in snapshot.users), default=0)
    bars = [clicks_and_purchases(top, size, PLACES, longest_name) for size in SIZES]
    last_seen = [recency(newest.recency, size, bins, most) for size in SIZES]
    by_day = [events_by_day(events, size) for size in SIZES]
    in_bins = list(zip(bins.labels(), bins.counts(newest.recency), strict=True))
    events_sql = EVENTS.format(days=EVENT_DAYS, newest=newest.training_date)
    return {
        "snapshots": snapshots,
        "newest": newest,
        "before": snapshots[1] if len(snapshots) > 1 else None,
        "bars": _chart("Clicks and purchases of the most active users", BARS_SQL, "width", bars),
        "recency": _chart("Users by days since their last event", RECENCY_SQL, "height", last_seen),
        "events": _chart("Events a day by type", events_sql, "height", by_day),
        "users_sql": _around_the_date(USERS_SQL),
        "top": top,
        "bins": in_bins,
        "mode": max(in_bins, key=lambda labelled: labelled[1]),
        "busiest": _busiest(events),
        "types": shown_types(events),
        "event_rows": events,
        "days": EVENT_DAYS,
        "latest": [_cells(user) for user in latest],
        "columns": COLUMNS,
        "places": PLACES,
        "rows_a_page": ROWS,
        "data": _data(snapshots, bins, most),
    }


def _busiest(events: Sequence[tuple[date, str, int]]) -> tuple[date, int] | None:
    """The day with most events, the first of several, and how many; None without events."""
    days: Counter[date] = Counter()
    for day, _, n in events:
        days[day] += n
    return max(sorted(days.items()), key=lambda counted: counted[1], default=None)


def _cells(user: User) -> tuple[str | int, ...]:
    """A user's row in the table, in the order of COLUMNS."""
    last_event = (cell_text(user.last_event_timestamp), user.last_event_type, user.days_since_last_event)
    return user.user_id, *last_event, user.event_count, user.click_count, user.purchase_count


def _chart(label: str, sql: str, side: str, specs: Sequence[Spec]) -> Chart:
    """A chart drawn for wide and for narrow screens; side: in which its bars grow, width or height."""
    wide, narrow = (Markup(draw(spec, label)) for spec in specs)  # noqa: S704 drawn here
    return Chart(wide, narrow, (specs[0][side], specs[1][side]), _around_the_date(sql))


def _around_the_date(sql: str) -> tuple[str, ...]:
    """A query in parts, between which the training date stands."""
    return tuple(sql.split("{day}"))


def _data(snapshots: Sequence[Snapshot], bins: Bins, most: int) -> Markup:
    """All snapshots as JSON for the script, a list a column; text in it can't end the element that it lies in."""
    types: dict[str, int] = {}
    room = USERS_BYTES
    listed = []
    for snapshot in snapshots:
        users = _that_fit(snapshot.users, room)
        room -= sum(_size(user) for user in users)
        listed.append(
            {
                "day": snapshot.training_date.isoformat(),
                "users": snapshot.user_count,
                "clicks": snapshot.clicks,
                "purchases": snapshot.purchases,
                "events": snapshot.events,
                "active": snapshot.active,
                "newest": cell_text(snapshot.newest_event),
                "bins": bins.counts(snapshot.recency),
                "rows": {
                    "user": [user.user_id for user in users],
                    "clicks": [user.click_count for user in users],
                    "purchases": [user.purchase_count for user in users],
                    "events": [user.event_count for user in users],
                    "type": [types.setdefault(user.last_event_type, len(types)) for user in users],
                    "last": [(user.last_event_timestamp - EPOCH) // timedelta(milliseconds=1) for user in users],
                    "days": [user.days_since_last_event for user in users],
                },
            }
        )
    data = {"snapshots": listed, "types": list(types), "labels": bins.labels(), "width": bins.width, "most": most}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 no tag can start in it


def _that_fit(users: Sequence[User], room: int) -> Sequence[User]:
    """The first users, as many as fit in so many bytes."""
    for number, user in enumerate(users):
        room -= _size(user)
        if room < 0:
            return users[:number]
    return users


def _size(user: User) -> int:
    """About how many bytes a user takes in the page's data."""
    return len(user.user_id.encode()) + 28
