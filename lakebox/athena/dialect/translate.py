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

import re
from collections.abc import Mapping

from sqlglot import exp
from sqlglot.dialects.athena import Athena
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError
from sqlglot.optimizer.qualify import qualify

from lakebox.athena.dialect.casts import with_printable_intervals
from lakebox.athena.dialect.checks import check_types
from lakebox.athena.dialect.forms.equal_names import with_names_apart
from lakebox.athena.dialect.forms.long_lists import with_lists_unfolded
from lakebox.athena.dialect.forms.rewriting import with_plain_forms
from lakebox.athena.dialect.forms.ties import with_ties
from lakebox.athena.dialect.forms.zoned_columns import with_zones_outside
from lakebox.athena.dialect.functions.agreeing import rewritten
from lakebox.athena.dialect.functions.refused import refuse
from lakebox.athena.dialect.mends import mended
from lakebox.athena.dialect.syntax import (
    UNNAMED,
    check_order_of_distinct,
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


class AthenaTables(Athena):
    """sqlglot's Athena, in which `"$path"` and its like are columns that * leaves out."""

    PSEUDOCOLUMNS = {"$PATH", "$FILE_SIZE", "$FILE_MODIFIED_TIME"}  # noqa: RUF012 as sqlglot declares it
    EXCLUDES_PSEUDOCOLUMNS_FROM_STAR = True


def duckdb_tree(tree: exp.Query, schema: Mapping[str, Mapping[str, exp.DataType]]) -> exp.Query:
    """A query in Athena's SQL as a tree of DuckDB's with the same answer; raises SqlError.

    schema: for each table its columns with their types
    Columns of the result that Athena gives no name have one that column_name turns into Athena's.
    """
    with_plain_forms(tree)
    refuse(tree)
    aliases = {alias.alias.lower() for alias in tree.find_all(exp.Alias)}
    inner = {name.name.lower() for alias in tree.find_all(exp.TableAlias) for name in alias.columns}
    try:
        columns: dict[str, object] = {name: dict(types) for name, types in schema.items()}
        named = with_names(rewritten(with_using_merged(tree)))
        written = written_names(named)
        qualified = qualify(named, schema=columns, dialect=AthenaTables, expand_alias_refs=False)
        while with_names_apart(qualified):  # a star over two columns of one name has not been expanded yet
            qualified = qualify(qualified, schema=columns, dialect=AthenaTables, expand_alias_refs=False)
        check_order_of_distinct(qualified)
        resolved = with_order_by_names(with_having_resolved(qualified, columns))
        typed = with_types(resolved, columns)
    except SqlglotError as error:
        raise _unknown_column(str(error), schema, aliases, inner) from error
    check_types(typed)
    answered = with_written_names(
        with_ties(mended(with_printable_intervals(with_local_times(with_zones_outside(typed))))), written
    )
    with_lists_unfolded(answered)
    if not isinstance(answered, exp.Query):
        raise TypeError(f"a query became {type(answered)}")
    return answered


def duckdb_text(tree: exp.Expr) -> str:
    """The text of a tree of DuckDB's; raises SqlError where DuckDB has no words for it."""
    try:
        return tree.sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise SqlError(f"not done here: {str(error).splitlines()[0]}; run this query on Athena") from error


def column_name(name: str, number: int) -> str:
    """A column of the result as Athena names it: _col0, _col1, … by its place where it has no name."""
    return f"_col{number}" if name.startswith(UNNAMED) else name


def _unknown_column(
    message: str, schema: Mapping[str, Mapping[str, object]], aliases: set[str], inner: set[str]
) -> SqlError:
    """sqlglot's words on a name that it can't resolve, in Trino's, with what may have been meant."""
    first = message.splitlines()[0].rstrip(".")
    quoted = first.split("'")[1] if first.count("'") > 1 else ""
    place = re.search(r"[.] Line: (\d+), Col: (\d+)", first)
    if place is not None and quoted:
        column = max(1, int(place[2]) - len(quoted) + 1)
        first = f"line {place[1]}:{column}: Column '{quoted}' cannot be resolved"
    columns = sorted({column for types in schema.values() for column in types})
    if quoted.lower() in aliases:
        first = f"{first}; it is an alias, which Athena knows in ORDER BY only: repeat its expression"
    elif quoted.lower() in columns or quoted.lower() in inner:
        problem = f"it is ambiguous, or of a table that can't be seen there; write table.{quoted}"
        return SqlError(f"{first}: {problem}", "AMBIGUOUS_NAME")
    elif columns:
        first = f"{first}; columns: {', '.join(columns)}"
    return SqlError(first, "COLUMN_NOT_FOUND")
