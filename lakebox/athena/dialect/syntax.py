"""From text to one query: what Athena's grammar and names don't allow is refused here, before types are known."""

import sqlglot
from sqlglot import exp
from sqlglot.dialects.athena import Athena
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.resolver import Resolver
from sqlglot.optimizer.scope import find_all_in_scope, traverse_scope
from sqlglot.schema import ensure_schema
from sqlglot.tokenizer_core import Token, TokenType

from lakebox.athena.dialect.functions import (
    AGREEING,
    INSTEAD,
    NAMES,
    REFUSED,
    STATEMENTS,
    WRITTEN_OTHERWISE,
    check_arguments,
    function_key,
)
from lakebox.athena.engine import SqlError

UNNAMED = "(no name) "  # and a number: a column that Athena names by its place in the result
SUBSCRIPTED = (TokenType.ARRAY, TokenType.VAR, TokenType.IDENTIFIER, TokenType.R_BRACKET, TokenType.R_PAREN)
AFTER_A_LIST = (TokenType.FROM, TokenType.WHERE, TokenType.GROUP_BY, TokenType.HAVING, TokenType.ORDER_BY,
                TokenType.LIMIT, TokenType.OFFSET, TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT,
                TokenType.SELECT, TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.SEMICOLON)  # fmt: skip


def parsed(sql: str) -> exp.Query:
    """The tree of one query; raises SqlError on what is none, and on what Athena's grammar does not have."""
    try:
        tokens = sqlglot.tokenize(sql, read="trino")  # Athena's own puts a mark before statements of Hive
        first = tokens[0].text.upper() if tokens else ""
        if first in STATEMENTS:
            raise SqlError(f"{first} is not done here: {STATEMENTS[first]}")
        if first not in ("SELECT", "WITH", "TABLE", "(", ";", ""):
            at = f"wrong SQL at line {tokens[0].line}: {first}"
            raise SqlError(f"{at}; only queries are answered here: SELECT, WITH, SHOW, DESCRIBE")
        _check_tokens(tokens)
        trees = [tree for tree in sqlglot.parse(sql, read="athena") if not isinstance(tree, exp.Semicolon | None)]
    except SqlglotError as error:
        raise SqlError(_syntax_error(error)) from error
    if len(trees) != 1:
        raise SqlError("there is no statement" if not trees else "more than one statement; send them one by one")
    tree = trees[0]
    if not isinstance(tree, exp.Query) or (isinstance(tree, exp.Select) and not tree.selects):
        raise SqlError(f"only queries are answered here: SELECT, WITH, SHOW, DESCRIBE; not {first or 'this'}")
    return tree


