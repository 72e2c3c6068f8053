"""DuckDB's text for a construct of Athena's, filled with the parts of a query."""

from itertools import islice

import sqlglot
from sqlglot import exp

DUCKDBS, DEPTH = "DuckDB's own", "nested lambdas"  # marks of nodes that are no part of the query
SIMPLE = (exp.Column, exp.Literal, exp.Null, exp.Func, exp.Paren, exp.Dot, exp.Bracket, exp.Subquery)


def filled(template: str, arguments: list[exp.Expr]) -> exp.Expr:
    """DuckDB text as a tree, with _0, _1, … replaced by the arguments.

    An argument of more than eight nodes, which the text names twice, is computed once, as a field of a lambda's
    parameter: written out at each place, fifty nested functions would become more nodes than memory has bytes. Such
    arguments move into the new tree; small ones are copied.
    """
    tree = sqlglot.parse_one(template, read="duckdb")
    for node in tree.walk():
        node.meta[DUCKDBS] = True
    values = {f"_{number}": argument for number, argument in enumerate(arguments)}
    places = [node.name for node in tree.find_all(exp.Column) if node.name in values]
    large = any(_is_large(argument) for argument in arguments) and len(set(places)) < len(places)
    depth = max((int(node.meta.get(DEPTH, 0)) for value in arguments for node in value.walk()), default=0) + 1

    def fill(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column) or node.name not in values:
            return node
        value = values[node.name]
        if large and not isinstance(value, exp.Literal | exp.Null):
            return exp.Dot(this=exp.to_identifier(f"v{depth}"), expression=exp.to_identifier(f"f{node.name}"))
        return value.copy() if isinstance(value, SIMPLE) else exp.paren(value)

    body = tree.transform(fill)
    if large:
        fields = ", ".join(f"f_{number} := _{number}" for number in range(len(arguments)) if f"_{number}" in places)
        bound = sqlglot.parse_one(f"list_transform([struct_pack({fields})], lambda v{depth}: _body)[1]", read="duckdb")
        for node in bound.walk():
            node.meta.update({DUCKDBS: True, DEPTH: depth})
        inner = {**values, "_body": body}
        body = bound.transform(
            lambda node: inner[node.name] if isinstance(node, exp.Column) and node.name in inner else node
        )
    return exp.paren(body, copy=False) if isinstance(body, exp.Binary) else body


def _is_large(value: exp.Expr) -> bool:
    """Whether a value has more than eight nodes."""
    return next(islice(value.walk(), 8, None), None) is not None
