"""Events a day by type, as bars stacked by type: the most frequent types, and the rest as one."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from lakebox.charts.theme import LIGHT, SERIES, TITLE_PX, WIDE, Size, Spec, above, chart, some_of

OTHER = "all others"
FIRST = ("click", "purchase")  # in the colours that they have in the chart of clicks and purchases
WIDEST_BAR_PX = 44
Row = tuple[date, str, int]


def shown_types(rows: Sequence[Row]) -> list[str]:
    """Types that get a colour of their own: FIRST, then the most frequent; then OTHER, where there are more."""
    events: Counter[str] = Counter()
    for _, event_type, n in rows:
        events[event_type] += n
    types = sorted(events, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), -events[name], name))
    return types if len(types) <= len(LIGHT) else [*types[: len(LIGHT) - 1], OTHER]


def events_by_day(rows: Sequence[Row], size: Size = WIDE) -> Spec:
    """Stacked bars of (event_date, event_type, events); days without events keep their place."""
    types = shown_types(rows)
    events: Counter[tuple[date, int]] = Counter()
    for day, event_type, n in rows:
        events[day, types.index(event_type if event_type in types else OTHER)] += n
    first, last = min((row[0] for row in rows), default=None), max((row[0] for row in rows), default=None)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)] if first and last else []
    values = [
        {"day": day.isoformat(), "place": place, "events": n, "tip": f"{day:%-d %b %Y}: {n:,} × {types[place][:60]}"}
        for (day, place), n in sorted(events.items())
    ]
    padding = {"left": 44, "right": 4, "top": 8 + TITLE_PX, "bottom": 26}
    step = (size.width - padding["left"] - padding["right"]) / max(len(days), 1)
    labelled = [day.isoformat() for day in days]
    x_axis = {
        "labelAngle": 0,
        "values": some_of(labelled, 5 if size.is_narrow else 9),
        "labelExpr": "utcFormat(utcParse(datum.value, '%Y-%m-%d'), '%-d %b')",
    }
    colour = {"domain": list(range(len(types))), "range": list(SERIES[: len(types)])}
    return chart(
        size,
        220,
        padding,
        {
            "data": {"values": values},
            "name": "bars",
            "mark": {"type": "bar", "width": min(WIDEST_BAR_PX, step * 0.84), "stroke": "var(--chart-page, #fff)"},
            "encoding": {
                "x": {"field": "day", "type": "ordinal", "axis": x_axis, "scale": {"domain": labelled}},
                "y": {
                    "field": "events",
                    "type": "quantitative",
                    "axis": {**above("events"), "tickCount": 4, "tickMinStep": 1, "format": ",d"},
                },
                "order": {"field": "place"},
                "color": {"field": "place", "type": "nominal", "scale": colour, "legend": None},
                "description": {"field": "tip"},
            },
        },
    )
