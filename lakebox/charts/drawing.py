"""Draws a chart's spec as SVG, with vl-convert: no browser, no Node.

The first chart of a process takes 0.5 s, each further one 0.06 s. Only this module imports vl-convert, and only when a
chart is drawn.
"""

from html import escape
from xml.etree import ElementTree

from lakebox.charts.theme import DARK, LIGHT, VEGA_LITE, Spec

SVG = "http://www.w3.org/2000/svg"
KEPT = frozenset(
    ("d", "fill", "stroke", "stroke-width", "transform", "text-anchor", "font-size", "x2", "y2", "opacity")
)
NAMED = "_marks"  # the end of the class of marks that a spec has given a name


def draw(spec: Spec, label: str) -> str:
    """The chart as an <svg> element for a page; label: what it shows, for those who can't see it.

    A mark of the layer NAME is in <g class="NAME">, and says in data-tip what the spec's `description` says.
    """
    import vl_convert

    drawn = ElementTree.fromstring(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE))  # noqa: S314 our own SVG
    width, height = drawn.get("width", ""), drawn.get("height", "")
    attributes = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    inner = "".join(_plain(child) for child in drawn)
    return f'<svg xmlns="{SVG}" {attributes} role="img" aria-label="{escape(label)}">{inner}</svg>'


def standalone(spec: Spec, label: str) -> str:
    """The chart as a file or picture of its own: with a background, and its colours for a dark screen."""
    return draw(spec, label).replace(">", f"><style>{alone_style()}</style>", 1)


def alone_style() -> str:
    """CSS of an SVG that stands in no page: background, ink and the palette, on a light and on a dark screen."""
    light, dark = (
        "".join(f"--series-{number}:{colour};" for number, colour in enumerate(colours, start=1))
        for colours in (LIGHT, DARK)
    )
    return (
        f"svg{{{light}background:#fff;color:#1a2027;font-family:system-ui,sans-serif}}"
        f"@media(prefers-color-scheme:dark){{svg{{{dark}--chart-grid:#2d353f;--chart-quiet:#9aa6b4;--chart-page:#11151a;"
        "background:#11151a;color:#e4e8ed}}"
    )


def _plain(element: ElementTree.Element) -> str:
    """An element of Vega's SVG, without the attributes that say the same for each mark, and without what is empty."""
    tag = element.tag.removeprefix(f"{{{SVG}}}")
    inner = escape(element.text or "", quote=False) + "".join(_plain(child) for child in element)
    if element.get("display") == "none" or (tag == "g" and not inner) or element.get("class") == "background":
        return ""
    kept = {name: value for name, value in element.attrib.items() if name in KEPT}
    names = [name.removesuffix(NAMED) for name in element.get("class", "").split() if name.endswith(NAMED)]
    kept |= {"class": names[0]} if names else {}
    kept |= {"data-tip": tip} if (tip := element.get("aria-label")) and tag == "path" else {}
    if tag == "g" and not kept:
        return inner
    said = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
    return f"<{tag}{said}>{inner}</{tag}>" if inner else f"<{tag}{said}/>"
