"""Parts and parameters of URLs."""

import re
from urllib.parse import quote, unquote, unquote_plus

URL = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://(?:[^/?#@]*@)?([A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::(\d*))?)?"
    r"([^?#]*)(?:\?([^#]*))?(?:#(.*))?"
)
NO_URL = re.compile(r"[\s<>\"{}|\\^`\x00-\x1f\x7f]|%(?![0-9A-Fa-f]{2})")
PARTS = {"protocol": 1, "host": 2, "port": 3, "path": 4, "query": 5, "fragment": 6}


def url_encode(text: str) -> str:
    """A text as a parameter of an URL."""
    return quote(text, safe=" *-._").replace("~", "%7E").replace(" ", "+")


def url_decode(text: str) -> str:
    """A parameter of an URL as text; raises ValueError on a % without two digits."""
    if re.search("%(?![0-9A-Fa-f]{2})", text):
        raise ValueError("url_decode: a % is followed by two hexadecimal digits")
    return unquote_plus(text, errors="replace")


def url_part(url: str, part: str) -> str | None:
    """A part of an URL; None where it has none, or is no URL."""
    found = None if NO_URL.search(url) or url.count("#") > 1 else URL.fullmatch(url)
    if found is None:
        return None
    text = found[PARTS[part]]
    if part in ("host", "port"):
        return text or None
    return unquote(text or "") if part != "protocol" else text or ""


def url_parameter(url: str, name: str) -> str | None:
    """The first value of a parameter of an URL's query; None where it has none."""
    found = None if NO_URL.search(url) else URL.fullmatch(url)
    for pair in (found[5] or "").split("&") if found else ():
        key, _, value = pair.partition("=")
        if key == name:
            return unquote_plus(value)
    return None
