"""Job bookmarks: which files or rows each read of a job has seen, so that the next run reads what is new or changed.

State lies in the JSON file that LAKEBOX_BOOKMARK_FILE names: by transformation_ctx, the path of each file and its time
of change (milliseconds), or each key column of a database's table and the last value of it, as text. It is replaced at
job.commit() alone.
Source: AWS Glue, "Tracking processed data using job bookmarks".
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ..utils import getResolvedOptions

ENABLED, PAUSED = "job-bookmark-enable", "job-bookmark-pause"


class Bookmarks:
    """The bookmarks of this run."""

    def __init__(self) -> None:
        self._option = ""
        self._before: dict[str, dict[str, Any]] = {}
        self._seen: dict[str, dict[str, Any]] = {}

    def begin(self) -> None:
        """Read what earlier runs have seen, where the run's `--job-bookmark-option` asks for it."""
        self._option = getResolvedOptions(sys.argv, []).get("job_bookmark_option", "")
        path = self._path()
        if self._option in (ENABLED, PAUSED) and path is not None and path.exists():
            self._before = json.loads(path.read_text(encoding="utf-8"))

    def apply_to(self, transformation_ctx: str) -> bool:
        """Whether a read of that name gives only what is new."""
        return bool(transformation_ctx) and self._option in (ENABLED, PAUSED)

    def new_files(self, spark: Any, paths: list[str], transformation_ctx: str) -> list[str] | None:
        """The files below some paths that no run has seen as they are; None where bookmarks don't apply to the read."""
        if not self.apply_to(transformation_ctx):
            return None
        files = {file: time for path in paths for file, time in _files(spark, path).items()}
        before = self._before.get(transformation_ctx, {})
        self._seen.setdefault(transformation_ctx, {}).update(files)
        return sorted(file for file, time in files.items() if before.get(file) != time)

    def new_rows(self, frame: DataFrame, keys: list[str], transformation_ctx: str, *, descends: bool) -> DataFrame:
        """The rows whose key is beyond the last that a run has seen, up to the furthest key that is there now."""
        columns = [F.col(f"`{name}`") for name in keys]
        key = columns[0] if len(keys) == 1 else F.struct(*columns)
        furthest_first = frame.orderBy(key.asc() if descends else key.desc())
        furthest = furthest_first.select(*[column.cast("string") for column in columns]).first()
        if furthest is None:
            return frame
        until = self._seen[transformation_ctx] = dict(zip(keys, furthest, strict=True))
        end, since = _bound(frame, until), self._before.get(transformation_ctx)
        rows = frame.filter(key >= end if descends else key <= end)
        if not since:
            return rows
        start = _bound(frame, since)
        return rows.filter(key < start if descends else key > start)

    def commit(self) -> None:
        """Keep what this run has seen, unless bookmarks are off or paused."""
        path = self._path()
        if self._option != ENABLED or path is None:
            return
        after = {name: self._before.get(name, {}) | files for name, files in self._seen.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps({**self._before, **after}), encoding="utf-8")
        draft.replace(path)

    def _path(self) -> Path | None:
        name = os.environ.get("LAKEBOX_BOOKMARK_FILE")
        return Path(name) if name else None


def _bound(frame: DataFrame, values: Mapping[str, str]) -> Column:
    """A key's value, from its text."""
    parts = [F.lit(text).cast(frame.schema[name].dataType).alias(name) for name, text in values.items()]
    return parts[0] if len(parts) == 1 else F.struct(*parts)


def _files(spark: Any, path: str) -> dict[str, int]:
    """Files below a path and their times of change; hidden ones (`_` or `.`) are left out, as Spark leaves them."""
    jvm = spark._jvm
    root = jvm.org.apache.hadoop.fs.Path(path)
    system = root.getFileSystem(spark._jsc.hadoopConfiguration())
    found: dict[str, int] = {}
    statuses = list(system.globStatus(root) or [])
    while statuses:
        status = statuses.pop()
        name = status.getPath().toString()
        if any(part.startswith(("_", ".")) for part in name.removeprefix(path).split("/")):
            continue
        if status.isDirectory():
            statuses += system.listStatus(status.getPath())
        else:
            found[name] = int(status.getModificationTime())
    return found


bookmarks = Bookmarks()
