"""Athena's SQL to DuckDB's: what differs is mended so that the answer is Athena's, or refused with what to do instead.

sqlglot carries the syntax. What it leaves to answer differently is mended on the tree, after names and types are
resolved with the catalog's columns; functions that were not seen to agree are refused. In the order of a query's way:

tokens      text -> words; what Athena's grammar does not have is refused
syntax      words -> tree; names
functions   which functions agree, are written otherwise, or are refused
type_rules  the type that Trino gives to each part, with types
checks      Athena converts no text to a number; DuckDB would
mends       the typed tree -> one that DuckDB answers alike, with casts, numbers, times
            and templates
"""

from collections.abc import Mapping

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError
from sqlglot.optimizer.qualify import qualify

from catalog.tables import DATABASE
from lakebox.athena.dialect.casts import with_printable_intervals
from lakebox.athena.dialect.checks import check_types
from lakebox.athena.dialect.functions import rewritten
from lakebox.athena.dialect.mends import mended
from lakebox.athena.dialect.syntax import (
    UNNAMED,
    check_order_of_distinct,
    parsed,
    refuse,
    with_having_resolved,
    with_names,
    with_order_by_names,
    with_using_merged,
    with_written_names,
    written_names,
)
from lakebox.athena.dialect.times import with_local_times
from lakebox.athena.dialect.type_rules import with_types
from lakebox.athena.engine import SqlError

CATALOGS = ("", "awsdatacatalog", "lakehouse")


def tables_of(sql: str) -> set[str]:
    """Names of the tables that a query reads, in lower case; raises SqlError on what is not one query."""
    tree = parsed(sql)
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
    Columns of the result that Athena gives no name have one that column_name turns into Athena's.
    """
    tree = parsed(sql)
    refuse(tree)
    for table in tree.find_all(exp.Table):
        table.set("catalog", None)
        table.set("db", None)
    aliases = {alias.alias.lower() for alias in tree.find_all(exp.Alias)}
    inner = {name.name.lower() for alias in tree.find_all(exp.TableAlias) for name in alias.columns}
    try:
        columns: dict[str, object] = {name: dict(types) for name, types in schema.items()}
        named = with_names(rewritten(with_using_merged(tree)))
        written = written_names(named)
        qualified = qualify(named, schema=columns, dialect="athena", expand_alias_refs=False)
        check_order_of_distinct(qualified)
        resolved = with_order_by_names(with_having_resolved(qualified, columns))
        typed = with_types(resolved, columns)
    except SqlglotError as error:
        raise SqlError(_unknown_column(str(error), schema, aliases, inner)) from error
    check_types(typed)
    try:
        answered = mended(with_printable_intervals(with_local_times(typed)))
        return with_written_names(answered, written).sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise SqlError(f"not done here: {str(error).splitlines()[0]}; run this query on Athena") from error


def column_name(name: str, number: int) -> str:
    """A column of the result as Athena names it: _col0, _col1, … by its place where it has no name."""
    return f"_col{number}" if name.startswith(UNNAMED) else name


def _unknown_column(message: str, schema: Mapping[str, Mapping[str, str]], aliases: set[str], inner: set[str]) -> str:
    first = message.splitlines()[0].rstrip(".")
    quoted = first.split("'")[1].lower() if first.count("'") > 1 else ""
    if quoted in aliases:
        return f"{first}; it is an alias, which Athena knows in ORDER BY only: repeat its expression"
    columns = sorted({column for types in schema.values() for column in types})
    if quoted in columns or quoted in inner:
        return f"{first}: it is ambiguous, or of a table that can't be seen there; write table.{quoted}"
    return f"{first}; columns: {', '.join(columns)}" if columns else first
