"""Tables that tell of an Iceberg table: `"orders$snapshots"`, `"orders$history"`, `"orders$refs"`, and of its files."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from lakebox.athena.engine import SqlError
from lakebox.athena.tables.catalog_tables import CatalogTable, Columns
from lakebox.athena.tables.hive_types import HiveType, arrow_type
from lakebox.athena.tables.iceberg.files import FILES
from lakebox.athena.tables.iceberg.scan import IcebergScan

TIME, NUMBER, TEXT = HiveType("timestamp with local time zone"), HiveType("bigint"), HiveType("string")
METADATA: dict[str, Columns] = {
    "snapshots": {"committed_at": TIME, "snapshot_id": NUMBER, "parent_id": NUMBER, "operation": TEXT,
                  "manifest_list": TEXT, "summary": HiveType("map", (), (("key", TEXT), ("value", TEXT)))},
    "history": {"made_current_at": TIME, "snapshot_id": NUMBER, "parent_id": NUMBER,
                "is_current_ancestor": HiveType("boolean")},
    "refs": {"name": TEXT, "type": TEXT, "snapshot_id": NUMBER, "max_reference_age_in_ms": NUMBER,
             "min_snapshots_to_keep": HiveType("int"), "max_snapshot_age_in_ms": NUMBER},
}  # fmt: skip


def metadata_columns(table: CatalogTable, part: str, scan: IcebergScan) -> Columns:
    """The columns of a metadata table. Raises SqlError on one that the embedded engine does not show."""
    if part in FILES:
        return FILES[part][0](scan)
    if part not in METADATA:
        known = ", ".join(f'"{table.name}${one}"' for one in (*METADATA, *FILES))
        raise SqlError(
            f'"{table.name}${part}" is not supported by the embedded engine; it has {known}', "NOT_SUPPORTED"
        )
    return METADATA[part]


def metadata_rows(scan: IcebergScan, part: str) -> pa.Table:
    """The rows of a metadata table."""
    if part in FILES:
        columns, rows = FILES[part][0](scan), FILES[part][1](scan)
    else:
        columns, rows = METADATA[part], {"snapshots": _snapshots, "history": _history, "refs": _refs}[part](scan)
    schema = pa.schema([(name, arrow_type(kind)) for name, kind in columns.items()])
    return pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows], schema)


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _snapshots(scan: IcebergScan) -> list[tuple[Any, ...]]:
    found = []
    for one in scan.table.snapshots():
        operation = one.summary.operation.value if one.summary else None
        more = list(one.summary.additional_properties.items()) if one.summary else []
        found.append(
            (_time(one.timestamp_ms), one.snapshot_id, one.parent_snapshot_id, operation, one.manifest_list, more)
        )
    return found


def _history(scan: IcebergScan) -> list[tuple[Any, ...]]:
    current, ancestors = scan.table.current_snapshot(), set()
    while current is not None:
        ancestors.add(current.snapshot_id)
        current = scan.table.snapshot_by_id(current.parent_snapshot_id) if current.parent_snapshot_id else None
    found = []
    for entry in scan.table.history():
        snapshot = scan.table.snapshot_by_id(entry.snapshot_id)
        parent = snapshot.parent_snapshot_id if snapshot else None
        found.append((_time(entry.timestamp_ms), entry.snapshot_id, parent, entry.snapshot_id in ancestors))
    return found


def _refs(scan: IcebergScan) -> list[tuple[Any, ...]]:
    return [
        (name, ref.snapshot_ref_type.value.upper(), ref.snapshot_id, ref.max_ref_age_ms, ref.min_snapshots_to_keep,
         ref.max_snapshot_age_ms)
        for name, ref in scan.table.metadata.refs.items()
    ]  # fmt: skip
