"""What Athena refuses by its types, and DuckDB would convert in silence."""

from sqlglot import exp

from lakebox.athena.dialect.functions.calls import check_call
from lakebox.athena.dialect.functions.special_kinds import check_result, check_special_kinds
from lakebox.athena.dialect.functions.unnest import check_unnest
from lakebox.athena.dialect.types import (
    DAY_UNITS,
    INTEGER,
    branches,
    element_type,
    is_months,
    key_type,
    kind_of,
    row_fields,
    shown,
    typed_as,
)
from lakebox.athena.engine import SqlError

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Nullif)
ONE_KIND = (exp.Coalesce, exp.If, exp.Case, exp.Greatest, exp.Least, exp.Array)
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
NUMBERS = (exp.Abs, exp.Avg, exp.Ceil, exp.Chr, exp.Exp, exp.Floor, exp.IsInf, exp.IsNan, exp.Ln, exp.Pow,
           exp.Round, exp.Sign, exp.Sqrt, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Sum, exp.UnixToTime,
           exp.Variance, exp.VariancePop)  # fmt: skip
TEXTS = (exp.FromISO8601Timestamp, exp.Like, exp.Lower, exp.Pad, exp.RegexpExtract, exp.RegexpLike,
         exp.RegexpReplace, exp.Replace, exp.Split, exp.SplitPart, exp.StartsWith, exp.StrPosition,
         exp.StrToTime, exp.Substring, exp.Trim, exp.Upper)  # fmt: skip
TIMES = (exp.DateAdd, exp.DateTrunc, exp.Day, exp.DayOfMonth, exp.DayOfWeekIso, exp.DayOfYear, exp.Hour, exp.LastDay,
         exp.Minute, exp.Month, exp.Quarter, exp.Second, exp.TimestampTrunc, exp.TimeToStr, exp.TimeToUnix,
         exp.WeekOfYear, exp.Year)  # fmt: skip
BOOLEANS = (exp.CountIf, exp.Having, exp.LogicalAnd, exp.LogicalOr, exp.Not, exp.Where)
OPERANDS: dict[type[exp.Expr], tuple[tuple[str, str], ...]] = {  # of a class of node, by the name of its argument
    **dict.fromkeys(NUMBERS, (("this", "number"),)),
    **dict.fromkeys(TEXTS, (("this", "text"),)),
    **dict.fromkeys(TIMES, (("this", "time"),)),
    **dict.fromkeys(BOOLEANS, (("this", "boolean"),)),
    **dict.fromkeys((exp.And, exp.Or), (("this", "boolean"), ("expression", "boolean"))),
    **dict.fromkeys((exp.Like, exp.StartsWith, exp.Split), (("this", "text"), ("expression", "text"))),
    exp.AtTimeZone: (("this", "time"), ("zone", "text")),
    exp.DateDiff: (("this", "time"), ("expression", "time")),
    exp.DateAdd: (("this", "time"), ("expression", "number")),
    exp.Extract: (("expression", "time"),),
    exp.Pow: (("this", "number"), ("expression", "number")),
    exp.Round: (("this", "number"), ("decimals", "number")),
    exp.Substring: (("this", "text"), ("start", "number"), ("length", "number")),
}


def check_types(tree: exp.Expr) -> None:
    """Raise SqlError where Athena has no conversion of types, and DuckDB would convert in silence."""
    check_result(tree)
    for node in tree.walk():
        for name, kind in OPERANDS.get(type(node), ()):
            side = node.args.get(name)
            if (
                isinstance(node, exp.Hour | exp.Minute | exp.Second)
                and isinstance(side, exp.Expr)
                and side.is_type("time")
            ):
                continue
            _expect(kind, side.expressions[0] if isinstance(side, exp.Distinct) else side)
        if isinstance(node, COMPARISONS):
            _check_comparison(node)
        elif isinstance(node, ONE_KIND):
            _check_branches(node)
        elif isinstance(node, exp.Concat | exp.DPipe):
            _check_joined(node)
        elif isinstance(node, exp.SetOperation | exp.Values):
            _check_columns(node) if isinstance(node, exp.SetOperation) else _check_rows(node)
        elif isinstance(node, ARITHMETIC):
            _check_arithmetic(node)
        _check_function(node)


