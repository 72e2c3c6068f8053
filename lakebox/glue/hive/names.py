"""Names that Hive Metastore refuses when it makes something, and reads well: hyphens, as in `crawler-database`.

A quarter of public Glue projects have them. What has such a name is made under a plain one, and gets its own in the
metastore's database, which knows no such rule.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

PLAIN = re.compile(r"\w+", re.ASCII)
DATABASE = 'UPDATE "DBS" SET "NAME" = %s WHERE "NAME" = %s'
TABLE = """UPDATE "TBLS" SET "TBL_NAME" = %s
FROM "DBS" WHERE "TBLS"."DB_ID" = "DBS"."DB_ID" AND "DBS"."NAME" = %s AND "TBL_NAME" = %s"""


class Names:
    """The names in the metastore's own database."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    @contextmanager
    def new_database(self, name: str) -> Iterator[str]:
        """A name under which a database can be made; afterwards it has its own."""
        made = _plain(name)
        yield made
        if made != name:
            self._run(DATABASE, name, made)

    @contextmanager
    def plain_table(self, database: str, name: str, *, is_new: bool) -> Iterator[str]:
        """A name under which a table can be made or changed; afterwards it has its own again."""
        used = _plain(name)
        if used != name and not is_new:
            self._run(TABLE, used, database, name)
        try:
            yield used
        finally:
            if used != name:
                self._run(TABLE, name, database, used)

    def _run(self, statement: str, *values: str) -> None:
        with psycopg.connect(self._dsn) as connection:
            connection.execute(statement, values)


def _plain(name: str) -> str:
    return name if PLAIN.fullmatch(name) else f"lakebox_{uuid.uuid4().hex}"
