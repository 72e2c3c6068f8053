"""Reads raw files into staged Parquet for Bronze and for quarantine, and counts the rows.

Files are put into bins of about equal size, one a Spark task. The process that reads a bin also writes its Parquet, so
rows never travel through Spark. Python's own JSON parser reads, for it knows line numbers and survives broken input.
Batches up to 8 MB are read in the driver, larger ones by Spark's workers.
"""

import gc
import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import LongType, StringType, StructField, StructType

from catalog.tables import BRONZE_QUARANTINE, BRONZE_USER_EVENTS
from jobs.events.batch_count import BatchCount, total
from jobs.events.event import parse_event
from jobs.events.json_text import Problem
from jobs.events.mapping import Mapping
from jobs.events.raw_documents import Item
from jobs.events.raw_files import count_lines, is_json_lines, items_between, items_of, kept_raw
from jobs.lake.frames import SparkSource
from jobs.lake.layout import DELETES
from jobs.lake.parquet import RowWriter, arrow_schema
from jobs.lake.store import StorageError, Store, StoredObject

ROWS_A_BATCH = 10_000
TEXT_A_BATCH = 16 << 20
LEAST_BIN, MOST_BIN = 2 << 20, 32 << 20
MOST_BYTES_IN_DRIVER = 8 << 20
MOST_FILES_IN_DRIVER = 200
GZIP_RATIO = 8
EVENT_TYPE, EVENT_TIMESTAMP, OP = (
    BRONZE_USER_EVENTS.column_names.index(name) for name in ("event_type", "event_timestamp", "op")
)
NOTES = StructType([StructField("note", StringType())])
CUT_LINES = StructType([StructField("cut", LongType()), StructField("lines", LongType())])

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Part:
    """A raw file, or the bytes [start, end) of a big one, the first line of which has the number first_line."""

    key: str
    size: int
    start: int = 0
    end: int | None = None
    first_line: int = 1


@dataclass(frozen=True)
class Reading:
    """What a worker needs to read a bin: where raw files are, what makes them rows, and where the rows are staged."""

    raw: Store
    mapping: Mapping
    run_id: str
    clock: datetime
    lake: Store
    staging: str

    @property
    def rows_prefix(self) -> str:
        """Where rows for Bronze are staged."""
        return f"{self.staging}rows/"

    @property
    def quarantine_prefix(self) -> str:
        """Where rows for quarantine are staged."""
        return f"{self.staging}quarantine/"


class Quarantined(Exception):  # noqa: N818 not an error: an item that goes the other way
    """An item that is no event; args[0] is its row of bronze_quarantine."""


def read_raw_files(files: list[StoredObject], reading: Reading, spark: SparkSource) -> BatchCount:
    """Read raw files into staged objects: a small batch in this process, a larger one in a Spark task a bin.

    Raises StorageError where a file can't be read or a row can't be written.
    """
    text_size = sum(stored.size * (GZIP_RATIO if is_gzipped(stored.key) else 1) for stored in files)
    if text_size <= MOST_BYTES_IN_DRIVER and len(files) <= MOST_FILES_IN_DRIVER:
        return total([read_bin(0, [Part(stored.key, stored.size) for stored in files], reading).to_json()])
    session = spark()
    bins = balanced(parts_to_read(files, reading.raw, session))
    read = partial(_read_bins, bins, reading)
    notes = session.range(0, len(bins), 1, len(bins)).mapInArrow(read, NOTES).collect()
    return total(row["note"] for row in notes)


def is_gzipped(key: str) -> bool:
    """Whether a raw file is gzipped, by its name."""
    return key.lower().endswith(".gz")


