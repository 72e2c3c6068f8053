"""Clicks against purchases: a pair of bars a user, with their numbers at their ends."""

from collections.abc import Sequence

from lakebox.charts.theme import INK, SERIES, WIDE, Size, Spec, chart

KINDS = ("clicks", "purchases")
NAME_PX, LETTER_PX = 140, 8  # room for the longest name beside the bars; what a letter takes of it
NUMBER_PX = 50  # room for a number behind the longest bar
LONGEST_NAME = 20  # characters; in a narrow chart twice as many


def clicks_and_purchases(
    rows: Sequence[tuple[str, int, int]], size: Size = WIDE, places: int | None = None, longest_name: int | None = None
) -> Spec:
    """Clustered bars, in the order of the rows: (user_id, click_count, purchase_count).

    places: how many users the chart has room for (None: as many as there are rows); places without a user stay empty.
    longest_name: letters of the longest name that these places may ever show (None: of the rows' names).
    A wide chart has the names beside the bars, a narrow one above them.
    """
    most_letters = LONGEST_NAME * 2 if size.is_narrow else LONGEST_NAME
    shown = [(short(name, most_letters), counts) for name, *counts in rows]
    letters = max((len(name) for name, *_ in rows), default=0) if longest_name is None else longest_name
    name_px = min(NAME_PX, 24 + LETTER_PX * letters)
    shown += [("", [0, 0])] * ((places or len(shown)) - len(shown))
    values = [
        {
            "place": place,
            "name": name,
            "kind": kind,
            "n": n,
            "label": f"{n:,}" if name else "",
            "tip": tip(name, kind, n),
        }
        for place, (name, counts) in enumerate(shown)
        for kind, n in zip(KINDS, counts, strict=True)
    ]
    step, gap, left = (54, 0.48, 0) if size.is_narrow else (38, 0.28, name_px)
    places_scale = {"paddingInner": gap, "paddingOuter": gap / 2, "align": 1}  # a name above the bars needs the gap
    longest = max((n for _, counts in shown for n in counts), default=0) or 1
    numbers_scale = {"domain": [0, longest], "nice": False}
    place = {"field": "place", "type": "ordinal", "axis": None, "scale": places_scale}
    n = {"field": "n", "type": "quantitative", "axis": None, "scale": numbers_scale}
    kind = {"field": "kind", "sort": list(KINDS), "scale": {"range": list(SERIES[:2])}, "legend": None}
    bars = {"y": place, "yOffset": {"field": "kind", "sort": list(KINDS)}, "x": n}
    above = {"align": "left", "x": 0, "baseline": "bottom", "dy": -step * (1 - gap) / 2 - 3, "limit": size.width}
    beside = {"align": "right", "x": -12, "baseline": "middle", "limit": name_px - 12}
    return chart(
        size,
        step * len(shown),
        {"left": left, "right": NUMBER_PX, "top": 0, "bottom": 4},
        {
            "data": {"values": values},
            "layer": [
                {
                    "name": "bars",
                    "mark": "bar",
                    "encoding": {**bars, "color": kind, "description": {"field": "tip"}},
                },
                {
                    "name": "numbers",
                    "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 6},
                    "encoding": {**bars, "text": {"field": "label"}},
                },
                {
                    "name": "names",
                    "transform": [{"filter": f"datum.kind == '{KINDS[0]}'"}],
                    "mark": {"type": "text", "fill": INK, **(above if size.is_narrow else beside)},
                    "encoding": {"y": place, "text": {"field": "name"}},
                },
            ],
        },
    )


def tip(name: str, kind: str, n: int) -> str:
    """What a bar says of itself."""
    return f"{name}: {n:,} {kind}" if name else ""


def short(text: str, longest: int) -> str:
    """Text as it is, or its first characters and an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
