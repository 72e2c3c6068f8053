"""EXPLAIN and EXPLAIN ANALYZE: the plan of a query, here DuckDB's, as text or JSON."""

from lakebox.athena.duckdb_session import opened
from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer
from lakebox.athena.statements.folder_context import FolderContext
from lakebox.athena.statements.words import Words
from lakebox.athena.tables.binding import Binder


def explain(words: Words, context: FolderContext) -> Answer:
    """EXPLAIN [ANALYZE] [(TYPE LOGICAL | DISTRIBUTED | VALIDATE, FORMAT TEXT | JSON)] query; ANALYZE runs it."""
    analyze = words.accept("ANALYZE")
    words.accept("VERBOSE")
    options = {}
    if words.peek() == "(" and words.peek(1) in ("TYPE", "FORMAT"):
        options = dict(words.listed(lambda: (words.name().upper(), words.name().upper())))
    form, kind = options.get("FORMAT", "TEXT"), options.get("TYPE", "DISTRIBUTED")
    if form not in ("TEXT", "JSON") or kind == "IO":
        raise SqlError(
            "EXPLAIN gives text and JSON only on the embedded engine; write EXPLAIN (FORMAT JSON) query, or run it on "
            "the stack (LAKEBOX_TARGET=compose)", "NOT_SUPPORTED")  # fmt: skip
    bound = Binder(context.tables).bind(words.rest(), context.database)
    with opened(context.tables, context.control) as session:
        text = session.prepare(bound)
        asked = f"EXPLAIN ({'ANALYZE, ' if analyze else ''}FORMAT {form.lower()}) {text}"
        lines = str(session.execute(asked).fetchall()[0][1]).splitlines()
        scanned = session.scanned_bytes() if analyze else 0
    if kind == "VALIDATE":
        return Answer((("Valid", "boolean"),), [("true",)])
    return Answer((("Query Plan", "varchar"),), [(line,) for line in lines], scanned_bytes=scanned)
