"""UNLOAD (query) TO 's3://…' WITH (…): the query's rows as files, and no table."""

from lakebox.athena.statements.answer import Answer
from lakebox.athena.statements.folder_context import FolderContext
from lakebox.athena.statements.words import Words
from lakebox.athena.statements.writes.new_files import typed_columns, write_partitions
from lakebox.athena.statements.writes.written_rows import file_form, written_rows
from lakebox.athena.statements.written_tables import check_empty, check_keys, read_unloading


def unload(words: Words, context: FolderContext) -> Answer:
    """What stands after UNLOAD."""
    given = read_unloading(words)
    options = given.options
    form = file_form(str(options["format"]), options.get("compression"), given.delimiters)
    folder = context.tables.folder(given.location)
    check_empty(context, given.location, f"Target directory for table 'unload' already exists: {given.location}")
    with written_rows(given.sql, context) as rows:
        columns = typed_columns(rows)
        keys = [key.lower() for key in options.get("partitioned_by", ())]
        check_keys(keys, [name for name, _, _ in columns])
        placed = write_partitions(rows, form, columns, folder, keys)
    manifest = tuple(context.tables.uri(str(path)) for path in placed.values())
    return Answer((("rows", "bigint"),), update_count=rows.count, manifest=manifest, scanned_bytes=rows.scanned_bytes)
