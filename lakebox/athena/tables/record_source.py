"""Files that DuckDB does not read itself (text, ORC), as a stream of Arrow batches that it can scan again and again."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from lakebox.athena.engine import SqlError
from lakebox.athena.tables.catalog_tables import CatalogTable
from lakebox.athena.tables.hive_types import HiveType, arrow_type, athena_name
from lakebox.athena.tables.partitions import DataFile, TableFiles
from lakebox.athena.tables.text.cloudtrail import INPUT_FORMAT, record_blocks
from lakebox.athena.tables.text.lines import ByteCounter, CountedFile, line_blocks
from lakebox.athena.tables.text.row_formats import OPENX_JSON, RowFormat, decoder_of
from lakebox.athena.tables.text.values import text_reader
from lakebox.glue.data_catalog.documents import Document


class RecordSource:
    """The rows of a table's files, of the columns that a query needs. DuckDB takes it as an Arrow stream."""

    def __init__(self, name: str, given: TableFiles, counter: ByteCounter) -> None:
        self.name, self._counter = name, counter
        self._tables, self._table, self._files = given.tables, given.table, given.files
        self._columns = dict(given.columns)
        self._schema = pa.schema([(column, arrow_type(kind)) for column, kind in self._columns.items()])
        self.error: Exception | None = None  # what ended the stream; DuckDB keeps its text only

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        reader = pa.RecordBatchReader.from_batches(self._schema, self._batches())
        return reader.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> Any:
        return self._schema.__arrow_c_schema__()

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            for file in self._files:
                yield from self._of_file(file)
        except Exception as error:
            self.error = error
            raise

    def _of_file(self, file: DataFile) -> Iterator[pa.RecordBatch]:
        needed = tuple(name for name in self._columns if name in self._table.columns)
        read = self._orc if "orc" in file.partition.storage.get("InputFormat", "").lower() else self._text
        for count, arrays in read(file, needed):
            found = dict(zip(needed, arrays, strict=True))
            batch = [
                found[name] if name in found else _repeated(self._constant(file, name, kind), count, kind)
                for name, kind in self._columns.items()
            ]
            yield pa.RecordBatch.from_arrays(batch, schema=self._schema)

    def _text(self, file: DataFile, needed: tuple[str, ...]) -> Iterator[tuple[int, list[pa.Array]]]:
        storage = file.partition.storage
        _check_text(self._table, storage)
        serde = storage.get("SerdeInfo", {})
        given = {**self._table.properties, **storage.get("Parameters", {}), **serde.get("Parameters", {})}
        of_cloudtrail = storage.get("InputFormat") == INPUT_FORMAT
        library = OPENX_JSON if of_cloudtrail else serde.get("SerializationLibrary", "")
        decode = decoder_of(RowFormat(library, given, self._table.columns, needed))
        if int(given.get("skip.footer.line.count", "0")):
            raise SqlError("skip.footer.line.count is not supported by the embedded engine; take the footer lines away",
                           "NOT_SUPPORTED")  # fmt: skip
        kinds = [arrow_type(self._columns[name]) for name in needed]
        skipped = int(given.get("skip.header.line.count", "0"))
        blocks = line_blocks(file.path, self._counter, skipped)
        for lines in record_blocks(file.path, self._counter) if of_cloudtrail else blocks:
            columns = decode(lines) if needed else []
            yield len(lines), [pa.array(values, kind) for values, kind in zip(columns, kinds, strict=True)]

    def _orc(self, file: DataFile, needed: tuple[str, ...]) -> Iterator[tuple[int, list[pa.Array]]]:
        from pyarrow import orc

        serde = file.partition.storage.get("SerdeInfo", {}).get("Parameters", {})
        by_name = serde.get("orc.column.index.access", "true").lower() == "false"
        with CountedFile(file.path, self._counter) as stream:
            try:
                content = orc.ORCFile(pa.PythonFile(stream))
            except pa.ArrowException as error:
                problem = f"{self._tables.uri(file.path)} is no ORC file: {error}"
                raise SqlError(problem, "HIVE_CANNOT_OPEN_SPLIT") from None
            names = list(content.schema.names)
            folded = [name.lower() for name in names]
            places = {name: _place(self._table, folded, name, by_name=by_name) for name in needed}
            wanted = [names[place] for place in places.values() if place is not None]
            for stripe in range(content.nstripes):
                rows = content.read_stripe(stripe, columns=wanted) if wanted else None
                count = rows.num_rows if rows is not None else content.nrows
                yield (
                    count,
                    [
                        _converted(
                            None if place is None or rows is None else rows.column(names[place]),
                            self._columns[name],
                            count,
                            name,
                        )
                        for name, place in places.items()
                    ],
                )
                if rows is None:  # all rows at once, of which no column is needed
                    return

    def _constant(self, file: DataFile, name: str, kind: HiveType) -> Any:
        """The value of a partition key, or of a column that tells of the file."""
        if name == "$path":
            return self._tables.uri(file.path)
        if name == "$file_size":
            return file.size
        if name == "$file_modified_time":
            return int(file.modified_s * 1000) * 1000
        text = file.partition.values[list(self._table.keys).index(name)]
        value = None if text is None else text_reader(kind)(text)
        if value is None and text is not None:
            problem = f"Invalid partition value '{text}' for {athena_name(kind)} partition key: {name}"
            raise SqlError(problem, "HIVE_INVALID_PARTITION_VALUE")
        return value


def _check_text(table: CatalogTable, storage: Document) -> None:
    form = storage.get("InputFormat", "")
    if form.rsplit(".", 1)[-1] not in ("TextInputFormat", "") and form != INPUT_FORMAT:
        problem = f"{table} is stored as {form}, which the embedded engine does not read"
        raise SqlError(f"{problem}; it reads Parquet, ORC and text (JSON, CSV)", "NOT_SUPPORTED")


def _repeated(value: Any, count: int, kind: HiveType) -> pa.Array:
    return pa.repeat(pa.scalar(value, arrow_type(kind)), count)


def _place(table: CatalogTable, names: Sequence[str], column: str, *, by_name: bool) -> int | None:
    """Where a table's column is in an ORC file: at its place in the table, as on Athena, unless names are asked for."""
    if by_name:
        return names.index(column) if column in names else None
    place = list(table.columns).index(column)
    return place if place < len(names) else None


def _converted(array: pa.Array | None, kind: HiveType, count: int, name: str) -> pa.Array:
    wanted = arrow_type(kind)
    if array is None:
        return pa.nulls(count, wanted)
    try:
        if pa.types.is_timestamp(array.type):
            array = array.cast(pa.timestamp("us", array.type.tz), safe=False)
        is_text = pa.types.is_string(wanted) and not pa.types.is_string(array.type)
        if is_text and not pa.types.is_binary(array.type):
            raise pa.ArrowInvalid("no text")
        return array.cast(wanted)
    except pa.ArrowException as error:
        problem = f"Field {name}'s type {array.type} is incompatible with type {athena_name(kind)} of the table"
        raise SqlError(f"{problem}: {error}", "HIVE_BAD_DATA") from None
