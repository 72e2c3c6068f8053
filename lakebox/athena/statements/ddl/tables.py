"""CREATE EXTERNAL TABLE, DROP TABLE, and ALTER TABLE but for partitions."""

from collections.abc import Callable

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import TASK_FAILED, Answer, Context
from lakebox.athena.statements.ddl.partitions import alter_partitions
from lakebox.athena.statements.ddl.table_input import column, read_definition, table_input
from lakebox.athena.statements.words import Words
from lakebox.athena.tables.catalog_tables import CatalogTable


def create_table(words: Words, context: Context) -> Answer:
    """CREATE [EXTERNAL] TABLE [IF NOT EXISTS] …; of tables that aren't external Athena makes Iceberg's only."""
    external = words.accept("EXTERNAL")
    words.expect("TABLE")
    quiet = words.accept("IF", "NOT", "EXISTS")
    definition = read_definition(words)
    database = definition.name[0] or context.database
    if quiet and context.tables.table(database, definition.name[1]) is not None:
        return Answer()
    if definition.is_iceberg:
        from lakebox.athena.statements.ddl.iceberg_tables import create_iceberg_table

        return create_iceberg_table(definition, context)
    if not external:
        problem = "FAILED: SemanticException Only external and Iceberg tables can be created"
        raise SqlError(f"{problem}; write CREATE EXTERNAL TABLE, or TBLPROPERTIES ('table_type'='ICEBERG')",
                       "NOT_SUPPORTED")  # fmt: skip
    if definition.transforms:
        problem = f"PARTITIONED BY ({', '.join(definition.transforms)}) needs types"
        raise SqlError(f"{problem}: PARTITIONED BY (day date); only Iceberg's tables have none", "SYNTAX_ERROR")
    twice = {name for name, _, _ in definition.columns} & {name for name, _, _ in definition.keys}
    if twice:
        text = f"FAILED: SemanticException [Error 10035]: Column repeated in partitioning columns: {sorted(twice)[0]}"
        raise SqlError(text, "DUPLICATE_COLUMN_NAME")
    if definition.location.startswith("s3"):
        context.tables.check_location(definition.location)
    context.call("CreateTable", DatabaseName=database, TableInput=table_input(definition))
    return Answer()


def drop_table(words: Words, context: Context) -> Answer:
    """DROP TABLE [IF EXISTS] name; files stay, but for those of an Iceberg table, which are its own."""
    quiet = words.accept("IF", "EXISTS")
    name = words.table_name()
    words.end()
    database = name[0] or context.database
    if quiet and context.tables.table(database, name[1]) is None:
        return Answer()
    table = context.table(name)
    if table.is_view:
        problem = (
            f"FAILED: SemanticException [Error 10280]: Cannot drop a view with DROP TABLE; write DROP VIEW {table}"
        )
        raise SqlError(problem, "NOT_SUPPORTED")
    context.call("DeleteTable", DatabaseName=table.database, Name=table.name)
    if table.is_iceberg:
        context.tables.delete_files(table.location)
    return Answer()


def alter_table(words: Words, context: Context) -> Answer:
    """ALTER TABLE name … ."""
    table = context.table(words.table_name())
    if table.is_iceberg:
        from lakebox.athena.statements.ddl.iceberg_tables import alter_iceberg_table

        return alter_iceberg_table(words, context, table)
    changes: dict[tuple[str, ...], Callable[[], None]] = {
        ("SET", "TBLPROPERTIES"): lambda: _set_properties(words, context, table),
        ("UNSET", "TBLPROPERTIES"): lambda: _unset_properties(words, context, table),
        ("SET", "LOCATION"): lambda: _set_location(words, context, table),
        ("ADD", "COLUMNS"): lambda: _add_columns(words, context, table),
        ("REPLACE", "COLUMNS"): lambda: _replace_columns(words, context, table),
    }
    for start, change in changes.items():
        if words.accept(*start):
            change()
            return Answer()
    if words.peek() == "RENAME":
        problem = "ALTER TABLE … RENAME TO is not Athena's for tables of Hive"
        raise SqlError(f"{problem}; make a new one of its rows by CREATE TABLE … AS", "NOT_SUPPORTED")
    alter_partitions(words, context, table)
    return Answer()


def _set_properties(words: Words, context: Context, table: CatalogTable) -> None:
    properties = words.properties()
    words.end()
    context.update(table, Parameters=table.properties | properties)


def _unset_properties(words: Words, context: Context, table: CatalogTable) -> None:
    names = words.listed(words.string)
    words.end()
    context.update(table, Parameters={key: value for key, value in table.properties.items() if key not in names})


def _set_location(words: Words, context: Context, table: CatalogTable) -> None:
    location = words.string()
    words.end()
    context.tables.check_location(location)
    context.update(table, StorageDescriptor=table.storage | {"Location": location})


def _add_columns(words: Words, context: Context, table: CatalogTable) -> None:
    added = words.listed(lambda: column(words))
    words.end()
    there = {*table.columns, *table.keys}
    for name, _, _ in added:
        if name in there:
            raise SqlError(f"{TASK_FAILED} Duplicate column name: {name}", "DUPLICATE_COLUMN_NAME")
    _put_columns(context, table, [*table.storage.get("Columns", ()), *map(_document, added)])


def _replace_columns(words: Words, context: Context, table: CatalogTable) -> None:
    columns = words.listed(lambda: column(words))
    words.end()
    _put_columns(context, table, [_document(one) for one in columns])


def _put_columns(context: Context, table: CatalogTable, columns: list[dict[str, str]]) -> None:
    context.update(table, StorageDescriptor=table.storage | {"Columns": columns})


def _document(given: tuple[str, str, str]) -> dict[str, str]:
    return {"Name": given[0], "Type": given[1]} | ({"Comment": given[2]} if given[2] else {})
