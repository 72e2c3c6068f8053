"""The type that Trino gives to each part of a query, worked out once: from literals and columns up through subqueries.

sqlglot's own annotation knows neither the digits of decimals nor Trino's names for them, so its rules are replaced here.
"""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from sqlglot import exp
from sqlglot.dialects.athena import Athena
from sqlglot.optimizer.annotate_types import TypeAnnotator
from sqlglot.schema import ensure_schema

from lakebox.athena.dialect.functions import WRITTEN_OTHERWISE, function_key
from lakebox.athena.engine import SqlError

INTEGER, TEXT, FLOATING = exp.DataType.INTEGER_TYPES, exp.DataType.TEXT_TYPES, ("double", "float")
DECIMAL_DIGITS = 38
INTEGER_DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INT": 10, "BIGINT": 19}  # of the decimal that an integer becomes
MONTHS = exp.DataType.build("INTERVAL YEAR")  # an interval of years and months; others are of days and seconds
MONTH_UNITS = ("YEAR", "MONTH")
Annotator = Callable[[TypeAnnotator, Any], Any]


def with_types(tree: exp.Expr, schema: dict[str, object]) -> exp.Expr:
    """The tree with Trino's type at each node; `schema` has the tables' columns with their types."""
    return _TrinoTypes(ensure_schema(schema, dialect="athena"), RULES).annotate(tree)


class _TrinoTypes(TypeAnnotator):
    """sqlglot's walk over scopes; what becomes of two types that meet, in UNION and VALUES too, is Trino's."""

    def _maybe_coerce(
        self, type1: exp.DataType | exp.DType, type2: exp.DataType | exp.DType
    ) -> exp.DataType | exp.DType:
        return common_type(exp.DataType.build(type1), exp.DataType.build(type2))


# --- what types are --------------------------------------------------------------------------------------------------


def kind_of(side: exp.Expr) -> str:
    """text, number, boolean, date, timestamp, interval, array, row or unknown."""
    if side.is_type(*TEXT):
        return "text"
    if side.is_type(*exp.DataType.NUMERIC_TYPES):
        return "number"
    if side.is_type(*exp.DataType.TEMPORAL_TYPES):
        return "date" if side.is_type("date") else "timestamp"
    if side.is_type("interval") or is_months(side):
        return "interval"
    names = {"boolean": "boolean", "array": "array", "struct": "row"}
    return next((kind for name, kind in names.items() if side.is_type(name)), "unknown")


def is_months(side: exp.Expr) -> bool:
    """Whether a value is an interval of years and months."""
    return side.type is not None and isinstance(side.type.this, exp.Interval)


def shown(side: exp.Expr) -> str:
    """A part of a query as an error names it."""
    return side.name if isinstance(side, exp.Column) else side.sql(dialect="athena")


def digits_of(kind: exp.DataType | None) -> tuple[int, int] | None:
    """All digits of a decimal, or of an integer as one, and those after the point; None for all else."""
    if kind is not None and kind.is_type("decimal") and len(kind.expressions) == 2:
        return int(kind.expressions[0].name), int(kind.expressions[1].name)
    name = kind.this.name if kind is not None and isinstance(kind.this, exp.DType) else ""
    return (INTEGER_DIGITS[name], 0) if name in INTEGER_DIGITS else None


def decimal_type(precision: int, scale: int) -> exp.DataType:
    """DECIMAL(precision, scale), with as many digits as there can be."""
    if scale > DECIMAL_DIGITS:
        raise SqlError(f"a decimal has at most {DECIMAL_DIGITS} digits, and this one {scale} after the point; cast it")
    return exp.DataType.build(f"DECIMAL({min(DECIMAL_DIGITS, max(precision, scale, 1))}, {scale})")


def element_type(array: exp.Expr) -> exp.DataType | None:
    """The type of an array's elements; None where it is not known."""
    if array.type is None or not array.is_type("array") or not array.type.expressions:
        return None
    element = array.type.expressions[0]
    return element if isinstance(element, exp.DataType) else None


