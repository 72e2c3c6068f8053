"""Tables that tell of the files of an Iceberg table: `"orders$files"`, `"orders$manifests"`, `"orders$partitions"`."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pyiceberg.conversions import from_bytes
from pyiceberg.manifest import DataFile, DataFileContent, PartitionFieldSummary
from pyiceberg.partitioning import PartitionField
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import DateType, PrimitiveType, TimestampType, TimestamptzType

from lakebox.athena.tables.catalog_tables import Columns
from lakebox.athena.tables.hive_types import HiveType
from lakebox.athena.tables.iceberg.scan import IcebergScan, hive_type_of

Row = tuple[Any, ...]
WHOLE, NUMBER, TEXT, YES = HiveType("int"), HiveType("bigint"), HiveType("string"), HiveType("boolean")
IDENTITY: Any = IdentityTransform()
COUNTS, BOUNDS = (HiveType("map", (), (("key", WHOLE), ("value", kind))) for kind in (NUMBER, TEXT))
SUMMARY = HiveType("struct", (), (("contains_null", YES), ("contains_nan", YES), ("lower_bound", TEXT),
                                  ("upper_bound", TEXT)))  # fmt: skip


def _array(element: HiveType) -> HiveType:
    return HiveType("array", (), (("element", element),))


def _file_columns(_: IcebergScan) -> Columns:
    return {
        "content": WHOLE, "file_path": TEXT, "file_format": TEXT, "record_count": NUMBER, "file_size_in_bytes": NUMBER,
        "column_sizes": COUNTS, "value_counts": COUNTS, "null_value_counts": COUNTS, "nan_value_counts": COUNTS,
        "lower_bounds": BOUNDS, "upper_bounds": BOUNDS, "key_metadata": HiveType("binary"),
        "split_offsets": _array(NUMBER), "equality_ids": _array(WHOLE),
    }  # fmt: skip


def _files(scan: IcebergScan) -> list[Row]:
    return [
        (file.content.value, file.file_path, file.file_format.name, file.record_count, file.file_size_in_bytes,
         *(list((counts or {}).items()) for counts in (file.column_sizes, file.value_counts, file.null_value_counts,
                                                       file.nan_value_counts)),
         *(_bounds(scan, bounds) for bounds in (file.lower_bounds, file.upper_bounds)),
         file.key_metadata, file.split_offsets, file.equality_ids)
        for file in _of_snapshot(scan)
    ]  # fmt: skip


def _of_snapshot(scan: IcebergScan) -> Iterator[DataFile]:
    snapshot = scan.table.snapshot_by_id(scan.snapshot_id) if scan.snapshot_id is not None else None
    for manifest in snapshot.manifests(scan.table.io) if snapshot is not None else ():
        for entry in manifest.fetch_manifest_entry(scan.table.io, discard_deleted=True):
            yield entry.data_file


def _bounds(scan: IcebergScan, bounds: "dict[int, bytes] | None") -> list[tuple[int, str]]:
    found = []
    for number, content in (bounds or {}).items():
        kind = scan.table.schema().find_type(number)
        if isinstance(kind, PrimitiveType):
            found.append((number, _text(kind, from_bytes(kind, content))))
    return found


def _text(kind: Any, value: Any, transform: Any = IDENTITY) -> str:
    """A value of a partition or a bound as Iceberg prints it."""
    return str(transform.to_human_string(kind, value))


def _manifest_columns(_: IcebergScan) -> Columns:
    counts = ("added", "existing", "deleted")
    return {
        "path": TEXT, "length": NUMBER, "partition_spec_id": WHOLE, "added_snapshot_id": NUMBER,
        **{f"{name}_{what}_count": kind for name in counts for what, kind in (("data_files", WHOLE), ("rows", NUMBER))},
        "partition_summaries": _array(SUMMARY),
    }  # fmt: skip


def _manifests(scan: IcebergScan) -> list[Row]:
    snapshot = scan.table.snapshot_by_id(scan.snapshot_id) if scan.snapshot_id is not None else None
    found = []
    for one in snapshot.manifests(scan.table.io) if snapshot is not None else ():
        fields = scan.table.specs()[one.partition_spec_id].fields
        shown = [_summary(scan, field, part) for field, part in zip(fields, one.partitions or (), strict=False)]
        counts = (one.added_files_count, one.added_rows_count, one.existing_files_count, one.existing_rows_count,
                  one.deleted_files_count, one.deleted_rows_count)  # fmt: skip
        found.append(
            (one.manifest_path, one.manifest_length, one.partition_spec_id, one.added_snapshot_id, *counts, shown)
        )
    return found


def _summary(scan: IcebergScan, field: PartitionField, part: PartitionFieldSummary) -> dict[str, Any]:
    kind: Any = scan.table.schema().find_type(field.source_id)
    result: Any = field.transform.result_type(kind)
    low, high = (
        None if bound is None else _text(kind, from_bytes(result, bound), field.transform)
        for bound in (part.lower_bound, part.upper_bound)
    )
    facts = {"contains_null": part.contains_null, "contains_nan": part.contains_nan}
    return facts | {"lower_bound": low, "upper_bound": high}


def _parts(scan: IcebergScan) -> list[tuple[str, HiveType, Any]]:
    """The fields of the table's partitions: name, type, and Iceberg's type."""
    schema = scan.table.schema()
    kinds = [(field.name, field.transform.result_type(schema.find_type(field.source_id)))
             for field in scan.table.spec().fields]  # fmt: skip
    return [(name, hive_type_of(kind), kind) for name, kind in kinds]


def _measured(scan: IcebergScan) -> list[tuple[str, int, Any]]:
    """The columns of which the files know the least and the greatest value: those that don't make partitions."""
    keys = {field.source_id for field in scan.table.spec().fields if isinstance(field.transform, IdentityTransform)}
    return [
        (field.name.lower(), field.field_id, field.field_type)
        for field in scan.table.schema().fields
        if isinstance(field.field_type, PrimitiveType) and field.field_id not in keys
    ]


