"""CREATE TABLE … AS query: the query's rows as files, and a table over them."""

import shutil

from lakebox.athena.statements.answer import Answer
from lakebox.athena.statements.ddl.partitions import add_partitions, new_partition
from lakebox.athena.statements.ddl.table_input import table_input
from lakebox.athena.statements.folder_context import FolderContext
from lakebox.athena.statements.words import Words
from lakebox.athena.statements.writes.new_files import typed_columns, write_partitions
from lakebox.athena.statements.writes.written_rows import file_form, hive_values, written_rows
from lakebox.athena.statements.written_tables import (
    Creation,
    check_empty,
    definition_of,
    is_made,
    read_creation,
    table_folder,
)


def create_table_as(words: Words, context: FolderContext) -> Answer:
    """CREATE TABLE [IF NOT EXISTS] name [WITH (…)] AS query [WITH [NO] DATA]."""
    creation = read_creation(words)
    if is_made(creation, context):
        return Answer((("rows", "bigint"),), update_count=0, manifest=())
    if creation.is_iceberg:
        from lakebox.athena.statements.writes.iceberg_rows import create_iceberg_table_as

        name = ((creation.name[0] or context.database).lower(), creation.name[1])
        return create_iceberg_table_as(name, creation.options, creation.sql, context)
    return _create(creation, context)


def _create(creation: Creation, context: FolderContext) -> Answer:
    form = file_form(str(creation.options.get("format", "PARQUET")), creation.compression, creation.delimiters)
    database, name = (creation.name[0] or context.database).lower(), creation.name[1]
    location = table_folder(creation.options, context)
    folder = context.tables.folder(location)
    check_empty(context, location, f"Target directory for table '{database}.{name}' already exists: {location}")
    with written_rows(creation.sql, context, empty=creation.empty) as rows:
        columns = typed_columns(rows)
        typed = [(one, kind) for one, _, kind in columns]
        definition = definition_of(creation, typed, location, form.format, form.compression)
        keys = [one for one, _, _ in definition.keys]
        placed = write_partitions(rows, form, columns, folder, keys)
    try:
        context.call("CreateTable", DatabaseName=database, TableInput=table_input(definition))
        table = context.table((database, name))
        if keys:
            add_partitions(context, table, [new_partition(table, hive_values(values)) for values in placed])
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    manifest = tuple(context.tables.uri(str(path)) for path in placed.values())
    return Answer((("rows", "bigint"),), update_count=rows.count, manifest=manifest, scanned_bytes=rows.scanned_bytes)
