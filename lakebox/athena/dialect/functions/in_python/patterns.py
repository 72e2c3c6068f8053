"""Regular expressions that DuckDB has not: lookaround, references to groups, properties, patterns of no literal."""

import re
from functools import cache

from lakebox.athena.dialect.functions.java_patterns import in_python


@cache
def _compiled(pattern: str) -> "re.Pattern[str]":
    try:
        return re.compile(in_python(pattern))
    except re.error as error:
        raise ValueError(f"the regular expression {pattern} is not supported by the embedded engine: {error}") from None


def _with_group(pattern: str, group: int) -> str:
    """The pattern; raises ValueError where it has no such group."""
    if not 0 <= group <= _compiled(pattern).groups:
        raise ValueError(f"Pattern has {_compiled(pattern).groups} groups. Cannot access group {group}")
    return pattern


def regexp_like(text: str, pattern: str) -> bool:
    """Whether the pattern is found."""
    return _compiled(pattern).search(text) is not None


def regexp_extract(text: str, pattern: str, group: int) -> str | None:
    """The first match, or a group of it."""
    match = _compiled(_with_group(pattern, group)).search(text)
    return None if match is None else match[group]


def regexp_extract_all(text: str, pattern: str, group: int) -> list[str | None]:
    """All matches, or a group of each."""
    return [match[group] for match in _compiled(_with_group(pattern, group)).finditer(text)]


def regexp_count(text: str, pattern: str) -> int:
    """How many matches there are."""
    return sum(1 for _ in _compiled(pattern).finditer(text))


def regexp_split(text: str, pattern: str) -> list[str]:
    """The parts between matches."""
    parts, end = [], 0
    for match in _compiled(pattern).finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
    return [*parts, text[end:]]


def regexp_position(text: str, pattern: str, start: int, occurrence: int) -> int:
    """Where the so-many-th match from a place on starts, from 1; -1 where there is none."""
    if start < 1 or occurrence < 1:
        raise ValueError("regexp_position: start and occurrence must not be smaller than 1")
    places = [match.start() + 1 for match in _compiled(pattern).finditer(text, start - 1)]
    return places[occurrence - 1] if occurrence <= len(places) and start <= len(text) else -1


def regexp_replace(text: str, pattern: str, replacement: str) -> str:
    """The text with what matches replaced; $1 and ${name} are groups."""

    def replaced(match: "re.Match[str]") -> str:
        def group(reference: "re.Match[str]") -> str:
            if reference[0].startswith("\\"):
                return reference[0][1:]
            name = reference[1] or reference[2]
            return match[int(name) if name.isdigit() else name] or ""

        return re.sub(r"\\.|\$(\d)|\$\{(\w+)\}", group, replacement)

    return _compiled(pattern).sub(replaced, text)
