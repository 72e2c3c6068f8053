"""Subqueries of which two columns have one name: * gives both, and no name of the query means either."""

import re
from collections import Counter

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from lakebox.athena.engine import SqlError

APART = re.compile(r"(.*) \(equal name \d+\)")


def with_names_apart(tree: exp.Expr) -> bool:
    """Give columns of one name names of their own within subqueries; whether there were any.

    Raises SqlError where the query names one: it is ambiguous.
    """
    twice: dict[int, set[str]] = {}
    for scope in traverse_scope(tree):
        for name, source in scope.sources.items():
            if not (isinstance(source, Scope) and isinstance(source.expression, exp.Select)):
                continue
            names = twice.get(id(source.expression))
            if names is None:
                names = twice[id(source.expression)] = _renamed(source.expression)
            for column in scope.columns if names else ():
                if column.table == name and column.name in names:
                    raise SqlError(
                        f"Column '{column.name}' is ambiguous: {name} has two of that name", "AMBIGUOUS_NAME"
                    )
    return any(twice.values())


def common_name(name: str) -> str:
    """The name that a column had before it got one of its own."""
    match = APART.fullmatch(name)
    return match[1] if match else name


def _renamed(select: exp.Select) -> set[str]:
    """Give columns of one name other names; the names that were there twice."""
    names, counts = Counter(select.named_selects), Counter[str]()
    twice = {name for name, count in names.items() if count > 1 and name != "*"}
    for column in select.selects if twice else ():
        if isinstance(column, exp.Alias) and column.alias in twice:
            counts[column.alias] += 1
            column.args["alias"].set("this", f"{column.alias} (equal name {counts[column.alias]})")
    return twice