def common_type(one: exp.DataType, other: exp.DataType) -> exp.DataType:
    """The type in which values of both are one column; unknown where there is none."""
    if one.is_type("null") or one == other:
        return other
    if other.is_type("null"):
        return one
    digits = (digits_of(one), digits_of(other))
    names = [kind.this.name if isinstance(kind.this, exp.DType) else "" for kind in (one, other)]
    if all(pair or kind.is_type(*FLOATING) for pair, kind in zip(digits, (one, other), strict=True)):
        if "DOUBLE" in names or "FLOAT" in names:
            return exp.DataType.build("DOUBLE" if "DOUBLE" in names else "FLOAT")
        if "DECIMAL" in names and digits[0] and digits[1]:
            (first, s1), (second, s2) = digits[0], digits[1]
            return decimal_type(max(first - s1, second - s2) + max(s1, s2), max(s1, s2))
        return max(one, other, key=lambda kind: digits_of(kind) or (0, 0))
    if one.is_type(*TEXT) and other.is_type(*TEXT):
        return exp.DataType.build("VARCHAR")
    if one.is_type(*exp.DataType.TEMPORAL_TYPES) and other.is_type(*exp.DataType.TEMPORAL_TYPES):
        return next((kind for kind in (one, other) if kind.is_type("timestamptz")), exp.DataType.build("TIMESTAMP"))
    if one.is_type("array") and other.is_type("array") and one.expressions and other.expressions:
        return array_of(common_type(one.expressions[0], other.expressions[0]))
    return exp.DataType.build("UNKNOWN")


def array_of(element: exp.DataType) -> exp.DataType:
    """The type of an array of such elements."""
    return exp.DataType(this=exp.DType.ARRAY, expressions=[element.copy()], nested=True)


def cast_to(value: exp.Expr, kind: str | exp.DataType) -> exp.Cast:
    """A copy of a value, cast; the cast knows its type."""
    cast = exp.Cast(this=value.copy(), to=exp.DataType.build(kind))
    cast.type = cast.args["to"]
    return cast


def argument(aggregate: exp.Expr) -> exp.Expr:
    """What an aggregate takes, DISTINCT or not."""
    inner: exp.Expr = aggregate.this
    first: exp.Expr = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
    return first


def branches(node: exp.Expr) -> list[exp.Expr]:
    """The values of which a CASE, IF, coalesce, … gives one, or the two sides of an operation."""
    if isinstance(node, exp.Case):
        values = [branch.args.get("true") for branch in node.args["ifs"]] + [node.args.get("default")]
    elif isinstance(node, exp.If):
        values = [node.args.get("true"), node.args.get("false")]
    else:
        values = [node.this, node.args.get("expression"), *node.expressions]
    return [value for value in values if isinstance(value, exp.Expr)]


# --- the rules, by class of node -------------------------------------------------------------------------------------


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


def _common(sides: Iterable[exp.Expr]) -> exp.DataType:
    kinds = [side.type or exp.DataType.build("UNKNOWN") for side in sides]
    return reduce(common_type, kinds, exp.DataType.build("NULL"))


def _sum_type(node: exp.Expr) -> exp.DataType | None:
    """Of + - * / %: sums and differences of times and intervals, and Trino's digits of decimals."""
    left, right = node.this, node.expression
    for side, other in ((left, right), (right, left)):
        if kind_of(side) == "interval":
            return other.type if kind_of(other) in ("date", "timestamp") else side.type
    common = _common((left, right))
    pairs = (digits_of(left.type), digits_of(right.type))
    if not common.is_type("decimal") or not pairs[0] or not pairs[1]:
        return common
    (p1, s1), (p2, s2) = pairs
    scale = max(s1, s2)
    if isinstance(node, exp.Mul):
        return decimal_type(p1 + p2, s1 + s2)
    if isinstance(node, exp.Div):
        return decimal_type(p1 + s2 + max(s2 - s1, 0), scale)
    if isinstance(node, exp.Mod):
        return decimal_type(min(p1 - s1, p2 - s2) + scale, scale)
    return decimal_type(max(p1 - s1, p2 - s2) + scale + 1, scale)


