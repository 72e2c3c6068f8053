"""raw JSON files -> bronze/user_events_parquet/ (every event ever seen, append-only) and quarantine/ (the rest).

Only new and changed files are opened. Python's own JSON parser reads them (jobs/events/reader.py): Spark's reader takes
one format at a time, dies of a truncated gzip and knows no line numbers.
"""

import uuid
from dataclasses import replace
from datetime import timedelta

from jobs.arguments import JobArguments
from jobs.events.batch_count import BatchCount
from jobs.events.event import EPOCH
from jobs.events.mapping import Mapping, MappingError, mapping_hash, parse_mapping
from jobs.events.raw_folder import RawFolder, raw_folder
from jobs.events.reader import Reading, read_raw_files
from jobs.job import run_script
from jobs.lake.frames import SparkSource, starting
from jobs.lake.layout import Batch, Staged
from jobs.lake.open_store import open_store
from jobs.lake.protocol import Lake
from jobs.lake.run_properties import Outcome
from jobs.lake.run_records import iso
from jobs.lake.store import STAGING


def raw_to_bronze(lake: Lake, arguments: JobArguments, spark: SparkSource) -> Outcome:
    """Read the new raw files into a new batch of Bronze and of quarantine.

    Raises RawFolderError where the raw folder has nothing to read, MappingError, LakeError and StorageError.
    """
    raw = open_store(arguments.raw_uri or "", must_exist=True)
    mapping = read_mapping(arguments.mapping_uri)
    state = lake.bronze_mapped_by(mapping_hash(mapping))
    folder = raw_folder(raw, may_be_empty=state.last_batch > 0)
    new_files = folder.new_files(state.seen)
    if not new_files:
        summary = _with_note(f"no new file in {arguments.raw_uri}", folder)
        return Outcome(0, 0, state.watermark, summary, skipped=True)
    staging = f"{STAGING}{uuid.uuid4().hex}/"
    reading = Reading(raw, mapping, arguments.run_id, arguments.run_started_at, lake.store, staging)
    with starting(spark) as session:  # the next job needs it; a day's files are read by the time it has started
        count = read_raw_files([stored for stored, _ in new_files], reading, session)
    batch = batch_of(count, state.last_batch + 1, arguments.run_id, [raw.uri(stored.key) for stored, _ in new_files])
    newest = max((mark for mark in (state.watermark, batch.watermark) if mark), default=None)
    seen = (*state.seen, *(mark for _, mark in new_files))
    after = replace(state, seen=seen, watermark=newest)
    rows = Staged(reading.rows_prefix, tuple(count.row_keys))
    lake.commit_batch(batch, rows, Staged(reading.quarantine_prefix, tuple(count.quarantine_keys)), after)
    items = batch.rows + batch.quarantined
    summary = f"{items} items of {len(new_files)} files: {batch.rows} to Bronze, {batch.quarantined} to quarantine"
    return Outcome(items, batch.rows, newest, _with_note(summary, folder))


def _with_note(summary: str, folder: RawFolder) -> str:
    return f"{summary}; {folder.note}" if folder.note else summary


def batch_of(count: BatchCount, number: int, run_id: str, files: list[str]) -> Batch:
    """The record of a batch that holds what was counted, read from some files (URIs)."""
    return Batch(
        number=number,
        run_id=run_id,
        files=tuple(files),
        rows=count.rows,
        quarantined=count.quarantined,
        deletes=count.deletes,
        touched=tuple(sorted(count.touched)),
        watermark=None if count.newest_us is None else iso(EPOCH + timedelta(microseconds=count.newest_us)),
    )


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
