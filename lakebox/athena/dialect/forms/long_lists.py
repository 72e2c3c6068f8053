"""Long lists of literals in IN: one stands for all while a query is looked at, else each look takes seconds."""

from sqlglot import exp

LONG = 200
REST = "the other literals"


def with_lists_folded(tree: exp.Expr) -> exp.Expr:
    """The tree with one literal, the longest, for each long list of texts or of whole numbers."""
    for node in tree.find_all(exp.In):
        values = node.expressions
        if len(values) < LONG or not all(isinstance(value, exp.Literal) for value in values):
            continue
        if all(value.is_string for value in values) or all(value.is_int and not value.is_string for value in values):
            longest = max(values, key=lambda value: len(value.name))
            node.meta[REST] = [value.name for value in values if value is not longest]
            node.set("expressions", [longest])
    return tree


def with_lists_unfolded(tree: exp.Expr) -> exp.Expr:
    """The tree with all literals again."""
    for node in tree.find_all(exp.In):
        names = node.meta.pop(REST, ())
        kind = exp.Literal.string if node.expressions and node.expressions[0].is_string else exp.Literal.number
        node.set("expressions", [*node.expressions, *map(kind, names)])
    return tree
