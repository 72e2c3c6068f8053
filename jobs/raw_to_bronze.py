"""raw JSON files -> bronze/user_events_parquet/: every event ever seen, append-only; what can't be read: quarantine/.

Only files that are news are opened. Python's own JSON parser reads them in Spark's workers: Spark's reader takes one
format at a time, dies of a truncated gzip and knows no line numbers. Each worker notes what it read beside the staged
rows, so that nobody has to read a batch again to know which partitions it touches.
"""

import gc
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from catalog.tables import BRONZE_QUARANTINE, BRONZE_USER_EVENTS, Column
from jobs.arguments import Settings
from jobs.audit import iso
from jobs.batch_count import BatchCount, Notes
from jobs.events import EPOCH, parse_event
from jobs.frames import Frames, SparkSource, ddl, schema_of
from jobs.job import Outcome, run_script
from jobs.json_items import Problem
from jobs.lake import Lake
from jobs.lake_layout import Batch, Staged, fingerprint
from jobs.mapping import Mapping, MappingError, mapping_hash, parse_mapping
from jobs.raw_documents import Item
from jobs.raw_files import (
    count_lines,
    is_json_lines,
    is_raw_file,
    items_between,
    items_of,
    kept_raw,
)
from jobs.storage import StorageError, Store, StoredObject, open_store

ROWS_A_BATCH = 10_000
TEXT_A_BATCH = 16 << 20
LEAST_BIN, MOST_BIN = 2 << 20, 32 << 20
PARSED = schema_of([*BRONZE_USER_EVENTS.columns, Column("quarantined", "boolean", "")])
CUT_LINES = schema_of([Column("cut", "bigint", ""), Column("lines", "bigint", "")])
QUARANTINE_FROM_PARSED = {"raw": "attributes", "reason": "op", "quarantined_at": "ingestion_ts"}


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
    """What the workers need to read raw files."""

    store: Store
    mapping: Mapping
    run_id: str
    clock: datetime


def raw_files_that_are_news(store: Store, seen: Iterable[str], lake_root: str = "") -> list[tuple[StoredObject, str]]:
    """Raw files whose path or content was not read before, each with its fingerprint.

    lake_root: URI of the lake; where it lies among the raw files, its own files are none of them
    """
    known, lake_uri = set(seen), f"{lake_root.rstrip('/')}/"
    found = [stored for stored in store.list() if is_raw_file(stored.key)]
    marked = [(stored, fingerprint(store.uri(stored.key), stored.version)) for stored in found]
    ours = lake_root and lake_uri.startswith(store.uri(""))
    return [
        (stored, mark)
        for stored, mark in marked
        if mark not in known and not (ours and store.uri(stored.key).startswith(lake_uri))
    ]


def parsed_items(bins: list[list[Part]], reading: Reading, notes: Notes, spark: SparkSession) -> DataFrame:
    """Raw files read, a task a bin: one row an item, and a note a bin.

    Out: bronze_user_events_parquet's columns and quarantined (boolean). A quarantined item travels in the same
         columns: its text in attributes, the reason in op, the rest null.
    """
    read = partial(_read_bins, bins, reading, notes, PARSED)
    return spark.range(0, len(bins), 1, len(bins)).mapInArrow(read, PARSED)


