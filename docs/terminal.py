"""Draws what a terminal shows as SVG: lines with ANSI colours -> a picture whose table borders meet.

Box characters are drawn as lines from cell to cell, not as text; text is stretched to the width of its cells. So a
picture looks alike in every font, and none is shipped or fetched: a picture in a README may load nothing.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from rich.color import Color
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

CELL, LINE, FONT_PX = 8, 18, 13  # pixels; whole ones, so that lines of neighbours meet without a seam
MARGIN, BAR = 16, 34
FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
INK, PAGE, FRAME = "#d7dce3", "#12161c", "#333b46"
ANSI = [
    (18, 22, 28), (255, 123, 114), (86, 211, 100), (227, 179, 65), (121, 192, 255), (210, 168, 255), (86, 212, 221),
    (215, 220, 227),
]  # fmt: skip
THEME = TerminalTheme((18, 22, 28), (215, 220, 227), ANSI, ANSI)
WIDTHS = {"LIGHT": 1, "HEAVY": 2}
ARMS = {"LEFT": "l", "RIGHT": "r", "UP": "u", "DOWN": "d", "HORIZONTAL": "lr", "VERTICAL": "ud"}
RUN = re.compile(r"[\u2500-\u257f]|[^\s\u2500-\u257f]+(?: [^\s\u2500-\u257f]+)*")


def arms(character: str) -> dict[str, int]:
    """Arms of a box character, from the middle of its cell to an edge (l, r, u, d), each with its width.

    Unicode's name says them: LIGHT DOWN AND RIGHT, or where they differ, DOWN LIGHT AND HORIZONTAL HEAVY.
    """
    words = unicodedata.name(character).removeprefix("BOX DRAWINGS ").split()
    found: dict[str, int] = {}
    named: list[str] = []
    width = WIDTHS.get(words[0])
    for word in words:
        if word in ARMS:
            named += ARMS[word]
        elif word in WIDTHS and named and width is None:
            found |= dict.fromkeys(named, WIDTHS[word])
            named = []
    return found | dict.fromkeys(named, width or 1)


def picture(lines: Sequence[str], title: str, columns: int) -> str:
    """A terminal of so many columns as SVG, with the title on its bar."""
    rows = [row for line in lines for row in _wrapped(Text.from_ansi(line), columns)]
    width, height = columns * CELL + 2 * MARGIN, BAR + len(rows) * LINE + 2 * MARGIN
    drawn = "\n".join(part for number, row in enumerate(rows) for part in _line(number, row))
    frame = f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8" fill="{PAGE}" stroke="{FRAME}"/>'
    lights = "".join(f'<circle cx="{20 + 18 * place}" cy="18" r="5" fill="{FRAME}"/>' for place in range(3))
    name = f'<text x="{width / 2}" y="22" text-anchor="middle" fill="#9aa4b2">{escape(title)}</text>'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"
 aria-label="{escape(title)}" font-family="{FONTS}" font-size="{FONT_PX}" fill="{INK}">
{frame}{lights}{name}
<g transform="translate({MARGIN},{BAR + MARGIN})" fill="none">
{drawn}
</g>
</svg>
"""


def _wrapped(text: Text, columns: int) -> Sequence[Text]:
    """A line as a terminal shows it that is too narrow for it."""
    return text.divide(range(columns, len(text), columns))


def _line(row: int, text: Text) -> Iterator[str]:
    """The parts of a line: its words, and a path a colour for its box characters."""
    strokes: dict[tuple[str, int], str] = {}
    for start, end, style in _pieces(text):
        colour = _colour(style)
        for found in RUN.finditer(text.plain, start, end):
            if "\u2500" <= found[0] <= "\u257f":
                for side, width in arms(found[0]).items():
                    strokes[colour, width] = strokes.get((colour, width), "") + _arm(found.start(), row, side)
            else:
                weight = ' font-weight="600"' if style.bold else ""
                place = f'x="{found.start() * CELL}" y="{row * LINE + 13}" textLength="{len(found[0]) * CELL}"'
                yield f'<text {place} lengthAdjust="spacingAndGlyphs" fill="{colour}"{weight}>{escape(found[0])}</text>'
    for (colour, width), path in strokes.items():
        yield f'<path d="{path}" stroke="{colour}" stroke-width="{width}" opacity=".6"/>'


def _pieces(text: Text) -> Iterator[tuple[int, int, Style]]:
    """Stretches of a line in one style: start, end, style."""
    edges = sorted({0, len(text), *(edge for span in text.spans for edge in (span.start, span.end))})
    for start, end in pairwise(edges):
        styles = [span.style for span in text.spans if span.start <= start and end <= span.end]
        yield start, end, Style.combine([Style.null(), *(style for style in styles if isinstance(style, Style))])


def _colour(style: Style) -> str:
    if style.dim:
        return "#9aa4b2"
    return (style.color or Color.default()).get_truecolor(THEME).hex if style.color else INK


def _arm(column: int, row: int, side: str) -> str:
    """The line from the middle of a cell to its edge on a side."""
    x, y = column * CELL, row * LINE
    middle_x, middle_y = x + CELL / 2, y + LINE / 2
    edges = {"l": f"H{x}", "r": f"H{x + CELL}", "u": f"V{y}", "d": f"V{y + LINE}"}
    return f"M{middle_x:g} {middle_y:g}{edges[side]}"
