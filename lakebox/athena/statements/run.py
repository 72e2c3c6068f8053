"""Which statement a text is, by its first words, and the function that runs it on the embedded engine."""

from collections.abc import Callable

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer
from lakebox.athena.statements.catalog_statements import NOT_ATHENAS, catalog_statement, is_create_table_as
from lakebox.athena.statements.folder_context import FolderContext
from lakebox.athena.statements.words import Words

Run = Callable[[Words, FolderContext], Answer]


def statement_of(sql: str) -> "tuple[Run, Words] | None":
    """What runs a statement, and its words after those that name it; None where it is a query.

    Modules are imported when they are needed: a query waits for none of them.
    """
    words = Words(sql)
    first = words.peek()
    if first in ("SELECT", "WITH", "VALUES", "TABLE", "(", ""):
        return None
    found = catalog_statement(words) or _written(words)
    if found is not None:
        return found, words
    if first in NOT_ATHENAS:
        raise SqlError(f"line 1:1: {first} {NOT_ATHENAS[first]}", "NOT_SUPPORTED")
    return None


def _written(words: Words) -> Run | None:
    if is_create_table_as(words):
        from lakebox.athena.statements.writes.create_table_as import create_table_as

        return create_table_as
    if words.accept("INSERT"):
        from lakebox.athena.statements.writes.insert import insert

        return insert
    if words.accept("UNLOAD"):
        from lakebox.athena.statements.writes.unload import unload

        return unload
    if words.peek() in ("DELETE", "UPDATE", "MERGE"):
        from lakebox.athena.statements.writes.iceberg_changes import delete, merge, update

        changes = {"DELETE": delete, "UPDATE": update, "MERGE": merge}
        return changes[words.take()]
    if words.peek() in ("OPTIMIZE", "VACUUM"):
        from lakebox.athena.statements.writes.iceberg_upkeep import optimize, vacuum

        return {"OPTIMIZE": optimize, "VACUUM": vacuum}[words.take()]
    if words.accept("EXPLAIN"):
        from lakebox.athena.statements.explain import explain

        return explain
    return None
