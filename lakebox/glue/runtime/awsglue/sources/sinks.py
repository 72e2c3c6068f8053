"""Sinks: a frame is written below an S3 path and, where a script asks for it, its table and partitions registered."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from .catalog import add_partitions, register
from .formats import UnsupportedError, check_format, is_true, write_files

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"  # a partition's name where the value is null or empty
ESCAPED = frozenset("\"#%'*/:=?\\{[]^\x7f" + "".join(map(chr, range(1, 32))))  # what Spark escapes in a folder's name


class Sink:
    """What glueContext.getSink gives: setFormat, setCatalogInfo, writeFrame."""

    def __init__(
        self, glue_context: Any, connection_type: str, options: Mapping[str, Any], format_name: str | None
    ) -> None:
        if connection_type not in ("s3", "file"):
            raise UnsupportedError(f"a sink on {connection_type!r} is not supported by lakebox: write to s3")
        self._context, self._options = glue_context, dict(options)
        self._format = format_name or "parquet"
        self._format_options: dict[str, Any] = {}
        self._table: tuple[str, str] | None = None

    def setFormat(self, format: str, **options: Any) -> None:
        """The format of the files; its options by name."""
        check_format(format)
        self._format, self._format_options = format, options

    def setCatalogInfo(self, catalogDatabase: str, catalogTableName: str, **_: Any) -> None:
        """The table that is made or updated, if enableUpdateCatalog is set."""
        self._table = (catalogDatabase, catalogTableName)

    def setAccumulableSize(self, size: int) -> None:
        """Accepted; Spark decides how many rows go into a file."""

    def writeFrame(self, frame: Any, **_: Any) -> Any:
        """Write a DynamicFrame; returns it."""
        options = {**self._options, **self._format_options}
        keys = list(options.get("partitionKeys") or [])
        updates = self._table is not None and is_true(options.get("enableUpdateCatalog", False))
        write(frame.toDF(), str(options["path"]), self._format, options, self._table if updates else None, keys)
        return frame

    write = writeFrame


def write(
    frame: DataFrame,
    path: str,
    format_name: str,
    options: Mapping[str, Any],
    table: tuple[str, str] | None = None,
    keys: list[str] | None = None,
) -> None:
    """Write rows below a path, and register the table (database, name) and its partitions where one is given."""
    keys = keys or []
    write_files(frame, path, format_name, options, keys)
    if table is None:
        return
    updates = options.get("updateBehavior", "UPDATE_IN_DATABASE") != "LOG"
    register(*table, path, frame.schema, {"format": format_name, "keys": keys, "updates": updates})
    if keys:
        rows = frame.select([F.col(f"`{key}`").cast("string") for key in keys]).distinct().collect()
        values = [[value or NO_VALUE for value in row] for row in rows]
        add_partitions(*table, [(named, _location(path, keys, named)) for named in values])


def _location(path: str, keys: list[str], values: list[str]) -> str:
    """The folder that Spark writes a partition's files to."""
    names = [
        f"{key}={''.join(quote(sign, safe='') if sign in ESCAPED else sign for sign in value)}"
        for key, value in zip(keys, values, strict=True)
    ]
    return f"{path.rstrip('/')}/{'/'.join(names)}/"
