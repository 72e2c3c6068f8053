"""Casts as Athena has them: which texts it takes, how it rounds, and how it prints a value."""

import re

from sqlglot import exp

from lakebox.athena.dialect.functions.nested_casts import NESTED, NestedCast
from lakebox.athena.dialect.templates import filled
from lakebox.athena.dialect.types import FLOATING, INTEGER, TEXT, cast_to, is_months, kind_of, shown
from lakebox.athena.engine import SqlError

YEAR_MONTH = "year_month"  # the field of a struct that stands for an interval of years and months in a result
DAY = r"\d{4,}-\d{1,2}-\d{1,2}"
INTEGER_TEXT = r"\s*[+-]?[0-9]+\s*"
TEXT_FORMS = {  # the texts that Athena casts; DuckDB takes more
    "DATE": rf"\s*{DAY}\s*",
    "TIMESTAMP": rf"\s*{DAY}( \d{{1,2}}:\d{{1,2}}(:\d{{1,2}}(\.\d{{1,6}})?)?)?\s*",
    "TIME": r"\s*\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s*",
    "BOOLEAN": r"(?i)(t|true|1|f|false|0)",
    "DOUBLE": r"\s*[+-]?(Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)\s*",
    "DECIMAL": r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?",
}
TEXT_FORMS["FLOAT"] = TEXT_FORMS["DOUBLE"]
TEXT_FORMS["TIMESTAMPTZ"] = rf"{TEXT_FORMS['TIMESTAMP']}(UTC|Z)?"  # others are printed in their zone


def mended_cast(node: exp.Expr) -> exp.Expr | None:
    """A cast takes the texts that Athena takes, and prints and rounds as Athena does."""
    value, to = node.this, node.args["to"]
    name, safe = to.this.name, isinstance(node, exp.TryCast)
    if any(part is not None and part.is_type("json", exp.DType.IPADDRESS, *NESTED) for part in (to, value.type)):
        return _nested(node)
    if (
        name in ("TIMESTAMP", "TIMESTAMPTZ", "TIME") and to.expressions
    ):  # a literal's own precision; here all have microseconds
        node = _to(node, exp.DataType.build(name))
    if name == "DECIMAL" and not to.expressions:
        if value.is_string:
            raise SqlError(
                f"DECIMAL {value.sql()} is not done here; write the number itself, or its precision and scale"
            )
        node = _to(node, exp.DataType.build("DECIMAL(38, 0)"))
    if value.is_type(*TEXT) and not to.is_type(*TEXT):
        form = INTEGER_TEXT if to.is_type(*INTEGER) else TEXT_FORMS.get(name)
        if form is None:
            raise SqlError(f"a cast of text to {to.sql(dialect='athena').lower()} is not done here")
        return _checked(node, form, safe)
    if value.is_type(*FLOATING) and name == "DECIMAL":  # by its digits: 1.005e0 is 1.01, and not a bit less than 1.005
        return type(node)(this=cast_to(value, "VARCHAR"), to=node.args["to"].copy())
    if value.is_type(*FLOATING) and to.is_type(*INTEGER):
        return type(node)(this=exp.func("ROUND", value.copy()), to=to.copy())
    if to.is_type(*TEXT):
        return _printed(value, to)
    return node if node.args["to"] is not to else None


def _address(node: exp.Expr) -> exp.Expr:
    """An IP address is kept as its text."""
    value, to = node.this, node.args["to"]
    if not to.is_type(exp.DType.IPADDRESS) or not value.is_type(*TEXT):
        return _to(node, exp.DataType.build("VARCHAR"))
    return filled("athena_ip_or_null(_0)" if isinstance(node, exp.TryCast) else "athena_ip(_0)", [value])


def _nested(node: exp.Expr) -> exp.Expr:
    if exp.DType.IPADDRESS in (node.args["to"].this, getattr(node.this.type, "this", None)):
        return _address(node)
    kind = node.this.type
    if isinstance(node.this.unnest(), exp.Null):
        return cast_to(node.this, node.args["to"])
    if kind is None or kind.is_type("unknown"):
        raise SqlError(f"the type of {shown(node.this)} is not known to the embedded engine; cast it first")
    cast = NestedCast(mended_cast, text_of)
    if not isinstance(node, exp.TryCast):
        return cast.cast(node.this.copy(), kind, node.args["to"])
    name = exp.to_identifier("tried", quoted=True)
    body = tried(cast.cast(name.copy(), kind, node.args["to"]))
    return filled(
        "list_transform([_0], lambda v: TRY(_1(v)))[1]", [node.this, exp.Lambda(this=body, expressions=[name])]
    )


