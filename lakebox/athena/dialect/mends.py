"""Mends on a typed tree: each makes DuckDB answer one construct as Athena (Trino) does."""

from collections.abc import Callable

from sqlglot import exp

from lakebox.athena.dialect.casts import mended_cast, mended_date, text_of, tried
from lakebox.athena.dialect.forms.time_arithmetic import (
    mended_date_add,
    mended_date_diff,
    mended_date_parse,
    mended_sum,
)
from lakebox.athena.dialect.forms.type_names import mended_typeof
from lakebox.athena.dialect.functions.calls import FINISH, mended_call, mended_lambda
from lakebox.athena.dialect.functions.signatures import needs_cast
from lakebox.athena.dialect.functions.text_mends import (
    mended_json,
    mended_json_scalar,
    mended_pad,
    mended_position,
    mended_regexp_extract,
    mended_regexp_like,
    mended_regexp_replace,
    mended_replace,
    mended_split,
    mended_substring,
)
from lakebox.athena.dialect.functions.unnest import mended_unnest
from lakebox.athena.dialect.numbers import (
    AROUND,
    mended_approx_distinct,
    mended_count_if,
    mended_division,
    mended_literal,
    mended_remainder,
    mended_sign,
    wider,
    with_exact_type,
)
from lakebox.athena.dialect.templates import DUCKDBS, filled
from lakebox.athena.dialect.types import cast_to, common_type, element_type
from lakebox.athena.engine import SqlError

SIGNS: dict[type[exp.Expr], str] = {exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}


def mended(tree: exp.Expr) -> exp.Expr:
    """The tree with every mend applied, innermost first; what replaces a node has its type."""
    for node in reversed(list(tree.walk())):
        if DUCKDBS in node.meta:
            continue
        mend = MENDS.get(type(node))
        value = (mend and mend(node)) or node
        if value is not node:
            value.type = node.type
        replacement = _finished(node, with_exact_type(node, value))
        if replacement is not node:
            replacement.type = node.type
            node.replace(replacement)
    return tree


def _finished(node: exp.Expr, value: exp.Expr) -> exp.Expr:
    """What is made of an aggregate's result stands around its FILTER and OVER."""
    aggregate = value
    while isinstance(aggregate, AROUND):
        aggregate = aggregate.this
    if FINISH not in aggregate.meta or (isinstance(node.parent, AROUND) and node.arg_key == "this"):
        return value
    text, arguments = aggregate.meta.pop(FINISH)
    kind = node.type
    finished = filled(text, [exp.paren(value.copy(), copy=False), *arguments])
    is_row = kind is None or any(part.is_type("struct") for part in kind.find_all(exp.DataType))
    return finished if kind is None or is_row else cast_to(finished, kind, copy=False)


def _joined(node: exp.Expr) -> exp.Expr | None:
    """Arrays, and elements before and after them; null makes null."""
    if not node.is_type("array") or node.type is None:
        return None
    parts = []
    for side in node.expressions or [node.this, node.expression]:
        common = common_type(side.type, node.type) if side.type is not None else exp.DataType.build("UNKNOWN")
        is_array = side.is_type("null") or not any(part.is_type("unknown") for part in common.find_all(exp.DataType))
        value = side if is_array else filled("CASE WHEN _0 IS NOT NULL THEN [_0] END", [side])
        parts.append(
            cast_to(value, node.type) if needs_cast(None if value is not side else side.type, node.type) else value
        )
    return filled("CASE WHEN list_count([_all]) = len([_all]) THEN list_concat(_all) END", parts)


def _row(node: exp.Expr) -> exp.Expr:
    return filled("row(_all)", list(node.expressions))


def _element(node: exp.Expr) -> exp.Expr:
    """A subscript beyond the array, from 1, or a key that a map lacks, is an error; element_at gives null."""
    array, index = node.this, node.expressions[0]
    if array.is_type("struct"):
        return filled("struct_extract_at(_0, _1)", [array, index])
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
    bad = "error('Array subscript out of bounds; element_at gives null')"
    return filled(f"CASE WHEN _0 > len(_1) OR _0 < 1 THEN {bad} ELSE list_extract(_1, _0) END", [index, array])


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


def _contains(node: exp.Expr) -> exp.Expr:
    """Null where the element is not found and one of the array is null; a network contains addresses."""
    if node.expression.is_type(exp.DType.IPADDRESS):
        return filled("athena_ip_within(_0, _1)", [node.this, node.expression])
    text = "CASE WHEN array_contains(_0, _1) THEN true WHEN _1 IS NULL OR list_count(_0) < len(_0) THEN NULL "
    return filled(text + "WHEN _0 IS NOT NULL THEN false END", [node.this, node.expression])


def _array_join(node: exp.Expr) -> exp.Expr:
    """Elements as casts to varchar print them; nulls are left out, or written as the third argument."""
    if not isinstance(node.expression, exp.Literal):
        raise SqlError("array_join takes a literal separator here")
    printed = text_of(exp.column("x"), element_type(node.this)) or cast_to(exp.column("x"), "VARCHAR")
    element = element_type(node.this)
    if element is not None and element.is_type("json"):
        raise SqlError("array_join of json is not supported by the embedded engine; cast to array(varchar)")
    of_null = node.args.get("null")
    if of_null is not None:
        printed = exp.func("coalesce", printed, of_null.copy())
    texts = filled(f"list_transform(_0, lambda x: {printed.sql(dialect='duckdb')})", [node.this])
    return filled("CASE WHEN _0 IS NOT NULL THEN coalesce(array_to_string(_0, _1), '') END", [texts, node.expression])


def _list_aggregate(node: exp.Expr) -> exp.Expr:
    """Without a separator there is none; DuckDB's is a comma."""
    call = node.copy()
    call.set("separator", node.args.get("separator") or exp.Literal.string(""))
    return call


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
    exp.DateDiff: mended_date_diff,
    exp.DateAdd: mended_date_add,
    exp.Add: mended_sum,
    exp.Sub: mended_sum,
    exp.TimestampTrunc: mended_date_add,
    exp.DateTrunc: mended_date_add,
    exp.StrToTime: mended_date_parse,
    exp.Split: mended_split,
    exp.StrPosition: mended_position,
    exp.Substring: mended_substring,
    exp.RegexpExtract: mended_regexp_extract,
    exp.RegexpLike: mended_regexp_like,
    exp.RegexpReplace: mended_regexp_replace,
    exp.JSONExtract: mended_json,
    exp.JSONExtractScalar: mended_json_scalar,
    exp.Bracket: _element,
    exp.Try: tried,
    exp.Pad: mended_pad,
    exp.In: _in,
    exp.Reverse: _reverse,
    exp.Replace: mended_replace,
    exp.EQ: _equal,
    exp.NEQ: _equal,
    **dict.fromkeys(SIGNS, _ordered),
    exp.ArrayContains: _contains,
    exp.Anonymous: mended_call,
    exp.Lambda: mended_lambda,
    exp.Concat: _joined,
    exp.DPipe: _joined,
    exp.Struct: _row,
    exp.Unnest: mended_unnest,
    exp.Typeof: mended_typeof,
    exp.Grouping: lambda node: cast_to(node, "INT"),
    exp.GroupConcat: _list_aggregate,
    exp.Second: lambda node: filled("CAST(date_part('second', _0) AS BIGINT)", [node.this]),
    exp.Localtimestamp: lambda _: filled("CAST(now() AS TIMESTAMP)", []),
    exp.ArrayToString: _array_join,
}
