"""UNNEST of maps, of arrays of rows, and of several arrays: each becomes a subquery with a column for each part."""

from sqlglot import exp

from lakebox.athena.dialect.templates import filled
from lakebox.athena.dialect.types import element_type, row_fields
from lakebox.athena.engine import SqlError


def is_expanded(node: exp.Unnest) -> bool:
    """Whether an UNNEST has more columns than DuckDB's; a row under one name stays a row, as Athena has it."""
    value = node.expressions[0]
    element = element_type(value)
    is_rows = value.is_type("array") and element is not None and element.is_type("struct")
    alias = node.args.get("alias")
    if is_rows and alias is not None and len(alias.columns) == 1:
        is_rows = False
    return len(node.expressions) > 1 or value.is_type("map") or is_rows


def column_types(node: exp.Unnest) -> list[exp.DataType]:
    """The types of the columns of an UNNEST, the ordinality left out."""
    unknown = exp.DataType.build("UNKNOWN")
    value = node.expressions[0]
    if len(node.expressions) > 1:
        return [element_type(one) or unknown for one in node.expressions]
    if value.is_type("map"):
        return [kind for kind in (value.type or unknown).expressions if isinstance(kind, exp.DataType)]
    return [kind for _, kind in row_fields(element_type(value))]


def check_unnest(node: exp.Unnest) -> None:
    """Raise SqlError where the columns have no names, or the parts are no arrays."""
    alias = node.args.get("alias")
    are_whole = alias is not None and len(alias.columns) == len(node.expressions)  # a name for each array
    for value in node.expressions:
        element = element_type(value)
        is_simple = value.is_type("array", "unknown") and (
            are_whole or element is None or not element.is_type("struct")
        )
        if len(node.expressions) > 1 and not is_simple:
            raise SqlError("UNNEST of several maps or arrays of rows is not supported by the embedded engine")
        if not value.is_type("array", "map", "unknown", "null"):
            raise SqlError(
                f"TYPE_MISMATCH: Cannot unnest type: {value.type.sql(dialect='athena') if value.type else ''}"
            )
    if is_expanded(node) and len(alias.columns if alias is not None else ()) != len(column_types(node)):
        names = ", ".join(f"c{number}" for number in range(1, len(column_types(node)) + 1))
        raise SqlError(f"this UNNEST has {len(column_types(node))} columns; name them all: UNNEST(…) AS t ({names})")


def mended_unnest(node: exp.Expr) -> exp.Expr | None:
    """A subquery that takes each entry apart."""
    if not isinstance(node, exp.Unnest) or not is_expanded(node):
        return None
    values = node.expressions
    if len(values) > 1:
        entries = "list_zip(" + ", ".join(f"coalesce(_{number}, [])" for number in range(len(values))) + ")"
    else:
        entries = "map_entries(_0)" if values[0].is_type("map") else "_0"
    alias, offset = node.args["alias"].copy(), node.args.get("offset")
    columns = [f"struct_extract_at(e, {number}) AS c{number}" for number in range(1, len(column_types(node)) + 1)]
    ordinality = ", n" if offset else ""
    text = f"SELECT {', '.join(columns)}{ordinality} FROM UNNEST({entries}) "  # noqa: S608
    select = filled(text + ("WITH ORDINALITY AS u(e, n)" if offset else "AS u(e)"), list(values))
    if isinstance(offset, exp.Identifier):
        alias.append("columns", offset.copy())
    return exp.Subquery(this=select, alias=alias)
