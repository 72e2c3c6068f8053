"""CREATE TABLE AS and UNLOAD: Trino writes a query's rows into a hidden table, whose files then get their table.

So the table is made by the same code as on the embedded target, and appears with all its rows or not at all.
"""

from dataclasses import replace

from lakebox.athena.engine import SqlError
from lakebox.athena.on_trino.compressions import chosen, file_format, session_properties
from lakebox.athena.on_trino.context import TrinoContext
from lakebox.athena.on_trino.hidden_table import HiddenTable
from lakebox.athena.statements.answer import Answer, QueryColumn
from lakebox.athena.statements.ddl.iceberg_tables import create_iceberg_table
from lakebox.athena.statements.ddl.partitions import add_partitions, new_partition
from lakebox.athena.statements.ddl.table_input import Definition, table_input
from lakebox.athena.statements.words import Words
from lakebox.athena.statements.written_tables import (
    Creation,
    check_empty,
    definition_of,
    is_made,
    read_creation,
    read_unloading,
    table_folder,
)

ROWS = (("rows", "bigint"),)
OWN_OPTIONS = {"table_type", "location", "external_location", "is_external", "partitioning", "format"}


def create_table_as(words: Words, context: TrinoContext) -> Answer:
    """CREATE TABLE [IF NOT EXISTS] name [WITH (…)] AS query [WITH [NO] DATA]."""
    creation = read_creation(words)
    if is_made(creation, context):
        return Answer(ROWS, update_count=0, manifest=())
    database, name = (creation.name[0] or context.database).lower(), creation.name[1].lower()
    location = table_folder(creation.options, context)
    check_empty(context, location, f"Target directory for table '{database}.{name}' already exists: {location}")
    definition, properties = _defined(creation, location, context)
    with _hidden(definition, context) as hidden:
        rows = 0 if creation.empty else context.insert(hidden.quoted, creation.sql, properties).rows
        made = hidden.table_input() if creation.is_iceberg else table_input(definition)
        context.call("CreateTable", DatabaseName=database, TableInput=made | {"Name": name})
        table = context.table((database, name))
        if definition.keys:
            add_partitions(context, table, [new_partition(table, one["Values"]) for one in hidden.partitions()])
        hidden.keep_files()
    files = (file for file in context.tables.files_below(location) if not file.startswith("metadata/"))
    return Answer(ROWS, update_count=rows, manifest=tuple(f"{location}{file}" for file in files))


def unload(words: Words, context: TrinoContext) -> Answer:
    """UNLOAD (query) TO location WITH (…)."""
    words.expect("UNLOAD")
    given = read_unloading(words)
    location = given.location.rstrip("/") + "/"
    form = file_format(str(given.options["format"]))
    compression = chosen(form, given.options.get("compression"))
    check_empty(context, location, f"Target directory for table 'unload' already exists: {given.location}")
    options = {name: value for name, value in given.options.items() if name in ("partitioned_by",)}
    options |= {"field_delimiter": given.delimiters["field.delim"]}
    creation = Creation((None, ""), quiet=False, comment="", options=options, sql=given.sql, empty=False)
    definition = definition_of(creation, _columns(given.sql, context), location, form, compression)
    with _hidden(definition, context) as hidden:
        rows = context.insert(hidden.quoted, given.sql, session_properties(form, compression)).rows
        hidden.keep_files()
    return Answer(ROWS, update_count=rows,
                  manifest=tuple(f"{location}{name}" for name in context.tables.files_below(location)))  # fmt: skip


def _hidden(definition: Definition, context: TrinoContext) -> HiddenTable:
    """A table of that definition under a hidden name."""

    def make(name: tuple[str, str]) -> None:
        if definition.is_iceberg:
            create_iceberg_table(replace(definition, name=name), context)
        else:
            context.call("CreateTable", DatabaseName=name[0], TableInput=table_input(definition) | {"Name": name[1]})

    return HiddenTable(definition.location, make, context)


def _defined(creation: Creation, location: str, context: TrinoContext) -> tuple[Definition, dict[str, str]]:
    """The table that is made, and Trino's settings for its files."""
    columns = _columns(creation.sql, context)
    if not creation.is_iceberg:
        form = file_format(str(creation.options.get("format", "PARQUET")))
        compression = chosen(form, creation.compression)
        definition = definition_of(creation, columns, location, form, compression)
        if "bucketed_by" in creation.options:
            count = int(creation.options.get("bucket_count", 1))
            definition.buckets = ([name.lower() for name in creation.options["bucketed_by"]], count)
        return definition, session_properties(form, compression)
    given = {name: str(value) for name, value in creation.options.items() if name not in OWN_OPTIONS}
    form = str(creation.options.get("format", "PARQUET")).lower()
    given |= {"table_type": "ICEBERG"} | ({"write.format.default": form} if form != "parquet" else {})
    typed = [(name, kind, "") for name, kind in columns]
    transforms = list(creation.options.get("partitioning", ()))
    return Definition(creation.name, typed, transforms=transforms, location=location, properties=given), {}


def _columns(sql: str, context: TrinoContext) -> list[tuple[str, str]]:
    """Names and the catalog's types of a query's columns. Raises SqlError where one has no name, or another's."""
    names: list[str] = []
    columns: list[QueryColumn] = context.columns_of(sql)
    for number, column in enumerate(columns):
        if column.name == f"_col{number}":
            raise SqlError(f"line 1:1: Column name not specified at position {number + 1}; write … AS name",
                           "MISSING_COLUMN_NAME")  # fmt: skip
        if column.name.lower() in names:
            raise SqlError(f"line 1:1: Column name '{column.name}' specified more than once; name it: … AS other",
                           "DUPLICATE_COLUMN_NAME")  # fmt: skip
        names.append(column.name.lower())
    return [(name, column.hive_type) for name, column in zip(names, columns, strict=True)]