def balanced(parts: list[Part]) -> list[list[Part]]:
    """Parts in bins of about equal size, so that no worker waits for one that has the big files."""
    size_of_all = sum(part.size for part in parts)
    wanted = max(1, -(-size_of_all // min(max(size_of_all // 8, LEAST_BIN), MOST_BIN)))
    bins: list[tuple[int, int, list[Part]]] = [(0, number, []) for number in range(min(wanted, len(parts)))]
    for part in sorted(parts, key=lambda part: (-part.size, part.key, part.start)):
        size, number, members = heapq.heappop(bins)
        heapq.heappush(bins, (size + part.size, number, [*members, part]))
    return [members for _, _, members in sorted(bins, key=lambda one: one[1])]


def _read_bins(bins: list[list[Part]], reading: Reading, batches: Iterator[Any]) -> Iterator[Any]:
    schema = to_arrow_schema(NOTES)
    for batch in batches:
        for number in batch.column(0).to_pylist():
            note = read_bin(number, bins[number], reading).to_json()
            yield type(batch).from_pydict({"note": [note]}, schema=schema)


def read_bin(number: int, parts: list[Part], reading: Reading) -> BatchCount:
    """Read a bin into staged objects that bear its number: read again, it is written over them with the same rows.

    Deletes are written to objects of their own: tombstones are made from these alone. Raises StorageError.
    """
    count = BatchCount()
    changes, deletes = (
        RowWriter(reading.lake, f"{reading.rows_prefix}{kind}-{number:06d}", arrow_schema(BRONZE_USER_EVENTS.columns))
        for kind in ("changes", DELETES)
    )
    bad = RowWriter(
        reading.lake, f"{reading.quarantine_prefix}items-{number:06d}", arrow_schema(BRONZE_QUARANTINE.columns)
    )
    collects = gc.isenabled()
    gc.disable()  # rows make no cycles, and looking for some in 10,000 of them costs a tenth of the time
    try:
        for rows, quarantined in _row_batches(parts, reading):
            removed = [row for row in rows if row[OP] == "D"]
            kept = [row for row in rows if row[OP] != "D"] if removed else rows
            for writer, some in ((changes, kept), (deletes, removed)):
                if some:
                    columns = list(zip(*some, strict=True))
                    count.add(columns[EVENT_TYPE], columns[EVENT_TIMESTAMP], columns[OP])
                    writer.add(columns)
            if quarantined:
                count.quarantined += len(quarantined)
                bad.add(list(zip(*quarantined, strict=True)))
    finally:
        if collects:
            gc.enable()
    count.row_keys += [*changes.close(), *deletes.close()]
    count.quarantine_keys += bad.close()
    return count


def _row_batches(parts: list[Part], reading: Reading) -> Iterator[tuple[list[Row], list[Row]]]:
    rows: list[Row] = []
    quarantined: list[Row] = []
    text_size = 0
    for part in parts:
        source_file = reading.raw.uri(part.key).encode("utf-8", "backslashreplace").decode()
        for item in part_items(part, reading.raw):
            try:
                rows.append(row_of(item, source_file, reading))
            except Quarantined as item_row:
                quarantined.append(item_row.args[0])
            text_size += len(item.text)
            if len(rows) + len(quarantined) >= ROWS_A_BATCH or text_size >= TEXT_A_BATCH:
                yield rows, quarantined
                rows, quarantined, text_size = [], [], 0
    yield rows, quarantined


def part_items(part: Part, store: Store) -> Iterator[Item]:
    """The items of a file or of a part of one; raises StorageError where it can't be read."""
    open_at = partial(store.open, part.key)
    try:
        if part.end is None:
            yield from items_of(open_at, gzipped=is_gzipped(part.key))
        else:
            yield from items_between(open_at, part.start, part.end, part.first_line)
    except OSError as error:
        text = f"cannot read {store.uri(part.key)}: {error.strerror or error}; mend the file or move it away"
        raise StorageError(text) from error


def row_of(item: Item, source_file: str, reading: Reading) -> Row:
    """A row of bronze_user_events_parquet; raises Quarantined with a row of bronze_quarantine."""
    clock, run_id = reading.clock, reading.run_id
    try:
        if item.problem:
            raise Problem(item.problem)
        event = parse_event(item.text, reading.mapping)
    except Problem as problem:
        raw, reason = kept_raw(item.text, str(problem))
        raise Quarantined((raw, reason, source_file, item.line_number, run_id, clock)) from None
    *changes, flag, feature_hash = event
    return (*changes, clock, flag, clock, feature_hash, run_id, source_file, item.line_number)


def parts_to_read(files: list[StoredObject], store: Store, spark: SparkSession) -> list[Part]:
    """Files as parts: big plain JSON Lines files are cut, so that one file keeps many workers busy."""
    parts = []
    for stored in files:
        open_at = partial(store.open, stored.key)
        if stored.size > MOST_BIN and not is_gzipped(stored.key) and is_json_lines(open_at):
            parts += _cut(stored, store, spark)
        else:
            parts.append(Part(stored.key, stored.size))
    return parts


def _cut(stored: StoredObject, store: Store, spark: SparkSession) -> list[Part]:
    """Parts of a file, their lines counted by the workers; a file that is not UTF-8 stays whole, to be refused."""
    edges = [*range(0, stored.size, MOST_BIN), stored.size]
    cuts = [Part(stored.key, end - start, start, end) for start, end in pairwise(edges)]
    count = partial(_count_cuts, cuts, store)
    counted = spark.range(0, len(cuts), 1, len(cuts)).mapInArrow(count, CUT_LINES).collect()
    lines = {row["cut"]: row["lines"] for row in counted}
    if any(lines[number] is None for number in range(len(cuts))):
        return [Part(stored.key, stored.size)]
    numbered, first_line = [], 1
    for number, cut in enumerate(cuts):
        numbered.append(replace(cut, first_line=first_line))
        first_line += lines[number]
    return numbered


def _count_cuts(cuts: list[Part], store: Store, batches: Iterator[Any]) -> Iterator[Any]:
    schema = to_arrow_schema(CUT_LINES)
    for batch in batches:
        numbers = batch.column(0).to_pylist()
        lines = [count_lines(partial(store.open, cuts[n].key), cuts[n].start, cuts[n].end or 0) for n in numbers]
        yield type(batch).from_pydict({"cut": numbers, "lines": lines}, schema=schema)
