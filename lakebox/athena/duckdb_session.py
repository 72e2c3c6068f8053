"""A DuckDB connection for one statement: it can read the files of the tables that the statement names, nothing else.

Footers of Parquet files are read before the query is measured, so that bytes scanned are what Athena counts: column
chunks of the row groups that partitions, columns and statistics leave to read. Spark's timestamps have a zone and the
catalog's have none; DuckDB prunes by the cast between them with a margin of two hours, so row groups that close to a
bound are read, too.
"""

import json
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from duckdb.func import DEFAULT, SPECIAL
from sqlglot import exp

from lakebox.athena.dialect.translate import column_name, duckdb_text, duckdb_tree
from lakebox.athena.duckdb_errors import sql_error
from lakebox.athena.engine import SqlError
from lakebox.athena.json_scalar import json_scalar, json_value
from lakebox.athena.result_text import real_text, scientific_text
from lakebox.athena.service.statement import Control
from lakebox.athena.tables.binding import Bound, Source, column_names
from lakebox.athena.tables.catalog_tables import Columns
from lakebox.athena.tables.folder_tables import FolderTables
from lakebox.athena.tables.given_rows import quoted, unnested
from lakebox.athena.tables.metadata_tables import INFORMATION, INFORMATION_SCHEMA, partition_rows
from lakebox.athena.tables.needed_partitions import needed_partitions
from lakebox.athena.tables.parquet_files import create_parquet_view
from lakebox.athena.tables.partitions import TableFiles, data_files
from lakebox.athena.tables.text.lines import ByteCounter

if TYPE_CHECKING:
    from lakebox.athena.tables.record_source import RecordSource


FUNCTIONS: tuple[tuple[str, Any, str], ...] = (
    ("json_scalar_text", json_scalar, "VARCHAR"),
    ("json_value_text", json_value, "VARCHAR"),
    ("real_cast_text", real_text, "FLOAT"),
    ("double_cast_text", scientific_text, "DOUBLE"),
)