def tried(node: exp.Expr) -> exp.Expr:
    """DuckDB's error() can't be tried, so a cast fails in its place."""

    def fail(inner: exp.Expr) -> exp.Expr:
        is_error = isinstance(inner, exp.Anonymous) and inner.name.lower() == "error"
        return exp.var("CAST('failed' AS \"NULL\"[])[1]") if is_error else inner

    return node.transform(fail)


def _to(node: exp.Expr, kind: exp.DataType) -> exp.Expr:
    return type(node)(this=node.this.copy(), to=kind)


def _checked(node: exp.Expr, form: str, safe: bool) -> exp.Expr:
    """A cast of a text that must have a form; a literal stays as it is, so that it can prune row groups."""
    value, name = node.this, node.args["to"].sql(dialect="athena").lower()
    if isinstance(value, exp.Literal):
        if re.fullmatch(form, value.name):
            return node.copy()
        if not safe:
            raise SqlError(f"INVALID_CAST_ARGUMENT: Cannot cast {value.sql()} to {name}")
        return cast_to(exp.null(), node.args["to"])
    bad = "NULL" if safe else f"error('INVALID_CAST_ARGUMENT: Cannot cast a text to {name}')"
    pattern = exp.Literal.string(form).sql(dialect="duckdb")
    cast = f"{'TRY_CAST' if safe else 'CAST'}(_0 AS {node.args['to'].sql(dialect='duckdb')})"
    text = f"CASE WHEN _0 IS NULL THEN NULL WHEN regexp_full_match(_0, {pattern}) THEN {cast} ELSE {bad} END"
    return filled(text, [value])


def _printed(value: exp.Expr, to: exp.DataType) -> exp.Expr | None:
    if not to.expressions:
        return text_of(value, value.type)
    if not value.is_type(*TEXT):
        printed = text_of(value, value.type) or cast_to(value, "VARCHAR")
        bad = f"error('Value ' || _0 || ' cannot be represented as {to.sql(dialect='athena').lower()}')"
        return filled(f"CASE WHEN length(_0) > _1 THEN {bad} ELSE _0 END", [printed, to.expressions[0].this])
    return exp.Anonymous(this="LEFT", expressions=[cast_to(value, "VARCHAR"), to.expressions[0].this.copy()])


def text_of(value: exp.Expr, kind: exp.DataType | None) -> exp.Expr | None:
    """A value of a type as the text that Athena prints; None where DuckDB prints the same."""
    if isinstance(value, exp.Null):
        return None
    if kind is None or kind.is_type("unknown", "array", "map", "struct", "interval") or kind_of(value) == "interval":
        raise SqlError(f"cannot print {shown(value)} here: its type has no text, or is not known; cast it first")
    if kind.is_type(*FLOATING):
        return filled(f"{'double' if kind.is_type('double') else 'real'}_cast_text(_0)", [value])
    if kind.is_type("decimal"):  # 0.5, not .5
        return filled("regexp_replace(CAST(_0 AS VARCHAR), '^(-?)[.]', '\\10.')", [value])
    if kind.is_type("timestamptz"):
        return filled("strftime(_0, '%Y-%m-%d %H:%M:%S.%g UTC')", [value])
    if kind.is_type("time"):
        digits = int(kind.expressions[0].name) if kind.expressions else 3
        return filled(f"left(strftime(DATE '2000-01-01' + _0, '%H:%M:%S.%f'), {9 + digits if digits else 8})", [value])
    if kind.is_type(*exp.DataType.TEMPORAL_TYPES) and not kind.is_type("date"):
        digits = int(kind.expressions[0].name) if kind.expressions else 3
        return filled(f"left(strftime(_0, '%Y-%m-%d %H:%M:%S.%f'), {20 + digits if digits else 19})", [value])
    return None


def mended_date(node: exp.Expr) -> exp.Expr:
    """date(x) is a cast."""
    cast = cast_to(node.this, "DATE")
    return mended_cast(cast) or cast


def with_printable_intervals(tree: exp.Expr) -> exp.Expr:
    """Intervals of years and months that a query selects, as text: Python's intervals have no months."""
    months = "(12 * date_part('year', _0) + date_part('month', _0))"
    text = f"CASE WHEN {months} < 0 THEN '-' ELSE '' END || abs({months}) // 12 || '-' || abs({months}) % 12"
    for column in tree.selects if isinstance(tree, exp.Query) else ():
        value = column.unalias()
        if is_months(value):
            if not isinstance(tree, exp.Select) or tree.args.get("order") or tree.args.get("distinct"):
                raise SqlError("an interval of months is not sorted or united here; select the number of months")
            value.replace(filled(f"struct_pack({YEAR_MONTH} := {text})", [value.copy()]))
    return tree
