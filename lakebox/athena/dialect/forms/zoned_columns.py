"""Columns that are times in a zone: a zone that is the same in all rows is kept outside of subqueries and of keys."""

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from lakebox.athena.dialect.forms.zones import WITH_ZONE
from lakebox.athena.dialect.numbers import AROUND
from lakebox.athena.dialect.types import cast_to, is_months

STEPS = (exp.Paren, exp.TimestampTrunc, exp.DateTrunc, exp.DateAdd)  # keep the offset
INSTANT = "an instant whose zone is kept elsewhere"


def with_zones_outside(tree: exp.Expr) -> exp.Expr:
    """Of `x AT TIME ZONE 'UTC' AS t` in a subquery or WITH there is x within, and t AT TIME ZONE 'UTC' outside."""
    done: dict[int, dict[str, exp.Expr]] = {}
    _out_of_calls(tree)
    for scope in traverse_scope(tree) if tree.find(exp.AtTimeZone) else ():
        for name, source in scope.sources.items():
            if not (isinstance(source, Scope) and isinstance(source.expression, exp.Select)):
                continue
            zones = done.get(id(source.expression))
            if zones is None:
                zones = done[id(source.expression)] = dict(_zones_taken(source.expression))
            for column in list(_columns_of(scope, name)) if zones else ():
                if column.name in zones:
                    _put_in_zone(column, zones[column.name])
        _out_of_calls(scope.expression)
    return tree


def _out_of_calls(tree: exp.Expr) -> None:
    """max(x AT TIME ZONE 'UTC') is max(x) AT TIME ZONE 'UTC', and so is a sum with an interval of days."""
    for node in reversed(list(tree.find_all(exp.AtTimeZone))):
        while _keeps_zone(node) and WITH_ZONE not in node.meta and node.args["zone"].is_string:
            call = node.parent
            node.replace(cast_to(node.this, "TIMESTAMPTZ"))
            while isinstance(call, exp.Expr) and isinstance(call.parent, AROUND) and call.arg_key == "this":
                call.type = exp.DataType.build("TIMESTAMPTZ")
                call = call.parent
            if call is not None:
                call.type = exp.DataType.build("TIMESTAMPTZ")
                call.replace(node)
                node.set("this", call)


def _keeps_zone(node: exp.Expr) -> bool:
    call = node.parent
    if isinstance(call, exp.Add | exp.Sub):
        interval = call.expression
        return node.arg_key == "this" and interval.is_type("interval") and not is_months(interval)
    return isinstance(call, exp.Max | exp.Min | exp.AnyValue | exp.Lag | exp.Lead) and node.arg_key == "this"


def name_by_place(select: exp.Select) -> None:
    """In GROUP BY and ORDER BY a column of the result that is a time in a zone is named by its number."""
    zoned = {
        column.unalias(): str(number)
        for number, column in enumerate(select.selects, 1)
        if _in_zone(column.unalias()) is not None
    }
    keys = [*(select.args["group"].expressions if select.args.get("group") else ())]
    keys += [ordered.this for ordered in (select.args["order"].expressions if select.args.get("order") else ())]
    for key in keys if zoned else ():
        if key in zoned:
            key.replace(exp.Literal.number(zoned[key]))


def _zones_taken(select: exp.Select) -> Iterator[tuple[str, exp.Expr]]:
    """Make a subquery's times in zones instants; their names and zones."""
    name_by_place(select)
    for column in select.selects:
        value = column.unalias()
        node = _in_zone(value)
        if node is None or not isinstance(column, exp.Alias) or not node.args["zone"].is_string:
            continue
        instant = cast_to(value, "TIMESTAMPTZ")
        instant.meta[INSTANT] = True
        value.replace(instant)
        yield column.alias, node.args["zone"]


def _columns_of(scope: Scope, name: str) -> Iterator[exp.Column]:
    """The columns of a source, those in subqueries that name it from within, too."""
    yield from (column for column in scope.columns if column.table == name)
    for inner in scope.subquery_scopes:
        if name not in inner.selected_sources:
            yield from _columns_of(inner, name)


def _put_in_zone(column: exp.Column, zone: exp.Expr) -> None:
    instant = column.copy()
    instant.type = exp.DataType.build("TIMESTAMPTZ")
    node = exp.AtTimeZone(this=instant, zone=zone.copy())
    node.type = exp.DataType.build("TIMESTAMPTZ")
    column.replace(node)


def _in_zone(value: exp.Expr) -> exp.AtTimeZone | None:
    """The time in a zone of which a value is, as date_trunc('day', x AT TIME ZONE …); None for all else."""
    while isinstance(value, STEPS):
        value = value.this
    return value if isinstance(value, exp.AtTimeZone) else None
