"""What statements are run with on the stack: tables in S3, queries on Trino."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lakebox.athena.engine import SqlError
from lakebox.athena.on_trino.queries import Queries, Written, placed
from lakebox.athena.on_trino.s3_tables import S3Tables
from lakebox.athena.on_trino.typed_csv import converted
from lakebox.athena.on_trino.whole_rows import with_whole_rows
from lakebox.athena.service.statement import StatementError
from lakebox.athena.statements.answer import Context, QueryColumn
from lakebox.glue.column_types import hive_type

NO_HIVE_TYPES = ("time(", "json", "unknown", "interval", "ipaddress", "uuid", "hyperloglog")


@dataclass(kw_only=True)
class TrinoContext(Context):
    """The stack's context."""

    tables: S3Tables
    queries: Queries

    def columns_of(self, sql: str) -> list[QueryColumn]:
        """By Trino, which plans the query."""
        with self._placed(sql):
            columns = self.queries.columns(self.converted(sql), self.database)
        return [QueryColumn(name, kind, _hive_type(kind)) for name, kind in columns]

    def view_text(self, sql: str) -> str:
        """A view is read by Trino alone, so it is kept in words that Trino takes."""
        return self.converted(sql)

    def insert(self, table: str, sql: str, properties: dict[str, str]) -> Written:
        """Insert the rows of a query of the statement into a table, whose name is quoted. Raises SqlError."""
        with self._placed(sql):
            text = f"INSERT INTO {table}\n{self.converted(sql)}"
            return self.queries.write(text, self.database, self.control, properties)

    def converted(self, sql: str) -> str:
        """A text of the statement with the columns of CSV tables, and the rows of UNNEST, as they are on Athena."""
        return with_whole_rows(converted(sql, self.database, self.tables))

    @contextmanager
    def _placed(self, sql: str) -> Iterator[None]:
        """Errors of a query that Trino had from its second line on, with the places in the statement."""
        try:
            yield
        except StatementError as error:
            message = placed(error.message, self.statement, max(self.statement.find(sql), 0))
            raise SqlError(message, error.name) from None


def _hive_type(trino_type: str) -> str:
    """The catalog's type. Raises SqlError on a type that no table's column has."""
    name = trino_type.lower()
    if name.startswith(NO_HIVE_TYPES):
        raise SqlError(f"Unsupported Hive type: {name}; cast the column to another one", "NOT_SUPPORTED")
    if name.endswith("with time zone"):
        return "timestamp with local time zone"  # Iceberg has it; a table of Hive with it is refused
    return hive_type(trino_type)
