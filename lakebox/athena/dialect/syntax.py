"""From text to one query: what Athena's grammar and names don't allow is refused here, before types are known."""

import re
from collections import Counter
from itertools import count

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.resolver import Resolver
from sqlglot.optimizer.scope import find_all_in_scope, traverse_scope
from sqlglot.schema import ensure_schema

from lakebox.athena.dialect.forms.equal_names import common_name
from lakebox.athena.dialect.forms.long_lists import with_lists_folded
from lakebox.athena.dialect.functions.parser import query_trees
from lakebox.athena.dialect.tokens import check_conditions, check_joins, check_tokens, with_plain_numbers
from lakebox.athena.engine import SqlError

SYNTAX_ERROR = "SYNTAX_ERROR"
STATEMENTS = (
    "ALTER",
    "CREATE",
    "DESCRIBE",
    "DROP",
    "EXPLAIN",
    "INSERT",
    "MSCK",
    "SELECT",
    "SHOW",
    "UNLOAD",
    "VALUES",
    "WITH",
)
WRITTEN = "as it is written"
UNNAMED = "(no name) "  # and a number: a column that Athena names by its place in the result


def parsed(sql: str) -> exp.Query:
    """The tree of one query; raises SqlError on what is none, and on what Athena's grammar does not have."""
    try:
        sql = with_plain_numbers(_encoded(sql))
        tokens = sqlglot.tokenize(sql, read="trino")  # Athena's own puts a mark before statements of Hive
        first = tokens[0].text.upper() if tokens else ""
        if first == "FROM":
            raise SqlError("Athena's queries start with SELECT: write SELECT … FROM …", SYNTAX_ERROR)
        if first not in ("SELECT", "WITH", "TABLE", "VALUES", "(", ";", ""):
            start = tokens[0].start
            column = start - sql.rfind("\n", 0, start)
            at = f"line {sql.count(chr(10), 0, start) + 1}:{column}: mismatched input '{tokens[0].text}'"
            raise SqlError(f"{at}. Expecting: {', '.join(STATEMENTS)}", SYNTAX_ERROR)
        check_tokens(tokens)
        check_conditions(tokens)
        trees = [tree for tree in query_trees(tokens, sql) if not isinstance(tree, exp.Semicolon | None)]
    except SqlglotError as error:
        raise SqlError(_syntax_error(error), SYNTAX_ERROR) from error
    if len(trees) != 1:
        problem = "there is no statement" if not trees else "more than one statement; send them one by one"
        raise SqlError(problem, SYNTAX_ERROR)
    tree = trees[0]
    if isinstance(tree, exp.Values):
        tree = exp.select("*").from_(tree)
    if not isinstance(tree, exp.Query) or (isinstance(tree, exp.Select) and not tree.selects):
        raise SqlError(f"wrong SQL: {first or 'this'} is no query; write SELECT …", SYNTAX_ERROR)
    check_joins(tree, tokens)
    with_lists_folded(tree)
    return tree


def _encoded(sql: str) -> str:
    try:
        sql.encode()
    except UnicodeEncodeError as error:
        raise SqlError(f"the statement is not UTF-8: character {error.start + 1} is half of one") from error
    return sql


def _syntax_error(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    if details:
        at = details[0]
        fault = re.sub("^Required keyword: .*", "an argument is missing", at["description"].rstrip("."))
        return f"wrong SQL at line {at['line']}, column {at['col']}: {fault}"
    return f"wrong SQL: {str(error).splitlines()[0]}"


def with_names(tree: exp.Expr) -> exp.Expr:
    """The tree with each selected column named: as it is written, or, where Athena gives it no name, by a mark.

    No query can mean a marked column, so it is not taken for another.
    """
    numbers = count()
    for values in list(tree.find_all(exp.Values)):
        alias = values.args.get("alias") or exp.TableAlias(this=exp.to_identifier(f"values_{next(numbers)}"))
        if not alias.columns and values.expressions:
            alias.set("columns", [_unnamed(numbers) for _ in _flat(values.expressions[0])])
        values.set("alias", alias)
    for select in list(tree.find_all(exp.Select)):
        for column in list(select.selects):
            inner = column.unnest()
            if not _has_name(column):
                column.replace(exp.Alias(this=column.copy(), alias=_unnamed(numbers)))
            elif isinstance(inner, exp.Column) and not column.is_star:
                column.replace(exp.Alias(this=column.copy(), alias=exp.to_identifier(inner.name, quoted=True)))
    return tree


def _unnamed(numbers: "count[int]") -> exp.Identifier:
    return exp.to_identifier(f"{UNNAMED}{next(numbers)}", quoted=True)


def _flat(row: exp.Expr) -> list[exp.Expr]:
    return list(row.expressions) if isinstance(row, exp.Tuple) else [row]


def written_names(tree: exp.Expr) -> dict[str, str]:
    """How names of columns are written where they are given, AS x and t (x, y), by their lower case."""
    names = [alias.args["alias"] for alias in tree.find_all(exp.Alias)]
    names += [name for table in tree.find_all(exp.TableAlias) for name in table.columns]
    for name in names:
        name.meta[WRITTEN] = name.name
    return {name.name.lower(): name.name for name in names}


def with_written_names(tree: exp.Expr, written: dict[str, str]) -> exp.Expr:
    """The result's columns named as the query writes them, TotalUsers; names are resolved in lower case."""
    for column in tree.selects if isinstance(tree, exp.Query) else ():
        name = column.args.get("alias")
        if isinstance(name, exp.Identifier):
            own = common_name(name.name)
            name.set("this", name.meta.get(WRITTEN) or written.get(own, own))
    return tree


def with_using_merged(tree: exp.Expr) -> exp.Expr:
    """After JOIN … USING (k) the column k belongs to no table: g.* is without it, and g.k is an error."""
    for select in tree.find_all(exp.Select):
        joins = select.args.get("joins") or ()
        merged = {name.name.lower() for join in joins for name in join.args.get("using") or ()}
        for column in list(find_all_in_scope(select, exp.Column)) if merged else ():
            if column.table and isinstance(column.this, exp.Star):
                column.this.set("except_", [exp.to_identifier(name, quoted=True) for name in merged])
            elif column.table and column.name.lower() in merged:
                raise SqlError(f"{column.table}.{column.name}: after JOIN … USING ({column.name}) write {column.name}")
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
        names = Counter(select.named_selects)
        selected = {column.alias: column.this for column in select.selects if isinstance(column, exp.Alias)}
        for ordered in select.args["order"].expressions if select.args.get("order") else ():
            if isinstance(ordered.this, exp.Column) and not ordered.this.table and names[ordered.this.name] > 1:
                raise SqlError(f"Column '{ordered.this.name}' is ambiguous: two selected ones have that name")
            for column in list(ordered.this.find_all(exp.Column)):
                if column is not ordered.this and not column.table and column.name in selected:
                    column.replace(exp.paren(selected[column.name].copy()))
    return tree
