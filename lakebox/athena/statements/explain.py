"""EXPLAIN: the plan of a query, here DuckDB's, as text."""

from lakebox.athena.duckdb_session import opened
from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer
from lakebox.athena.statements.folder_context import FolderContext
from lakebox.athena.statements.words import Words
from lakebox.athena.tables.binding import Binder


def explain(words: Words, context: FolderContext) -> Answer:
    """EXPLAIN [(TYPE LOGICAL | DISTRIBUTED | VALIDATE, FORMAT TEXT)] query."""
    kind = "DISTRIBUTED"
    if words.accept("ANALYZE"):
        raise SqlError("EXPLAIN ANALYZE is not supported by the embedded engine; run it on the stack "
                       "(LAKEBOX_TARGET=compose)", "NOT_SUPPORTED")  # fmt: skip
    if words.peek() == "(" and words.peek(1) in ("TYPE", "FORMAT"):
        options = dict(words.listed(lambda: (words.name().upper(), words.name().upper())))
        kind = options.get("TYPE", kind)
        if options.get("FORMAT", "TEXT") != "TEXT" or kind == "IO":
            raise SqlError("EXPLAIN gives text only on the embedded engine; write EXPLAIN query", "NOT_SUPPORTED")
    bound = Binder(context.tables).bind(words.rest(), context.database)
    with opened(context.tables) as session:
        text = session.prepare(bound)
        lines = str(session.execute(f"EXPLAIN {text}").fetchall()[0][1]).splitlines()
    if kind == "VALIDATE":
        return Answer((("Valid", "boolean"),), [("true",)])
    return Answer((("Query Plan", "varchar"),), [(line,) for line in lines])
