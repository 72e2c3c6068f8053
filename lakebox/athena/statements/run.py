"""Which statement a text is, by its first words, and the function that runs it."""

from collections.abc import Callable

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer, Context
from lakebox.athena.statements.words import Words

Run = Callable[[Words, Context], Answer]


def statement_of(sql: str) -> "tuple[Run, Words] | None":
    """What runs a statement, and its words after those that name it; None where it is a query.

    Modules are imported when they are needed: a query waits for none of them.
    """
    words = Words(sql)
    first = words.peek()
    if first in ("SELECT", "WITH", "VALUES", "TABLE", "(", ""):
        return None
    for find in (_shown, _defined, _written):
        found = find(words)
        if found is not None:
            return found, words
    if first in REFUSED:
        raise SqlError(f"line 1:1: {first} {REFUSED[first]}", "NOT_SUPPORTED")
    return None


STACK = (
    "is not supported by the embedded engine; run it on the stack (LAKEBOX_TARGET=compose), or in a Glue job by Spark"
)
REFUSED = {
    **dict.fromkeys(("DELETE", "UPDATE", "MERGE", "OPTIMIZE", "VACUUM"), STACK),
    "GRANT": "is not supported: the sandbox has one user, who may do everything",
    "REVOKE": "is not supported: the sandbox has one user, who may do everything",
    "ANALYZE": "is not Athena's; statistics come with the files",
    "TRUNCATE": "is not Athena's; delete the files, or DELETE FROM an Iceberg table",
    "USE": "is not Athena's; name the database: db.table, or in the query's context",
}


def _shown(words: Words) -> Run | None:
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
    if not words.accept("SHOW"):
        return None
    for start, run in table.items():
        if words.accept(*start):
            return run
    raise words.wrong("COLUMNS, CREATE, DATABASES, PARTITIONS, SCHEMAS, TABLES, TBLPROPERTIES, VIEWS")


def _defined(words: Words) -> Run | None:
    if words.peek() not in ("CREATE", "DROP", "ALTER", "MSCK"):
        return None
    from lakebox.athena.statements.ddl import databases, partitions, tables, views
    from lakebox.athena.statements.writes.create_table_as import create_table_as, is_create_table_as

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
        return create_table_as if is_create_table_as(words) else tables.create_table
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


def _written(words: Words) -> Run | None:
    if words.accept("INSERT"):
        from lakebox.athena.statements.writes.insert import insert

        return insert
    if words.accept("UNLOAD"):
        from lakebox.athena.statements.writes.unload import unload

        return unload
    if words.accept("EXPLAIN"):
        from lakebox.athena.statements.explain import explain

        return explain
    return None