class Session:
    """An open connection with the tables of one query. Use `opened`."""

    def __init__(self, tables: FolderTables, stack: ExitStack) -> None:
        self._tables, self._stack = tables, stack
        self.connection = stack.enter_context(duckdb.connect(":memory:"))
        self._counter = ByteCounter()
        self._records: list[RecordSource] = []
        self._folders: set[str] = set()
        self.names: list[str] = []  # of the columns of the query that was prepared
        self._closed = threading.Event()

    def prepare(self, bound: Bound, folders: Sequence[Path] = ()) -> str:
        """Register the tables of a query; its text for DuckDB. folders: that the statement writes to."""
        tree = duckdb_tree(bound.tree, bound.schema())
        text = duckdb_text(tree)
        self.names = [column_name(name, number) for number, name in enumerate(tree.named_selects)]
        _set_up(self.connection, text)
        names = column_names(tree)
        with self.errors():  # an interrupt comes here, too, while tables are registered
            for name, source in bound.sources.items():
                self._register(name, source, tree, names)
            self._restrict([*map(str, folders)])
        return text

    def execute(self, text: str) -> duckdb.DuckDBPyConnection:
        """Run DuckDB's text. Raises SqlError."""
        with self.errors():
            return self.connection.execute(text)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn DuckDB's errors into SqlError; the error of a file's reader is the reader's own."""
        try:
            yield
        except (duckdb.Error, RuntimeError) as error:
            if "interrupted" in str(error).lower():  # a RuntimeError while rows are made, else DuckDB's own
                raise SqlError("the query was cancelled", "USER_CANCELED") from error
            if not isinstance(error, duckdb.Error):
                raise
            for records in self._records:
                if isinstance(records.error, SqlError):
                    raise records.error from error
            raise sql_error(error) from error

    def scanned_bytes(self) -> int:
        """The bytes that the last query has read."""
        try:
            profile = json.loads(self.connection.get_profiling_information(format="json"))
        except duckdb.Error:
            profile = {}
        return self._counter.total + int(profile.get("io", {}).get("total_bytes_read", 0))

    def cancel(self) -> None:
        """End what runs, or will run. DuckDB forgets an interrupt that comes before the query: so they are repeated."""

        def interrupt() -> None:
            while not self._closed.wait(0.1):
                with suppress(duckdb.Error):  # it has just been closed
                    self.connection.interrupt()

        threading.Thread(target=interrupt, daemon=True).start()

    def close(self) -> None:
        """Forget what was registered."""
        self._closed.set()
        for records in self._records:
            self.connection.unregister(records.name)

    def _register(self, name: str, source: Source, tree: exp.Expr, names: set[str]) -> None:
        if source.table.database == INFORMATION_SCHEMA:
            self._create_rows(name, source.columns, list(INFORMATION[source.table.name][1](self._tables)))
        elif source.iceberg is not None:
            self._register_iceberg(name, source)
        elif source.part:
            found = needed_partitions(self.connection, self._tables, source.table, tree, name)
            columns, rows = partition_rows([partition.values for partition in found], source.table)
            self._create_rows(name, columns, list(rows))
        else:
            self._register_files(name, source, tree, names)

    def _register_iceberg(self, name: str, source: Source) -> None:
        from lakebox.athena.tables.iceberg.metadata import metadata_rows
        from lakebox.athena.tables.iceberg.scan import register_iceberg

        if source.iceberg is not None and source.part:
            self.connection.register(name, metadata_rows(source.iceberg, source.part))
        elif source.iceberg is not None:
            self._folders |= register_iceberg(self.connection, name, self._tables, source.iceberg)

    def _register_files(self, name: str, source: Source, tree: exp.Expr, names: set[str]) -> None:
        table = source.table
        partitions = needed_partitions(self.connection, self._tables, table, tree, name)
        files = data_files(self._tables, partitions)
        if not files:
            self._create_rows(name, source.columns, [])
            return
        root = table.location.rstrip("/") + "/"
        is_below = all(f"{partition.location}/".startswith(root) for partition in partitions)
        locations = {table.location} if is_below else {partition.location for partition in partitions}
        self._folders |= {str(self._tables.folder(location)) for location in locations}
        forms = {"parquet" in file.partition.storage.get("InputFormat", "").lower() for file in files}
        if forms == {True}:
            given = TableFiles(self._tables, table, files, source.columns)
            create_parquet_view(self.connection, name, given, self._links)
            return
        if True in forms:
            problem = f"{table} has partitions of Parquet and of other formats, which the embedded engine does not mix"
            raise SqlError(f"{problem}; name those of one format in WHERE", "NOT_SUPPORTED")
        from lakebox.athena.tables.record_source import RecordSource

        needed = {column: kind for column, kind in source.columns.items() if column in names}
        needed = needed or dict(list(source.columns.items())[:1])
        records = RecordSource(name, TableFiles(self._tables, table, files, needed), self._counter)
        self._records.append(records)
        self.connection.register(name, records)

    def _create_rows(self, name: str, columns: Columns, rows: list[tuple[Any, ...]]) -> None:
        """A table of given rows."""
        given = rows or [(None,) * len(columns)]
        where = "" if rows else " LIMIT 0"
        shown = ", ".join(unnested(given, columns))
        self.connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT {shown}{where}")

    def _links(self) -> Path:
        """An empty folder for links to files, gone at the session's end."""
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="lakebox-sql-"))
        self._folders.add(folder)
        return Path(folder)

    def _restrict(self, folders: list[str]) -> None:
        """From here on the connection reads and writes in these folders and in those of its tables only."""
        allowed = sorted({*self._folders, *folders})
        if any("\\" in folder for folder in allowed):  # DuckDB takes it for a slash; a link's target it leaves alone
            links = self._links()
            for number, folder in enumerate(allowed):
                (links / str(number)).symlink_to(folder)
            allowed = [links.as_posix(), *(f"{links}/{number}" for number in range(len(allowed)))]
        listed = ", ".join("'" + folder.replace("'", "''") + "/'" for folder in allowed)
        self.connection.execute(f"SET allowed_directories = [{listed}]")
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET enable_profiling = 'no_output'")
        self.connection.execute("SET lock_configuration = true")


@contextmanager
def opened(tables: FolderTables, control: Control | None = None) -> Iterator[Session]:
    """A session, until the context ends. control: by which the API can stop it, and hears of the bytes it has read."""
    with ExitStack() as stack:
        session = Session(tables, stack)
        if control is not None:
            control.on_cancel(session.cancel)
        try:
            yield session
        finally:
            session.close()


def _set_up(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """The settings of a query, and those of our functions that its text names: each makes DuckDB import numpy."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET default_null_order = 'nulls_last'")
    connection.execute("SET parquet_metadata_cache = true")
    connection.execute("SET parquet_prefetch_column_gap = 0")  # else gaps between columns are read, too, and counted
    if connection.execute("SELECT current_setting('enable_progress_bar')").fetchall() == [(True,)]:
        connection.execute("SET enable_progress_bar = false")  # in a notebook without widgets it can't even be set
    if "TRY(" in text:  # else what two of them have in common is computed outside of both, and fails there
        connection.execute("SET disabled_optimizers = 'common_subexpressions'")
    for name, function, kind in FUNCTIONS:
        if name in text.lower():
            count = 1 if kind != "VARCHAR" else 2
            how = SPECIAL if kind == "VARCHAR" else DEFAULT
            connection.create_function(name, function, [kind] * count, "VARCHAR", null_handling=how)
    if "athena_" in text.lower():
        from lakebox.athena.dialect.functions import in_python

        for name, (function, kinds, result) in in_python.FUNCTIONS.items():
            if name in text.lower():
                called = in_python.null_of_null(function)
                connection.create_function(name, called, list(kinds), result, null_handling=SPECIAL)