def balanced(parts: list[Part]) -> list[list[Part]]:
    """Parts in bins of about equal size, so that no worker waits for one that has the big files."""
    total = sum(part.size for part in parts)
    wanted = max(1, -(-total // min(max(total // 8, LEAST_BIN), MOST_BIN)))
    bins: list[tuple[int, int, list[Part]]] = [(0, number, []) for number in range(min(wanted, len(parts)))]
    for part in sorted(parts, key=lambda part: (-part.size, part.key, part.start)):
        size, number, members = heapq.heappop(bins)
        heapq.heappush(bins, (size + part.size, number, [*members, part]))
    return [members for _, _, members in sorted(bins, key=lambda found: found[1])]


def _read_bins(
    bins: list[list[Part]], reading: Reading, notes: Notes, schema: StructType, batches: Iterator[Any]
) -> Iterator[Any]:
    gc.disable()  # rows make no cycles, and looking for some in 10,000 of them costs a tenth of the time
    arrow_schema = to_arrow_schema(schema)
    for batch in batches:
        record_batch = type(batch)
        for number in batch.column(0).to_pylist():
            count = BatchCount()
            for rows in _row_batches(bins[number], reading):
                columns = dict(zip(schema.names, zip(*rows, strict=True), strict=True))
                count.add(columns)
                yield record_batch.from_pydict(columns, schema=arrow_schema)
            notes.write(number, count)


def _row_batches(parts: list[Part], reading: Reading) -> Iterator[list[tuple[Any, ...]]]:
    rows: list[tuple[Any, ...]] = []
    text_size = 0
    for part in parts:
        source_file = reading.store.uri(part.key).encode("utf-8", "backslashreplace").decode()
        for item in part_items(part, reading.store):
            rows.append(row_of(item, source_file, reading))
            text_size += len(item.text)
            if len(rows) >= ROWS_A_BATCH or text_size >= TEXT_A_BATCH:
                yield rows
                rows, text_size = [], 0
    if rows:
        yield rows


def part_items(part: Part, store: Store) -> Iterator[Item]:
    """The items of a file or of a part of one; raises StorageError where it can't be read."""
    open_at = partial(store.open, part.key)
    try:
        if part.end is None:
            yield from items_of(open_at, gzipped=part.key.lower().endswith(".gz"))
        else:
            yield from items_between(open_at, part.start, part.end, part.first_line)
    except OSError as error:
        text = f"cannot read {store.uri(part.key)}: {error.strerror or error}; mend the file or move it away"
        raise StorageError(text) from error


def row_of(item: Item, source_file: str, reading: Reading) -> tuple[Any, ...]:
    """A Bronze row, or a quarantined item in the same columns."""
    clock, run_id = reading.clock, reading.run_id
    try:
        if item.problem:
            raise Problem(item.problem)
        event = parse_event(item.text, reading.mapping)
    except Problem as problem:
        raw, reason = kept_raw(item.text, str(problem))
        nothing = (None,) * 5
        return (None, None, None, None, reason, *nothing, raw, clock, None, None, None, run_id, source_file,
                item.line_number, True)  # fmt: skip
    *changes, flag, feature_hash = event
    return (*changes, clock, flag, clock, feature_hash, run_id, source_file, item.line_number, False)


def parts_to_read(files: list[StoredObject], store: Store, spark: SparkSource) -> list[Part]:
    """Files as parts: big plain JSON Lines files are cut, so that one file keeps many workers busy."""
    parts = []
    for stored in files:
        open_at = partial(store.open, stored.key)
        gzipped = stored.key.lower().endswith(".gz")
        if stored.size > MOST_BIN and not gzipped and is_json_lines(open_at):
            parts += _cut(stored, store, spark())
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


def quarantine_rows(parsed: DataFrame) -> DataFrame:
    """Quarantined items out of parsed_items' columns into bronze_quarantine's."""
    names = BRONZE_QUARANTINE.column_names
    return parsed.select(*[F.col(QUARANTINE_FROM_PARSED.get(name, name)).alias(name) for name in names])


def raw_to_bronze(lake: Lake, settings: Settings, spark: SparkSource) -> Outcome:
    """Read the raw files that are news into a new batch of Bronze and of quarantine."""
    raw = open_store(settings.raw_uri or "", must_exist=True)
    mapping = read_mapping(settings.mapping_uri)
    lake.check_mapping(mapping_hash(mapping))
    state = lake.bronze()
    news = raw_files_that_are_news(raw, state.seen, lake.store.uri(""))
    if not news:
        return Outcome(0, 0, state.watermark, f"no new file in {settings.raw_uri}", skipped=True)
    frames = Frames(lake, spark(), settings.scratch_dir)
    notes = Notes(lake.store, f"{frames.staging}notes/")
    reading = Reading(raw, mapping, settings.run_id, settings.run_started_at)
    bins = balanced(parts_to_read([stored for stored, _ in news], raw, spark))
    parsed = parsed_items(bins, reading, notes, frames.spark)
    staged = frames.stage(parsed, "parsed", partition_by=("quarantined",), open_files=2)
    rows, unusable = staged.below("quarantined=false/"), staged.below("quarantined=true/")
    count = notes.read(len(bins))
    bad = quarantine_rows(frames.staged(unusable, ddl(BRONZE_USER_EVENTS)))
    quarantine = frames.stage(bad.coalesce(1), "quarantine") if count.quarantined else Staged()
    batch = Batch(
        number=state.last_batch + 1,
        run_id=settings.run_id,
        files=tuple(raw.uri(stored.key) for stored, _ in news),
        rows=count.rows,
        quarantined=count.quarantined,
        deletes=count.deletes,
        touched=tuple(sorted(count.touched)),
        watermark=None if count.newest_us is None else iso(EPOCH + timedelta(microseconds=count.newest_us)),
    )
    newest = max((mark for mark in (state.watermark, batch.watermark) if mark), default=None)
    seen = (*state.seen, *(mark for _, mark in news))
    after = replace(state, seen=seen, mapping_hash=mapping_hash(mapping), watermark=newest)
    lake.commit_batch(batch, rows, quarantine, after)
    items = batch.rows + batch.quarantined
    summary = f"{items} items of {len(news)} files: {batch.rows} to Bronze, {batch.quarantined} to quarantine"
    return Outcome(items, batch.rows, newest, summary)


def read_mapping(uri: str | None) -> Mapping:
    """The mapping in a TOML file, local or on S3; none: our own names. Raises MappingError and StorageError."""
    if uri is None:
        return Mapping()
    folder, _, name = uri.rpartition("/")
    content = open_store(folder or ("/" if uri.startswith("/") else ".")).read(name)
    if content is None:
        raise MappingError(f"there is no mapping file {uri}; check the path")
    return parse_mapping(content.decode("utf-8-sig", "replace"))


if __name__ == "__main__":
    run_script("raw_to_bronze", raw_to_bronze, required=("lake_uri", "raw_uri"))
