"""Types of a query's parts as Athena has them: what sqlglot leaves unknown or takes for another type is cast."""

from collections.abc import Iterable

from sqlglot import exp

from lakebox.athena.engine import SqlError

INTEGER, TEXT, FLOATING = exp.DataType.INTEGER_TYPES, exp.DataType.TEXT_TYPES, ("double", "float")
EXACT_TYPES = (
    ((exp.DateDiff, exp.CountIf, exp.Minute), "BIGINT"),
    ((exp.JSONExtractScalar, exp.Pad, exp.RegexpExtract, exp.RegexpReplace, exp.Replace, exp.Reverse), "VARCHAR"),
    (exp.Split, "ARRAY<VARCHAR>"),
    (exp.JSONExtract, "JSON"),
    (exp.TimeToUnix, "DOUBLE"),
    ((exp.UnixToTime, exp.CurrentTimestamp, exp.FromISO8601Timestamp), "TIMESTAMPTZ"),
)
MIXING = (exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.Coalesce, exp.If, exp.Case, exp.Greatest, exp.Least)
AS_ITS_ARGUMENT = (exp.ArgMax, exp.ArgMin, exp.Try, exp.TimestampTrunc, exp.DateTrunc, exp.ArrayDistinct)
DECIMAL_DIGITS = 38
FOR_TYPE = "cast for its type"


def kind_of(side: exp.Expr) -> str:
    """text, number, boolean, date, timestamp or unknown."""
    if side.is_type(*TEXT):
        return "text"
    if side.is_type(*exp.DataType.NUMERIC_TYPES):
        return "number"
    if side.is_type("boolean"):
        return "boolean"
    if side.is_type("date"):
        return "date"
    return "timestamp" if side.is_type(*exp.DataType.TEMPORAL_TYPES) else "unknown"


def shown(side: exp.Expr) -> str:
    """A part of a query as an error names it."""
    if isinstance(side, exp.Column):
        return side.name
    plain: exp.Expr = side.transform(lambda node: node.this.unnest() if is_for_type(node) else node)
    return plain.sql(dialect="athena")


def scale_of(side: exp.Expr) -> int | None:
    """Digits after the point of an integer or a decimal; None for all else."""
    digits = _decimal(side)
    return digits[1] if digits else 0 if side.is_type(*INTEGER) else None


def _decimal(side: exp.Expr) -> tuple[int, int] | None:
    """All digits of a decimal and those after the point."""
    if side.type is not None and side.is_type("decimal") and len(side.type.expressions) == 2:
        return int(side.type.expressions[0].name), int(side.type.expressions[1].name)
    return None


def decimal_type(precision: int, scale: int) -> exp.DataType:
    """DECIMAL(precision, scale), with as many digits as there can be."""
    return exp.DataType.build(f"DECIMAL({min(DECIMAL_DIGITS, max(precision, scale, 1))}, {scale})")


def cast_to(value: exp.Expr, kind: str | exp.DataType) -> exp.Cast:
    """A copy of a value, cast; the cast knows its type."""
    cast = exp.Cast(this=value.copy(), to=exp.DataType.build(kind))
    cast.type = cast.args["to"]
    return cast


def whole_call(node: exp.Expr) -> exp.Expr:
    """An aggregate with its FILTER and OVER."""
    around = (exp.Filter, exp.Window, exp.IgnoreNulls, exp.RespectNulls)
    while isinstance(node.parent, around) and node.arg_key == "this":
        node = node.parent
    return node


def branches(node: exp.Expr) -> list[exp.Expr]:
    """The values of which a CASE, IF, coalesce, … gives one, or the two sides of an operation."""
    if isinstance(node, exp.Case):
        values = [branch.args.get("true") for branch in node.args["ifs"]] + [node.args.get("default")]
    elif isinstance(node, exp.If):
        values = [node.args.get("true"), node.args.get("false")]
    else:
        values = [node.this, *_flat(node.args.get("expression")), *node.expressions]
    return [value for value in values if value is not None]


def _flat(value: exp.Expr | None) -> Iterable[exp.Expr]:
    return () if value is None else (value,)


def with_types(tree: exp.Expr) -> exp.Expr:
    """The tree with casts where sqlglot is wrong about a type or doesn't know it, so that division can rely on it."""
    for node in reversed(list(tree.walk())):
        kind = _exact_type(node)
        if kind is not None:
            cast, whole = cast_to(exp.null(), kind), whole_call(node)
            whole.replace(cast)
            cast.set("this", exp.paren(whole, copy=False))
            cast.meta[FOR_TYPE] = True
    return tree


def is_for_type(node: exp.Expr) -> bool:
    """Whether a node is a cast that stands there for its type only: the query has none."""
    return FOR_TYPE in node.meta


def argument(aggregate: exp.Expr) -> exp.Expr:
    """What an aggregate takes, DISTINCT or not."""
    inner: exp.Expr = aggregate.this
    first: exp.Expr = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
    return first


def _exact_type(node: exp.Expr) -> exp.DataType | None:
    """The type that Athena gives a node, where sqlglot gives another or none."""
    for kinds, name in EXACT_TYPES:
        if isinstance(node, kinds):
            return exp.DataType.build(name)
    if isinstance(node, exp.Round | exp.Ceil | exp.Floor | exp.Sign):
        return _rounded_type(node)
    if isinstance(node, exp.Sum) and argument(node).is_type(*INTEGER):
        return exp.DataType.build("BIGINT")
    if isinstance(node, exp.Sum | exp.Avg):
        return exp.DataType.build("FLOAT") if argument(node).is_type("float") else None
    if isinstance(node, AS_ITS_ARGUMENT):
        return None if node.this.type is None or node.this.is_type("unknown") else node.this.type
    return _mixed_type(node) if isinstance(node, MIXING) else None


def _rounded_type(node: exp.Expr) -> exp.DataType | None:
    value, digits = node.this, _decimal(node.this)
    if digits is None:
        return value.type if value.is_type(*INTEGER, *FLOATING) else None
    precision, scale = digits
    if isinstance(node, exp.Sign):
        return decimal_type(1, 0)
    if node.args.get("decimals") is not None:
        return decimal_type(precision + 1, scale)
    return decimal_type(precision - scale + min(scale, 1), 0)


def _mixed_type(node: exp.Expr) -> exp.DataType | None:
    """Double where a double takes part, else real where a real does, else decimal where a decimal does."""
    if isinstance(node, exp.If) and isinstance(node.parent, exp.Case):
        return None  # a branch, no value of its own
    sides = branches(node)
    for kind in FLOATING:
        if any(side.is_type(kind) for side in sides):
            return exp.DataType.build(kind)
    scales = [scale for scale in map(scale_of, sides) if scale is not None]
    if len(scales) < len(sides) and not all(kind_of(side) == "unknown" or scale_of(side) is not None for side in sides):
        return None
    if not any(side.is_type("decimal") for side in sides):
        return None
    for side in sides:
        if kind_of(side) == "unknown" and not isinstance(side, exp.Null):
            raise SqlError(f"cannot tell the type of {shown(side)} beside a decimal; cast it to double or to bigint")
    return decimal_type(DECIMAL_DIGITS, sum(scales) if isinstance(node, exp.Mul) else max(scales))
