"""Athena's API over one lake of the embedded target: for the endpoint, and for `lakebox sql`, which needs none."""

import contextlib
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

from lakebox.athena.service.operations import Athena
from lakebox.athena.service.queue import Target
from lakebox.athena.service.results.objects import FolderObjects
from lakebox.athena.service.statement import Control, Statement, StatementEngine, StatementResult
from lakebox.endpoint.buckets import Buckets
from lakebox.endpoint.s3.objects import Objects
from lakebox.endpoint.service import Operation
from lakebox.glue.data_catalog.documents import Documents, SqliteDocuments
from lakebox.glue.data_catalog.operations import catalog_operations
from lakebox.glue.data_catalog.store import CatalogStore


@contextlib.contextmanager
def athena_operations(lake: str) -> Iterator[Mapping[str, Operation]]:
    """Athena's operations by name, carried out in this process for as long as the context lasts."""
    state = Path(lake).absolute() / ".lakebox"
    documents, catalog = SqliteDocuments(state / "glue.sqlite"), CatalogStore(state / "catalog.sqlite")
    with contextlib.closing(Objects(Buckets(Path(lake)), state)) as objects:
        athena = athena_over(lake, documents, catalog_operations(catalog, documents), objects)
        try:
            yield athena.operations()
        finally:
            athena.close()
            documents.close()
            catalog.close()


def athena_over(lake: str, documents: Documents, tables: Mapping[str, Operation], objects: Objects) -> Athena:
    """Athena's API over a folder of buckets; it writes results there. tables: the catalog's operations."""
    target = Target(_DuckDb(tables, lake), FolderObjects(objects))
    return Athena(documents, tables, target, Path(lake).absolute() / ".lakebox" / "owners")


class _DuckDb:
    """The SQL engine, imported with the first statement: half a second, for which `job run` need not wait."""

    def __init__(self, operations: Mapping[str, Operation], lake: str) -> None:
        self._operations, self._lake = operations, lake

    @functools.cached_property
    def _engine(self) -> StatementEngine:
        from lakebox.athena.duckdb_engine import DuckDbEngine

        return DuckDbEngine(self._operations, self._lake)

    def check(self, sql: str) -> None:
        """Raise StatementError where the text is no statement."""
        self._engine.check(sql)

    def execute(self, statement: Statement, control: Control) -> StatementResult:
        """Run one statement."""
        return self._engine.execute(statement, control)
