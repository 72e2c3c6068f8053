"""OPTIMIZE and VACUUM of Iceberg tables: data files written anew as few, old snapshots and files that nobody names."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyiceberg.table import Table

from lakebox.athena.statements.answer import Answer
from lakebox.athena.statements.folder_context import FolderContext
from lakebox.athena.statements.iceberg_catalog import committed, loaded
from lakebox.athena.statements.words import Words
from lakebox.athena.statements.writes.iceberg_changes import named, target_of
from lakebox.athena.statements.writes.iceberg_rows import arrow_rows
from lakebox.athena.statements.writes.written_rows import written_rows

AGE_S, KEPT = ("vacuum_max_snapshot_age_seconds", 432_000), ("vacuum_min_snapshots_to_keep", 1)  # Athena's defaults


def optimize(words: Words, context: FolderContext) -> Answer:
    """OPTIMIZE name REWRITE DATA USING BIN_PACK [WHERE condition]: all rows are written anew; WHERE is checked."""
    table, columns = target_of(words, context)
    words.expect("REWRITE", "DATA", "USING", "BIN_PACK")
    if words.accept("WHERE"):
        context.columns_of(f"SELECT 1 FROM {named(table)} WHERE {words.rest()}")  # noqa: S608 our own text
    words.end()
    target = loaded(table, context)
    files = list(target.scan().plan_files())
    if len(files) <= 1 and not any(file.delete_files for file in files):
        return Answer()
    with written_rows(f"SELECT * FROM {named(table)}", context) as rows:  # noqa: S608
        values = [f'"c{number}"' for number in range(len(columns))]
        content = arrow_rows(rows, values, list(columns.values()), target.schema())
        committed(lambda: target.overwrite(content))
        return Answer(scanned_bytes=rows.scanned_bytes)


def vacuum(words: Words, context: FolderContext) -> Answer:
    """VACUUM name: forgets old snapshots, and deletes files of that age that no snapshot needs."""
    table, _ = target_of(words, context)
    words.end()
    target = loaded(table, context)
    age_s, kept = (int(target.properties.get(name, default)) for name, default in (AGE_S, KEPT))
    oldest = datetime.now(UTC) - timedelta(seconds=age_s)
    snapshots = sorted(target.snapshots(), key=lambda one: one.timestamp_ms)
    referred = {ref.snapshot_id for ref in target.metadata.refs.values()}
    old = [
        one.snapshot_id
        for one in snapshots[: len(snapshots) - max(kept, 1)]
        if one.timestamp_ms < oldest.timestamp() * 1000 and one.snapshot_id not in referred
    ]
    if old:
        committed(target.maintenance.expire_snapshots().by_ids(old).commit)
    needed = _needed(target.refresh())
    for path in [path for path in context.tables.folder(table.location).rglob("*") if path.is_file()]:
        is_old = path.stat().st_mtime < oldest.timestamp()
        if is_old and context.tables.uri(str(path)) not in needed and not _is_draft(path):
            path.unlink(missing_ok=True)
    return Answer()


def _is_draft(path: Path) -> bool:
    return path.name.startswith(".")


def _needed(table: Table) -> set[str]:
    """The files that the table's metadata name."""
    found = {table.metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)}
    for snapshot in table.snapshots():
        found.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            found.add(manifest.manifest_path)
            found |= {entry.data_file.file_path for entry in manifest.fetch_manifest_entry(table.io)}
    return found
