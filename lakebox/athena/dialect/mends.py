"""Mends on a typed tree: each makes DuckDB answer one construct as Athena (Trino) does."""

import re
from collections.abc import Callable

from sqlglot import exp

from lakebox.athena.dialect.casts import mended_cast, mended_date, text_of
from lakebox.athena.dialect.functions import STRICT_JSON, written_otherwise
from lakebox.athena.dialect.numbers import (
    mended_approx_distinct,
    mended_count_if,
    mended_division,
    mended_literal,
    mended_max_by,
    mended_remainder,
    mended_sign,
    wider,
    with_exact_type,
)
from lakebox.athena.dialect.templates import DUCKDBS, filled
from lakebox.athena.dialect.times import mended_date_add, mended_date_diff, mended_date_parse, mended_sum
from lakebox.athena.dialect.types import TEXT, cast_to, element_type
from lakebox.athena.engine import SqlError

SIGNS: dict[type[exp.Expr], str] = {exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}


def mended(tree: exp.Expr) -> exp.Expr:
    """The tree with every mend applied, innermost first; what replaces a node has its type."""
    for node in reversed(list(tree.walk())):
        if DUCKDBS in node.meta:
            continue
        mend = MENDS.get(type(node), written_otherwise)
        value = mend(node) or node
        if value is not node:
            value.type = node.type
        replacement = with_exact_type(node, value)
        if replacement is not node:
            replacement.type = node.type
            node.replace(replacement)
    return tree


def _substring(node: exp.Expr) -> exp.Expr | None:
    """A start at 0 or before the text, or a length below 1, gives the empty text."""
    start, length = node.args.get("start"), node.args.get("length")
    if all(isinstance(part, exp.Literal | None) and (part is None or part.name != "0") for part in (start, length)):
        return None
    no_length = "" if length is None else "OR _2 < 1"
    part = "substring(_0, _1)" if length is None else "substring(_0, _1, _2)"
    text = f"CASE WHEN _0 IS NULL THEN NULL WHEN _1 = 0 OR _1 < -length(_0) {no_length} THEN '' ELSE {part} END"
    return filled(text, [node.this, start or exp.Literal.number(1), length or exp.null()])


def _regexp_extract(node: exp.Expr) -> exp.Expr:
    """No match is null, not the empty text."""
    group = node.args.get("group") or exp.Literal.number(0)
    text = "CASE WHEN regexp_matches(_0, _1) THEN regexp_extract(_0, _1, _2) END"
    return filled(text, [node.this, node.expression, group])


def _replaced(node: exp.Expr) -> exp.Expr | None:
    """What replaces the empty text stands before, between and after all characters."""
    if isinstance(node.expression, exp.Literal) and node.expression.name:
        return None
    every = "_2 || list_reduce(string_split(_0, ''), lambda x, y: x || _2 || y) || _2"
    text = f"CASE WHEN _1 <> '' THEN replace(_0, _1, _2) WHEN _0 = '' THEN _2 ELSE {every} END"
    return filled(text, [node.this, node.expression, node.args.get("replacement") or exp.Literal.string("")])


def _regexp_replace(node: exp.Expr) -> exp.Expr | None:
    """Java's $1 is DuckDB's \\1."""
    replacement = node.args.get("replacement")
    if replacement is None or not re.search(r"[$\\]", replacement.name):
        return None
    if not re.fullmatch(r"([^$\\]|\$\d)*", replacement.name):
        raise SqlError("regexp_replace: of references to groups only $0 to $9 are done here")
    groups = exp.Literal.string(re.sub(r"\$(\d)", r"\\\1", replacement.name))
    return filled("regexp_replace(_0, _1, _2, 'g')", [node.this, node.expression, groups])


def _json(node: exp.Expr) -> exp.Expr:
    """JSON that DuckDB would not read as Athena does is read in Python."""
    if not node.this.is_type(*TEXT):
        return node
    text = f"CASE WHEN {STRICT_JSON} THEN json_extract(_0, _1) ELSE json(json_value_text(_0, _1)) END"
    return filled(text, [node.this, _json_path(node)])


def _json_scalar(node: exp.Expr) -> exp.Expr:
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


def _tried(node: exp.Expr) -> exp.Expr:
    """DuckDB's error() can't be tried, so a cast fails in its place."""

    def fail(inner: exp.Expr) -> exp.Expr:
        is_error = isinstance(inner, exp.Anonymous) and inner.name.lower() == "error"
        return exp.var("CAST('failed' AS \"NULL\"[])[1]") if is_error else inner

    return node.transform(fail)


def _element(node: exp.Expr) -> exp.Expr:
    """A subscript beyond the array, from 1, or a key that a map lacks, is an error; element_at gives null."""
    array, index = node.this, node.expressions[0]
    if array.is_type("map"):
        if node.args.get("safe"):
            return filled("map_extract_value(_0, _1)", [array, index])
        missing = "error('Key not present in map: ' || CAST(_1 AS VARCHAR))"
        return filled(
            f"CASE WHEN NOT map_contains(_0, _1) THEN {missing} ELSE map_extract_value(_0, _1) END", [array, index]
        )
    if node.args.get("safe"):
        bad = "error('element_at: array indices start at 1')"
        return filled(f"CASE WHEN _0 = 0 THEN {bad} ELSE list_extract(_1, _0) END", [index, array])
    offset = 1 - int(node.args.get("offset") or 0)
    bad = "error('Array subscript out of bounds; element_at gives null')"
    place = f"(_0 + {offset})" if offset else "_0"
    text = f"CASE WHEN {place} > len(_1) OR {place} < 1 THEN {bad} ELSE list_extract(_1, {place}) END"
    return filled(text, [index, array])


