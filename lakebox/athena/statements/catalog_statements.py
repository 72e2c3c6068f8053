"""Statements that need the catalog alone, on either target: DDL, SHOW, DESCRIBE, views."""

from collections.abc import Callable
from contextlib import suppress

from catalog.tables import DATABASE
from lakebox.athena.statements.answer import Answer, Context
from lakebox.athena.statements.words import Words
from lakebox.athena.tables.catalog_tables import CatalogTables
from lakebox.endpoint.service import Operation

Run = Callable[[Words, Context], Answer]
NOT_ATHENAS = {
    "GRANT": "is not supported: the sandbox has one user, who may do everything",
    "REVOKE": "is not supported: the sandbox has one user, who may do everything",
    "ANALYZE": "is not Athena's; statistics come with the files",
    "TRUNCATE": "is not Athena's; delete the files, or DELETE FROM an Iceberg table",
    "USE": "is not Athena's; name the database: db.table, or in the query's context",
}


def catalog_statement(words: Words) -> Run | None:
    """What runs a statement, once its first words are read; None where it is another, and no word is read.

    Modules are imported when they are needed: a query waits for none of them.
    """
    return _shown(words) or _defined(words)


class _CatalogTouchedError(Exception):
    """A statement's words were right so far; now it would use the catalog."""


class _NoCatalog(dict[str, Operation]):
    """Operations that nothing may call."""

    def __missing__(self, name: str) -> Operation:
        raise _CatalogTouchedError(name)


def check_catalog_statement(sql: str) -> bool:
    """Whether a text is such a statement. Raises SqlError on wrong words: they are read before the catalog is."""
    words = Words(sql)
    run = catalog_statement(words)
    if run is not None:
        with suppress(_CatalogTouchedError, NotImplementedError):
            run(words, Context(CatalogTables(_NoCatalog()), DATABASE))
    return run is not None


def _shown(words: Words) -> Run | None:
    if words.peek() not in ("DESC", "DESCRIBE", "SHOW"):
        return None
    from lakebox.athena.statements.ddl import create_text, databases, partitions, show, views

    if words.accept("DESCRIBE") or words.accept("DESC"):
        return show.describe
    table: dict[tuple[str, ...], Run] = {
        ("DATABASES",): databases.show_databases,
        ("SCHEMAS",): databases.show_databases,
        ("TABLES",): show.show_tables,
        ("VIEWS",): show.show_views,
        ("PARTITIONS",): partitions.show_partitions,
        ("COLUMNS",): show.show_columns,
        ("TBLPROPERTIES",): show.show_properties,
        ("CREATE", "TABLE"): create_text.show_create_table,
        ("CREATE", "VIEW"): views.show_create_view,
    }
    words.expect("SHOW")
    for start, run in table.items():
        if words.accept(*start):
            return run
    raise words.wrong("COLUMNS, CREATE, DATABASES, PARTITIONS, SCHEMAS, TABLES, TBLPROPERTIES, VIEWS")


def _defined(words: Words) -> Run | None:
    if words.peek() not in ("CREATE", "DROP", "ALTER", "MSCK") or is_create_table_as(words):
        return None
    from lakebox.athena.statements.ddl import databases, partitions, tables, views

    if words.accept("MSCK"):
        return partitions.repair_table
    if words.accept("CREATE"):
        if words.accept("OR", "REPLACE"):
            words.expect("VIEW")
            return lambda rest, context: views.create_view(rest, context, replace=True)
        if words.accept("VIEW"):
            return lambda rest, context: views.create_view(rest, context, replace=False)
        if words.accept("DATABASE") or words.accept("SCHEMA"):
            return databases.create_database
        return tables.create_table
    kinds: dict[str, tuple[Run | None, Run | None]] = {
        "DATABASE": (databases.drop_database, databases.alter_database),
        "SCHEMA": (databases.drop_database, databases.alter_database),
        "TABLE": (tables.drop_table, tables.alter_table),
        "VIEW": (views.drop_view, None),
    }
    place = 0 if words.accept("DROP") else 1
    if place:
        words.expect("ALTER")
    for kind, runs in kinds.items():
        if words.accept(kind) and (run := runs[place]) is not None:
            return run
    raise words.wrong("DATABASE, SCHEMA, TABLE, VIEW")


def is_create_table_as(words: Words) -> bool:
    """Whether a statement is CREATE TABLE … with a query: after its name comes AS, WITH or COMMENT, and no columns."""
    if [words.peek(), words.peek(1)] != ["CREATE", "TABLE"]:
        return False
    ahead = 5 if [words.peek(number) for number in (2, 3, 4)] == ["IF", "NOT", "EXISTS"] else 2
    while words.peek(ahead + 1) == ".":
        ahead += 2
    return words.peek(ahead + 1) in ("AS", "WITH", "COMMENT")