def _partition_columns(scan: IcebergScan) -> Columns:
    parts = tuple((name, kind) for name, kind, _ in _parts(scan))
    columns = {"partition": HiveType("struct", (), parts)} if parts else {}
    data = tuple(
        (name, HiveType("struct", (), (("min", hive_type_of(kind)), ("max", hive_type_of(kind)),
                                       ("null_count", NUMBER), ("nan_count", NUMBER))))
        for name, _, kind in _measured(scan)
    )  # fmt: skip
    columns |= {"record_count": NUMBER, "file_count": NUMBER, "total_size": NUMBER}
    return columns | ({"data": HiveType("struct", (), data)} if data else {})


def _partitions(scan: IcebergScan) -> list[Row]:
    groups: dict[tuple[Any, ...], list[DataFile]] = {}
    parts = _parts(scan)
    for file in _of_snapshot(scan):
        if file.content == DataFileContent.DATA:
            groups.setdefault(tuple(file.partition[place] for place in range(len(parts))), []).append(file)
    found = []
    for values, files in groups.items():
        named = {name: _value(kind, value) for (name, _, kind), value in zip(parts, values, strict=True)}
        sums = (sum(file.record_count for file in files), len(files), sum(file.file_size_in_bytes for file in files))
        data = {name: _measures(files, number, kind) for name, number, kind in _measured(scan)}
        found.append((*([named] if parts else []), *sums, *([data] if data else [])))
    return found


def _measures(files: list[DataFile], number: int, kind: Any) -> dict[str, Any]:
    lows = [from_bytes(kind, file.lower_bounds[number]) for file in files if number in (file.lower_bounds or {})]
    highs = [from_bytes(kind, file.upper_bounds[number]) for file in files if number in (file.upper_bounds or {})]
    nulls = [(file.null_value_counts or {}).get(number) for file in files]
    return {
        "min": _value(kind, min(lows)) if lows else None,
        "max": _value(kind, max(highs)) if highs else None,
        "null_count": sum(filter(None, nulls)) if None not in nulls else None,
        "nan_count": None,
    }


def _value(kind: Any, value: Any) -> Any:
    """A value as Python has it, where Iceberg's files count from 1970."""
    if isinstance(kind, DateType) and isinstance(value, int):
        return date(1970, 1, 1) + timedelta(days=value)
    if isinstance(kind, TimestampType | TimestamptzType) and isinstance(value, int):
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)
        return moment if isinstance(kind, TimestamptzType) else moment.replace(tzinfo=None)
    return value


FILES: dict[str, tuple[Callable[[IcebergScan], Columns], Callable[[IcebergScan], list[Row]]]] = {
    "files": (_file_columns, _files),
    "manifests": (_manifest_columns, _manifests),
    "partitions": (_partition_columns, _partitions),
}
