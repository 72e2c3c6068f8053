"""Trino's types: their kinds, the digits of decimals, and the type in which two values are one column."""

from sqlglot import exp

from lakebox.athena.engine import SqlError

INTEGER, TEXT, FLOATING = exp.DataType.INTEGER_TYPES, exp.DataType.TEXT_TYPES, ("double", "float")
DECIMAL_DIGITS = 38
INTEGER_DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INT": 10, "BIGINT": 19}  # of the decimal that an integer becomes
JSON_MEMBER = "a member of JSON that is made"  # a mark of casts
MONTHS = exp.DataType.build("INTERVAL YEAR")  # an interval of years and months; others are of days and seconds
MONTH_UNITS = ("YEAR", "MONTH")
DAY_UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")


def kind_of(side: exp.Expr) -> str:
    """text, number, boolean, date, timestamp, interval, array, map, row, json, address or unknown."""
    if side.is_type(*TEXT):
        return "text"
    if side.is_type(*exp.DataType.NUMERIC_TYPES):
        return "number"
    if side.is_type("time"):
        return "time of day"
    if side.is_type(*exp.DataType.TEMPORAL_TYPES):
        return "date" if side.is_type("date") else "timestamp"
    if side.is_type(exp.DType.IPADDRESS):
        return "address"
    if side.is_type("interval") or is_months(side):
        return "interval"
    names = {"boolean": "boolean", "varbinary": "bytes", "binary": "bytes", "array": "array", "map": "map",
             "struct": "row", "json": "json"}  # fmt: skip
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
    """The type of an array's elements, or of a map's values; None where it is not known."""
    if array.type is None or not array.is_type("array", "map") or not array.type.expressions:
        return None
    element = array.type.expressions[-1]
    return element if isinstance(element, exp.DataType) else None


def key_type(mapping: exp.Expr) -> exp.DataType | None:
    """The type of a map's keys; None where it is not known."""
    key = mapping.type.expressions[0] if mapping.type is not None and mapping.type.expressions else None
    return key if isinstance(key, exp.DataType) else None


def typed_as(kind: exp.DataType | None) -> exp.Expr:
    """A value of a type, of which nothing else is known."""
    value = exp.Placeholder()
    value.type = kind
    return value


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


def cast_to(value: exp.Expr, kind: str | exp.DataType, copy: bool = True) -> exp.Cast:
    """A value, or a copy of it, cast; the cast knows its type."""
    cast = exp.Cast(this=value.copy() if copy else value, to=exp.DataType.build(kind))
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


def row_fields(kind: exp.DataType | None) -> list[tuple[str, exp.DataType]]:
    """The fields of a row's type; a field without a name has an empty one."""
    if kind is None or not kind.is_type("struct"):
        return []
    fields = [
        (part.name, part.args["kind"]) if isinstance(part, exp.ColumnDef) else ("", part) for part in kind.expressions
    ]
    return [(name, inner) for name, inner in fields if isinstance(inner, exp.DataType)]
