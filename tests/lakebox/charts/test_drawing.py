"""A drawn chart: bars of the right length, readable text, values as text alone, colours that follow the page."""

import re
import subprocess
import sys
from datetime import date
from xml.etree import ElementTree

import pytest

from lakebox.charts.clicks_and_purchases import clicks_and_purchases
from lakebox.charts.drawing import draw, standalone
from lakebox.charts.events_by_day import events_by_day
from lakebox.charts.recency import recency
from lakebox.charts.theme import DARK, LIGHT, NARROW, WIDE

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ("<script>alert(1)</script>", "\"quoted' & <b>", "שלום\u202eabc", "x" * 10_000)


def marks(svg: str, name: str) -> list[ElementTree.Element]:
    (group,) = ElementTree.fromstring(svg).findall(f".//{SVG}g[@class='{name}']")
    return list(group)


def test_bars_are_as_long_as_their_numbers() -> None:
    for size in (WIDE, NARROW):
        spec = clicks_and_purchases([("ana", 10, 5), ("bob", 1, 0)], size, places=4)
        svg = draw(spec, "two users")
        lengths = [float(re.findall(r"h([\d.]+)", bar.get("d", ""))[0]) for bar in marks(svg, "bars")]
        assert lengths == [round(spec["width"] * share, 3) for share in (1, 0.5, 0.1, 0, 0, 0, 0, 0)]
        assert [text.text or "" for text in marks(svg, "numbers")] == ["10", "5", "1", "0", "", "", "", ""]
        assert [text.text or "" for text in marks(svg, "names")] == ["ana", "bob", "", ""]


def test_columns_are_as_high_as_their_numbers() -> None:
    spec = recency([(0, 4), (1, 1)])
    heights = [float(re.findall(r"v([\d.]+)", bar.get("d", ""))[0]) for bar in marks(draw(spec, "recency"), "bars")]
    assert heights[:3] == [spec["height"], spec["height"] / 4, 0]


def test_each_bar_says_its_values() -> None:
    bars = marks(draw(events_by_day([(date(2025, 6, 1), "click", 1234)]), "events"), "bars")
    assert [bar.get("data-tip") for bar in bars] == ["1 Jun 2025: 1,234 × click"]


@pytest.mark.parametrize("value", HOSTILE)
def test_values_never_become_markup(value: str) -> None:
    svgs = [
        draw(clicks_and_purchases([(value, 2, 1)]), value),
        draw(events_by_day([(date(2025, 6, 1), value, 1)]), value),
    ]
    for svg in svgs:
        whole = ElementTree.fromstring(svg)
        assert {element.tag.removeprefix(SVG) for element in whole.iter()} <= {"svg", "g", "path", "text", "line"}
        assert whole.get("aria-label") == value


def test_no_text_is_smaller_than_twelve_pixels() -> None:
    for size in (WIDE, NARROW):
        for spec in (clicks_and_purchases([("ana", 1, 1)], size), recency([(0, 1)], size)):
            assert set(re.findall(r'font-size="([^"]+)"', draw(spec, "chart"))) == {"12px"}


def test_colours_follow_the_page() -> None:
    svg = draw(clicks_and_purchases([("ana", 1, 1)]), "chart")
    assert set(re.findall(r'fill="([^"]+)"', svg)) == {
        "none",
        "currentColor",
        "var(--series-1, #0072b2)",
        "var(--series-2, #d55e00)",
    }
    alone = standalone(recency([(0, 1)]), "chart")
    assert "prefers-color-scheme:dark" in alone
    assert f"--series-1:{DARK[0]}" in alone


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_every_colour_stands_out_from_its_page() -> None:
    for colours, page in ((LIGHT, "#ffffff"), (DARK, "#12161c")):
        for colour in colours:
            low, high = sorted((luminance(colour), luminance(page)))
            assert (high + 0.05) / (low + 0.05) >= 3, colour


def test_nothing_imports_the_drawing_before_it_draws() -> None:
    program = "import sys, lakebox.charts.drawing; print('vl_convert' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
