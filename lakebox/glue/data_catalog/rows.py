"""What the catalog's operations need of the place where it lies: SQLite embedded, Hive Metastore on the stack."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from lakebox.glue.data_catalog.documents import Document


class CatalogRows(Protocol):
    """Glue-shaped documents of databases, tables and partitions; names come folded to lower case."""

    def changing(self) -> AbstractContextManager[None]:
        """Around what must be one change: nobody else changes the catalog by the API meanwhile."""

    def database(self, name: str) -> Document | None:
        """A database; None where there is none."""

    def databases(self) -> list[Document]:
        """All databases, by name."""

    def put_database(self, name: str, document: Document) -> None:
        """Keep a database, in place of one of that name."""

    def delete_database(self, name: str) -> None:
        """Forget a database and all that is in it."""

    def table(self, database: str, name: str) -> Document | None:
        """A table as it is now; None where there is none."""

    def tables(self, database: str) -> list[Document]:
        """All tables of a database, by name."""

    def put_table(self, database: str, name: str, document: Document) -> None:
        """Keep a table, in place of one of that name."""

    def delete_table(self, database: str, name: str) -> None:
        """Forget a table with its versions and partitions."""

    def versions(self, database: str, name: str) -> list[Document]:
        """A table's older states, the newest first."""

    def put_version(self, database: str, name: str, version: int, document: Document) -> None:
        """Keep an older state of a table."""

    def delete_version(self, database: str, name: str, version: int) -> None:
        """Forget an older state of a table."""

    def partition(self, database: str, name: str, values: Sequence[str]) -> Document | None:
        """A partition by its values; None where there is none."""

    def partitions(self, table: Document, wanted: Sequence[Sequence[str]]) -> list[Document]:
        """The partitions of these values, in their order; what isn't there is left out."""

    def partition_values(self, table: Document) -> list[list[str]]:
        """The values of all partitions of a table, in order: much less than the partitions themselves."""

    def put_partition(self, table: Document, values: Sequence[str], document: Document) -> None:
        """Keep a partition, in place of one of those values."""

    def delete_partition(self, database: str, name: str, values: Sequence[str]) -> None:
        """Forget a partition."""
