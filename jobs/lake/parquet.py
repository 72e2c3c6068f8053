"""Parquet objects without a Spark job: rows that a process has in hand, columns that it can hold, and footers.

pyarrow does it, which Spark's own Arrow functions need: it is wherever Spark's Python workers are, on Glue, too. A
query that a cold Spark has to plan and compile takes a laptop half a second: too much for a day's raw files, for the
record of a run, or for counting the rows of what was written.
"""

import contextlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, BinaryIO, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.tables import Column, Table
from jobs.lake.folder import FolderStore
from jobs.lake.layout import PartitionValues
from jobs.lake.store import StorageError, Store, StoredObject

READERS = 16
ALL_DIFFERENT = ("pk", "feature_hash")  # columns of hashes: a dictionary of their values would save nothing
ROW_GROUP_BYTES = 32 << 20
OBJECT_BYTES = 64 << 20
ROWS_OF_A_COPY = 50_000  # of a row group, so that several workers read a copy
ARROW_TYPES = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
}
Asked = TypeVar("Asked")
Found = TypeVar("Found")


def arrow_schema(columns: Iterable[Column]) -> pa.Schema:
    """Columns of the catalog as an Arrow schema."""
    return pa.schema([(column.name, ARROW_TYPES[column.type]) for column in columns])


def parquet_of(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A few rows, by column name, as a Parquet file."""
    content = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows), schema=arrow_schema(columns)), content, compression="snappy")
    return content.getvalue()


def rows_of(columns: Sequence[Column], content: bytes) -> list[dict[str, Any]]:
    """The rows of a small Parquet file; a column that it lacks is null."""
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(content), schema=arrow_schema(columns)).to_pylist()
    return rows


class RowWriter:
    """Writes rows to Parquet objects `<stem>-000.parquet`, `<stem>-001.parquet`, …; no rows, no object."""

    def __init__(self, store: Store, stem: str, schema: pa.Schema, object_bytes: int = OBJECT_BYTES) -> None:
        self.keys: list[str] = []
        self.rows = 0
        self._store, self._stem, self._schema, self._object_bytes = store, stem, schema, object_bytes
        self._batches: list[pa.RecordBatch] = []
        self._object: BinaryIO | None = None
        self._writer: pq.ParquetWriter | None = None
        self._closing = contextlib.ExitStack()

    def add(self, columns: Sequence[Sequence[Any]]) -> None:
        """Take in some rows by column, one row at least; timestamps are datetimes or microseconds since 1970 UTC."""
        arrays = [pa.array(values, field.type) for values, field in zip(columns, self._schema, strict=True)]
        self.add_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))

    def add_batch(self, batch: pa.RecordBatch) -> None:
        """Take in some rows, one at least."""
        self._batches.append(batch)
        self.rows += batch.num_rows
        if sum(batch.nbytes for batch in self._batches) >= ROW_GROUP_BYTES:
            self._end_row_group()

    def close(self) -> tuple[str, ...]:
        """Write what is left; the keys of all objects."""
        self._end_row_group()
        self._end_object()
        return tuple(self.keys)

    def _end_row_group(self) -> None:
        if not self._batches:
            return
        if self._writer is None or self._object is None:
            key = f"{self._stem}-{len(self.keys):03d}.parquet"
            self._object = self._closing.enter_context(self._store.create(key))
            dictionaries = [name for name in self._schema.names if name not in ALL_DIFFERENT]
            self._writer = pq.ParquetWriter(
                self._object, self._schema, compression="snappy", use_dictionary=dictionaries, store_schema=False
            )
            self.keys.append(key)
        table = pa.Table.from_batches(self._batches)
        self._writer.write_table(table, row_group_size=table.num_rows)
        self._batches = []
        if self._object.tell() >= self._object_bytes:
            self._end_object()

    def _end_object(self) -> None:
        if self._writer is None:
            return
        self._writer.close()
        self._closing.close()
        self._object = self._writer = None


class ObjectFile(io.RawIOBase):
    """An object as a file of which any part can be read; nothing but what is asked for is read from the store."""

    def __init__(self, store: Store, stored: StoredObject) -> None:
        self._store, self._stored, self._position = store, stored, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._stored.size}[whence]
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        if self._position >= self._stored.size:
            return 0
        with self._store.open(self._stored.key, self._position) as stream:
            content = stream.read(len(buffer))
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)


def _source(store: Store, stored: StoredObject) -> Any:
    """What pyarrow opens: a folder's file by its path, so that Python is not asked for each piece."""
    if isinstance(store, FolderStore) and _is_text(stored.key):
        return store.uri(stored.key)
    return ObjectFile(store, stored)


def _is_text(key: str) -> bool:
    """Whether a name is UTF-8: pyarrow takes no other one."""
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True


def footer(store: Store, stored: StoredObject) -> pq.FileMetaData | None:
    """What the footer of an object says, the footer alone read; None where it is no Parquet. Raises StorageError."""
    try:
        return pq.read_metadata(_source(store, stored))
    except (pa.ArrowException, OSError) as error:  # what is no footer is an OSError to pyarrow, without a number
        if getattr(error, "errno", None):
            raise StorageError(f"cannot read {store.uri(stored.key)}: {error}; check permissions") from error
        return None


def schemas(store: Store, objects: Sequence[StoredObject]) -> list[pa.Schema]:
    """The columns of each object, by its footer; raises StorageError where one is no Parquet."""
    footers = _of_each(partial(footer, store), objects)
    broken = next((stored for stored, metadata in zip(objects, footers, strict=True) if metadata is None), None)
    if broken is not None:
        raise StorageError(f"{store.uri(broken.key)} is not a Parquet file; restore it from a backup")
    return [metadata.schema.to_arrow_schema().remove_metadata() for metadata in footers if metadata is not None]


def copy_into_one(
    store: Store, table: Table, partitions: Mapping[PartitionValues, Sequence[StoredObject]], key: str
) -> None:
    """Copy the rows of many small objects of a table into one object, with the partition columns.

    A column that an object lacks is null. All rows are in memory for it. Raises StorageError for a damaged object.
    """
    columns, schema = arrow_schema(table.columns), arrow_schema((*table.columns, *table.partitions))
    objects = [stored for group in partitions.values() for stored in group]
    tables = _of_each(partial(_rows, store, columns.names), objects)
    rows = pa.concat_tables([columns.empty_table(), *tables], promote_options="permissive").select(columns.names)
    folders = [values for values, group in partitions.items() for _ in group]
    for number, name in enumerate(table.partition_names):
        texts = [values[number] for values, part in zip(folders, tables, strict=True) for _ in range(len(part))]
        rows = rows.append_column(name, pa.array(texts, pa.string()))
    with store.create(key) as stream:
        pq.write_table(rows.cast(schema), stream, compression="snappy", row_group_size=ROWS_OF_A_COPY)


def _rows(store: Store, columns: Sequence[str], stored: StoredObject) -> pa.Table:
    try:
        content = pa.BufferReader(store.read(stored.key) or b"")
        return pq.ParquetFile(content).read(columns, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise StorageError(f"cannot read {store.uri(stored.key)}: {error}; restore it from a backup") from error


def _of_each(ask: Callable[[Asked], Found], objects: Sequence[Asked]) -> list[Found]:
    with ThreadPoolExecutor(max_workers=READERS) as pool:
        return list(pool.map(ask, objects))
