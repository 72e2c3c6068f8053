"""Arithmetic of dates and times."""

from sqlglot import exp

from lakebox.athena.dialect.numbers import wider
from lakebox.athena.dialect.templates import filled
from lakebox.athena.dialect.types import DAY_UNITS, cast_to, is_months


def mended_date_diff(node: exp.Expr) -> exp.Expr:
    """Whole units between two times, not boundaries crossed."""
    unit = node.args["unit"].name.lower()
    return filled(f"date_sub('{unit}', _0, _1)", [node.expression, node.this])


def mended_date_add(node: exp.Expr) -> exp.Expr | None:
    """A date and days is a date; milliseconds are rounded to the digits that a literal has."""
    kind, unit = node.this.type, str(getattr(node.args.get("unit"), "name", "")).upper()
    if unit == "MILLISECOND" and kind is not None and kind.is_type("timestamp") and kind.expressions:
        step = 10 ** (6 - int(kind.expressions[0].name))
        text = f"make_timestamp(CAST(floor((epoch_us(_0) + {step // 2}) / {step}) * {step} AS BIGINT))"
        return filled(text, [node]) if step > 1000 else None
    return cast_to(node, "DATE") if node.this.is_type("date") else None


def mended_sum(node: exp.Expr) -> exp.Expr | None:
    interval = node.expression
    if isinstance(node, exp.Sub) and node.is_type("interval") and not interval.is_type("interval"):
        if node.this.is_type("date") and interval.is_type("date"):
            return filled("to_days(CAST(_0 - _1 AS INTEGER))", [node.this, interval])
        kind = (
            "TIMESTAMPTZ" if "timestamptz" in (str(node.this.type).lower(), str(interval.type).lower()) else "TIMESTAMP"
        )
        return exp.Sub(this=cast_to(node.this, kind), expression=cast_to(interval, kind))
    if not (interval.is_type("interval") or is_months(interval)) or not node.this.is_type("date"):
        return wider(node)
    if not isinstance(interval, exp.Interval):
        return cast_to(exp.paren(node), "DATE")
    unit = interval.args.get("unit")
    return cast_to(exp.paren(node), "DATE") if unit is not None and unit.name.upper() in DAY_UNITS else None


def mended_date_parse(node: exp.Expr) -> exp.Expr | None:
    """date_parse keeps milliseconds."""
    return filled("date_trunc('millisecond', _0)", [node]) if "%f" in node.args["format"].name else None
