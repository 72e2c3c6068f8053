"""typeof(x): the type that Athena gives to an expression, by name."""

from sqlglot import exp

from lakebox.athena.dialect.templates import filled
from lakebox.athena.dialect.types import TEXT, is_months, row_fields
from lakebox.athena.engine import SqlError

NAMES = {"INT": "integer", "FLOAT": "real", "TIMESTAMP": "timestamp(3)", "TIMESTAMPTZ": "timestamp(3) with time zone",
         "NULL": "unknown", "INTERVAL": "interval day to second", "TIME": "time(3)"}  # fmt: skip


def mended_typeof(node: exp.Expr) -> exp.Expr:
    """The name as a text; the value is named in it, so that an aggregate stays one."""
    value = node.this.unnest()
    if isinstance(value, exp.Literal) and value.is_string:
        name = f"varchar({len(value.name)})"
    elif isinstance(value, exp.Null):
        name = "unknown"
    elif value.type is None or value.is_type("unknown"):
        raise SqlError("typeof: the type of this is not known to the embedded engine; cast it")
    else:
        name = _name(value.type, is_exact=isinstance(value, exp.Cast | exp.Column | exp.Alias))
    literal = exp.Literal.string(name)
    return filled("CASE WHEN _0 IS NULL THEN _1 ELSE _1 END", [node.this, literal])


def _name(kind: exp.DataType, *, is_exact: bool) -> str:
    if kind.is_type(*TEXT):
        if not (is_exact or kind.expressions):
            raise SqlError("typeof of a text whose length is not known to the embedded engine; cast it to varchar")
        return f"varchar({kind.expressions[0].name})" if kind.expressions else "varchar"
    if kind.is_type("array", "map"):
        inner = ", ".join(_name(part, is_exact=is_exact) for part in kind.expressions)
        return f"{'array' if kind.is_type('array') else 'map'}({inner})"
    if kind.is_type("struct"):
        fields = [f"{name} {_name(inner, is_exact=is_exact)}".strip() for name, inner in row_fields(kind)]
        return f"row({', '.join(fields)})"
    if is_months(_typed(kind)):
        return "interval year to month"
    if kind.is_type("decimal") and kind.expressions:
        return f"decimal({','.join(part.name for part in kind.expressions)})"
    if kind.is_type("timestamp", "timestamptz", "time") and kind.expressions:
        zone = " with time zone" if kind.is_type("timestamptz") else ""
        return f"{'time' if kind.is_type('time') else 'timestamp'}({kind.expressions[0].name}){zone}"
    plain = kind.this.name if isinstance(kind.this, exp.DType) else ""
    return NAMES.get(plain, plain.lower())


def _typed(kind: exp.DataType) -> exp.Expr:
    value = exp.Placeholder()
    value.type = kind
    return value
