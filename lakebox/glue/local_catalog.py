"""The embedded target's catalog: the Glue Data Catalog in SQLite, as runs and crawls fill it and as SQL reads it.

The lake itself says what is committed (`_state/catalog/`); the catalog follows it after every job and crawl, as the
metastore does on the stack. Tables that others registered (the API, a job's sink, Spark SQL) stay, and are read alike.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from catalog.tables import DATABASE, Column, Table
from jobs.lake.layout import partition_folder
from lakebox.endpoint.service import ACCOUNT, USER_ARN
from lakebox.glue.catalog import Partition, RegisteredTable, UnreadableTableError
from lakebox.glue.data_catalog.documents import Document
from lakebox.glue.data_catalog.store import CatalogStore

PUBLISHED = "lakebox_published"  # a table's parameter: lakebox made it, and may drop it
PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


class LocalCatalog:
    """The tables of the lake's database. folder: of the buckets; files are named by their paths below it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store = CatalogStore(folder / ".lakebox" / "catalog.sqlite")

    def table_names(self) -> list[str]:
        """Names of the registered tables, whoever made them, sorted."""
        return [table["Name"] for table in self._store.tables(DATABASE)]

    def table(self, name: str) -> RegisteredTable:
        """The table of that name, with its files. Raises KeyError where there is none, and UnreadableTableError."""
        document = self._store.table(DATABASE, name)
        if document is None:
            raise KeyError(name)
        storage = document.get("StorageDescriptor", {})
        if "parquet" not in storage.get("InputFormat", "").lower():
            text = "only Parquet tables are supported by the embedded engine"
            raise UnreadableTableError(f"{name} is stored as {storage.get('InputFormat') or 'nothing'}: {text}")
        columns, keys = _columns(storage.get("Columns", ())), _columns(document.get("PartitionKeys", ()))
        definition = Table(name, _below(storage["Location"]), columns, keys, document.get("Description", ""))
        return RegisteredTable(definition, tuple(self._partitions(definition, document)))

    def follow(self, lake_root: str, tables: Sequence[RegisteredTable]) -> None:
        """Bring the catalog in line with the lake: its tables, columns, partitions. Others' tables stay.

        lake_root: the lake as an s3:// URI
        """
        with self._store.change():
            if self._store.database(DATABASE) is None:
                made = {"Name": DATABASE, "LocationUri": f"{lake_root}/", "CatalogId": ACCOUNT}
                self._store.put_database(DATABASE, made | {"CreateTime": datetime.now(UTC)})
            wanted = {table.definition.name for table in tables}
            for document in self._store.tables(DATABASE):
                if document["Name"] not in wanted and PUBLISHED in document.get("Parameters", {}):
                    self._store.delete_table(DATABASE, document["Name"])
            for table in tables:
                self._follow_table(lake_root, table)

    def close(self) -> None:
        """Close the catalog's file."""
        self._store.close()

    def _follow_table(self, lake_root: str, table: RegisteredTable) -> None:
        definition = table.definition
        before = self._store.table(DATABASE, definition.name)
        after = _document(lake_root, definition, before)
        if before is None or before["StorageDescriptor"] != after["StorageDescriptor"]:
            self._store.put_table(DATABASE, definition.name, after)
        if not definition.partitions:
            return
        wanted = {partition.values for partition in table.partitions}
        there = {tuple(values) for values in self._store.partition_values(after)}
        for values in sorted(there - wanted):
            self._store.delete_partition(DATABASE, definition.name, values)
        for values in sorted(wanted - there):
            location = after["StorageDescriptor"]["Location"] + partition_folder(definition, values)
            partition = {
                "Values": list(values),
                "DatabaseName": DATABASE,
                "TableName": definition.name,
                "CatalogId": ACCOUNT,
                "CreationTime": datetime.now(UTC),
                "StorageDescriptor": after["StorageDescriptor"] | {"Location": location},
            }
            self._store.put_partition(after, values, partition)

    def _partitions(self, definition: Table, document: Document) -> list[Partition]:
        """The partitions with their files, of which one walk through the table's folder finds most."""
        files = _files_by_folder(self._folder, definition.location)
        if not definition.partitions:
            return [Partition((), tuple(key for folder in sorted(files) for key in files[folder]))]
        values = self._store.partition_values(document)
        found = []
        for partition in self._store.partitions(document, values):
            location = _below(partition["StorageDescriptor"]["Location"])
            if location != definition.location + partition_folder(definition, tuple(partition["Values"])):
                text = "partitions in other folders than key=value are not supported by the embedded engine"
                raise UnreadableTableError(f"{definition.name} has a partition at {location}: {text}")
            found.append(Partition(tuple(partition["Values"]), tuple(files.get(location, ()))))
        return found


def _document(lake_root: str, definition: Table, before: Document | None) -> Document:
    now = datetime.now(UTC)
    return {
        "Name": definition.name,
        "DatabaseName": DATABASE,
        "Description": definition.comment,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet", PUBLISHED: "true"},
        "PartitionKeys": [_column(column) for column in definition.partitions],
        "StorageDescriptor": {
            "Columns": [_column(column) for column in definition.columns],
            "Location": f"{lake_root}/{definition.location}",
            **PARQUET,
        },
        "CatalogId": ACCOUNT,
        "CreatedBy": USER_ARN,
        "CreateTime": before["CreateTime"] if before else now,
        "UpdateTime": now,
        "VersionId": str(int(before["VersionId"]) + 1) if before else "0",
        "IsRegisteredWithLakeFormation": False,
    }


def _column(column: Column) -> Document:
    return {"Name": column.name, "Type": column.type, "Comment": column.comment}


def _columns(columns: Sequence[dict[str, Any]]) -> tuple[Column, ...]:
    return tuple(Column(one["Name"], one.get("Type", "string"), one.get("Comment", "")) for one in columns)


def _below(uri: str) -> str:
    """A folder below that of the buckets, ending in `/`: `s3://bucket/key` is `bucket/key/`."""
    parts = urlsplit(uri, allow_fragments=False)
    return f"{parts.netloc}/{parts.path.strip('/')}".rstrip("/") + "/"


def _files_by_folder(root: Path, location: str) -> dict[str, list[str]]:
    """Files below a location by folder; both as paths below the root, folders ending in `/`."""
    found: dict[str, list[str]] = {}
    for folder, folders, names in os.walk(root / location):
        folders.sort()
        below = Path(folder).relative_to(root).as_posix() + "/"
        if names:
            found[below] = [below + name for name in sorted(names)]
    return found
