"""Mends of sqlglot's own nodes for text and JSON: each makes DuckDB answer one function as Athena does."""

import re

from sqlglot import exp

from lakebox.athena.dialect.functions.tables.json_values import STRICT_JSON
from lakebox.athena.dialect.templates import filled
from lakebox.athena.dialect.types import TEXT
from lakebox.athena.engine import SqlError


BEYOND_DUCKDB = re.compile(r"\(\?(?:[=!>]|<[=!])|(?<!\\)(?:\\\\)*\\[1-9]|(?<!\\)[*+?}]\+")


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
    rest = "array_to_string(list_slice(string_split(_0, _1), _2, len(string_split(_0, _1))), _1)"
    text = (
        "CASE WHEN _0 IS NULL OR _1 IS NULL THEN NULL WHEN _2 <= 0 THEN error('The limit must be positive') WHEN len(string_split(_0, _1)) <= _2 "
        f"THEN string_split(_0, _1) ELSE list_append(list_slice(string_split(_0, _1), 1, _2 - 1), {rest}) END"
    )
    return filled(text, [node.this, node.expression, limit])


def mended_position(node: exp.Expr) -> exp.Expr | None:
    """The place of a later occurrence."""
    number = node.args.get("occurrence")
    if number is None:
        return None
    return filled("athena_strpos(_0, _1, CAST(_2 AS BIGINT))", [node.this, node.args["substr"], number])


def mended_regexp_extract(node: exp.Expr) -> exp.Expr:
    """No match is null, not the empty text."""
    group = node.args.get("group") or exp.Literal.number(0)
    if is_python(node.expression):
        return filled("athena_regexp_extract(_0, _1, CAST(_2 AS BIGINT))", [node.this, node.expression, group])
    text = "CASE WHEN regexp_matches(_0, _1) THEN regexp_extract(_0, _1, _2) END"
    return filled(text, [node.this, node.expression, group])


def mended_replace(node: exp.Expr) -> exp.Expr | None:
    """What replaces the empty text stands before, between and after all characters."""
    if isinstance(node.expression, exp.Literal) and node.expression.name:
        return None
    every = "_2 || list_reduce(string_split(_0, ''), lambda x, y: x || _2 || y) || _2"
    text = f"CASE WHEN _1 <> '' THEN replace(_0, _1, _2) WHEN _0 = '' THEN _2 ELSE {every} END"
    return filled(text, [node.this, node.expression, node.args.get("replacement") or exp.Literal.string("")])


def mended_regexp_replace(node: exp.Expr) -> exp.Expr | None:
    """Java's $1 is DuckDB's \\1."""
    replacement = node.args.get("replacement")
    if is_python(node.expression) or (replacement is not None and "${" in replacement.name):
        return filled(
            "athena_regexp_replace(_0, _1, _2)", [node.this, node.expression, replacement or exp.Literal.string("")]
        )
    if replacement is not None and replacement.name and _matches_nothing(node.expression):
        raise SqlError("regexp_replace: a pattern that matches the empty text is not supported by the embedded engine")
    if replacement is None or not re.search(r"[$\\]", replacement.name):
        return None
    if not re.fullmatch(r"([^$\\]|\$\d(?!\d))*", replacement.name):
        raise SqlError("regexp_replace: of references to groups only $0 to $9 are done here")
    groups = exp.Literal.string(re.sub(r"\$(\d)", r"\\\1", replacement.name))
    return filled("regexp_replace(_0, _1, _2, 'g')", [node.this, node.expression, groups])


def mended_regexp_like(node: exp.Expr) -> exp.Expr | None:
    """Patterns that DuckDB has not are Python's."""
    return filled("athena_regexp_like(_0, _1)", [node.this, node.expression]) if is_python(node.expression) else None


def is_python(pattern: exp.Expr) -> bool:
    """Whether a literal pattern has what DuckDB has not: lookaround, references to groups, possessive repeats."""
    return isinstance(pattern, exp.Literal) and BEYOND_DUCKDB.search(pattern.name) is not None


def _matches_nothing(pattern: exp.Expr) -> bool:
    try:
        return isinstance(pattern, exp.Literal) and re.match(pattern.name, "") is not None
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
    if not node.this.is_type(*TEXT):
        return node
    text = f"CASE WHEN {STRICT_JSON} THEN json_extract(_0, _1) ELSE json(json_value_text(_0, _1)) END"
    return filled(text, [node.this, _json_path(node)])


def mended_json_scalar(node: exp.Expr) -> exp.Expr:
    """Objects and arrays are no scalars; numbers keep the text they were written in."""
    is_json = "true" if not node.this.is_type(*TEXT) else STRICT_JSON
    text = (
        f"CASE WHEN NOT ({is_json}) OR json_type(_0, _1) IN ('DOUBLE', 'BIGINT') "
        "THEN json_scalar_text(CAST(_0 AS VARCHAR), _1) "
        "WHEN json_type(_0, _1) IN ('OBJECT', 'ARRAY') THEN NULL ELSE json_extract_string(_0, _1) END"
    )
    return filled(text, [node.this, _json_path(node)])


def _json_path(node: exp.Expr) -> exp.Literal:
    return exp.Literal.string(node.expression.sql(dialect="athena").strip("'"))
