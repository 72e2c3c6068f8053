"""Numbers as Athena has them: division, remainders, signs, aggregates."""

from sqlglot import exp

from lakebox.athena.dialect.functions import filled
from lakebox.athena.dialect.types import FLOATING, INTEGER, cast_to, decimal_type, scale_of
from lakebox.athena.engine import SqlError

BIGINT_DIGITS = 18


def mended_division(node: exp.Expr) -> exp.Expr:
    """Integers divide to an integer, cut toward zero; decimals keep the greater scale, rounded half up."""
    left, right = node.this, node.expression
    if left.is_type(*INTEGER) and right.is_type(*INTEGER):
        return exp.IntDiv(this=left.copy(), expression=right.copy())
    scales = (scale_of(left), scale_of(right))
    if scales[0] is not None and scales[1] is not None:
        return _decimal_quotient(left, right, max(scales[0], scales[1]))
    for kind in FLOATING:
        if left.is_type(kind) or right.is_type(kind):
            return exp.Div(this=cast_to(left, kind), expression=cast_to(right, kind), typed=True)
    raise SqlError(f"cannot tell the types in {node.sql(dialect='athena')}; cast one side to double or to bigint")


def _decimal_quotient(left: exp.Expr, right: exp.Expr, scale: int) -> exp.Expr:
    """By whole numbers of 10^-scale: DuckDB divides decimals as doubles, which round otherwise (2.01 / 2.00 = 1.00)."""
    if scale > BIGINT_DIGITS:
        raise SqlError(f"decimals of more than {BIGINT_DIGITS} places are not divided here; cast to double")
    unit, point = 10**scale, f"0.{'0' * (scale - 1)}1" if scale else "1"
    top, bottom = (
        f"abs(CAST(CAST(_{side} AS DECIMAL(38, {scale})) * CAST({unit} AS BIGINT) AS HUGEINT))" for side in (0, 1)
    )
    rounded = f"(2 * {top} * {unit} + {bottom}) // (2 * {bottom})"
    quotient = f"CAST({rounded} AS DECIMAL({38 - scale}, 0)) * CAST({point} AS DECIMAL({max(scale, 1)}, {scale}))"
    signed = f"CAST(sign(_0) * sign(_1) AS BIGINT) * ({quotient})"
    zero = "error('Division by zero; nullif(x, 0) gives null')"
    return cast_to(filled(f"CASE WHEN _1 = 0 THEN {zero} ELSE {signed} END", [left, right]), decimal_type(38, scale))


def mended_remainder(node: exp.Expr) -> exp.Expr | None:
    """A remainder by zero is an error, and NaN of doubles."""
    if node.this.is_type(*FLOATING) or node.expression.is_type(*FLOATING):
        return None
    zero = "error('Division by zero; nullif(x, 0) gives null')"
    return filled(f"(CASE WHEN _0 = 0 THEN {zero} ELSE _1 END)", [node.expression, exp.paren(node.copy())])


def mended_sign(node: exp.Expr) -> exp.Expr | None:
    """NaN has no sign."""
    return (
        filled("CASE WHEN isnan(_0) THEN _0 ELSE _1 END", [node.this, node]) if node.this.is_type(*FLOATING) else None
    )


def mended_approx_distinct(node: exp.Expr) -> exp.Expr:
    """Exact: within the error that Athena promises, which DuckDB's own estimate is not for small sets."""
    return exp.Count(this=exp.Distinct(expressions=[node.this.copy()]))


def mended_max_by(node: exp.Expr) -> exp.Expr:
    """The value may be null."""
    name = "arg_max_null" if isinstance(node, exp.ArgMax) else "arg_min_null"
    return exp.Anonymous(this=name, expressions=[node.this.copy(), node.expression.copy()])
