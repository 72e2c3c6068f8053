"""Numbers as Athena has them: arithmetic of decimals, division, remainders, averages."""

from sqlglot import exp

from lakebox.athena.dialect.templates import filled
from lakebox.athena.dialect.types import FLOATING, INTEGER, argument, cast_to, decimal_type, digits_of, shown
from lakebox.athena.engine import SqlError

INT64_DIGITS = 18  # of a decimal that DuckDB keeps in 64 bits
AROUND = (exp.Filter, exp.Window, exp.IgnoreNulls, exp.RespectNulls)  # what stands around an aggregate
ZERO = "error('Division by zero; nullif(x, 0) gives null')"
# Whose result DuckDB gives another type than Trino: always, or of decimals and reals.
RETYPED = (exp.Ceil, exp.Floor, exp.Round, exp.Sign, exp.Sum)
RETYPED_EXACT = (exp.Abs, exp.Add, exp.Avg, exp.Case, exp.Coalesce, exp.Div, exp.Greatest, exp.If, exp.Lag,
                 exp.Lead, exp.Least, exp.Literal, exp.Mod, exp.Mul, exp.Nullif, exp.Sub)  # fmt: skip


def with_exact_type(node: exp.Expr, value: exp.Expr) -> exp.Expr:
    """The value that stands for a node, cast where DuckDB would give it other digits; an aggregate with its OVER."""
    is_inner = isinstance(node.parent, AROUND) and node.arg_key == "this"
    if (
        is_inner
        or node.type is None
        or isinstance(node.parent, exp.TableSample)
        or (isinstance(node, exp.If) and isinstance(node.parent, exp.Case))
    ):
        return value
    inner = node
    while isinstance(inner, AROUND):
        inner = inner.this
    if isinstance(inner, exp.Avg) and argument(inner).is_type("decimal"):
        return _average(node)
    always = isinstance(inner, RETYPED) and node.is_type(*exp.DataType.NUMERIC_TYPES)
    if always or (isinstance(inner, RETYPED_EXACT) and node.is_type("decimal", "float")):
        is_cast = isinstance(value, exp.Cast) and value.args["to"] == node.type
        value = value if is_cast else cast_to(value, node.type, copy=value is node)
    return value


def _average(node: exp.Expr) -> exp.Expr:
    """Of decimals: a decimal of the same scale, rounded half up. `node` is the aggregate with its FILTER and OVER."""
    kind = node.type or decimal_type(38, 0)
    total, count = (_with_aggregate(node, aggregate) for aggregate in (exp.Sum, exp.Count))
    return cast_to(_decimal_quotient(total, count, int(kind.expressions[1].name)), kind)


def _with_aggregate(node: exp.Expr, aggregate: type[exp.Sum | exp.Count]) -> exp.Expr:
    """The same call, with its FILTER and OVER, of another aggregate than avg."""
    if isinstance(node, exp.Avg):
        return aggregate(this=node.this.copy())
    call = node.copy()
    call.set("this", _with_aggregate(node.this, aggregate))
    return call


def wider(node: exp.Expr) -> exp.Expr | None:
    """Sums and products of decimals: DuckDB stays within 64 bits, and fails, where both sides have no more."""
    left, right = digits_of(node.this.type), digits_of(node.expression.type)
    if not (node.is_type("decimal") and left and right):
        return None
    if max(left[0], right[0]) > INT64_DIGITS or (digits_of(node.type) or (0, 0))[0] <= INT64_DIGITS:
        return None
    return type(node)(this=cast_to(node.this, decimal_type(INT64_DIGITS + 1, left[1])), expression=node.expression)


def mended_division(node: exp.Expr) -> exp.Expr:
    """Integers divide to an integer, cut toward zero; decimals keep the greater scale, rounded half up."""
    left, right = node.this, node.expression
    if node.is_type(*INTEGER):
        return exp.IntDiv(this=left.copy(), expression=right.copy())
    if node.is_type("decimal"):
        return _decimal_quotient(left, right, (digits_of(node.type) or (0, 0))[1])
    for kind in FLOATING:
        if node.is_type(kind):
            return exp.Div(this=cast_to(left, kind), expression=cast_to(right, kind), typed=True)
    raise SqlError(f"cannot tell the types in {shown(node)}; cast one side to double or to bigint")


def _decimal_quotient(left: exp.Expr, right: exp.Expr, scale: int) -> exp.Expr:
    """By whole numbers of 10^-scale: DuckDB divides decimals as doubles, which round otherwise (2.01 / 2.00 = 1.00)."""
    if scale > INT64_DIGITS:
        raise SqlError(f"decimals of more than {INT64_DIGITS} places are not divided here; cast to double")
    unit, point = 10**scale, f"0.{'0' * (scale - 1)}1" if scale else "1"
    top, bottom = (
        f"abs(CAST(CAST(_{side} AS DECIMAL(38, {scale})) * CAST({unit} AS BIGINT) AS HUGEINT))" for side in (0, 1)
    )
    rounded = f"(2 * {top} * {unit} + {bottom}) // (2 * {bottom})"
    quotient = f"CAST({rounded} AS DECIMAL({38 - scale}, 0)) * CAST({point} AS DECIMAL({max(scale, 1)}, {scale}))"
    signed = f"CAST(sign(_0) * sign(_1) AS BIGINT) * ({quotient})"
    return _unless_zero(signed, left, right)


def _unless_zero(answer: str, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """An error where the divisor is zero. DuckDB takes no error() in PARTITION BY, so a literal is looked at here."""
    divisor = right.unnest()
    if isinstance(divisor, exp.Cast) and divisor.is_type("decimal") and right.type == divisor.this.type:
        divisor = divisor.this.unnest()  # a literal's own type
    is_sure = isinstance(divisor, exp.Literal) and not divisor.is_string and float(divisor.name) != 0
    error = "" if is_sure else f"WHEN _1 = 0 THEN {ZERO} "
    return filled(f"CASE WHEN _0 IS NULL THEN NULL {error}ELSE {answer} END", [left, right])


def mended_remainder(node: exp.Expr) -> exp.Expr | None:
    """A remainder by zero is an error, and NaN of doubles."""
    if node.this.is_type(*FLOATING) or node.expression.is_type(*FLOATING):
        return None
    return _unless_zero("_0 % _1", node.this, node.expression)


def mended_sign(node: exp.Expr) -> exp.Expr | None:
    """NaN has no sign."""
    text = "CASE WHEN isnan(_0) THEN _0 ELSE sign(_0) END"
    return filled(text, [node.this]) if node.this.is_type(*FLOATING) else None


def mended_approx_distinct(node: exp.Expr) -> exp.Expr:
    """Exact: within the error that Athena promises, which DuckDB's own estimate is not for small sets."""
    return exp.Count(this=exp.Distinct(expressions=[node.this.copy()]))


def mended_count_if(node: exp.Expr) -> exp.Expr:
    """0 where there is no row, and DuckDB's is null."""
    one = filled("CASE WHEN _0 THEN 1 END", [argument(node)])
    return exp.Count(this=exp.Distinct(expressions=[one]) if isinstance(node.this, exp.Distinct) else one)


def mended_literal(node: exp.Expr) -> exp.Expr | None:
    """0.5 has one digit, and two for DuckDB."""
    digits = digits_of(node.type)
    is_share = isinstance(node.parent, exp.TableSample)
    return cast_to(node, node.type) if digits and digits[0] == digits[1] and node.type and not is_share else None
