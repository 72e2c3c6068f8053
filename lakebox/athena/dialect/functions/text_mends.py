"""Mends of sqlglot's own nodes for text and JSON: each makes DuckDB answer one function as Athena does."""

import re

from sqlglot import exp

from lakebox.athena.dialect.functions.java_patterns import in_python
from lakebox.athena.dialect.functions.tables.json_values import STRICT_JSON
from lakebox.athena.dialect.templates import filled
from lakebox.athena.dialect.types import TEXT
from lakebox.athena.json_scalar import own_path

# Lookaround, references to groups, \\b, \\p{…} and what stands in no class of RE2's; possessive repeats; [[:…:]].
BEYOND_DUCKDB = re.compile(r"\(\?(?:[=!>]|<[=!])|(?<!\\)(?:\\\\)*\\[1-9bBkpPQZ]|(?<!\\)[*+?}]\+|\[:|&&")


def mended_substring(node: exp.Expr) -> exp.Expr | None:
    """A start at 0 or before the text, or a length below 1, gives the empty text."""
    start, length = node.args.get("start"), node.args.get("length")
    if all(isinstance(part, exp.Literal | None) and (part is None or part.name != "0") for part in (start, length)):
        return None
    no_length = "" if length is None else "OR _2 < 1"
    part = "substring(_0, _1)" if length is None else "substring(_0, _1, _2)"
    text = f"CASE WHEN _0 IS NULL THEN NULL WHEN _1 = 0 OR _1 < -length(_0) {no_length} THEN '' ELSE {part} END"
    return filled(text, [node.this, start or exp.Literal.number(1), length or exp.null()])


def mended_split(node: exp.Expr) -> exp.Expr | None:
    """With a limit the last part is the rest."""
    limit = node.args.get("limit")
    if limit is None:
        return None
    parts = "string_split(_0, _1)"
    rest = f"array_to_string(list_slice({parts}, _2, len({parts})), _1)"
    text = (
        "CASE WHEN _0 IS NULL OR _1 IS NULL THEN NULL WHEN _2 <= 0 THEN error('The limit must be positive') "
        f"WHEN len({parts}) <= _2 THEN {parts} ELSE list_append(list_slice({parts}, 1, _2 - 1), {rest}) END"
    )
    return filled(text, [node.this, node.expression, limit])


def mended_position(node: exp.Expr) -> exp.Expr | None:
    """The place of a later occurrence."""
    number = node.args.get("occurrence")
    if number is None:
        return None
    return filled("athena_strpos(_0, _1, CAST(_2 AS BIGINT))", [node.this, node.args["substr"], number])


def mended_regexp_extract(node: exp.Expr) -> exp.Expr:
    """No match is null, not the empty text, and so is a group that had no part in it."""
    group = node.args.get("group") or exp.Literal.number(0)
    if is_python(node.expression) or not _is_in_each_match(group, node.expression.name):
        return filled("athena_regexp_extract(_0, _1, CAST(_2 AS BIGINT))", [node.this, node.expression, group])
    text = "CASE WHEN regexp_matches(_0, _1) THEN regexp_extract(_0, _1, _2) END"
    return filled(text, [node.this, node.expression, group])


def _is_in_each_match(group: exp.Expr, pattern: str) -> bool:
    """Whether a pattern has the group, and neither a choice nor a repeat may leave it out."""
    if group.name == "0":
        return True
    try:
        count = re.compile(in_python(pattern)).groups
    except (re.error, ValueError):
        return False
    return group.is_int and int(group.name) <= count and not re.search(r"\)[?*{]|\|", pattern)