def _syntax_error(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    if details:
        at = details[0]
        return f"wrong SQL at line {at['line']}, column {at['col']}: {at['description'].rstrip('.')}"
    return f"wrong SQL: {str(error).splitlines()[0]}"


def _check_tokens(tokens: list[Token]) -> None:
    """Raise SqlError on syntax and names that sqlglot takes for Athena's and Athena doesn't know."""
    kinds = [token.token_type for token in tokens]
    for token, before in zip(tokens, [None, *tokens], strict=False):
        last = before.token_type if before else None
        if token.token_type == TokenType.DCOLON:
            raise SqlError("x::type is not Athena's; write CAST(x AS type)")
        if token.token_type == TokenType.EQ and token.text == "==":
            raise SqlError("== is not Athena's; write =")
        if token.token_type == last == TokenType.STRING:
            raise SqlError("two texts without an operator; write a || b")
        if token.token_type == TokenType.L_BRACKET and last not in SUBSCRIPTED:
            raise SqlError("[1, 2] is not Athena's; write ARRAY[1, 2]")
        if token.token_type in AFTER_A_LIST and last == TokenType.COMMA:
            raise SqlError(f"wrong SQL at line {token.line}, column {token.col}: a comma before {token.text}")
        if token.token_type == TokenType.L_PAREN and before and last not in (TokenType.IDENTIFIER, TokenType.STRING):
            _check_name(before.text.lower())
    _check_order_of_limit(kinds)


def _check_order_of_limit(kinds: list[TokenType]) -> None:
    if TokenType.LIMIT in kinds and TokenType.OFFSET in kinds[kinds.index(TokenType.LIMIT) :]:
        after = kinds[kinds.index(TokenType.LIMIT) : kinds.index(TokenType.OFFSET, kinds.index(TokenType.LIMIT))]
        if TokenType.SELECT not in after and TokenType.R_PAREN not in after:
            raise SqlError("Athena has OFFSET before LIMIT: write OFFSET 1 LIMIT 2")


def _check_name(name: str) -> None:
    if name.upper() in Athena.Parser.FUNCTIONS and name not in NAMES:
        instead = f"; Athena has {INSTEAD[name]}" if name in INSTEAD else "; run this query on Athena"
        raise SqlError(f"the function {name}() is not done here{instead}")


def refuse(tree: exp.Expr) -> None:
    """Raise SqlError on what Athena has not, or DuckDB answers differently."""
    for node in tree.walk():
        for kind, instead in REFUSED.items():
            if isinstance(node, kind):
                raise SqlError(instead)
        _refuse_syntax(node)
        _refuse_aggregate(node)
        check_arguments(node)
        if function_key(node) in WRITTEN_OTHERWISE:
            continue
        if isinstance(node, exp.Anonymous):
            raise SqlError(f"the function {node.name}() is not done here; run this query on Athena")
        if isinstance(node, exp.Func) and not isinstance(node, AGREEING):
            raise SqlError(f"the function {node.sql_name().lower()}() is not done here; run this query on Athena")


def _refuse_syntax(node: exp.Expr) -> None:
    if isinstance(node, exp.Star) and any(node.args.get(name) for name in ("except_", "except", "replace", "rename")):
        raise SqlError("SELECT * EXCEPT is not Athena's; name the columns")
    if isinstance(node, exp.Distinct) and node.args.get("on"):
        raise SqlError("DISTINCT ON is not Athena's; filter a subquery on row_number()")
    if isinstance(node, exp.Group) and node.args.get("all"):
        raise SqlError("GROUP BY ALL is not Athena's; name the columns")
    if isinstance(node, exp.Join) and (node.kind in ("SEMI", "ANTI") or node.method in ("ASOF", "POSITIONAL")):
        raise SqlError(f"{node.kind or node.method} JOIN is not Athena's; use IN, EXISTS or JOIN … ON")
    options = node.args.get("limit_options") if isinstance(node, exp.Limit | exp.Fetch) else None
    if options and (options.args.get("percent") or options.args.get("with_ties")):
        raise SqlError("LIMIT takes a number of rows here")
    if isinstance(node, exp.Limit | exp.Offset) and not (node.expression.is_int or node.expression.name == "ALL"):
        raise SqlError(f"{type(node).__name__.upper()} takes a number of rows")
    if isinstance(node, exp.Interval) and not isinstance(node.parent, exp.Add | exp.Sub):
        raise SqlError("an INTERVAL is for time + INTERVAL '1' DAY only, here")
    if isinstance(node, exp.Unnest) and not isinstance(node.parent, exp.From | exp.Join):
        raise SqlError("UNNEST stands in FROM only: FROM t CROSS JOIN UNNEST(a) AS u (x)")


def _refuse_aggregate(node: exp.Expr) -> None:
    if isinstance(node, exp.Count) and (
        node.expressions or (isinstance(node.this, exp.Distinct) and len(node.this.expressions) > 1)
    ):
        raise SqlError("count takes one argument; write count(DISTINCT (a, b))")
    if isinstance(node, exp.ArgMax | exp.ArgMin) and node.args.get("count"):
        raise SqlError("max_by and min_by of several rows are not done here; filter a subquery on row_number()")


def with_names(tree: exp.Expr) -> exp.Expr:
    """Columns that Athena gives no name get one that no query can mean, so that they are not taken for another."""
    number = 0
    for select in list(tree.find_all(exp.Select)):
        for column in list(select.selects):
            if not _has_name(column):
                name = exp.to_identifier(f"{UNNAMED}{number}", quoted=True)
                column.replace(exp.Alias(this=column.copy(), alias=name))
                number += 1
    return tree


def _has_name(column: exp.Expr) -> bool:
    inner = column.unnest() if isinstance(column, exp.Paren) else column
    return (
        column.is_star
        or isinstance(inner, exp.Alias | exp.Column | exp.Dot)
        or (isinstance(column, exp.Subquery) and bool(column.alias))
    )


def with_having_resolved(tree: exp.Expr, schema: dict[str, object]) -> exp.Expr:
    """In HAVING a name is that of a table's column, also where a column is selected as that; raises SqlError."""
    for scope in traverse_scope(tree):
        having = scope.expression.args.get("having")
        resolver = Resolver(scope, ensure_schema(schema, dialect="athena"))
        for column in list(find_all_in_scope(having, exp.Column)) if having else ():
            if not column.table:
                table = resolver.get_table(column)
                if table is None:
                    known = "Athena knows an alias in ORDER BY only: repeat its expression"
                    raise SqlError(f"HAVING {column.name}: {known}")
                column.set("table", table)
    return tree


def check_order_of_distinct(tree: exp.Expr) -> None:
    """Raise SqlError where a SELECT DISTINCT is ordered by what it doesn't select; after names are resolved."""
    for select in tree.find_all(exp.Select):
        if not (select.args.get("distinct") and select.args.get("order")):
            continue
        names, values = set(select.named_selects), [column.unalias() for column in select.selects]
        for ordered in select.args["order"].expressions:
            key = ordered.this
            is_name = isinstance(key, exp.Column) and not key.table and key.name in names
            if not (is_name or key.is_int or key in values):
                text = key.name if isinstance(key, exp.Column) else key.sql(dialect="athena")
                raise SqlError(f"ORDER BY {text}: SELECT DISTINCT is ordered by what it selects only; select it, too")


def with_order_by_names(tree: exp.Expr) -> exp.Expr:
    """In ORDER BY a name within an expression is that of a selected column first; DuckDB takes the table's."""
    for select in tree.find_all(exp.Select):
        selected = {column.alias: column.this for column in select.selects if isinstance(column, exp.Alias)}
        for ordered in select.args["order"].expressions if select.args.get("order") else ():
            for column in list(ordered.this.find_all(exp.Column)):
                if column is not ordered.this and not column.table and column.name in selected:
                    column.replace(exp.paren(selected[column.name].copy()))
    return tree
