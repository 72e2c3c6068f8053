"""Silver, day by day -> the gate's measures: a day whose files are as they were is not read again.

`_state/gate_days.json` keeps the measures of each day, with the versions of the files that they are of. They hold for
one ruleset and one schema: under others, and where a file's schema is not the catalog's, all of Silver is read.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, NamedTuple

from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from catalog.rules import Ruleset
from catalog.tables import SILVER_USER_EVENTS
from jobs.frames import Frames, ddl, schema_of
from jobs.lake import Lake
from jobs.lake_layout import partition_folder
from jobs.quality import distinct_values, key_counts, measures, total
from jobs.quality_report import schema_differences
from jobs.silver_as_stored import Stored, as_stored
from jobs.storage import StorageError

MEANING = "1"  # of what is kept: another one where the measures change
DAY = "event_date"

Parts = dict[str, dict[str, Any]]


class Measured(NamedTuple):
    """The measures of all of Silver, its rows, and its schema as stored."""

    row: dict[str, Any]
    silver: DataFrame
    schema: StructType


def measured_silver(frames: Frames, ruleset: Ruleset, *, anew: bool) -> Measured:
    """Measure Silver's registered partitions. anew: all of them, whatever is known.

    Raises StorageError for a partition whose files are gone: Spark would read it as one without rows.
    """
    lake = frames.lake
    versions = versions_of_days(lake)
    meaning = hashlib.sha256(f"{MEANING} {ddl(SILVER_USER_EVENTS)} {ruleset.text}".encode()).hexdigest()
    known = {} if anew else _known(lake, meaning, versions)
    stored = _stored(frames, set(versions) - set(known))
    as_expected = not schema_differences(SILVER_USER_EVENTS, stored.schema)
    if known and not as_expected:
        known, stored = {}, _stored(frames, set(versions))
        as_expected = not schema_differences(SILVER_USER_EVENTS, stored.schema)
    parts = known | _measured_days(stored.rows, ruleset, set(versions) - set(known)) if versions else {}
    parts = parts or {"": measures(stored.rows, ruleset).collect()[0].asDict()}
    if as_expected and versions:
        with_rows = [day for day in versions if day in parts]
        lake.keep_gate_days(meaning, {day: {"files": versions[day], "row": _packed(parts[day])} for day in with_rows})
    silver = frames.table(SILVER_USER_EVENTS, lake.partitions(SILVER_USER_EVENTS)) if known else stored.rows
    row = total(list(parts.values()))
    counts = [distinct_values(frames.spark, list(parts.values()), row), key_counts(silver, ruleset)]
    together = reduce(lambda one, two: one.crossJoin(two), [count for count in counts if count is not None])
    row |= together.collect()[0].asDict()
    return Measured(row, silver, stored.schema)


def versions_of_days(lake: Lake) -> dict[str, str]:
    """What stands for the content of each day (YYYY-MM-DD) of Silver: a hash over its files' keys and versions."""
    location = SILVER_USER_EVENTS.location
    files: dict[str, list[str]] = {}
    days: dict[str, list[str]] = {}
    for stored in lake.store.list(location):
        folder = stored.key[len(location) : stored.key.rindex("/") + 1]
        files.setdefault(folder, []).append(f"{stored.key} {stored.version}")
    gone = []
    for values in sorted(lake.partitions(SILVER_USER_EVENTS)):
        folder = partition_folder(SILVER_USER_EVENTS, values)
        if folder in files:
            days.setdefault(values[1], []).extend(files[folder])
        else:
            gone.append(lake.store.uri(location + folder))
    if gone:
        raise StorageError(f"{len(gone)} registered partitions have no files, the first is {gone[0]}; restore them")
    return {day: hashlib.sha256("\n".join(lines).encode()).hexdigest() for day, lines in days.items()}


def _known(lake: Lake, meaning: str, versions: Mapping[str, str]) -> Parts:
    kept = lake.gate_days(meaning)
    return {day: _unpacked(kept[day]["row"]) for day in versions if day in kept and kept[day]["files"] == versions[day]}


def _stored(frames: Frames, days: Iterable[str]) -> Stored:
    wanted = [values for values in frames.lake.partitions(SILVER_USER_EVENTS) if values[1] in set(days)]
    rows = frames.table(SILVER_USER_EVENTS, wanted)
    if wanted:
        return as_stored(rows, SILVER_USER_EVENTS)
    return Stored(rows, schema_of((*SILVER_USER_EVENTS.columns, *SILVER_USER_EVENTS.partitions)))


def _measured_days(rows: DataFrame, ruleset: Ruleset, days: set[str]) -> Parts:
    found = measures(rows, ruleset, (DAY,)).collect() if days else []
    return {row[DAY].isoformat(): {name: value for name, value in row.asDict().items() if name != DAY} for row in found}


def _packed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: base64.b64encode(value).decode() if isinstance(value, bytes | bytearray) else value
        for name, value in row.items()
    }


def _unpacked(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: base64.b64decode(value) if name.startswith("sketch:") else value for name, value in row.items()}