def mended_replace(node: exp.Expr) -> exp.Expr | None:
    """What replaces the empty text stands before, between and after all characters."""
    if isinstance(node.expression, exp.Literal) and node.expression.name:
        return None
    every = "_2 || list_reduce(string_split(_0, ''), lambda x, y: x || _2 || y) || _2"
    text = (
        f"CASE WHEN _1 <> '' THEN replace(_0, _1, _2) WHEN _1 IS NULL THEN NULL WHEN _0 = '' THEN _2 ELSE {every} END"
    )
    return filled(text, [node.this, node.expression, node.args.get("replacement") or exp.Literal.string("")])


def mended_regexp_replace(node: exp.Expr) -> exp.Expr | None:
    """Java's $1 is DuckDB's \\1; without a replacement what matches is left out."""
    replacement = node.args.get("replacement") or exp.Literal.string("")
    is_plain = isinstance(replacement, exp.Literal) and re.fullmatch(r"([^$\\]|\$\d(?!\d))*", replacement.name)
    if is_python(node.expression) or not is_plain:
        return filled("athena_regexp_replace(_0, _1, _2)", [node.this, node.expression, replacement])
    if "$" not in replacement.name:
        return None
    groups = exp.Literal.string(re.sub(r"\$(\d)", r"\\\1", replacement.name))
    return filled("regexp_replace(_0, _1, _2, 'g')", [node.this, node.expression, groups])


def mended_regexp_like(node: exp.Expr) -> exp.Expr | None:
    """Patterns that DuckDB has not are Python's."""
    return filled("athena_regexp_like(_0, _1)", [node.this, node.expression]) if is_python(node.expression) else None


def is_python(pattern: exp.Expr) -> bool:
    """Whether a pattern is none that DuckDB reads as Trino does: no literal, or with what RE2 has not."""
    if not isinstance(pattern, exp.Literal) or BEYOND_DUCKDB.search(pattern.name) is not None:
        return True
    try:
        return re.match(pattern.name, "") is not None
    except re.error:
        return False


def mended_pad(node: exp.Expr) -> exp.Expr:
    """A length below zero and an empty padding are errors."""
    side = "lpad" if node.args.get("is_left") else "rpad"
    text = (
        f"CASE WHEN _1 < 0 THEN error('{side}: the target length must not be negative') "
        f"WHEN _2 = '' THEN error('Padding string must not be empty') ELSE {side}(_0, CAST(_1 AS INTEGER), _2) END"
    )
    return filled(text, [node.this, node.expression, node.args.get("fill_pattern") or exp.Literal.string(" ")])


def mended_json(node: exp.Expr) -> exp.Expr:
    """JSON that DuckDB would not read as Athena does is read in Python."""
    text = "json_extract(_0, _1)"
    if node.this.is_type(*TEXT):
        text = f"CASE WHEN {STRICT_JSON} THEN json_extract(_0, _1) ELSE json(json_value_text(_0, _1)) END"
    if not node.expression.is_string:
        text = "json(json_value_text(CAST(_0 AS VARCHAR), _1))"
    return filled(text, [node.this, _json_path(node)])


def mended_json_scalar(node: exp.Expr) -> exp.Expr:
    """Objects and arrays are no scalars; numbers keep the text they were written in."""
    is_json = "true" if not node.this.is_type(*TEXT) else STRICT_JSON
    text = (
        f"CASE WHEN NOT ({is_json}) OR json_type(_0, _1) IN ('DOUBLE', 'BIGINT') "
        "THEN json_scalar_text(CAST(_0 AS VARCHAR), _1) "
        "WHEN json_type(_0, _1) IN ('OBJECT', 'ARRAY') THEN NULL ELSE json_extract_string(_0, _1) END"
    )
    if not node.expression.is_string:
        text = "json_scalar_text(CAST(_0 AS VARCHAR), _1)"
    return filled(text, [node.this, _json_path(node)])


def _json_path(node: exp.Expr) -> exp.Expr:
    """The path in DuckDB's words; of one that is no literal, row by row."""
    if node.expression.is_string:
        return exp.Literal.string(own_path(node.expression.name))
    return filled("athena_json_path(_0)", [node.expression])
