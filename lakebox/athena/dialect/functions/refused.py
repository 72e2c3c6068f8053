"""What Athena's grammar has not, or DuckDB would answer otherwise, is refused on the tree, before types are known."""

from sqlglot import exp

from lakebox.athena.dialect.forms.ties import check_ties
from lakebox.athena.dialect.functions.agreeing import AGREEING, INSTEAD, ON_STACK, REFUSED, check_arguments
from lakebox.athena.dialect.functions.calls import name_of
from lakebox.athena.engine import SqlError

TWO_ARGUMENTS = (exp.Coalesce, exp.Concat, exp.Greatest, exp.Least)
UNFRAMED = (exp.CumeDist, exp.DenseRank, exp.Lag, exp.Lead, exp.Ntile, exp.PercentRank, exp.Rank, exp.RowNumber)
RANKS = (exp.CumeDist, exp.DenseRank, exp.FirstValue, exp.Lag, exp.LastValue, exp.Lead, exp.NthValue, exp.Ntile,
         exp.PercentRank, exp.Rank, exp.RowNumber)  # fmt: skip


def refuse(tree: exp.Expr) -> None:
    """Raise SqlError on what Athena has not, or DuckDB answers differently."""
    for node in tree.walk():
        for kind, instead in REFUSED.items():
            if isinstance(node, kind):
                raise SqlError(instead)
        _refuse_syntax(node)
        _refuse_limit(node)
        _refuse_count(node)
        _refuse_aggregate(node)
        check_arguments(node)
        if isinstance(node, exp.JSONExtract) and "only_json_types" in node.args:
            raise SqlError("-> is not supported by the embedded engine but in a lambda; write json_extract(x, '$.a')")
        if isinstance(node, exp.Anonymous) and not name_of(node):
            raise SqlError(f"the function {node.name}() is not supported by the embedded engine; {ON_STACK}")
        if isinstance(node, exp.Func) and not isinstance(node, (exp.Anonymous, *AGREEING)):
            raise SqlError(
                f"the function {node.sql_name().lower()}() is not supported by the embedded engine; {ON_STACK}"
            )


def _refuse_syntax(node: exp.Expr) -> None:
    if isinstance(node, exp.ColumnDef) and node.this.quoted and node.name != node.name.lower():
        raise SqlError(f'"{node.name}": names of a row\'s fields are in lower case here')
    if isinstance(node, exp.Star) and any(node.args.get(name) for name in ("except_", "except", "replace", "rename")):
        raise SqlError("SELECT * EXCEPT is not Athena's; name the columns")
    if isinstance(node, exp.Distinct) and node.args.get("on"):
        raise SqlError("DISTINCT ON is not Athena's; filter a subquery on row_number()")
    if isinstance(node, exp.Group) and node.args.get("all"):
        raise SqlError("GROUP BY ALL is not Athena's; name the columns")
    if isinstance(node, exp.Join) and (node.kind in ("SEMI", "ANTI") or node.method in ("ASOF", "POSITIONAL")):
        raise SqlError(f"{node.kind or node.method} JOIN is not Athena's; use IN, EXISTS or JOIN … ON")
    if isinstance(node, exp.SetOperation) and node.args.get("by_name"):
        raise SqlError("UNION BY NAME is not Athena's; name the columns in one order")
    _refuse_window(node)
    _refuse_grouping(node)
    if isinstance(node, exp.Unnest) and not isinstance(node.parent, exp.From | exp.Join):
        raise SqlError("UNNEST stands in FROM only: FROM t CROSS JOIN UNNEST(a) AS u (x)")


def _refuse_window(node: exp.Expr) -> None:
    if isinstance(node, RANKS) and not isinstance(node.parent, exp.Window | exp.IgnoreNulls | exp.RespectNulls):
        raise SqlError(f"{node.sql_name().lower()} needs a window: {node.sql_name().lower()}() OVER (ORDER BY …)")
    if isinstance(node, exp.Window) and isinstance(node.this, exp.Filter):
        raise SqlError("FILTER is not yet supported for window functions; write sum(CASE WHEN … END) OVER (…)")
    if isinstance(node, exp.Window) and node.args.get("spec") and isinstance(node.this, UNFRAMED):
        raise SqlError(f"Cannot specify window frame for {node.this.sql_name().lower()} function")


def _refuse_grouping(node: exp.Expr) -> None:
    if isinstance(node, exp.Rollup | exp.Cube | exp.GroupingSets):
        for part in node.expressions:
            for key in part.expressions if isinstance(part, exp.Tuple) else [part.unnest()]:
                if not isinstance(key, exp.Column | exp.Rollup | exp.Cube | exp.Literal | exp.Tuple):
                    problem = "of ROLLUP, CUBE and GROUPING SETS are columns"
                    raise SqlError(f"the keys {problem}; name {key.sql(dialect='athena')} in a subquery")


def _refuse_limit(node: exp.Expr) -> None:
    options = node.args.get("limit_options") if isinstance(node, exp.Limit | exp.Fetch) else None
    if options and options.args.get("percent"):
        raise SqlError("LIMIT takes a number of rows here")
    if options and options.args.get("with_ties"):
        check_ties(node)
    if isinstance(node, exp.Limit | exp.Offset) and not (node.expression.is_int or node.expression.name == "ALL"):
        raise SqlError(f"{type(node).__name__.upper()} takes a number of rows")


def _refuse_count(node: exp.Expr) -> None:
    """Raise SqlError on fewer arguments than Athena takes; sqlglot asks for fewer."""
    least = 2 if isinstance(node, TWO_ARGUMENTS) else 1 if isinstance(node, exp.Date) else 0
    values = [value for value in (*node.args.values(), *node.expressions) if isinstance(value, exp.Expr)]
    if isinstance(node, exp.Func) and least > len(values):
        name = node.sql_name().lower()
        raise SqlError(f"{INSTEAD.get(name, name)} takes at least {least} argument{'s' * (least > 1)}")
    if isinstance(node, exp.Bracket) and None in node.expressions:
        raise SqlError("element_at takes at least 2 arguments")
    if isinstance(node, exp.Distinct) and not node.expressions and not isinstance(node.parent, exp.Query):
        raise SqlError("DISTINCT in an aggregate takes a value: count(DISTINCT x)")


def _refuse_aggregate(node: exp.Expr) -> None:
    if isinstance(node, exp.Count) and (
        node.expressions or (isinstance(node.this, exp.Distinct) and len(node.this.expressions) > 1)
    ):
        raise SqlError("count takes one argument; write count(DISTINCT (a, b))")
