"""The type that Trino gives to each part of a query, worked out once: from literals and columns up through subqueries.

sqlglot walks over the query; its own rules don't know the digits of decimals, so they are replaced here.
"""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from sqlglot import exp
from sqlglot.dialects.athena import Athena
from sqlglot.optimizer.annotate_types import TypeAnnotator
from sqlglot.optimizer.scope import Scope
from sqlglot.schema import ensure_schema

from lakebox.athena.dialect.functions.calls import call_type
from lakebox.athena.dialect.functions.unnest import column_types, is_expanded
from lakebox.athena.dialect.types import (
    DECIMAL_DIGITS,
    INTEGER,
    MONTH_UNITS,
    MONTHS,
    argument,
    array_of,
    branches,
    common_type,
    decimal_type,
    digits_of,
    element_type,
    kind_of,
    row_fields,
)
from lakebox.athena.engine import SqlError

Annotator = Callable[[TypeAnnotator, Any], Any]


def with_types(tree: exp.Expr, schema: dict[str, object]) -> exp.Expr:
    """The tree with Trino's type at each node; `schema` has the tables' columns with their types."""
    return _TrinoTypes(ensure_schema(schema, dialect="athena"), RULES).annotate(tree)


class _TrinoTypes(TypeAnnotator):
    """sqlglot's walk over scopes; what becomes of two types that meet, in UNION and VALUES too, is Trino's."""

    def _get_scope_source_selects(self, scope: Scope, source_name: str) -> dict[str, exp.DataType | exp.DType]:
        source = scope.sources.get(source_name)
        unnest = source.expression if isinstance(source, Scope) else None
        kinds = column_types(unnest) if isinstance(unnest, exp.Unnest) else []
        if isinstance(unnest, exp.Unnest) and unnest.args.get("alias") is not None and is_expanded(unnest):
            columns = [*unnest.args["alias"].columns, *filter(None, [unnest.args.get("offset")])]
            pairs = zip(columns, [*kinds, exp.DataType.build("BIGINT")], strict=False)
            return {column.name: kind for column, kind in pairs if isinstance(column, exp.Identifier)}
        return super()._get_scope_source_selects(scope, source_name)

    def _maybe_coerce(
        self, type1: exp.DataType | exp.DType, type2: exp.DataType | exp.DType
    ) -> exp.DataType | exp.DType:
        return common_type(exp.DataType.build(type1), exp.DataType.build(type2))


def _rule(type_of: Callable[[Any], "exp.DataType | str | None"]) -> dict[str, Annotator]:
    """sqlglot's form of a rule that finds a node's type from those of its children."""

    def annotate(annotator: TypeAnnotator, node: exp.Expr) -> exp.Expr:
        found = type_of(node)
        return annotator._set_type(node, exp.DataType.build(found) if isinstance(found, str) else found)

    return {"annotator": annotate}


def _literal(node: exp.Literal) -> "exp.DataType | str":
    if node.is_string:
        return "VARCHAR"
    text = node.name.lower()
    if "e" in text:
        return "DOUBLE"
    if "." in text:
        scale, digits = len(text.partition(".")[2]), text.replace(".", "").lstrip("0")
        if max(len(digits), scale) > DECIMAL_DIGITS:
            raise SqlError(f"{node.name}: a decimal has at most {DECIMAL_DIGITS} digits; write {node.name}e0")
        return decimal_type(max(len(digits), scale), scale)
    if int(text) >= 2**63:
        raise SqlError(f"{node.name} is no bigint; write it as a decimal: {node.name}.")
    return "INT" if int(text) < 2**31 else "BIGINT"


def _type(node: exp.Expr) -> exp.DataType:
    return node.type or exp.DataType.build("UNKNOWN")


def _common(sides: Iterable[exp.Expr]) -> exp.DataType:
    return reduce(common_type, map(_type, sides), exp.DataType.build("NULL"))


def _sum_type(node: exp.Expr) -> exp.DataType:
    """Of + - * / %: sums and differences of times and intervals, and Trino's digits of decimals."""
    left, right = node.this, node.expression
    for side, other in ((left, right), (right, left)):
        if kind_of(side) == "interval":
            return _type(other if kind_of(other) in ("date", "timestamp") else side)
    if isinstance(node, exp.Sub) and {kind_of(left), kind_of(right)} <= {"date", "timestamp"}:
        return exp.DataType.build("INTERVAL")
    common = _common((left, right))
    kinds = [common if side.is_type("null") else _type(side) for side in (left, right)]
    first, second = digits_of(kinds[0]), digits_of(kinds[1])
    if not common.is_type("decimal") or not first or not second:
        return common
    (p1, s1), (p2, s2) = first, second
    scale = max(s1, s2)
    if isinstance(node, exp.Mul):
        return decimal_type(p1 + p2, s1 + s2)
    if isinstance(node, exp.Div):
        return decimal_type(p1 + s2 + max(s2 - s1, 0), scale)
    if isinstance(node, exp.Mod):
        return decimal_type(min(p1 - s1, p2 - s2) + scale, scale)
    return decimal_type(max(p1 - s1, p2 - s2) + scale + 1, scale)


def _rounded(node: exp.Expr) -> exp.DataType:
    kind = _type(node.this)
    if not kind.is_type("decimal"):
        return kind
    precision, scale = digits_of(kind) or (DECIMAL_DIGITS, 0)
    if isinstance(node, exp.Sign):
        return decimal_type(1, 0)
    if node.args.get("decimals") is not None:
        return decimal_type(precision + 1, scale)
    return decimal_type(precision - scale + min(scale, 1), 0)


