"""CREATE [OR REPLACE] VIEW, DROP VIEW, SHOW CREATE VIEW; views are kept as Presto's, as Athena keeps them."""

from time import time

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer, Context, QueryColumn
from lakebox.athena.statements.words import Words
from lakebox.athena.tables.views import View, stored_view, view_text


def create_view(words: Words, context: Context, *, replace: bool) -> Answer:
    """CREATE [OR REPLACE] VIEW name AS query. The query is bound and typed now, and each column must have a name."""
    name = words.table_name()
    database = (name[0] or context.database).lower()
    words.expect("AS")
    sql = words.rest()
    there = context.tables.table(database, name[1])
    if there is not None and not (replace and there.is_view):
        text = f"line 1:1: {'View' if there.is_view else 'Table'} already exists: 'awsdatacatalog.{database}.{name[1]}'"
        raise SqlError(f"{text}; write CREATE OR REPLACE VIEW" if there.is_view else text, "ALREADY_EXISTS")
    columns = _columns(sql, context)
    view = View(
        context.view_text(sql), context.database.lower(), tuple((one.name.lower(), one.type) for one in columns)
    )
    document = {
        "Name": name[1].lower(),
        "TableType": "VIRTUAL_VIEW",
        "ViewOriginalText": view_text(view),
        "ViewExpandedText": "/* Presto View */",
        "Parameters": {"presto_view": "true", "comment": "Presto View", "transient_lastDdlTime": str(int(time()))},
        "StorageDescriptor": {
            "Columns": [{"Name": one.name.lower(), "Type": one.hive_type} for one in columns],
            "Location": "",
            "SerdeInfo": {},
        },
        "PartitionKeys": [],
    }
    context.call("UpdateTable" if there is not None else "CreateTable", DatabaseName=database, TableInput=document)
    return Answer()


def _columns(sql: str, context: Context) -> list[QueryColumn]:
    """The columns of a view's query. Raises SqlError on one without a name, or with another's name."""
    columns = context.columns_of(sql)
    for number, one in enumerate(columns):
        if one.name == f"_col{number}":
            raise SqlError(
                f"line 1:1: Column name not specified at position {number + 1}; write … AS name", "MISSING_COLUMN_NAME"
            )
    names = [one.name.lower() for one in columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SqlError(
            f"line 1:1: Column name '{twice}' specified more than once; name it: … AS other", "DUPLICATE_COLUMN_NAME"
        )
    return columns


def drop_view(words: Words, context: Context) -> Answer:
    """DROP VIEW [IF EXISTS] name."""
    quiet = words.accept("IF", "EXISTS")
    name = words.table_name()
    words.end()
    database = (name[0] or context.database).lower()
    found = context.tables.table(database, name[1])
    if found is None:
        if quiet:
            return Answer()
        raise SqlError(f"line 1:1: View 'awsdatacatalog.{database}.{name[1]}' does not exist", "TABLE_NOT_FOUND")
    if not found.is_view:
        raise SqlError(f"line 1:1: {found} is a table, no view; write DROP TABLE {found}", "NOT_SUPPORTED")
    context.call("DeleteTable", DatabaseName=database, Name=name[1])
    return Answer()


def show_create_view(words: Words, context: Context) -> Answer:
    """SHOW CREATE VIEW name: a row a line."""
    table = context.table(words.table_name())
    words.end()
    if not table.is_view:
        raise SqlError(f"{table} is a table, no view; write SHOW CREATE TABLE {table}", "NOT_SUPPORTED")
    lines = [f"CREATE VIEW {table} AS", *stored_view(table).sql.splitlines()]
    return Answer((("Create View", "string"),), [(line,) for line in lines])
