"""Silver, day by day -> the gate's measures: a day whose files are as they were is not read again.

A small Silver this process looks through itself (`jobs.quality.at_hand`), a big one Spark, and one that is not as the
catalog says. `_state/gate_days.json` keeps the measures of each day, with the versions of the files that they are of.
They hold for one ruleset, one schema and one of the two ways: else all of Silver is read.
"""

import base64
import contextlib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial, reduce
from typing import Any, NamedTuple

from pyspark.sql import DataFrame, Row
from pyspark.sql.types import StructType

from catalog.tables import SILVER_USER_EVENTS
from jobs.lake.frames import Frames, ddl, schema_of
from jobs.lake.layout import PartitionValues, partition_folder
from jobs.lake.parquet import have_columns, read_columns
from jobs.lake.protocol import Lake
from jobs.lake.store import StorageError, StoredObject
from jobs.quality.at_hand import TYPES, PartitionFile, distinct_keys, estimate, is_plain, measured_day
from jobs.quality.measures import (
    distinct_values,
    estimates,
    key_counts,
    key_name,
    keys_across_days,
    measures,
    sketched_columns,
    total,
)
from jobs.quality.report import schema_differences
from jobs.quality.rows import types_of
from jobs.quality.rules import Ruleset
from jobs.quality.silver_as_stored import Stored, as_stored

MEANING = "3"  # of what is kept: another one where the measures change
DAY = "event_date"
AT_HAND, DAY_AT_HAND = 256 << 20, 16 << 20  # bytes of Silver, and of a day, that one process holds and looks through
CATALOGUED = schema_of((*SILVER_USER_EVENTS.columns, *SILVER_USER_EVENTS.partitions))

Parts = dict[str, dict[str, Any]]
Files = Mapping[PartitionValues, Sequence[StoredObject]]
FramesSource = Callable[[], Frames]


class Measured(NamedTuple):
    """The measures of all of Silver, the schema under which its rows are read, and the one it is stored with; and its
    rows, for which Spark has to be there."""

    row: dict[str, Any]
    read_as: StructType
    stored_as: StructType
    rows: Callable[[], DataFrame]


def measured_silver(lake: Lake, frames: FramesSource, ruleset: Ruleset, *, anew: bool) -> Measured:
    """Measure Silver's registered partitions: by this process where Silver is small and the rules are plain, else by
    Spark. anew: all days, whatever is known.

    Raises StorageError for a partition whose files are gone: Spark would read it as one without rows.
    """
    files = files_of_partitions(lake)
    if is_plain(ruleset) and _is_at_hand(files):
        measured = _measured_at_hand(lake, frames, ruleset, files, anew=anew)
        if measured is not None:
            return measured
    return _measured_by_spark(lake, frames(), ruleset, files, anew=anew)


def _is_at_hand(files: Files) -> bool:
    sizes = [sum(stored.size for _, stored in found) for found in _by_day(files).values()]
    return sum(sizes) <= AT_HAND and max(sizes, default=0) <= DAY_AT_HAND


def _measured_at_hand(
    lake: Lake, frames: FramesSource, ruleset: Ruleset, files: Files, *, anew: bool
) -> Measured | None:
    """None where Silver is empty, or not as catalogued: Spark says what is the matter."""
    days, meaning = _by_day(files), _meaning(ruleset, "at hand")
    versions = {day: _version(found) for day, found in days.items()}
    known = {} if anew else _known(lake, meaning, versions)
    news = {day: found for day, found in days.items() if day not in known}
    if not all(map(_is_a_day, days)) or not have_columns(lake.store, _objects(news), SILVER_USER_EVENTS.columns):
        return None
    measure = partial(measured_day, lake.store, ruleset=ruleset)
    keys = keys_across_days(TYPES, ruleset)
    with ThreadPoolExecutor(max_workers=2) as pool:
        counts = pool.map(lambda key: distinct_keys(read_columns(lake.store, _objects(days), key), key), keys)
        found = dict(zip(news, pool.map(measure, news.values()), strict=True))
    parts = known | {day: row for day, row in found.items() if row is not None}
    if not parts:
        return None
    _keep(lake, meaning, versions, parts)
    row = total(list(parts.values()))
    for name in sketched_columns(next(iter(parts.values()))):
        row[f"approx_distinct:{name}"] = estimate([part[f"sketch:{name}"] for part in parts.values()])
    for key, count in zip(keys, counts, strict=True):
        row[f"keyed:{key_name(key)}"], row[f"hashes:{key_name(key)}"] = count
    return Measured(row, CATALOGUED, CATALOGUED, lambda: frames().table(SILVER_USER_EVENTS, list(files)))