def _check_joined(node: exp.Expr) -> None:
    """Of || and concat: all are text, or bytes, or arrays and elements of one type."""
    if node.is_type("array"):
        if any(part.is_type("unknown") for part in (node.type or node).find_all(exp.DataType)):
            raise SqlError("TYPE_MISMATCH: the arrays and elements to join have different types; cast them")
        return
    for side in node.expressions or (node.this, node.expression):
        _expect("bytes" if node.is_type("varbinary") else "text", side)


def _check_subscript(node: exp.Bracket) -> None:
    index = node.expressions[0]
    if node.this.is_type("map"):
        _check_same([typed_as(key_type(node.this)), index])
    elif node.this.is_type("struct"):
        if node.args.get("safe") or not (index.is_int and 1 <= int(index.name) <= len(row_fields(node.this.type))):
            raise SqlError("TYPE_MISMATCH: a row's subscript is the number of one of its fields, from 1")
    elif kind_of(node.this) not in ("unknown", "array"):
        way = "json_extract_scalar(x, '$.name') reads JSON" if kind_of(node.this) == "text" else "only arrays have [1]"
        raise SqlError(f"TYPE_MISMATCH: {shown(node.this)} is a {kind_of(node.this)}, not an array; {way}")
    else:
        _expect("number", index)


def _check_array_function(node: exp.Expr) -> None:
    keys = node.expressions if isinstance(node, exp.Group) else [node.this] if isinstance(node, exp.Ordered) else []
    if isinstance(node, exp.Select) and node.args.get("distinct"):
        keys = node.selects
    if any(key.is_type(exp.DType.MAP) for key in keys):
        raise SqlError("maps are not grouped, sorted or told apart by the embedded engine; take their map_entries")
    if isinstance(node, exp.Unnest):
        check_unnest(node)
    if isinstance(node, exp.Nullif | exp.Case) and node.this is not None and kind_of(node.this) == "array":
        raise SqlError("NULLIF and CASE x WHEN of arrays are not supported by the embedded engine; write CASE WHEN")
    if isinstance(node, exp.ArrayContains) and kind_of(node.expression) == "address":
        _expect("text", node.this)
    elif isinstance(node, exp.ArrayContains):
        element = element_type(node.this)
        if element is not None and element.is_type("array", "map", "struct"):
            raise SqlError("contains of arrays, maps and rows is not supported by the embedded engine; write any_match")
        _check_same([typed_as(element_type(node.this)), node.expression])


def _check_function(node: exp.Expr) -> None:
    check_call(node)
    if isinstance(node, exp.Neg) and kind_of(node.this) != "interval":
        _expect("number", node.this)
    if isinstance(node, exp.JSONExtract | exp.JSONExtractScalar) and not node.this.is_type("json", "null", "unknown"):
        _expect("text", node.this)
    check_special_kinds(node)
    if isinstance(node, exp.Bracket):
        _check_subscript(node)
    if isinstance(node, exp.Dot) and node.this.type is not None and not node.this.is_type("unknown"):
        names = [name.lower() for name, _ in row_fields(node.this.type) if name]
        if node.expression.name.lower() not in names:
            known = f"its fields: {', '.join(names)}" if names else "it has no named fields"
            raise SqlError(f"{shown(node.this)}.{node.expression.name} cannot be resolved; {known}", "COLUMN_NOT_FOUND")
    _check_array_function(node)
    if isinstance(node, exp.DateAdd) and not node.expression.is_type(*INTEGER):
        raise SqlError(
            f"date_add takes a whole number of units; {shown(node.expression)} may be none, cast it to bigint"
        )
    if isinstance(node, exp.DateAdd | exp.TimestampTrunc | exp.DateTrunc):
        _check_day_unit(node, node)


def _expect(kind: str, side: exp.Expr | None) -> None:
    if side is None or kind_of(side) in ("unknown", kind):
        return
    if kind == "time" and kind_of(side) in ("date", "timestamp"):
        return
    wanted = "date or timestamp" if kind == "time" else kind
    raise SqlError(f"TYPE_MISMATCH: {shown(side)} is of type {kind_of(side)}, not {wanted}; cast it")


def _check_same(sides: list[exp.Expr]) -> None:
    """All sides are of one kind; a date goes with a timestamp."""
    known = [(side, kind_of(side).replace("date", "timestamp")) for side in sides if kind_of(side) != "unknown"]
    for side, kind in known[1:]:
        if kind != known[0][1]:
            first = known[0][0]
            text, other = (side, first) if kind == "text" else (first, side)
            raise SqlError(_mismatch(text, other))


