"""What each chart makes of rows: places, colours, bins and numbers, and that values stay text."""

from datetime import date
from typing import Any

from lakebox.charts.clicks_and_purchases import clicks_and_purchases
from lakebox.charts.events_by_day import events_by_day, shown_types
from lakebox.charts.recency import Bins, bins_for, recency
from lakebox.charts.theme import NARROW, WIDE


def values(spec: dict[str, Any], *fields: str) -> list[tuple[Any, ...]]:
    return [tuple(value[field] for field in fields) for value in spec["data"]["values"]]


def test_users_keep_their_order_and_empty_places_stay() -> None:
    spec = clicks_and_purchases([("zoe", 3, 1), ("ana", 1200, 0)], WIDE, places=3)
    assert values(spec, "place", "name", "kind", "n", "label") == [
        (0, "zoe", "clicks", 3, "3"),
        (0, "zoe", "purchases", 1, "1"),
        (1, "ana", "clicks", 1200, "1,200"),
        (1, "ana", "purchases", 0, "0"),
        (2, "", "clicks", 0, ""),
        (2, "", "purchases", 0, ""),
    ]


def test_a_long_name_is_cut_in_the_chart() -> None:
    for size, length in ((WIDE, 20), (NARROW, 40)):
        ((name, *_), *_) = values(clicks_and_purchases([("x" * 10_000, 1, 1)], size), "name")
        assert name == "x" * (length - 1) + "…"


def test_names_take_the_room_of_the_longest() -> None:
    short, long, later_long = (
        clicks_and_purchases(rows, WIDE, longest_name=longest)["padding"]["left"]
        for rows, longest in (([("ana", 1, 1)], None), ([("x" * 99, 1, 1)], None), ([("ana", 1, 1)], 99))
    )
    assert short < long == later_long


def test_bins_are_days_while_they_fit() -> None:
    assert bins_for([(0, 5), (3, 1)]) == Bins(width=1, count=7, is_open=False)
    assert bins_for([(0, 90), (23, 10)]) == Bins(width=1, count=24, is_open=False)
    assert bins_for([(0, 90), (24, 10)]) == Bins(width=2, count=13, is_open=False)
    assert bins_for([]) == Bins(width=1, count=7, is_open=False)


def test_a_few_old_users_share_the_last_bin() -> None:
    days = [(0, 98), (5, 1), (20_000, 1)]
    bins = bins_for(days)
    assert (bins.width, bins.count, bins.is_open) == (1, 24, True)
    assert bins.labels()[-2:] == ["22", "23+"]
    assert [n for n in bins.counts(days) if n] == [98, 1, 1]


def test_a_histogram_is_drawn_on_the_axis_given() -> None:
    spec = recency([(0, 2), (8, 1)], WIDE, Bins(7, 3, is_open=False), most=50)
    assert values(spec, "bin", "users", "tip") == [
        ("0–6", 2, "0–6 days ago: 2 users"),
        ("7–13", 1, "7–13 days ago: 1 user"),
        ("14–20", 0, "14–20 days ago: 0 users"),
    ]
    assert spec["encoding"]["y"]["scale"]["domain"] == [0, 50]


def test_days_without_events_keep_their_place() -> None:
    spec = events_by_day([(date(2025, 6, 1), "click", 2), (date(2025, 6, 4), "view", 1)])
    days = ["2025-06-01", "2025-06-02", "2025-06-03", "2025-06-04"]
    assert spec["encoding"]["x"]["scale"]["domain"] == days
    assert events_by_day([])["encoding"]["x"]["scale"]["domain"] == []


def test_clicks_and_purchases_keep_their_colours() -> None:
    rows = [(date(2025, 6, 1), name, n) for name, n in (("view", 9), ("purchase", 1), ("click", 2))]
    assert shown_types(rows) == ["click", "purchase", "view"]


def test_rare_types_are_summed_as_others() -> None:
    rows = [(date(2025, 6, 1), f"type {number}", 100 - number) for number in range(9)]
    assert shown_types(rows) == ["type 0", "type 1", "type 2", "type 3", "type 4", "all others"]
    assert values(events_by_day(rows), "place", "events")[-1] == (5, 95 + 94 + 93 + 92)
