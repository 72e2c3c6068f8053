"""What statements are run with on the embedded target: tables in folders, queries on DuckDB."""

from dataclasses import dataclass

from lakebox.athena.statements.answer import Context, QueryColumn, padded
from lakebox.athena.tables.folder_tables import FolderTables


@dataclass
class FolderContext(Context):
    """The embedded target's context."""

    tables: FolderTables

    def columns_of(self, sql: str) -> list[QueryColumn]:
        """By binding and translating the query, and DuckDB's types."""
        from lakebox.athena.duckdb_session import opened
        from lakebox.athena.result_types import athena_type, hive_type_of
        from lakebox.athena.tables.binding import Binder

        bound = Binder(self.tables).bind(padded(self.statement, sql), self.database)
        with opened(self.tables) as session:
            cursor = session.execute(f"SELECT * FROM ({session.prepare(bound)}) AS q LIMIT 0")  # noqa: S608 our own text
            kinds = [column[1] for column in cursor.description or ()]
            columns = [(name, athena_type(kind), kind) for name, kind in zip(session.names, kinds, strict=True)]
            zoned = "timestamp with local time zone"  # no table of Hive has it, but Athena's views do
            return [
                QueryColumn(name, shown, zoned if shown.endswith("with time zone") else hive_type_of(kind))
                for name, shown, kind in columns
            ]
