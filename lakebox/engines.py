"""The SQL engine seam: a query in Athena's SQL to rows, with the bytes that the engine had to read for it."""

import importlib
import threading
from dataclasses import dataclass
from typing import Any, Protocol

from catalog.errors import LakeboxError
from jobs.lake import Lake
from jobs.storage import open_store
from lakebox.catalogs import EmbeddedCatalog
from lakebox.settings import Settings

USD_PER_TB = 5.0
MEGABYTE = 10**6
LEAST_BILLED = 10 * MEGABYTE


class SqlError(LakeboxError):
    """A query can't be answered: wrong SQL, an unknown name, or something this engine does not do as Athena does."""


@dataclass(frozen=True)
class QueryResult:
    """Rows of a query. `columns` are (name, Athena type); `scanned_bytes` are compressed column chunks read."""

    columns: tuple[tuple[str, str], ...]
    rows: list[tuple[Any, ...]]
    scanned_bytes: int
    duration_s: float


class Engine(Protocol):
    """What a target must do with a query."""

    def query(self, sql: str) -> QueryResult:
        """Answer one statement in Athena's SQL; raises SqlError."""


def open_engine(settings: Settings) -> Engine:
    """The engine of the target, over the lake of the settings; raises StorageError where there is none."""
    if settings.stack is not None:
        from lakebox.metastore_catalog import MetastoreCatalog
        from lakebox.trino_engine import TrinoEngine

        return TrinoEngine(settings.stack.trino_url, MetastoreCatalog(settings.stack.trino_url))
    from lakebox.duckdb_engine import DuckDbEngine

    lake = Lake(open_store(settings.lake_uri, must_exist=True))
    return DuckDbEngine(EmbeddedCatalog(lake), lake.store)


def prepare_engine(settings: Settings) -> None:
    """Import in another thread what open_engine will need: 0.15 s for the embedded target, nothing for the stack."""
    if settings.stack is None:
        threading.Thread(target=importlib.import_module, args=["lakebox.duckdb_engine"], name="engine import").start()


def athena_price_usd(scanned_bytes: int) -> float:
    """What Athena charges for a query in US dollars: 5 a terabyte, in whole megabytes, at least ten of them.

    Source: Amazon Athena pricing, SQL queries by data scanned. Statements that scan nothing are free.
    """
    if scanned_bytes == 0:
        return 0.0
    billed = max(LEAST_BILLED, -(-scanned_bytes // MEGABYTE) * MEGABYTE)
    return billed / 10**12 * USD_PER_TB
