"""The lake's own tables in the embedded Data Catalog, which follows the lake after every job and crawl.

The lake itself says what is committed (`_state/catalog/`). Tables that others registered (the API, a job's sink, SQL)
stay as they are.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from catalog.tables import DATABASE, Column, Table
from jobs.lake.layout import partition_folder
from lakebox.endpoint.service import ACCOUNT, USER_ARN
from lakebox.glue.catalog import RegisteredTable
from lakebox.glue.data_catalog.documents import Document
from lakebox.glue.data_catalog.store import CatalogStore

PUBLISHED = "lakebox_published"  # a table's parameter: lakebox made it, and may drop it
PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


class LocalCatalog:
    """The tables of the lake's database. folder: of the buckets."""

    def __init__(self, folder: Path) -> None:
        self._store = CatalogStore(folder / ".lakebox" / "catalog.sqlite")

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
