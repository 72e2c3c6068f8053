"""Which names of a query are tables of the catalog, where they stand in its text, and what each is replaced by."""

from collections.abc import Iterator

from sqlglot import exp


def named_tables(tree: exp.Expr) -> list[exp.Table]:
    """The tables that a query names, those of WITH left out where they are visible."""
    return [
        table for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier) and not _is_cte(table)
    ]


def _is_cte(table: exp.Table) -> bool:
    return not table.db and any(name == table.name.lower() for name in _visible_ctes(table))


def _visible_ctes(table: exp.Expr) -> Iterator[str]:
    """Names of WITH that a place of the query sees: of those that enclose it, what was defined before it."""
    below: exp.Expr = table
    node = table.parent
    while node is not None:
        clause = node.args.get("with_")
        ctes = clause.expressions if isinstance(clause, exp.With) else []
        for cte in ctes:
            if cte is below and not clause.args.get("recursive"):  # type: ignore[union-attr]
                break
            yield cte.alias.lower()
            if cte is below:
                break
        if not (isinstance(node, exp.With) and isinstance(below, exp.CTE)):  # a CTE is remembered up to its query
            below = node
        node = node.parent


def place(sql: str, node: exp.Identifier) -> str:
    """Where a name stands in the text, as Trino says it: `line 1:15: `; nothing where it is not known."""
    start = node.meta.get("start")
    if start is None or sql[start : start + 1] == "":
        return ""
    before = sql[:start]
    return f"line {before.count(chr(10)) + 1}:{start - (before.rfind(chr(10)) + 1) + 1}: "


def replace_table(table: exp.Table, new: exp.Expr) -> None:
    """Put something in a table's place under the table's alias, or under its name where it has none."""
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
    new.set("alias", alias.copy())
    for name in ("joins", "laterals", "pivots", "sample"):
        if table.args.get(name):
            new.set(name, table.args[name])
    table.replace(new)
