"""Mends on a typed tree: each makes DuckDB answer one construct as Athena (Trino) does."""

from collections.abc import Callable

from sqlglot import exp

from lakebox.engines import SqlError

INTEGER_TEXT = r"[+-]?[0-9]+"
DAY_UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")


def mended(tree: exp.Expr) -> exp.Expr:
    """The tree with every mend applied, innermost first."""
    for node in reversed(list(tree.walk())):
        mend = MENDS.get(type(node))
        replacement = mend(node) if mend else None
        if replacement is not None and replacement is not node:
            if node is tree:
                tree = replacement
            else:
                node.replace(replacement)
    return tree


def _division(node: exp.Expr) -> exp.Expr | None:
    """Integers divide to an integer, cut toward zero; decimals keep the greater scale of the two."""
    left, right = node.this, node.expression
    if _is_double(left) or _is_double(right):
        return None
    if left.is_type(*exp.DataType.INTEGER_TYPES) and right.is_type(*exp.DataType.INTEGER_TYPES):
        return exp.IntDiv(this=left.copy(), expression=right.copy())
    scales = [_scale(side) for side in (left, right)]
    if None in scales:
        raise SqlError(f"cannot tell the types in {node.sql(dialect='athena')}; cast one side to double or to bigint")
    exact = exp.func("ROUND", _as(left, "DOUBLE") / _as(right, "DOUBLE"), exp.Literal.number(max(map(int, scales))))  # type: ignore[arg-type]
    checked = exp.Case().when(exp.EQ(this=right.copy(), expression=exp.Literal.number(0)), _error("Division by zero"))
    return checked.else_(_as(exact, f"DECIMAL(38, {max(map(int, scales))})"))  # type: ignore[arg-type]


def _is_double(side: exp.Expr) -> bool:
    if _decimal_literal(side) is not None:
        return False
    return side.is_type("double", "float")


def _decimal_literal(side: exp.Expr) -> int | None:
    """Scale of a literal such as 2.50; None where it is no decimal literal."""
    inner = side.this if isinstance(side, exp.Neg | exp.Paren) else side
    if isinstance(inner, exp.Literal) and not inner.is_string and "." in inner.name and "e" not in inner.name.lower():
        return len(inner.name.partition(".")[2])
    return None


def _scale(side: exp.Expr) -> int | None:
    literal = _decimal_literal(side)
    if literal is not None:
        return literal
    if side.is_type(*exp.DataType.INTEGER_TYPES):
        return 0
    if side.type is not None and side.is_type("decimal") and len(side.type.expressions) == 2:
        return int(side.type.expressions[1].name)
    return None


def _modulo(node: exp.Expr) -> exp.Expr:
    """A remainder by zero is an error."""
    zero = exp.EQ(this=exp.paren(node.expression.copy()), expression=exp.Literal.number(0))
    return exp.paren(exp.Case().when(zero, _error("Division by zero")).else_(exp.paren(node.copy())))


def _cast(node: exp.Expr) -> exp.Expr | None:
    """Doubles become integers by rounding half away from zero; text becomes an integer only where it is one."""
    value, to = node.this, node.args["to"]
    safe = isinstance(node, exp.TryCast)
    if to.is_type(*exp.DataType.INTEGER_TYPES):
        if value.is_type("double", "float") and _decimal_literal(value) is None:
            return type(node)(this=exp.func("ROUND", value.copy()), to=to.copy())
        if value.is_type(*exp.DataType.TEXT_TYPES):
            fits = exp.func("REGEXP_FULL_MATCH", value.copy(), exp.Literal.string(INTEGER_TEXT))
            bad = exp.null() if safe else _error("Cannot cast text to an integer: it is not a whole number")
            checked = exp.Case().when(exp.Is(this=value.copy(), expression=exp.null()), exp.null())
            return checked.when(fits, node.copy()).else_(bad)
    if to.is_type(*exp.DataType.TEXT_TYPES) and value.is_type("double", "float") and _decimal_literal(value) is None:
        size = exp.func("ABS", value.copy())
        plain = exp.Or(
            this=exp.EQ(this=size.copy(), expression=exp.Literal.number(0)),
            expression=exp.Between(this=size, low=exp.Literal.number("1e-3"), high=exp.Literal.number("9999999")),
        )
        checked = exp.Case().when(exp.Is(this=value.copy(), expression=exp.null()), exp.null())
        other = _error("text of a double beyond 0.001..10 million differs here; cast it to decimal first")
        return checked.when(plain, node.copy()).else_(other)
    return None


def _sum(node: exp.Expr) -> exp.Expr | None:
    """The sum of integers is a bigint."""
    if isinstance(node.parent, exp.Window):
        return None
    return _as(node, "BIGINT") if node.this.is_type(*exp.DataType.INTEGER_TYPES) else None


def _window(node: exp.Expr) -> exp.Expr | None:
    inner = node.this
    whole = isinstance(inner, exp.CountIf) or (
        isinstance(inner, exp.Sum) and inner.this.is_type(*exp.DataType.INTEGER_TYPES)
    )
    return _as(node, "BIGINT") if whole else None


