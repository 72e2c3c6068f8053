"""What all charts share: the palette, the sizes, the type; so that a change here changes every chart.

The palette is Okabe and Ito's, made for people who see colours differently (Color Universal Design, 2008): its dark
colours on a light page, its light ones on a dark page, each at least 3:1 against the page. A colour is written as a CSS
variable with the light page's colour after it, so that one SVG follows the page that it is in, and stands alone, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
VEGA_LITE = "6.4"
LIGHT = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#b0609a",
    "#8a6d00",
    "#5b6472",
)  # blue, vermillion, green, purple, ochre, grey
DARK = ("#56b4e9", "#e69f00", "#35c29b", "#dd9fc4", "#f0e442", "#9aa4b2")
SERIES = tuple(f"var(--series-{number}, {colour})" for number, colour in enumerate(LIGHT, start=1))
INK = "currentColor"
FAINT = "var(--chart-grid, #d9dee5)"
QUIET = "var(--chart-quiet, #57606e)"
FONT_PX = 12
TITLE_PX = 24


@dataclass(frozen=True)
class Size:
    """How wide a chart is drawn, in CSS pixels: for a page's column, and once more for a telephone's."""

    width: int

    @property
    def is_narrow(self) -> bool:
        """Whether names go above bars, as there is no room beside them."""
        return self.width < 480


WIDE, NARROW = Size(520), Size(326)


def chart(size: Size, height: int, padding: Mapping[str, int], body: Mapping[str, Any]) -> Spec:
    """A whole spec around the body of a chart; `height` is that of the plot, and `padding` lies around it."""
    return {
        "$schema": SCHEMA,
        "width": size.width - padding["left"] - padding["right"],
        "height": height,
        "padding": dict(padding),
        "autosize": "none",
        "config": {
            "font": "system-ui, sans-serif",
            "background": None,
            "view": {"stroke": None},
            "text": {"fontSize": FONT_PX, "fill": INK, "aria": False},
            "axis": {
                "labelFontSize": FONT_PX,
                "labelColor": QUIET,
                "gridColor": FAINT,
                "domain": False,
                "ticks": False,
                "labelPadding": 6,
                "title": None,
                "titleColor": QUIET,
                "titleFontSize": FONT_PX,
                "titleFontWeight": "normal",
            },
        },
        **body,
    }


def above(title: str) -> Spec:
    """An upright axis' title, above its labels rather than turned beside them; it takes TITLE_PX of the padding."""
    return {"title": title, "titleAngle": 0, "titleAlign": "left", "titleX": -44, "titleY": 10 - TITLE_PX}


def some_of(values: Sequence[str], most: int) -> list[str]:
    """At most `most` of an axis' values, evenly apart: those that get a label."""
    step = -(-len(values) // most) or 1
    return list(values[::step])
