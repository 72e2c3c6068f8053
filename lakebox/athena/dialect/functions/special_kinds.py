"""What Athena has not, or the embedded engine has not, of JSON, maps and IP addresses."""

from sqlglot import exp

from lakebox.athena.dialect.functions.agreeing import ON_STACK
from lakebox.athena.dialect.types import JSON_MEMBER, argument, kind_of, shown
from lakebox.athena.engine import SqlError

ORDERED = (exp.Max, exp.Min, exp.Ordered)
COMPARED = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)
NO_MEMBERS = ("array", "map", "row", "json", "bytes")


def check_special_kinds(node: exp.Expr) -> None:
    """Raise SqlError on an order that a kind has not, and on a member of JSON that is none."""
    if isinstance(node, (*ORDERED, *COMPARED)) and kind_of(argument(node)) == "address":
        raise SqlError(f"{shown(argument(node))}: the embedded engine has no order of IP addresses; {ON_STACK}")
    if isinstance(node, ORDERED) and kind_of(argument(node)) in ("json", "map"):
        raise SqlError(f"TYPE_MISMATCH: {shown(argument(node))} is a {kind_of(argument(node))}, which has no order")
    if JSON_MEMBER in node.meta and kind_of(node.this) in NO_MEMBERS:
        value, kind = shown(node.this), kind_of(node.this)
        hint = "to_base64(x)" if kind == "bytes" else f"json_format(CAST({value} AS json)) FORMAT JSON"
        raise SqlError(f"TYPE_MISMATCH: {value} is of type {kind}, which is no member of JSON; write {hint}")


def check_result(tree: exp.Expr) -> None:
    """Raise SqlError on an IP address as a column of the result."""
    for column in tree.selects if isinstance(tree, exp.Query) else ():
        if column.type is not None and any(
            part.is_type(exp.DType.IPADDRESS) for part in column.type.find_all(exp.DataType)
        ):
            raise SqlError("an IP address is no column of the embedded engine's result; write CAST(ip AS varchar)")