def _mismatch(one: exp.Expr, other: exp.Expr) -> str:
    kinds, text = (kind_of(other), kind_of(one)), shown(one)
    if "json" in kinds and "text" in kinds:
        value = shown(other if kinds[0] == "json" else one)
        return (
            f"TYPE_MISMATCH: {value} is json, no text; write json_extract_scalar(x, '$.a'), or CAST({value} AS varchar)"
        )
    is_time = kinds[0] in ("date", "timestamp") and isinstance(one, exp.Literal)
    hint = f"write {kinds[0].upper()} {text}" if is_time else f"write CAST({text} AS …)"
    return f"TYPE_MISMATCH: {shown(other)} is a {kinds[0]} and {shown(one)} is a {kinds[1]}; {hint}"


def _check_comparison(node: exp.Expr) -> None:
    names = ("this", "expression", "low", "high", "query")
    sides = [side for name in names if (side := node.args.get(name)) is not None] + list(node.expressions)
    written_out = all(isinstance(side.unnest(), exp.Tuple | exp.Query) for side in sides)
    if any(kind_of(side) == "row" for side in sides) and (
        isinstance(node, exp.Between | exp.Nullif) or not written_out
    ):
        raise SqlError("rows are compared by the embedded engine where both are written out only: (a, b) = (c, d)")
    if any(part.is_type("map") for side in sides if side.type for part in side.type.find_all(exp.DataType)):
        raise SqlError("maps are not compared by the embedded engine; compare their array_sort(map_keys(m)) and values")
    rows = [_values(side) for side in sides]
    if len({len(row) for row in rows}) == 1:
        for values in zip(*rows, strict=True):
            _check_same(list(values))


def _values(side: exp.Expr) -> list[exp.Expr]:
    """The values of a side of a comparison: those of a row, or the columns of a subquery, else itself."""
    inner = side.this if isinstance(side, exp.Any | exp.All) else side
    inner = inner.unnest()
    if isinstance(inner, exp.Query):
        return [column.unalias() for column in inner.selects]
    return list(inner.expressions) if isinstance(inner, exp.Tuple) else [side]


def _check_branches(node: exp.Expr) -> None:
    if isinstance(node, exp.If):
        of_value = node.parent.this if isinstance(node.parent, exp.Case) else None
        if of_value is None:
            _expect("boolean", node.this)
        else:
            _check_same([of_value, node.this])
        if isinstance(node.parent, exp.Case):
            return
    _check_same(node.expressions if isinstance(node, exp.Array) else branches(node))


def _check_columns(node: exp.SetOperation) -> None:
    pairs = zip(node.this.selects, node.expression.selects, strict=False)
    for left, right in ((left.unalias(), right.unalias()) for left, right in pairs):
        _check_same([left, right])


def _check_rows(node: exp.Values) -> None:
    rows = [list(row.expressions) if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
    if len({len(row) for row in rows}) == 1:
        for values in zip(*rows, strict=True):
            _check_same(list(values))


def _check_arithmetic(node: exp.Expr) -> None:
    left, right = node.this, node.expression
    if isinstance(node, exp.Add | exp.Sub) and kind_of(left) in ("date", "timestamp"):
        if kind_of(right) == "interval" and not is_months(right):
            for part in right.find_all(exp.Interval):
                _check_day_unit(node, part)
        elif kind_of(right) == "number":
            raise SqlError(f"TYPE_MISMATCH: {shown(left)} is a {kind_of(left)}; add an INTERVAL '1' DAY, not a number")
        if not (kind_of(right) == "number" or (isinstance(node, exp.Add) and kind_of(right) != "interval")):
            return
    sides = {kind_of(left), kind_of(right)}
    if sides == {"interval"} and is_months(left) == is_months(right) and isinstance(node, exp.Add | exp.Sub):
        return
    if sides == {"interval", "number"} and isinstance(node, exp.Mul):
        return
    _expect("number", left)
    _expect("number", right)


def _check_day_unit(node: exp.Expr, unit: exp.Expr) -> None:
    name = str(getattr(unit.args.get("unit"), "name", "")).upper()
    if kind_of(node.this) == "date" and name not in DAY_UNITS:
        raise SqlError(f"'{name.lower()}' is no unit of a date; CAST({shown(node.this)} AS timestamp) first")
