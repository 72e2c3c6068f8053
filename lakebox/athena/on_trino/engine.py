"""Statements of Athena's API on the stack. Which they are, their first words say.

Queries, EXPLAIN, INSERT, UPDATE, DELETE and MERGE are Trino's own statements, as Athena is made of Trino. What concerns
the catalog is done by the same code as on the embedded target. The rest is written in other words for Trino.
"""

from collections.abc import Callable, Mapping
from typing import Any

from lakebox.athena.engine import SqlError
from lakebox.athena.on_trino.changed_rows import change, insert, optimize, vacuum
from lakebox.athena.on_trino.context import TrinoContext
from lakebox.athena.on_trino.new_tables import create_table_as, unload
from lakebox.athena.on_trino.queries import Queries
from lakebox.athena.on_trino.s3_tables import S3Tables
from lakebox.athena.service.statement import Control, Statement, StatementResult
from lakebox.athena.statements.answer import Answer, padded, statement_result
from lakebox.athena.statements.catalog_statements import (
    NOT_ATHENAS,
    catalog_statement,
    check_catalog_statement,
    is_create_table_as,
)
from lakebox.athena.statements.words import Words
from lakebox.athena.statements.written_tables import read_creation, read_unloading
from lakebox.athena.tables.catalog_tables import CATALOGS

Run = Callable[[Words, TrinoContext], Answer]
RUNS: Mapping[str, Run] = {"CREATE": create_table_as, "UNLOAD": unload, "INSERT": insert, "UPDATE": change,
                           "DELETE": change, "MERGE": change, "OPTIMIZE": optimize, "VACUUM": vacuum}  # fmt: skip


class TrinoStatements:
    """Statements on Trino and the catalog; `tables` has the catalog's operations and the user's S3."""

    def __init__(self, url: str, tables: S3Tables) -> None:
        self._queries, self._tables = Queries(url), tables

    def check(self, sql: str) -> None:
        """Raise StatementError on a text that is no statement; question marks may stand for values."""
        words = Words(sql)
        first = words.peek()
        try:
            if first in NOT_ATHENAS or first in ("OPTIMIZE", "VACUUM") or check_catalog_statement(sql):
                return
            if is_create_table_as(words):
                sql = padded(sql, read_creation(words).sql)
            elif words.accept("UNLOAD"):
                sql = padded(sql, read_unloading(words).sql)
        except SqlError as error:
            if error.name == "SYNTAX_ERROR":
                raise
            return  # the statement itself will tell
        self._queries.check(sql)

    def execute(self, statement: Statement, control: Control) -> StatementResult:
        """Run one statement of any kind. Raises StatementError."""
        if statement.catalog.lower() not in CATALOGS:
            problem = f"Catalog '{statement.catalog}' does not exist; there is AwsDataCatalog"
            raise SqlError(problem, "CATALOG_NOT_FOUND")
        words = Words(statement.sql)
        first = words.peek()
        if first in NOT_ATHENAS:
            raise SqlError(f"line 1:1: {first} {NOT_ATHENAS[first]}", "NOT_SUPPORTED")
        context = TrinoContext(
            tables=self._tables,
            database=statement.database,
            table_location=statement.table_location,
            control=control,
            queries=self._queries,
            statement=statement.sql,
        )
        run: Any = catalog_statement(words) or RUNS.get(first)
        if run is None:
            return self._queries.read(context.converted(statement.sql), statement.database, control)
        return statement_result(run(words, context))
