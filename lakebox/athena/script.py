"""Divides a text into its statements."""

import re
from collections.abc import Iterator

COMMENT = r"--[^\n]*|/\*.*?(?:\*/|(?P<open>\Z))"
QUOTED = r"""'[^']*(?:'|\Z)|"[^"]*(?:"|\Z)|`[^`]*(?:`|\Z)"""  # a doubled quote is two strings, side by side
PART = re.compile(rf"(?P<gap>\s+|{COMMENT})|(?P<end>;)|{QUOTED}|[^\s;'\"`/-]+|.", re.DOTALL)


def statements_in(text: str) -> list[tuple[int, str]]:
    """The statements of a text, each with its first line's number; semicolons in strings and comments end none."""
    return [(text.count("\n", 0, start) + 1, text[start:end].rstrip()) for start, end in _spans(text)]


def is_finished(text: str) -> bool:
    """Whether a text that is being typed ends with a whole statement; an open string or comment goes on."""
    parts = [match for match in PART.finditer(text) if match["gap"] is None or match["open"] is not None]
    return not parts or parts[-1]["end"] is not None


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for match in PART.finditer(text):
        if match["end"] is not None:
            if start is not None:
                yield start, match.start()
            start = None
        elif match["gap"] is None and start is None:
            start = match.start()
    if start is not None:
        yield start, len(text)
