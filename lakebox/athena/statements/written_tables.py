"""CREATE TABLE AS and UNLOAD as words: their options, what they select, where files go, the table that is made."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Context
from lakebox.athena.statements.ddl.table_input import FORMATS, Definition, check_s3_path
from lakebox.athena.statements.words import Words
from lakebox.athena.tables.catalog_tables import CatalogTable

Options = dict[str, Any]
KNOWN = {"format", "external_location", "location", "partitioned_by", "bucketed_by", "bucket_count", "field_delimiter",
         "write_compression", "parquet_compression", "orc_compression", "table_type", "is_external", "partitioning",
         "vacuum_min_snapshots_to_keep", "vacuum_max_snapshot_age_seconds", "optimize_rewrite_data_file_threshold",
         "optimize_rewrite_delete_file_threshold", "optimize_rewrite_min_data_file_size_bytes",
         "optimize_rewrite_max_data_file_size_bytes", "write_target_data_file_size_bytes", "vacuum_max_snapshot_age_ms",
         "vacuum_max_metadata_files_to_keep", "compression_level", "ion_encoding"}  # fmt: skip
UNLOAD_KNOWN = {"format", "compression", "compression_level", "field_delimiter", "partitioned_by"}


@dataclass(frozen=True)
class Creation:
    """CREATE TABLE … AS. empty: the query's rows are not wanted."""

    name: tuple[str | None, str]
    quiet: bool
    comment: str
    options: Options
    sql: str
    empty: bool

    @property
    def is_iceberg(self) -> bool:
        """Whether it makes an Iceberg table."""
        return str(self.options.get("table_type", "HIVE")).upper() == "ICEBERG"

    @property
    def compression(self) -> str | None:
        """The compression of files, where one is named."""
        names = ("write_compression", "parquet_compression", "orc_compression")
        return next((str(self.options[name]) for name in names if self.options.get(name)), None)

    @property
    def delimiters(self) -> dict[str, str]:
        """The delimiters of a text file, where they are named."""
        return {"field.delim": self.options["field_delimiter"]} if "field_delimiter" in self.options else {}


def read_creation(words: Words) -> Creation:
    """CREATE TABLE [IF NOT EXISTS] name [WITH (…)] AS query [WITH [NO] DATA]."""
    words.expect("CREATE", "TABLE")
    quiet = words.accept("IF", "NOT", "EXISTS")
    name = words.table_name()
    comment = words.string() if words.accept("COMMENT") else ""
    options = read_options(words) if words.accept("WITH") else {}
    words.expect("AS")
    unknown = sorted(set(options) - KNOWN)
    if unknown:
        raise SqlError(f"line 1:1: table property '{unknown[0]}' does not exist; there are: {', '.join(sorted(KNOWN))}",
                       "INVALID_TABLE_PROPERTY")  # fmt: skip
    text = words.rest()
    match = re.search(r"\sWITH\s+(NO\s+)?DATA$", text, re.IGNORECASE)
    sql = text if match is None else text[: match.start()]
    return Creation(name, quiet, comment, options, sql, match is not None and match[1] is not None)


def is_made(creation: Creation, context: Context) -> bool:
    """Whether the table is there already, and may be. Raises SqlError where it may not, or its database is missing."""
    database, name = (creation.name[0] or context.database).lower(), creation.name[1].lower()
    if context.tables.table(database, name) is not None:
        if creation.quiet:
            return True
        raise SqlError(f"line 1:1: Table 'awsdatacatalog.{database}.{name}' already exists", "TABLE_ALREADY_EXISTS")
    if not context.tables.has_database(database):
        raise SqlError(f"line 1:1: Schema '{database}' does not exist", "SCHEMA_NOT_FOUND")
    return False


