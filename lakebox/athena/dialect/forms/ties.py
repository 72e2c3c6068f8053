"""FETCH FIRST n ROWS WITH TIES: also the rows that ORDER BY puts where the last of n stands."""

from sqlglot import exp

from lakebox.athena.engine import SqlError


def check_ties(fetch: exp.Expr) -> None:
    """Raise SqlError where ties are not defined, or DuckDB has no words for them."""
    select = fetch.parent
    if not isinstance(select, exp.Select) or not select.args.get("order"):
        raise SqlError("FETCH FIRST WITH TIES clause requires ORDER BY, in a SELECT of its own")
    if select.args.get("distinct") or select.args.get("offset"):
        raise SqlError("WITH TIES goes without DISTINCT and OFFSET here; write those in a subquery")


def with_ties(tree: exp.Expr) -> exp.Expr:
    """The tree with ranks in place of WITH TIES."""
    for fetch in list(tree.find_all(exp.Fetch)):
        select, options = fetch.parent, fetch.args.get("limit_options")
        if not isinstance(select, exp.Select) or options is None or not options.args.get("with_ties"):
            continue
        order = select.args["order"].copy()
        named = {column.alias: column.unalias() for column in select.selects}
        for ordered in order.expressions:
            key = ordered.this
            if key.is_int:
                key.replace(select.selects[int(key.name) - 1].unalias().copy())
            elif isinstance(key, exp.Column) and not key.table and key.name in named:
                key.replace(named[key.name].copy())
        rank = exp.Window(this=exp.Anonymous(this="rank"), order=order)
        select.set(
            "qualify",
            exp.Qualify(this=exp.LTE(this=rank, expression=(fetch.args.get("count") or exp.Literal.number(1)).copy())),
        )
        select.set("limit", None)
    return tree
