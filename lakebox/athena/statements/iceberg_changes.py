"""DELETE, UPDATE, MERGE, OPTIMIZE and VACUUM: changes of Iceberg tables, which the embedded engine leaves to the stack."""

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer, Context
from lakebox.athena.statements.words import Words


def change(words: Words, context: Context) -> Answer:
    """Raise SqlError with what to do instead."""
    name = words.peek()
    raise SqlError(f"{name} is not supported by the embedded engine; run it on the stack (LAKEBOX_TARGET=compose), or in a "
                   "Glue job by Spark's Iceberg", "NOT_SUPPORTED")  # fmt: skip
