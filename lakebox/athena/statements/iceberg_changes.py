"""DELETE, UPDATE, MERGE, OPTIMIZE and VACUUM of Iceberg tables: the embedded engine leaves them to the stack."""

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer, Context
from lakebox.athena.statements.words import Words


def change(words: Words, _: Context) -> Answer:
    """Raise SqlError with what to do instead."""
    name = words.peek()
    problem = f"{name} is not supported by the embedded engine; run it on the stack (LAKEBOX_TARGET=compose)"
    raise SqlError(f"{problem}, or in a Glue job by Spark's Iceberg", "NOT_SUPPORTED")
