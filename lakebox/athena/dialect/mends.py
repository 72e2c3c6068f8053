"""Mends on a typed tree: each makes DuckDB answer one construct as Athena (Trino) does."""

import re
from collections.abc import Callable

from sqlglot import exp

from lakebox.athena.dialect.casts import mended_cast, mended_date, text_of
from lakebox.athena.dialect.checks import DAY_UNITS, element_type
from lakebox.athena.dialect.functions import filled
from lakebox.athena.dialect.numbers import (
    mended_approx_distinct,
    mended_division,
    mended_max_by,
    mended_remainder,
    mended_sign,
)
from lakebox.athena.dialect.types import TEXT, cast_to
from lakebox.athena.engine import SqlError


def mended(tree: exp.Expr) -> exp.Expr:
    """The tree with every mend applied, innermost first; what replaces a node has its type."""
    for node in reversed(list(tree.walk())):
        mend = MENDS.get(type(node))
        replacement = mend(node) if mend else None
        if replacement is not None:
            replacement.type = node.type
            node.replace(replacement)
    return tree


# --- times -----------------------------------------------------------------------------------------------------------


def _date_diff(node: exp.Expr) -> exp.Expr:
    """Whole units between two times, not boundaries crossed."""
    unit = node.args["unit"].name.lower()
    return filled(f"date_sub('{unit}', _0, _1)", [node.expression, node.this])


def _date_add(node: exp.Expr) -> exp.Expr | None:
    """A date and days is a date."""
    return cast_to(node, "DATE") if node.this.is_type("date") else None


def _plus_interval(node: exp.Expr) -> exp.Expr | None:
    interval = node.expression
    if not (isinstance(interval, exp.Interval) and node.this.is_type("date")):
        return None
    unit = interval.args.get("unit")
    return cast_to(exp.paren(node), "DATE") if unit is not None and unit.name.upper() in DAY_UNITS else None


def _parsed_time(node: exp.Expr) -> exp.Expr | None:
    """date_parse keeps milliseconds."""
    return filled("date_trunc('millisecond', _0)", [node]) if "%f" in node.args["format"].name else None


# --- text ------------------------------------------------------------------------------------------------------------


def _substring(node: exp.Expr) -> exp.Expr | None:
    """A start at 0 or before the text, or a length below 1, gives the empty text."""
    start, length = node.args.get("start"), node.args.get("length")
    if all(isinstance(part, exp.Literal | None) and (part is None or part.name != "0") for part in (start, length)):
        return None
    no_length = "" if length is None else "OR _2 < 1"
    text = f"CASE WHEN _0 IS NULL THEN NULL WHEN _1 = 0 OR _1 < -length(_0) {no_length} THEN '' ELSE _3 END"
    return filled(text, [node.this, start or exp.Literal.number(1), length or exp.null(), node])


def _regexp_extract(node: exp.Expr) -> exp.Expr:
    """No match is null, not the empty text."""
    return filled("CASE WHEN regexp_matches(_0, _1) THEN _2 END", [node.this, node.expression, node])


def _regexp_replace(node: exp.Expr) -> exp.Expr | None:
    """Java's $1 is DuckDB's \\1."""
    replacement = node.args.get("replacement")
    if replacement is None or not re.search(r"[$\\]", replacement.name):
        return None
    if not re.fullmatch(r"([^$\\]|\$\d)*", replacement.name):
        raise SqlError("regexp_replace: of references to groups only $0 to $9 are done here")
    groups = exp.Literal.string(re.sub(r"\$(\d)", r"\\\1", replacement.name))
    return filled("regexp_replace(_0, _1, _2, 'g')", [node.this, node.expression, groups])


# --- JSON ------------------------------------------------------------------------------------------------------------


def _valid_json(text: exp.Expr) -> exp.Expr:
    """Text that is no JSON has no members: null."""
    return filled("CASE WHEN json_valid(_0) THEN _0 END", [text]) if text.is_type(*TEXT) else text.copy()


def _json(node: exp.Expr) -> exp.Expr:
    copy = node.copy()
    copy.set("this", _valid_json(node.this))
    return copy


def _json_scalar(node: exp.Expr) -> exp.Expr:
    """Objects and arrays are no scalars; numbers keep the text they were written in."""
    where = exp.Literal.string(node.expression.sql(dialect="athena").strip("'"))
    text = (
        "CASE WHEN json_type(_0, _1) IN ('OBJECT', 'ARRAY') THEN NULL "
        "WHEN json_type(_0, _1) = 'DOUBLE' THEN json_scalar_text(_0, _1) ELSE json_extract_string(_0, _1) END"
    )
    return filled(text, [_valid_json(node.this), where])


# --- arrays ----------------------------------------------------------------------------------------------------------


def _element(node: exp.Expr) -> exp.Expr:
    """A subscript beyond the array is an error; element_at gives null. Both count from 1."""
    array, index = node.this, node.expressions[0]
    if node.args.get("safe"):
        bad = "error('element_at: array indices start at 1')"
        return filled(f"CASE WHEN _0 = 0 THEN {bad} ELSE _1 END", [index, node])
    offset = 1 - int(node.args.get("offset") or 0)
    bad = "error('Array subscript out of bounds; element_at gives null')"
    place = f"(_0 + {offset})" if offset else "_0"
    return filled(f"CASE WHEN {place} > len(_1) OR {place} < 1 THEN {bad} ELSE _2 END", [index, array, node])


def _array_distinct(node: exp.Expr) -> exp.Expr:
    """The first of each, in their order, null too."""
    return filled("list_filter(_0, lambda x, i: list_position(_0, x) = i)", [node.this])


def _contains(node: exp.Expr) -> exp.Expr:
    """Null where the element is not found and one of the array is null."""
    text = "CASE WHEN array_contains(_0, _1) THEN true WHEN _1 IS NULL OR list_count(_0) < len(_0) THEN NULL "
    return filled(text + "WHEN _0 IS NOT NULL THEN false END", [node.this, node.expression])


def _array_join(node: exp.Expr) -> exp.Expr:
    """Elements as casts to varchar print them; nulls are left out, or written as the third argument."""
    printed = text_of(exp.column("x"), element_type(node.this)) or cast_to(exp.column("x"), "VARCHAR")
    of_null = node.args.get("null")
    if of_null is not None:
        printed = exp.func("coalesce", printed, of_null.copy())
    texts = filled(f"list_transform(_0, lambda x: {printed.sql(dialect='duckdb')})", [node.this])
    return filled("array_to_string(_0, _1)", [texts, node.expression])


MENDS: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr | None]] = {
    exp.Cast: mended_cast,
    exp.TryCast: mended_cast,
    exp.Date: mended_date,
    exp.Div: mended_division,
    exp.Mod: mended_remainder,
    exp.Sign: mended_sign,
    exp.ApproxDistinct: mended_approx_distinct,
    exp.ArgMax: mended_max_by,
    exp.ArgMin: mended_max_by,
    exp.DateDiff: _date_diff,
    exp.DateAdd: _date_add,
    exp.Add: _plus_interval,
    exp.Sub: _plus_interval,
    exp.TimestampTrunc: _date_add,
    exp.DateTrunc: _date_add,
    exp.StrToTime: _parsed_time,
    exp.Substring: _substring,
    exp.RegexpExtract: _regexp_extract,
    exp.RegexpReplace: _regexp_replace,
    exp.JSONExtract: _json,
    exp.JSONExtractScalar: _json_scalar,
    exp.Bracket: _element,
    exp.ArrayDistinct: _array_distinct,
    exp.ArrayContains: _contains,
    exp.ArrayToString: _array_join,
}