def _reverse(node: exp.Expr) -> exp.Expr | None:
    return filled("list_reverse(_0)", [node.this]) if node.this.is_type("array") else None


def _equal(node: exp.Expr) -> exp.Expr | None:
    """Of rows and arrays: unknown where elements are null and the others equal. DuckDB takes two nulls for equal."""
    left, right, kind = node.this.unnest(), node.expression.unnest(), element_type(node.this)
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
        pairs = [exp.EQ(this=one, expression=other) for one, other in _pairs(left, right)]
        same: exp.Expr = exp.paren(exp.and_(*(_equal(pair) or pair for pair in pairs), copy=False), copy=False)
    elif kind is not None:
        same = filled(_equal_arrays(kind), [node.this, node.expression])
    else:
        return None
    return exp.Not(this=exp.paren(same, copy=False)) if isinstance(node, exp.NEQ) else same


def _pairs(left: exp.Tuple, right: exp.Tuple) -> list[tuple[exp.Expr, exp.Expr]]:
    if len(left.expressions) != len(right.expressions):
        raise SqlError("TYPE_MISMATCH: rows of different lengths are not compared")
    return list(zip(left.expressions, right.expressions, strict=True))


def _ordered(node: exp.Expr) -> exp.Expr | None:
    """Of rows: by the first elements that differ; null there is an error."""
    left, right, text = node.this.unnest(), node.expression.unnest(), ""
    if not (isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple)):
        return None
    pairs, sign = _pairs(left, right), SIGNS[type(node)]
    for number in reversed(range(0, 2 * len(pairs), 2)):
        one, other = f"_{number}", f"_{number + 1}"
        differ = f"WHEN {one} <> {other} THEN {one} {sign[0]} {other} ELSE {text} END" if text else ""
        bad = f"WHEN {one} IS NULL OR {other} IS NULL THEN error('rows with null are not sorted')"
        text = f"CASE {bad} {differ or f'ELSE {one} {sign} {other} END'}"
    return filled(text, [side for pair in pairs for side in pair])


def _in(node: exp.Expr) -> exp.Expr | None:
    """Of rows and arrays: one comparison after the other. Trino finds no row with a null in a subquery."""
    is_row = isinstance(node.this.unnest(), exp.Tuple)
    if is_row and node.args.get("query") is not None:
        return exp.func("coalesce", node.copy(), exp.false())
    if not node.expressions or not (is_row or node.this.is_type("array")):
        return None
    tests = [exp.EQ(this=node.this.copy(), expression=side.copy()) for side in node.expressions]
    return exp.paren(exp.or_(*(_equal(test) or test for test in tests), copy=False), copy=False)


def _equal_arrays(kind: exp.DataType, one: str = "_0", other: str = "_1", depth: int = 0) -> str:
    pair = f"p{depth}"
    same = f"{pair}[1] = {pair}[2]"
    if kind.is_type("array"):
        same = _equal_arrays(kind.expressions[0], f"{pair}[1]", f"{pair}[2]", depth + 1)
    pairs = f"list_transform(list_zip({one}, {other}), lambda {pair}: {same})"
    return (
        f"CASE WHEN {one} IS NULL OR {other} IS NULL THEN NULL WHEN len({one}) <> len({other}) THEN false "
        f"WHEN list_contains({pairs}, false) THEN false WHEN list_count({pairs}) < len({one}) THEN NULL ELSE true END"
    )


def _array_distinct(node: exp.Expr) -> exp.Expr:
    """The first of each, in their order, null too."""
    return filled("list_filter(_0, lambda x, i: list_position(_0, x) = i)", [node.this])


def _contains(node: exp.Expr) -> exp.Expr:
    """Null where the element is not found and one of the array is null."""
    text = "CASE WHEN array_contains(_0, _1) THEN true WHEN _1 IS NULL OR list_count(_0) < len(_0) THEN NULL "
    return filled(text + "WHEN _0 IS NOT NULL THEN false END", [node.this, node.expression])


def _array_join(node: exp.Expr) -> exp.Expr:
    """Elements as casts to varchar print them; nulls are left out, or written as the third argument."""
    if not isinstance(node.expression, exp.Literal):
        raise SqlError("array_join takes a literal separator here")
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
    exp.Mul: wider,
    exp.Literal: mended_literal,
    exp.Div: mended_division,
    exp.Mod: mended_remainder,
    exp.Sign: mended_sign,
    exp.CountIf: mended_count_if,
    exp.ApproxDistinct: mended_approx_distinct,
    exp.ArgMax: mended_max_by,
    exp.ArgMin: mended_max_by,
    exp.DateDiff: mended_date_diff,
    exp.DateAdd: mended_date_add,
    exp.Add: mended_sum,
    exp.Sub: mended_sum,
    exp.TimestampTrunc: mended_date_add,
    exp.DateTrunc: mended_date_add,
    exp.StrToTime: mended_date_parse,
    exp.Substring: _substring,
    exp.RegexpExtract: _regexp_extract,
    exp.RegexpReplace: _regexp_replace,
    exp.JSONExtract: _json,
    exp.JSONExtractScalar: _json_scalar,
    exp.Bracket: _element,
    exp.Try: _tried,
    exp.In: _in,
    exp.Reverse: _reverse,
    exp.Replace: _replaced,
    exp.EQ: _equal,
    exp.NEQ: _equal,
    **dict.fromkeys(SIGNS, _ordered),
    exp.ArrayDistinct: _array_distinct,
    exp.ArrayContains: _contains,
    exp.ArrayToString: _array_join,
}
