"""DuckDB's text for a construct of Athena's, filled with the parts of a query."""

import re
from itertools import count, islice

import sqlglot
from sqlglot import exp

DUCKDBS, DEPTH = "DuckDB's own", "nested lambdas"  # marks of nodes that are no part of the query
NUMBER = count()  # makes each lambda's parameters its own
SIMPLE = (exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Func, exp.Paren, exp.Dot, exp.Bracket, exp.Subquery)


def filled(template: str, arguments: list[exp.Expr]) -> exp.Expr:
    """DuckDB text as a tree, with _0, _1, … replaced by the arguments.

    An argument of more than eight nodes, which the text names twice, is computed once, as a field of a lambda's
    parameter: written out at each place, fifty nested functions would become more nodes than memory has bytes. Such
    arguments move into the new tree; small ones are copied.
    """
    every = ", ".join(f"_{number}" for number in range(len(arguments)))
    tree = sqlglot.parse_one(re.sub(r"\b_all\b", every, template), read="duckdb")
    for node in tree.walk():
        node.meta[DUCKDBS] = True
        if isinstance(node, exp.Lambda):
            _rename_parameters(node)
    values = {f"_{number}": argument for number, argument in enumerate(arguments)}
    places = [node.name for node in tree.find_all(exp.Column) if node.name in values]
    large = any(_is_large(argument) for argument in arguments) and len(set(places)) < len(places)
    depth = max((int(node.meta.get(DEPTH, 0)) for value in arguments for node in value.walk()), default=0) + 1

    def fill(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Anonymous) and isinstance(values.get(node.name), exp.Lambda):
            return _applied(values[node.name], [part.transform(fill) for part in node.expressions])
        if not isinstance(node, exp.Column) or node.name not in values:
            return node
        value = values[node.name]
        if large and not isinstance(value, exp.Literal | exp.Null | exp.Lambda):
            return exp.Dot(this=exp.to_identifier(f"v{depth}"), expression=exp.to_identifier(f"f{node.name}"))
        return value.copy() if isinstance(value, (*SIMPLE, exp.Lambda)) else exp.paren(value)

    body = tree.transform(fill)
    if large:
        fields = ", ".join(
            f"f_{number} := _{number}"
            for number, one in enumerate(arguments)
            if f"_{number}" in places and not isinstance(one, exp.Lambda)
        )
        bound = sqlglot.parse_one(f"list_transform([struct_pack({fields})], lambda v{depth}: _body)[1]", read="duckdb")
        for node in bound.walk():
            node.meta.update({DUCKDBS: True, DEPTH: depth})
        inner = {**values, "_body": body}
        body = bound.transform(
            lambda node: inner[node.name] if isinstance(node, exp.Column) and node.name in inner else node
        )
    return exp.paren(body, copy=False) if isinstance(body, exp.Binary) else body


def _rename_parameters(node: exp.Lambda) -> None:
    """Give a template's lambda names that are not within what fills the template."""
    number = next(NUMBER)
    names = {name.name for name in node.expressions}
    for use in [*node.this.find_all(exp.Identifier), *node.expressions]:
        is_field = isinstance(use.parent, exp.Dot) and use.arg_key == "expression"
        if use.name in names and not is_field and not isinstance(use.parent, exp.Column):
            use.set("this", f"{use.name}__{number}")


def _applied(function: exp.Expr, arguments: list[exp.Expr]) -> exp.Expr:
    """The body of a lambda with its parameters replaced."""
    given = {name.name: value for name, value in zip(function.expressions, arguments, strict=True)}

    def fill(node: exp.Expr) -> exp.Expr:
        return given[node.name].copy() if isinstance(node, exp.Identifier) and node.name in given else node

    return exp.paren(function.this.transform(fill), copy=False)


def _is_large(value: exp.Expr) -> bool:
    """Whether a value has more than eight nodes."""
    return next(islice(value.walk(), 8, None), None) is not None