def _rounded(node: exp.Expr) -> exp.DataType | None:
    value = node.this
    if not value.is_type("decimal"):
        return value.type  # type: ignore[no-any-return]
    precision, scale = digits_of(value.type) or (DECIMAL_DIGITS, 0)
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


def _subscripted(node: exp.Bracket) -> exp.DataType | None:
    return element_type(node.this)


def _interval(node: exp.Interval) -> "exp.DataType | str":
    unit = node.args.get("unit")
    return MONTHS if unit is not None and unit.name.upper().removesuffix("S") in MONTH_UNITS else "INTERVAL"


def _written_otherwise(node: exp.Expr) -> "str | None":
    entry = WRITTEN_OTHERWISE.get(function_key(node))
    return entry[0] if entry else None


def _fixed(name: str, *kinds: type[exp.Expr]) -> dict[type[exp.Expr], dict[str, Any]]:
    return {kind: _rule(lambda _: name) for kind in kinds}


def _by(rule: Callable[[Any], "exp.DataType | str | None"], *kinds: type[exp.Expr]) -> dict[Any, dict[str, Any]]:
    return {kind: _rule(rule) for kind in kinds}


RULES: dict[type[exp.Expr], dict[str, Any]] = {
    **Athena.EXPRESSION_METADATA,
    **_by(_literal, exp.Literal),
    **_by(_sum_type, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod),
    **_by(lambda node: _common(branches(node)), exp.Coalesce, exp.If, exp.Case, exp.Greatest, exp.Least),
    **_by(lambda node: _common(side for side in (node.this, node.args.get("default")) if side), exp.Lag, exp.Lead),
    **_by(lambda node: array_of(_common(node.expressions)), exp.Array),
    **_by(lambda node: array_of(argument(node).type or exp.DataType.build("UNKNOWN")), exp.ArrayAgg),
    **_by(_rounded, exp.Round, exp.Ceil, exp.Floor, exp.Sign),
    **_by(_total, exp.Sum, exp.Avg),
    **_by(_subscripted, exp.Bracket),
    **_by(_interval, exp.Interval),
    **_by(_written_otherwise, exp.Anonymous, exp.Localtimestamp, exp.RegexpCount, exp.Second,
          exp.SplitPart),
    **_by(lambda node: node.this.type, exp.Abs, exp.AnyValue, exp.ArgMax, exp.ArgMin, exp.ArrayDistinct, exp.DateAdd,
          exp.DateTrunc, exp.FirstValue, exp.LastValue, exp.Max, exp.Min, exp.Neg, exp.Nullif,
          exp.Filter, exp.IgnoreNulls, exp.Paren, exp.RespectNulls, exp.Window, exp.Reverse, exp.TimestampTrunc, exp.Try),
    **_fixed("BIGINT", exp.ApproxDistinct, exp.ArraySize, exp.Count, exp.CountIf, exp.DateDiff, exp.Day, exp.DayOfMonth,
             exp.DayOfWeekIso, exp.DayOfYear, exp.Extract, exp.Hour, exp.Length, exp.Minute, exp.Month, exp.Quarter,
             exp.StrPosition, exp.WeekOfYear, exp.Year),
    **_fixed("VARCHAR", exp.JSONExtractScalar, exp.Pad, exp.RegexpExtract, exp.RegexpReplace, exp.Replace),
    **_fixed("ARRAY<VARCHAR>", exp.Split),
    **_fixed("JSON", exp.JSONExtract),
    **_fixed("DOUBLE", exp.TimeToUnix),
    **_fixed("TIMESTAMPTZ", exp.UnixToTime, exp.CurrentTimestamp, exp.FromISO8601Timestamp),
    **_fixed("BOOLEAN", exp.ArrayContains, exp.RegexpLike),
}  # fmt: skip
