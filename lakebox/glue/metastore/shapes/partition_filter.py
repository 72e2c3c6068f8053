"""A filter on partitions as Hive clients write it -> an Expression of Glue's GetPartitions.

Spark writes comparisons of a column with a number, a date (both bare) or a text, `like` with a regular expression, and
`and`, `or` and parentheses around them. It looks at each partition that comes back once more: an expression may let
too many through, never too few.
"""

import re

from hive_metastore.ttypes import MetaException

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"[^"]*"|'[^']*')
    | (?P<date>\d{4}-\d\d-\d\d(?:[ ]\d\d:\d\d:\d\d(?:\.\d+)?)?)
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<operator><=|>=|!=|<>|=|<|>|\(|\)|,)
    | (?P<word>[\w$]+|`[^`]+`)
    )""",
    re.VERBOSE,
)
_WILD = ".*"


def glue_expression(hive_filter: str) -> str:
    """The same filter in Glue's language. Raises MetaException on one that is not understood."""
    written: list[str] = []
    position, after_like, end = 0, False, len(hive_filter.rstrip())
    while position < end:
        token = _TOKEN.match(hive_filter, position)
        if token is None:
            raise MetaException(message=f"partition filter is not understood from {hive_filter[position:]!r} on")
        written.append(_glue_token(token, after_like))
        after_like = token["word"] is not None and token["word"].lower() == "like"
        position = token.end()
    return " ".join(written)


def _glue_token(token: re.Match[str], after_like: bool) -> str:
    if token["text"]:
        text = token["text"][1:-1]
        return quoted(_sql_pattern(text) if after_like else text)
    if token["date"]:
        return quoted(token["date"])
    return "<>" if token["operator"] == "!=" else token[0].strip()


def _sql_pattern(pattern: str) -> str:
    """`.*` at either end is SQL's `%`. What is between is plain text, whose own wildcards let too many through."""
    start = "%" if pattern.startswith(_WILD) else ""
    inner = pattern.removeprefix(_WILD)
    end = "%" if inner.endswith(_WILD) else ""
    return start + inner.removesuffix(_WILD) + end


def quoted(text: str) -> str:
    """A text as Glue's language has it."""
    return "'" + text.replace("'", "''") + "'"
