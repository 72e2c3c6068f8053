"""Registers the lake's own tables in the embedded catalog, where jobs run without an endpoint (notebooks, tests)."""

import contextlib
from pathlib import Path

from catalog.tables import DATABASE, TABLES
from jobs.lake.open_store import open_store
from lakebox.glue.crawlers.crawl import Crawl, Surroundings
from lakebox.glue.crawlers.lake_tables import lake_tables
from lakebox.glue.data_catalog.documents import SqliteDocuments
from lakebox.glue.data_catalog.operations import catalog_operations
from lakebox.glue.data_catalog.store import CatalogStore


def crawl_lake(folder: Path, bucket: str) -> None:
    """Crawl the tables of catalog/ in the lake's bucket, a folder below `folder`. Raises StorageError, ServiceError."""
    crawler = {
        "Name": "lakebox",
        "DatabaseName": DATABASE,
        "Targets": {"S3Targets": [{"Path": f"s3://{bucket}/{table.location}"} for table in TABLES.values()]},
        "SchemaChangePolicy": {"DeleteBehavior": "DELETE_FROM_DATABASE"},
    }
    state = folder / ".lakebox"
    state.mkdir(exist_ok=True)
    catalog, documents = CatalogStore(state / "catalog.sqlite"), SqliteDocuments(state / "glue.sqlite")
    with contextlib.closing(catalog), contextlib.closing(documents):
        operations = catalog_operations(catalog, documents)
        around = Surroundings(operations, lambda name: open_store(str(folder / name)), lake_tables(bucket))
        Crawl(crawler, "lakebox", (), around).run(lambda: None)
