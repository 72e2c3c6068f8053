"""CREATE TABLE … AS query: the query's rows as files, and a table over them."""

import re
import shutil

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer, Context
from lakebox.athena.statements.ddl.partitions import add_partitions, new_partition
from lakebox.athena.statements.ddl.table_input import FORMATS, Definition, table_input
from lakebox.athena.statements.words import Words
from lakebox.athena.statements.writes.new_files import (
    Options,
    check_empty,
    check_keys,
    read_options,
    table_folder,
    typed_columns,
    write_partitions,
)
from lakebox.athena.statements.writes.written_rows import file_form, hive_values, written_rows

KNOWN = {"format", "external_location", "location", "partitioned_by", "bucketed_by", "bucket_count", "field_delimiter",
         "write_compression", "parquet_compression", "orc_compression", "table_type", "is_external", "partitioning",
         "vacuum_min_snapshots_to_keep", "vacuum_max_snapshot_age_seconds", "optimize_rewrite_data_file_threshold",
         "optimize_rewrite_delete_file_threshold", "compression_level"}  # fmt: skip


def is_create_table_as(words: Words) -> bool:
    """Whether CREATE TABLE … has a query: after its name comes AS or WITH, and no columns."""
    ahead = 1
    if words.peek() != "TABLE":
        return False
    if [words.peek(number) for number in (1, 2, 3)] == ["IF", "NOT", "EXISTS"]:
        ahead = 4
    while words.peek(ahead + 1) == ".":
        ahead += 2
    return words.peek(ahead + 1) in ("AS", "WITH", "COMMENT")


def create_table_as(words: Words, context: Context) -> Answer:
    """CREATE TABLE [IF NOT EXISTS] name [WITH (…)] AS query [WITH [NO] DATA]."""
    words.expect("TABLE")
    quiet = words.accept("IF", "NOT", "EXISTS")
    name = words.table_name()
    comment = words.string() if words.accept("COMMENT") else ""
    options = read_options(words) if words.accept("WITH") else {}
    words.expect("AS")
    sql, empty = _query(words.rest())
    database = (name[0] or context.database).lower()
    unknown = sorted(set(options) - KNOWN)
    if unknown:
        raise SqlError(f"line 1:1: table property '{unknown[0]}' does not exist; there are: {', '.join(sorted(KNOWN))}",
                       "INVALID_TABLE_PROPERTY")  # fmt: skip
    if context.tables.table(database, name[1]) is not None:
        if quiet:
            return Answer((("rows", "bigint"),), update_count=0, manifest=())
        raise SqlError(
            f"line 1:1: Table 'awsdatacatalog.{database}.{name[1].lower()}' already exists", "TABLE_ALREADY_EXISTS"
        )
    if not context.tables.has_database(database):
        raise SqlError(f"line 1:1: Schema '{database}' does not exist", "SCHEMA_NOT_FOUND")
    if str(options.get("table_type", "HIVE")).upper() == "ICEBERG":
        from lakebox.athena.statements.writes.iceberg_rows import create_iceberg_table_as

        return create_iceberg_table_as((database, name[1]), options, sql, context)
    return _create(Definition((database, name[1]), [], comment=comment), options, (sql, empty), context)


def _query(text: str) -> tuple[str, bool]:
    """The query, and whether WITH NO DATA asks for the table without its rows."""
    match = re.search(r"\sWITH\s+(NO\s+)?DATA$", text, re.IGNORECASE)
    return (text, False) if match is None else (text[: match.start()], match[1] is not None)


def _create(definition: Definition, options: Options, query: tuple[str, bool], context: Context) -> Answer:
    given = options.get("write_compression") or options.get("parquet_compression") or options.get("orc_compression")
    kind = str(options.get("format", "PARQUET"))
    delimiters = {"field.delim": options["field_delimiter"]} if "field_delimiter" in options else {}
    form = file_form(kind, given, delimiters)
    database, name = definition.name
    location = table_folder(options, context)
    folder = context.tables.folder(location)
    check_empty(folder, f"Target directory for table '{database}.{name}' already exists: {location}")
    with written_rows(query[0], context, empty=query[1]) as rows:
        keys = [key.lower() for key in options.get("partitioned_by", ())]
        columns = typed_columns(rows)
        check_keys(keys, [one for one, _, _ in columns])
        count = len(columns) - len(keys)
        definition.columns = [(one, text, "") for one, _, text in columns[:count]]
        definition.keys = [(one, text, "") for one, _, text in columns[count:]]
        definition.location = location
        read, write, definition.serde = FORMATS[form.format]
        definition.formats = (read, write)
        if form.format == "TEXTFILE":
            definition.serde_parameters = {"field.delim": delimiters.get("field.delim", "\1")}
            definition.serde_parameters["serialization.format"] = definition.serde_parameters["field.delim"]
        if form.format == "PARQUET":
            definition.properties["parquet.compression"] = form.compression
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
