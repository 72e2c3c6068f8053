"""Writes a statement's result where Athena leaves it: rows as CSV or text, their metadata, the manifest of a write."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lakebox.athena.service.kinds import Kind
from lakebox.athena.service.results.objects import ResultObjects
from lakebox.athena.service.statement import ResultColumn, StatementResult

FLUSH_BYTES = 1 << 16
NULLABLES = {"NOT_NULL": 1, "NULLABLE": 2, "UNKNOWN": 3}
UPDATES = {"CREATE_TABLE_AS_SELECT": "CREATE TABLE"}


@dataclass(frozen=True)
class Written:
    """What was written of a result: rows (without the header), bytes of their file, the manifest's URI."""

    rows: int
    size: int
    manifest: str | None = None


def write_result(objects: ResultObjects, base: str, query_id: str, kind: Kind, result: StatementResult) -> Written:
    """Write a result's files below `base`, an s3:// folder; its rows are read meanwhile, to their end."""
    uri = base + kind.file.format(id=query_id)
    rows = size = 0
    if kind.writes_rows:
        lines = _csv_lines(result) if kind.file.endswith(".csv") else _text_lines(result, kind)
        with objects.writing(uri) as sink:
            for block, count in _blocks(lines):
                sink.write(block)
                rows, size = rows + count, size + len(block)
        rows -= kind.has_header
    else:
        for _ in result.rows:
            rows += 1
    if result.columns:
        with objects.writing(f"{uri}.metadata") as sink:
            sink.write(_metadata(query_id, kind, result))
    if result.manifest is None:
        return Written(rows, size)
    manifest = f"{base}{kind.file.format(id=query_id)}-manifest.csv"
    with objects.writing(manifest) as sink:
        sink.write("".join(f"{written}\n" for written in result.manifest).encode())
    return Written(result.update_count or 0, size, manifest)


def _csv_lines(result: StatementResult) -> Iterator[str]:
    """Every value in quotes; null is nothing."""
    yield _csv_line([column.name for column in result.columns])
    for row in result.rows:
        yield _csv_line(row)


def _csv_line(row: Iterable[str | None]) -> str:
    return ",".join("" if value is None else '"' + value.replace('"', '""') + '"' for value in row) + "\n"


def _text_lines(result: StatementResult, kind: Kind) -> Iterator[str]:
    """Values between tabs; no line break after the last row, unless it is a plan."""
    if kind.has_header:
        yield "\t".join(column.name for column in result.columns) + "\n"
    separator = ""
    for row in result.rows:
        yield separator + "\t".join("" if value is None else value for value in row)
        separator = "\n"
    if kind.has_header:
        yield "\n"


def _blocks(lines: Iterable[str]) -> Iterator[tuple[bytes, int]]:
    """Lines in larger pieces, each with the count of its lines."""
    block, count = bytearray(), 0
    for line in lines:
        block += line.encode("utf-8", "replace")
        count += 1
        if len(block) >= FLUSH_BYTES:
            yield bytes(block), count
            block, count = bytearray(), 0
    yield bytes(block), count


def _metadata(query_id: str, kind: Kind, result: StatementResult) -> bytes:
    """The .metadata file: a protobuf message (1: the query, 2: its update, 3: rows updated, 4: the columns)."""
    message = _text(1, query_id)
    if result.update_count is not None:
        update = kind.substatement_type or ""
        message += _text(2, UPDATES.get(update, update)) + _number(3, result.update_count)
    return message + b"".join(_bytes(4, _column(column)) for column in result.columns)


def _column(column: ResultColumn) -> bytes:
    case_sensitive = int(column.type in ("varchar", "char"))
    texts = _text(1, "hive") + _text(4, column.name) + _text(5, column.name) + _text(6, column.type)
    sizes = _number(7, column.precision) + _number(8, column.scale)
    return texts + sizes + _number(9, NULLABLES[column.nullable]) + _number(10, case_sensitive)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode("utf-8", "replace"))


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; all but the last byte have the eighth bit."""
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