def _total(node: exp.Expr) -> "exp.DataType | str | None":
    value = argument(node)
    if value.is_type("decimal"):
        scale = (digits_of(value.type) or (0, 0))[1]
        return decimal_type(DECIMAL_DIGITS, scale) if isinstance(node, exp.Sum) else value.type
    if value.is_type("float"):
        return "FLOAT"
    return "BIGINT" if isinstance(node, exp.Sum) and value.is_type(*INTEGER) else "DOUBLE"


def _row_of(fields: list[exp.Expr]) -> exp.DataType:
    return exp.DataType(this=exp.DType.STRUCT, expressions=[_type(field).copy() for field in fields], nested=True)


def _joined(node: exp.Expr) -> "exp.DataType | str":
    """Of || and concat: texts, or arrays and elements of arrays."""
    sides = node.expressions or [node.this, node.expression]
    arrays = [_type(side) for side in sides if side.is_type("array")]
    if any(side.is_type("varbinary") for side in sides):
        return "VARBINARY"
    if not arrays:
        return "VARCHAR"
    element = reduce(common_type, (kind.expressions[0] for kind in arrays))
    if element.is_type("unknown"):  # some of the arrays are elements of the others
        deepest = max(arrays, key=lambda kind: sum(part.is_type("array") for part in kind.find_all(exp.DataType)))
        element = deepest.expressions[0]
    for side in sides:
        is_element = not side.is_type("array", "null") or (
            side.is_type("array") and common_type(element, _type(side).expressions[0]).is_type("unknown")
        )
        element = common_type(element, _type(side)) if is_element else element
    return array_of(element)


def _subscript(node: exp.Bracket) -> exp.DataType | None:
    """Of an array's element, a map's value, or a row's field."""
    fields, index = row_fields(node.this.type), node.expressions[0]
    if fields and index.is_int and 1 <= int(index.name) <= len(fields):
        return fields[int(index.name) - 1][1]
    return element_type(node.this)


def _interval(node: exp.Interval) -> "exp.DataType | str":
    unit = node.args.get("unit")
    return MONTHS if unit is not None and unit.name.upper().removesuffix("S") in MONTH_UNITS else "INTERVAL"


def _by(rule: Callable[[Any], "exp.DataType | str | None"], *kinds: type[exp.Expr]) -> dict[Any, dict[str, Any]]:
    return {kind: _rule(rule) for kind in kinds}


RULES: dict[type[exp.Expr], dict[str, Any]] = {
    **Athena.EXPRESSION_METADATA,
    **_by(_literal, exp.Literal),
    **_by(_sum_type, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod),
    **_by(lambda node: _common(branches(node)), exp.Coalesce, exp.If, exp.Case, exp.Greatest, exp.Least),
    **_by(lambda node: _common(side for side in (node.this, node.args.get("default")) if side), exp.Lag, exp.Lead),
    **_by(lambda node: array_of(_common(node.expressions)), exp.Array),
    **_by(lambda node: array_of(_type(argument(node))), exp.ArrayAgg),
    **_by(lambda node: _row_of(node.expressions), exp.Tuple, exp.Struct),
    **_by(_rounded, exp.Round, exp.Ceil, exp.Floor, exp.Sign),
    **_by(_total, exp.Sum, exp.Avg),
    **_by(_subscript, exp.Bracket),
    **_by(_interval, exp.Interval),
    exp.Anonymous: {"annotator": call_type},
    **_by(_joined, exp.Concat, exp.DPipe),
    **_by(lambda node: node.this.type, exp.Abs, exp.AnyValue, exp.DateAdd,
          exp.DateTrunc, exp.Filter, exp.FirstValue, exp.IgnoreNulls, exp.LastValue, exp.Max, exp.Min, exp.Neg,
          exp.NthValue, exp.Nullif, exp.Paren, exp.RespectNulls, exp.Reverse, exp.TimestampTrunc, exp.Try, exp.Window),
    **_by(lambda _: "BIGINT", exp.ApproxDistinct, exp.Count, exp.CountIf, exp.DateDiff, exp.Day,
          exp.DayOfMonth, exp.DayOfWeekIso, exp.DayOfYear, exp.Extract, exp.Hour, exp.Length, exp.Minute, exp.Month,
          exp.Quarter, exp.Second, exp.StrPosition, exp.WeekOfYear, exp.Year),
    **_by(lambda _: "VARCHAR", exp.GroupConcat, exp.JSONExtractScalar, exp.Pad, exp.RegexpExtract, exp.RegexpReplace,
          exp.Replace, exp.Typeof),
    **_by(lambda _: "INT", exp.Grouping),
    **_by(lambda _: "ARRAY<VARCHAR>", exp.Split),
    **_by(lambda _: "JSON", exp.JSONExtract),
    **_by(lambda _: "DOUBLE", exp.TimeToUnix),
    **_by(lambda _: "TIMESTAMP", exp.Localtimestamp),
    **_by(lambda _: "TIMESTAMPTZ", exp.UnixToTime, exp.CurrentTimestamp, exp.FromISO8601Timestamp, exp.AtTimeZone),
    **_by(lambda _: "BOOLEAN", exp.ArrayContains, exp.RegexpLike),
}  # fmt: skip