def _measured_by_spark(lake: Lake, frames: Frames, ruleset: Ruleset, files: Files, *, anew: bool) -> Measured:
    days, meaning = _by_day(files), _meaning(ruleset, "Spark")
    versions = {day: _version(found) for day, found in days.items()}
    known = {} if anew else _known(lake, meaning, versions)
    stored = _stored(frames, [values for values in files if values[1] not in known])
    differences = schema_differences(SILVER_USER_EVENTS, stored.schema)
    if known and differences:
        known, stored = {}, _stored(frames, list(files))
        differences = schema_differences(SILVER_USER_EVENTS, stored.schema)
    found = measures(stored.rows, ruleset, (DAY,)).collect() if files else []
    parts = known | {day.isoformat(): row for row in map(Row.asDict, found) if (day := row.pop(DAY))}
    if not differences and files:
        _keep(lake, meaning, versions, parts)
    parts = parts or {"": measures(stored.rows, ruleset).collect()[0].asDict()}
    silver = frames.table(SILVER_USER_EVENTS, list(files)) if known else stored.rows
    row = total(list(parts.values()))
    keys = keys_across_days(types_of(silver.schema), ruleset)
    counts = [estimates(_sketches(frames, parts)), key_counts(silver, keys)]
    together = reduce(lambda one, two: one.crossJoin(two), [count for count in counts if count is not None])
    counted = together.collect()[0].asDict()
    estimated = {name: counted.pop(name) for name in list(counted) if name.startswith("estimate:")}
    row |= counted | distinct_values(estimated, row)
    return Measured(row, silver.schema, stored.schema, lambda: silver)


def files_of_partitions(lake: Lake) -> dict[PartitionValues, list[StoredObject]]:
    """The files of each registered partition of Silver; raises StorageError for one without files."""
    location = SILVER_USER_EVENTS.location
    by_folder: dict[str, list[StoredObject]] = {}
    for stored in lake.store.list(location):
        by_folder.setdefault(stored.key[len(location) : stored.key.rindex("/") + 1], []).append(stored)
    folders = {
        values: partition_folder(SILVER_USER_EVENTS, values) for values in sorted(lake.partitions(SILVER_USER_EVENTS))
    }
    gone = [lake.store.uri(location + folder) for folder in folders.values() if folder not in by_folder]
    if gone:
        raise StorageError(f"{len(gone)} registered partitions have no files, the first is {gone[0]}; restore them")
    return {values: by_folder[folder] for values, folder in folders.items()}


def _by_day(files: Files) -> dict[str, list[PartitionFile]]:
    days: dict[str, list[PartitionFile]] = {}
    for values, objects in files.items():
        days.setdefault(values[1], []).extend((values, stored) for stored in objects)
    return days


def _objects(days: Mapping[str, Sequence[PartitionFile]]) -> list[StoredObject]:
    return [stored for found in days.values() for _, stored in found]


def _is_a_day(text: str) -> bool:
    with contextlib.suppress(ValueError):
        return date.fromisoformat(text).isoformat() == text
    return False


def _version(files: Sequence[PartitionFile]) -> str:
    """What stands for the content of a day: a hash over its files' keys and versions."""
    return hashlib.sha256("\n".join(f"{stored.key} {stored.version}" for _, stored in files).encode()).hexdigest()


def _meaning(ruleset: Ruleset, engine: str) -> str:
    """What kept measures hold for: these rules, this schema, and the engine whose sketches they are."""
    return hashlib.sha256(f"{MEANING} {engine} {ddl(SILVER_USER_EVENTS)} {ruleset.text}".encode()).hexdigest()


def _keep(lake: Lake, meaning: str, versions: Mapping[str, str], parts: Parts) -> None:
    lake.keep_gate_days(meaning, {day: {"files": versions[day], "row": _packed(row)} for day, row in parts.items()})


def _known(lake: Lake, meaning: str, versions: Mapping[str, str]) -> Parts:
    kept = lake.gate_days(meaning)
    return {day: _unpacked(kept[day]["row"]) for day in versions if day in kept and kept[day]["files"] == versions[day]}


def _stored(frames: Frames, partitions: list[PartitionValues]) -> Stored:
    rows = frames.table(SILVER_USER_EVENTS, partitions)
    return as_stored(rows, SILVER_USER_EVENTS) if partitions else Stored(rows, CATALOGUED)


def _sketches(frames: Frames, parts: Parts) -> DataFrame:
    names = sketched_columns(next(iter(parts.values())))
    rows = [tuple(bytearray(part[f"sketch:{name}"]) for name in names) for part in parts.values()]
    return frames.spark.createDataFrame(rows, ", ".join(f"`{name}` binary" for name in names))


def _packed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: base64.b64encode(value).decode() if isinstance(value, bytes | bytearray) else value
        for name, value in row.items()
    }


def _unpacked(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: base64.b64decode(value) if name.startswith("sketch:") else value for name, value in row.items()}