def definition_of(
    creation: Creation, columns: Sequence[tuple[str, str]], location: str, file_format: str, compression: str
) -> Definition:
    """The table that CREATE TABLE AS makes. columns: (name, the catalog's type), the keys of partitions last."""
    keys = [key.lower() for key in creation.options.get("partitioned_by", ())]
    check_keys(keys, [name for name, _ in columns])
    count = len(columns) - len(keys)
    typed = [(name, kind, "") for name, kind in columns]
    read, write, serde = FORMATS[file_format]
    definition = Definition(creation.name, typed[:count], typed[count:], comment=creation.comment, location=location)
    definition.formats, definition.serde = (read, write), serde
    if file_format == "TEXTFILE":
        delimiter = creation.delimiters.get("field.delim", "\1")
        definition.serde_parameters = {"field.delim": delimiter, "serialization.format": delimiter}
    if file_format == "PARQUET":
        definition.properties["parquet.compression"] = compression
    return definition


@dataclass(frozen=True)
class Unloading:
    """UNLOAD (query) TO location WITH (…)."""

    sql: str
    location: str
    options: Options

    @property
    def delimiters(self) -> dict[str, str]:
        """The delimiters of a text file."""
        return {"field.delim": str(self.options.get("field_delimiter", "\1"))}


def read_unloading(words: Words) -> Unloading:
    """What stands after UNLOAD."""
    start = words.start()
    depth = 0
    while words.peek() and not (depth == 0 and words.peek() == "TO"):
        depth += {"(": 1, ")": -1}.get(words.peek(), 0)
        words.skip()
    sql = words.between(start)
    words.expect("TO")
    location = words.string()
    words.expect("WITH")
    options = read_options(words)
    words.end()
    unknown = sorted(set(options) - UNLOAD_KNOWN)
    if unknown or "format" not in options:
        problem = f"'{unknown[0]}' is no property of UNLOAD" if unknown else "UNLOAD needs a format"
        others = ", ".join(sorted(UNLOAD_KNOWN - {"format"}))
        raise SqlError(f"{problem}; write WITH (format = 'PARQUET'); others: {others}", "INVALID_TABLE_PROPERTY")
    return Unloading(sql, location, options)


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


def check_keys(keys: list[str], columns: list[str]) -> None:
    """Raise SqlError where the keys of partitions are not the last columns."""
    if keys and columns[len(columns) - len(keys) :] != keys:
        problem = f"Partition keys must be the last columns in the table, in the order of the table properties: {keys}"
        raise SqlError(f"{problem}; the query's columns are {columns}", "INVALID_TABLE_PROPERTY")
    if len(keys) == len(columns):
        raise SqlError("Table contains only partition columns; select others, too", "INVALID_TABLE_PROPERTY")


def table_folder(options: Options, context: Context) -> str:
    """Where a table's files go: where the options say, or below the query's own results."""
    location = options.get("external_location") or options.get("location")
    if location:
        check_s3_path(str(location))
        return str(location).rstrip("/") + "/"
    if context.table_location:
        return context.table_location
    found = context.call("GetDatabase", Name=context.database)["Database"].get("LocationUri", "")
    bucket = found.removeprefix("s3://").partition("/")[0]
    if not found.startswith("s3://"):
        raise SqlError("the statement has no place for the table's files; write WITH (external_location = 's3://…')",
                       "INVALID_TABLE_PROPERTY")  # fmt: skip
    return f"s3://{bucket}/athena-results/tables/{uuid.uuid4()}/"


def check_insertable(table: CatalogTable) -> None:
    """Raise SqlError on a table into which Athena inserts no rows."""
    if table.is_view:
        raise SqlError(f"line 1:1: Inserting into views is not supported: {table}", "NOT_SUPPORTED")
    if table.storage.get("BucketColumns"):
        raise SqlError(f"INSERT INTO statement is not supported on bucketed tables: {table}", "NOT_SUPPORTED")
    if int(table.properties.get("skip.header.line.count", "0")):
        raise SqlError(
            f"Inserting into Hive table with skip.header.line.count property not supported: {table}", "NOT_SUPPORTED"
        )


def check_empty(context: Context, location: str, problem: str) -> None:
    """Raise SqlError where a folder holds anything."""
    context.tables.check_location(location)
    if next(iter(context.tables.files_below(location)), None) is not None:
        raise SqlError(f"{problem}. Choose another place, or delete what is there", "HIVE_PATH_ALREADY_EXISTS")
