"""CREATE TABLE … AS query: the query's rows as files, and a table over them."""

import re
import shutil
import uuid
from pathlib import Path
from typing import Any

from lakebox.athena.engine import SqlError
from lakebox.athena.result_types import hive_type_of
from lakebox.athena.statements.answer import Answer, Context
from lakebox.athena.statements.partitions import add_partitions, new_partition
from lakebox.athena.statements.table_input import FORMATS, Definition, table_input
from lakebox.athena.statements.words import Words
from lakebox.athena.statements.written_rows import FileForm, WrittenRows, file_form, hive_values, written_rows
from lakebox.athena.tables.hive_types import hive_type
from lakebox.athena.tables.partitions import Values, standard_folder

Options = dict[str, Any]
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


def read_options(words: Words) -> Options:
    """(name = value, …): texts, numbers, true, false and ARRAY['a', 'b']."""

    def pair() -> tuple[str, Any]:
        name = words.name().lower()
        words.expect("=")
        if words.accept("ARRAY"):
            words.expect("[")
            values = []
            while not words.accept("]"):
                values.append(words.string())
                words.accept(",")
            return name, values
        return name, words.value() if words.peek() not in ("TRUE", "FALSE") else words.name().lower()

    return dict(words.listed(pair))


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
        from lakebox.athena.statements.iceberg_tables import create_iceberg_table_as

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
        _check_keys(keys, [one for one, _, _ in columns])
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


def typed_columns(rows: WrittenRows) -> list[tuple[str, str, str]]:
    """(name, DuckDB's column, the catalog's type) of the rows' columns. Raises SqlError on one without a name."""
    columns: list[tuple[str, str, str]] = []
    for number, (name, kind) in enumerate(rows.columns):
        if name == f"_col{number}":
            raise SqlError(f"line 1:1: Column name not specified at position {number + 1}; write … AS name",
                           "MISSING_COLUMN_NAME")  # fmt: skip
        if name.lower() in [column[0] for column in columns]:
            raise SqlError(f"line 1:1: Column name '{name}' specified more than once; name it: … AS other",
                           "DUPLICATE_COLUMN_NAME")  # fmt: skip
        columns.append((name.lower(), f'"c{number}"', hive_type_of(kind)))
    return columns


def write_partitions(
    rows: WrittenRows, form: FileForm, columns: list[tuple[str, str, str]], folder: Path, keys: list[str]
) -> dict[Values, Path]:
    """Write rows below a folder; the keys of partitions are the last columns."""
    typed, count = [(name, value, hive_type(kind)) for name, value, kind in columns], len(columns) - len(keys)
    return rows.write(form, typed[:count], typed[count:], lambda values: folder / standard_folder(keys, values))


def _check_keys(keys: list[str], columns: list[str]) -> None:
    if keys and columns[len(columns) - len(keys) :] != keys:
        problem = f"Partition keys must be the last columns in the table, in the order of the table properties: {keys}"
        raise SqlError(f"{problem}; the query's columns are {columns}", "INVALID_TABLE_PROPERTY")
    if len(keys) == len(columns):
        raise SqlError("Table contains only partition columns; select others, too", "INVALID_TABLE_PROPERTY")


def table_folder(options: Options, context: Context) -> str:
    """Where a table's files go: where the options say, or below the query's own results."""
    location = options.get("external_location") or options.get("location")
    if location:
        return str(location).rstrip("/") + "/"
    if context.table_location:
        return context.table_location
    found = context.call("GetDatabase", Name=context.database)["Database"].get("LocationUri", "")
    bucket = found.removeprefix("s3://").partition("/")[0]
    if not found.startswith("s3://"):
        raise SqlError("the statement has no place for the table's files; write WITH (external_location = 's3://…')",
                       "INVALID_TABLE_PROPERTY")  # fmt: skip
    return f"s3://{bucket}/athena-results/tables/{uuid.uuid4()}/"


def check_empty(folder: Path, problem: str) -> None:
    """Raise SqlError where a folder holds anything."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise SqlError(f"{problem}. Choose another place, or delete what is there", "HIVE_PATH_ALREADY_EXISTS")
