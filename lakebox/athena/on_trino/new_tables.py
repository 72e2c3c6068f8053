"""CREATE TABLE AS and UNLOAD: Trino writes a query's rows into a hidden table, whose files then get their table.

So the table is made by the same code as on the embedded target, and appears with all its rows or not at all.
"""

import uuid
from contextlib import ExitStack
from dataclasses import replace

from lakebox.athena.engine import SqlError
from lakebox.athena.on_trino.compressions import chosen, file_format, session_properties
from lakebox.athena.on_trino.context import TrinoContext
from lakebox.athena.statements.answer import TABLE_INPUT, Answer, QueryColumn
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
from lakebox.athena.tables.catalog_tables import CatalogTables

HIDDEN_DATABASE, HIDDEN = "default", "lakebox_hidden_"
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
    with _Hidden(definition, context) as hidden:
        rows = 0 if creation.empty else context.insert(hidden.quoted, creation.sql, properties).rows
        made = hidden.table_input() if creation.is_iceberg else table_input(definition)
        context.call("CreateTable", DatabaseName=database, TableInput=made | {"Name": name})
        table = context.table((database, name))
        if definition.keys:
            add_partitions(context, table, [new_partition(table, values) for values in hidden.partitions()])
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
    with _Hidden(definition, context) as hidden:
        rows = context.insert(hidden.quoted, given.sql, session_properties(form, compression)).rows
        hidden.keep_files()
    return Answer(ROWS, update_count=rows,
                  manifest=tuple(f"{location}{name}" for name in context.tables.files_below(location)))  # fmt: skip


class _Hidden(ExitStack):
    """A table under a hidden name, for as long as the context lasts; its files go with it unless they are kept."""

    def __init__(self, definition: Definition, context: TrinoContext) -> None:
        super().__init__()
        self._context = context
        self._name = f"{HIDDEN}{uuid.uuid4().hex}"
        self._definition = replace(definition, name=(HIDDEN_DATABASE, self._name))
        self._kept = False

    @property
    def quoted(self) -> str:
        """Its name in Trino's SQL."""
        return f'awsdatacatalog.{HIDDEN_DATABASE}."{self._name}"'

    def __enter__(self) -> "_Hidden":
        definition, context = self._definition, self._context
        if definition.is_iceberg:
            create_iceberg_table(definition, context)
        else:
            context.call("CreateTable", DatabaseName=HIDDEN_DATABASE, TableInput=table_input(definition))
        self.callback(self._drop)
        return self

    def keep_files(self) -> None:
        """Leave the files where they are: they have their table."""
        self._kept = True

    def table_input(self) -> dict[str, object]:
        """What the catalog holds of it."""
        document = self._context.table((HIDDEN_DATABASE, self._name)).document
        return {key: document[key] for key in TABLE_INPUT if key in document}

    def partitions(self) -> list[list[str]]:
        """The values of the partitions that were written."""
        request = {"DatabaseName": HIDDEN_DATABASE, "TableName": self._name}
        return [one["Values"] for one in self._context.tables.pages("GetPartitions", request, "Partitions")]

    def _drop(self) -> None:
        self._context.call("DeleteTable", DatabaseName=HIDDEN_DATABASE, Name=self._name)
        if not self._kept:
            self._context.tables.delete_files(self._definition.location)


def drop_hidden_tables(tables: CatalogTables) -> None:
    """Forget what a process that was killed has left; files stay."""
    for table in tables.tables(HIDDEN_DATABASE) if tables.has_database(HIDDEN_DATABASE) else ():
        if table.name.startswith(HIDDEN):
            tables.operations["DeleteTable"]({"DatabaseName": HIDDEN_DATABASE, "Name": table.name})


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
