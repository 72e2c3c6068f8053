"""Recency: how many users were last seen how many days before the snapshot's end, as a histogram."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lakebox.charts.theme import SERIES, TITLE_PX, WIDE, Size, Spec, above, chart, some_of

WIDTHS = (1, 2, 7, 14, 30, 90, 365, 3650)
FEWEST_BINS, MOST_BINS = 7, 24
WITHIN_BINS = 0.95  # share of users for whom the bins must be wide enough; the last bin has no end


@dataclass(frozen=True)
class Bins:
    """`count` bins of `width` days each, from 0 on; where is_open, the last one has no end."""

    width: int
    count: int
    is_open: bool

    def labels(self) -> list[str]:
        """What an axis says of each bin: "3", "7–13", and of one without an end "21+"."""
        starts = [number * self.width for number in range(self.count)]
        closed = [f"{start}" if self.width == 1 else f"{start}–{start + self.width - 1}" for start in starts]
        return [*closed[:-1], f"{starts[-1]}+"] if self.is_open else closed

    def counts(self, days: Iterable[tuple[int, int]]) -> list[int]:
        """Users a bin, from (days_since_last_event, users)."""
        counted: Counter[int] = Counter()
        for day, users in days:
            counted[min(day // self.width, self.count - 1)] += users
        return [counted[number] for number in range(self.count)]


def bins_for(days: Sequence[tuple[int, int]]) -> Bins:
    """The narrowest bins that have room for all but a few of the users, of (days_since_last_event, users)."""
    left = sum(users for _, users in days) * WITHIN_BINS
    needed = 0
    for day, users in sorted(days):
        if left <= 0:
            break
        needed, left = day, left - users
    width = next((width for width in WIDTHS if needed // width < MOST_BINS), WIDTHS[-1])
    count = max((day for day, _ in days), default=0) // width + 1
    return Bins(width, min(max(count, FEWEST_BINS), MOST_BINS), is_open=count > MOST_BINS)


def recency(days: Sequence[tuple[int, int]], size: Size = WIDE, bins: Bins | None = None, most: int = 0) -> Spec:
    """A histogram of (days_since_last_event, users).

    bins, most: the bins, and the greatest number on the axis, where several snapshots are to be drawn alike.
    """
    bins = bins or bins_for(days)
    labels, counts = bins.labels(), bins.counts(days)
    values = [{"bin": label, "users": n, "tip": tip(label, n)} for label, n in zip(labels, counts, strict=True)]
    top = max(most, *counts, 1)
    x_axis = {
        "title": "days since the last event",
        "labelAngle": 0,
        "values": some_of(labels, 6 if size.is_narrow or bins.width > 1 else 12),
    }
    y_axis = {**above("users"), "tickCount": 4, "tickMinStep": 1, "format": ",d"}
    return chart(
        size,
        220,
        {"left": 44, "right": 4, "top": 8 + TITLE_PX, "bottom": 44},
        {
            "data": {"values": values},
            "name": "bars",
            "mark": {"type": "bar", "fill": SERIES[0]},
            "encoding": {
                "x": {"field": "bin", "type": "ordinal", "sort": None, "axis": x_axis, "scale": {"paddingInner": 0.12}},
                "y": {"field": "users", "type": "quantitative", "axis": y_axis, "scale": {"domain": [0, top]}},
                "description": {"field": "tip"},
            },
        },
    )


def tip(label: str, users: int) -> str:
    """What a bar says of itself."""
    return f"{label} {'day' if label == '1' else 'days'} ago: {users:,} {'user' if users == 1 else 'users'}"
