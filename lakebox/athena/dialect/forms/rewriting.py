"""Forms of Athena's grammar as those that DuckDB has, too, before names and types are known."""

import re
from collections import Counter

from sqlglot import exp
from sqlglot.optimizer.scope import find_all_in_scope

from lakebox.athena.engine import SqlError

SPAN = re.compile(r"([+-])?(?:(\d+) )?(?:(\d+):)?(\d+)(?::(\d+(?:\.\d+)?))?")
SECONDS = {"DAY": 86400, "HOUR": 3600, "MINUTE": 60, "SECOND": 1}


def with_plain_forms(tree: exp.Expr) -> exp.Expr:
    """The tree with its rows, intervals and names of tables as DuckDB takes them."""
    for call in list(tree.find_all(exp.Anonymous)):
        if call.name.upper() == "ALL" and len(call.expressions) == 1 and isinstance(call.expressions[0], exp.Values):
            call.replace(exp.All(this=exp.Subquery(this=call.expressions[0].copy())))
    for node in list(tree.walk()):
        if isinstance(node, exp.Values):
            _take_rows_apart(node)
        elif isinstance(node, exp.Interval) and isinstance(node.args.get("unit"), exp.IntervalSpan):
            node.replace(_plain_interval(node))
        elif isinstance(node, exp.Select):
            _name_apart(node)
            _read_fields(node)
    return tree


def _take_rows_apart(values: exp.Values) -> None:
    """VALUES ROW(1, 2) has two columns, and ANY (VALUES 1) is a subquery."""
    for row in list(values.expressions):
        inner = row.expressions[0] if isinstance(row, exp.Tuple) and len(row.expressions) == 1 else row
        inner = inner.unnest()
        if isinstance(inner, exp.Struct):
            row.replace(exp.Tuple(expressions=[value.copy() for value in inner.expressions]))
    outer = values.parent
    while isinstance(outer, exp.Paren | exp.Subquery):
        outer = outer.parent
    if isinstance(outer, exp.Any | exp.All):
        values.replace(exp.select("*").from_(values.copy()))


def _plain_interval(node: exp.Interval) -> exp.Interval:
    """INTERVAL '1 02:03' DAY TO MINUTE in seconds, '1-2' YEAR TO MONTH in months."""
    span, text = node.args["unit"], node.this.name
    first, last = span.this.name.upper(), span.expression.name.upper()
    if (first, last) == ("YEAR", "MONTH") and (months := re.fullmatch(r"([+-]?)(\d+)-(\d+)", text)):
        number = 12 * int(months[2]) + int(months[3])
        return exp.Interval(this=exp.Literal.string(f"{months[1]}{number}"), unit=exp.var("MONTH"))
    parts = re.fullmatch(r"([+-]?)([\d.]+)((?:[ :][\d.]+)*)", text.strip())
    units = list(SECONDS)
    if parts is None or first not in units or last not in units or units.index(first) >= units.index(last):
        raise SqlError(f"INTERVAL '{text}' {first} TO {last} is no interval; write INTERVAL '1 02:03:04' DAY TO SECOND")
    numbers = [parts[2], *re.split("[ :]", parts[3])[1:]]
    named = units[units.index(first) : units.index(last) + 1]
    if len(numbers) != len(named):
        raise SqlError(f"INTERVAL '{text}' {first} TO {last} has {len(numbers)} numbers for {len(named)} units")
    seconds = sum(float(number) * SECONDS[unit] for number, unit in zip(numbers, named, strict=True))
    return exp.Interval(this=exp.Literal.string(f"{parts[1]}{seconds:.3f}"), unit=exp.var("SECOND"))


def _name_apart(select: exp.Select) -> None:
    """Two UNNEST of one name, of whose columns none is asked for by that name, get names of their own."""
    unnests = [node for node in find_all_in_scope(select, exp.Unnest) if node.alias]
    for name, count in Counter(node.alias.lower() for node in unnests).items():
        if count > 1 and not any(column.table.lower() == name for column in find_all_in_scope(select, exp.Column)):
            for number, node in enumerate(one for one in unnests if one.alias.lower() == name):
                node.args["alias"].set("this", exp.to_identifier(f"{name} {number}", quoted=True))


def _read_fields(select: exp.Select) -> None:
    """`UNNEST(rows) AS t (t)`: t.x is a field of the row t, as the table t has no other column."""
    for node in find_all_in_scope(select, exp.Unnest):
        alias = node.args.get("alias")
        names = [name.name.lower() for name in alias.columns] if alias is not None else []
        if names[:1] != [node.alias.lower()]:
            continue
        for column in list(find_all_in_scope(select, exp.Column)):
            first, *others = column.parts
            if first.name.lower() == names[0] and others and others[0].name.lower() not in names:
                row: exp.Expr = exp.Column(this=first.copy(), table=first.copy())
                for part in others:
                    row = exp.Dot(this=row, expression=part.copy())
                column.replace(row)
