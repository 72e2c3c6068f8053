"""A lake for SQL: a folder of buckets, a Data Catalog with tables as a test makes them, and the engine over both."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.tables import DATABASE
from lakebox.athena.duckdb_engine import DuckDbEngine
from lakebox.athena.engine import QueryResult
from lakebox.endpoint.service import Operation
from lakebox.glue.data_catalog.documents import SqliteDocuments
from lakebox.glue.data_catalog.operations import catalog_operations
from lakebox.glue.data_catalog.store import CatalogStore

BUCKET = "bucket"
TEXT = "org.apache.hadoop.mapred.TextInputFormat"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
OPENX = "org.openx.data.jsonserde.JsonSerDe"
HIVE_JSON = "org.apache.hive.hcatalog.data.JsonSerDe"


def catalog_of(folder: Path) -> Mapping[str, Operation]:
    """The Data Catalog of a folder of buckets, by its operations."""
    state = folder / ".lakebox"
    return catalog_operations(CatalogStore(state / "catalog.sqlite"), SqliteDocuments(state / "glue.sqlite"))


class SqlLake:
    """Tables in, rows out. Names of files are keys in the one bucket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / BUCKET).mkdir(parents=True)
        self.operations = catalog_of(folder)
        self.engine = DuckDbEngine(self.operations, str(folder))
        self.database(DATABASE)

    def database(self, name: str) -> None:
        """Make a database."""
        self.operations["CreateDatabase"]({"DatabaseInput": {"Name": name}})

    def table(
        self, name: str, columns: Mapping[str, str], keys: Mapping[str, str] | None = None, *, database: str = DATABASE,
        location: str | None = None, serde: str | None = None, given: Mapping[str, str] | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Make a table: Parquet, or text where a SerDe is named (with `given`, its parameters)."""
        storage = {
            "Columns": [{"Name": column, "Type": kind} for column, kind in columns.items()],
            "Location": location or f"s3://{BUCKET}/{name}/",
            "InputFormat": TEXT if serde else PARQUET,
            "SerdeInfo": {"SerializationLibrary": serde or "parquet", "Parameters": dict(given or {})},
        }
        table = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": dict(properties or {}),
            "PartitionKeys": [{"Name": key, "Type": kind} for key, kind in (keys or {}).items()],
            "StorageDescriptor": storage,
        }
        self.operations["CreateTable"]({"DatabaseName": database, "TableInput": table})

    def partition(self, name: str, *values: str, location: str, database: str = DATABASE) -> None:
        """Register a partition at a key of the bucket."""
        table = self.operations["GetTable"]({"DatabaseName": database, "Name": name})["Table"]
        storage = table["StorageDescriptor"] | {"Location": f"s3://{BUCKET}/{location}"}
        given = {"Values": list(values), "StorageDescriptor": storage}
        self.operations["CreatePartition"]({"DatabaseName": database, "TableName": name, "PartitionInput": given})

    def write(self, key: str, content: "pa.Table | bytes | str", rows_in_group: int = 100_000) -> Path:
        """Write an object: Parquet of a table's rows, or bytes as they are."""
        path = self.folder / BUCKET / key
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, pa.Table):
            pq.write_table(content, path, compression="snappy", row_group_size=rows_in_group)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def query(self, sql: str, database: str = DATABASE) -> QueryResult:
        """The answer to a statement."""
        return self.engine.query(sql, database)

    def rows(self, sql: str, database: str = DATABASE) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        return self.query(sql, database).rows