def _count_if(node: exp.Expr) -> exp.Expr | None:
    return None if isinstance(node.parent, exp.Window) else _as(node, "BIGINT")


def _date_diff(node: exp.Expr) -> exp.Expr:
    """Whole units between two times, not boundaries crossed."""
    unit = node.args["unit"].name.lower()
    return exp.Anonymous(
        this="DATE_SUB", expressions=[exp.Literal.string(unit), node.expression.copy(), node.this.copy()]
    )


def _date_add(node: exp.Expr) -> exp.Expr | None:
    """A date and days is a date."""
    unit = node.args.get("unit")
    is_day = unit is not None and unit.name.upper() in DAY_UNITS
    return _as(node, "DATE") if node.this.is_type("date") and is_day else None


def _plus_interval(node: exp.Expr) -> exp.Expr | None:
    interval = node.expression
    if not (isinstance(interval, exp.Interval) and node.this.is_type("date")):
        return None
    unit = interval.args.get("unit")
    return _as(exp.paren(node.copy()), "DATE") if unit is not None and unit.name.upper() in DAY_UNITS else None


def _date_trunc(node: exp.Expr) -> exp.Expr | None:
    return _as(node, "DATE") if node.this.is_type("date") else None


def _json_scalar(node: exp.Expr) -> exp.Expr:
    """Objects and arrays are no scalars; numbers keep the text they were written in."""
    path = node.expression.sql(dialect="athena")
    text = node.this.copy()
    where = exp.Literal.string(path.strip("'"))
    kind = exp.func("JSON_TYPE", text.copy(), where.copy())
    as_written = exp.Anonymous(this="json_scalar_text", expressions=[text.copy(), where.copy()])
    plain = exp.Anonymous(this="json_extract_string", expressions=[text, where])
    compound = exp.In(this=kind.copy(), expressions=[exp.Literal.string("OBJECT"), exp.Literal.string("ARRAY")])
    double = exp.EQ(this=kind, expression=exp.Literal.string("DOUBLE"))
    return exp.Case().when(compound, exp.null()).when(double, as_written).else_(plain)


def _regexp_extract(node: exp.Expr) -> exp.Expr:
    """No match is null, not the empty text."""
    found = exp.Anonymous(this="REGEXP_MATCHES", expressions=[node.this.copy(), node.expression.copy()])
    return exp.Case().when(found, node.copy())


def _regexp_replace(node: exp.Expr) -> exp.Expr | None:
    replacement = node.args.get("replacement")
    if replacement is not None and ("$" in replacement.name or "\\" in replacement.name):
        raise SqlError("group references in regexp_replace are not done here; use regexp_extract")
    return None


def _substring(node: exp.Expr) -> exp.Expr | None:
    """Position 0 gives the empty text."""
    start = node.args.get("start")
    if start is None or (isinstance(start, exp.Literal) and start.name != "0") or isinstance(start, exp.Neg):
        return None
    zero = exp.EQ(this=start.copy(), expression=exp.Literal.number(0))
    return exp.Case().when(zero, exp.Literal.string("")).else_(node.copy())


def _subscript(node: exp.Expr) -> exp.Expr | None:
    """A subscript beyond the array is an error; element_at gives null."""
    if node.args.get("safe"):
        return None
    index = node.expressions[0]
    length = exp.Anonymous(this="LEN", expressions=[node.this.copy()])
    offset = 1 - int(node.args.get("offset") or 0)
    place = exp.Add(this=exp.paren(index.copy()), expression=exp.Literal.number(offset)) if offset else index.copy()
    outside = exp.Or(
        this=exp.GT(this=place, expression=length),
        expression=exp.LT(this=place.copy(), expression=exp.Literal.number(1)),
    )
    return exp.Case().when(outside, _error("Array subscript out of bounds; element_at gives null")).else_(node.copy())


def _error(message: str) -> exp.Expr:
    return exp.Anonymous(this="error", expressions=[exp.Literal.string(message)])


def _as(value: exp.Expr, kind: str) -> exp.Expr:
    return exp.Cast(this=value.copy(), to=exp.DataType.build(kind, dialect="duckdb"))


MENDS: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr | None]] = {
    exp.Div: _division,
    exp.Mod: _modulo,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Sum: _sum,
    exp.CountIf: _count_if,
    exp.Window: _window,
    exp.DateDiff: _date_diff,
    exp.DateAdd: _date_add,
    exp.Add: _plus_interval,
    exp.Sub: _plus_interval,
    exp.TimestampTrunc: _date_trunc,
    exp.DateTrunc: _date_trunc,
    exp.JSONExtractScalar: _json_scalar,
    exp.RegexpExtract: _regexp_extract,
    exp.RegexpReplace: _regexp_replace,
    exp.Substring: _substring,
    exp.Bracket: _subscript,
}
