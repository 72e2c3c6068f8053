"""Athena's SQL to DuckDB's: what differs is mended so that the answer is Athena's, or refused with what to do instead.

sqlglot carries the syntax. What it leaves to answer differently is mended on the tree, after names and types are
resolved with the catalog's columns; functions that were not seen to agree are refused (see athena_functions).
"""

from collections.abc import Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from catalog.tables import DATABASE
from lakebox.athena_functions import AGREEING, REFUSED, STATEMENTS
from lakebox.athena_mends import mended
from lakebox.engines import SqlError

CATALOGS = ("", "awsdatacatalog", "lakehouse")
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def tables_of(sql: str) -> set[str]:
    """Names of the tables that a query reads, in lower case; raises SqlError on what is not one query."""
    tree = _parsed(sql)
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    names = set()
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            raise SqlError(f"{table.sql(dialect='athena')} is no table; FROM takes a table of the catalog")
        if table.catalog.lower() not in CATALOGS or table.db.lower() not in ("", DATABASE):
            raise SqlError(f"no database {table.db or table.catalog}; the tables are in {DATABASE}")
        if table.db or table.name.lower() not in ctes:
            names.add(table.name.lower())
    return names


def to_duckdb(sql: str, schema: Mapping[str, Mapping[str, str]]) -> str:
    """One query in Athena's SQL as DuckDB text with the same answer; raises SqlError.

    schema: for each table its columns, with DuckDB's types
    """
    tree = _parsed(sql)
    _refuse(tree)
    for table in tree.find_all(exp.Table):
        table.set("catalog", None)
        table.set("db", None)
    try:
        qualified = qualify(tree, schema={name: dict(types) for name, types in schema.items()}, dialect="athena")
        typed = annotate_types(qualified, schema={name: dict(types) for name, types in schema.items()})
    except SqlglotError as error:
        raise SqlError(_unknown_column(str(error), schema)) from error
    _check_comparisons(typed)
    _name_unnamed(typed)
    return mended(typed).sql(dialect="duckdb")


def _parsed(sql: str) -> exp.Query:
    first = sql.split(maxsplit=1)[0].upper() if sql.split() else ""
    if first in STATEMENTS:
        raise SqlError(f"{first} is not done here: {STATEMENTS[first]}")
    try:
        if any(token.token_type.name == "DCOLON" for token in sqlglot.tokenize(sql, read="athena")):
            raise SqlError("x::type is not Athena's; write CAST(x AS type)")
        trees = [tree for tree in sqlglot.parse(sql, read="athena") if tree is not None]
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


def _refuse(tree: exp.Expr) -> None:
    """Raise SqlError on what Athena has not, or DuckDB answers differently."""
    for node in tree.walk():
        for kind, instead in REFUSED.items():
            if isinstance(node, kind):
                raise SqlError(instead)
        if isinstance(node, exp.Star) and (
            node.args.get("except_") or node.args.get("except") or node.args.get("replace")
        ):
            raise SqlError("SELECT * EXCEPT is not Athena's; name the columns")
        if isinstance(node, exp.Anonymous):
            raise SqlError(f"the function {node.name}() is not done here; run this query on Athena")
        if isinstance(node, exp.Func) and not isinstance(node, AGREEING):
            raise SqlError(f"the function {node.sql_name().lower()}() is not done here; run this query on Athena")


def _unknown_column(message: str, schema: Mapping[str, Mapping[str, str]]) -> str:
    first = message.splitlines()[0].rstrip(".")
    columns = sorted({column for types in schema.values() for column in types})
    return f"{first}; columns: {', '.join(columns)}"


def _check_comparisons(tree: exp.Expr) -> None:
    """Athena compares text with text only; DuckDB would convert in silence."""
    for node in tree.find_all(*COMPARISONS, exp.Between, exp.In):
        sides = [node.this, *node.expressions, *(node.args.get(name) for name in ("expression", "low", "high"))]
        kinds = [(side, _kind(side)) for side in sides if side is not None]
        texts = [side for side, kind in kinds if kind == "text"]
        others = [(side, kind) for side, kind in kinds if kind not in ("text", "unknown")]
        if texts and others:
            text, (other, kind) = texts[0].sql(dialect="athena"), others[0]
            hint = f"write {kind.upper()} {text}" if kind in ("date", "timestamp") else f"write CAST({text} AS …)"
            raise SqlError(f"TYPE_MISMATCH: {_plain(other)} is a {kind} and {_plain(texts[0])} is text; {hint}")


def _kind(side: exp.Expr) -> str:
    if side.is_type(*exp.DataType.TEXT_TYPES):
        return "text"
    if side.is_type(*exp.DataType.NUMERIC_TYPES):
        return "number"
    if side.is_type("date"):
        return "date"
    return "timestamp" if side.is_type(*exp.DataType.TEMPORAL_TYPES) else "unknown"


def _plain(side: exp.Expr) -> str:
    return side.name if isinstance(side, exp.Column) else side.sql(dialect="athena")


def _name_unnamed(tree: exp.Query) -> None:
    """Columns without a name are _col0, _col1, … by their place."""
    for number, column in enumerate(tree.selects):
        if isinstance(column, exp.Alias) and column.alias.startswith("_col_"):
            column.set("alias", exp.to_identifier(f"_col{number}", quoted=True))
