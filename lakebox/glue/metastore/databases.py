"""The metastore's methods for databases."""

import re
from collections.abc import Iterable
from typing import Any

from hive_metastore.ttypes import InvalidOperationException

from lakebox.glue.metastore.shapes.from_glue import hive_database
from lakebox.glue.metastore.shapes.glue_catalog import GlueCatalog
from lakebox.glue.metastore.shapes.to_glue import database_input
from lakebox.spark.jvm import SCRATCH


class Databases:
    """Each public method is one of the thrift interface, under its name there."""

    def __init__(self, glue: GlueCatalog) -> None:
        self._glue = glue

    def get_database(self, name: str) -> Any:
        """The database of that name."""
        return hive_database(self._glue.call("GetDatabase", Name=name)["Database"])

    def get_all_databases(self) -> list[str]:
        """Names of all databases."""
        return [database["Name"] for database in self._glue.listed("GetDatabases", "DatabaseList")]

    def get_databases(self, pattern: str) -> list[str]:
        """Names of the databases that a pattern allows."""
        return names_like(pattern, self.get_all_databases())

    def create_database(self, database: Any) -> None:
        """Make a database. Spark names a folder of the run's own where the script names none: it is not kept.

        So that nothing is written where the next run doesn't find it, managed tables need a database with a LOCATION,
        as on Glue; tables with a path of their own don't.
        """
        given = database_input(database)
        if f"/{SCRATCH}" in given.get("LocationUri", ""):
            del given["LocationUri"]
        self._glue.call("CreateDatabase", DatabaseInput=given)

    def alter_database(self, name: str, database: Any) -> None:
        """Replace what a database says of itself."""
        self._glue.call("UpdateDatabase", Name=name, DatabaseInput=database_input(database))

    def drop_database(self, name: str, delete_data: bool, cascade: bool) -> None:  # noqa: ARG002 the interface's
        """Drop a database; with `cascade` also one that has tables. Its folder stays: buckets hold other data, too.

        Glue itself drops a database with all its tables. A Hive client that wants that has dropped them one by one.
        """
        if not cascade and self._glue.call("GetTables", DatabaseName=name, MaxResults=1).get("TableList"):
            raise InvalidOperationException(message=f"Database {name} is not empty. One or more tables exist.")
        self._glue.call("DeleteDatabase", Name=name)


def names_like(pattern: str | None, names: Iterable[str]) -> list[str]:
    """The names that a pattern of Hive allows: `*` is any characters, `|` means "or", case doesn't matter."""
    alternatives = (pattern or "*").split("|")
    wanted = "|".join(".*".join(map(re.escape, one.strip().split("*"))) for one in alternatives)
    return [name for name in names if re.fullmatch(wanted, name, re.IGNORECASE)]
