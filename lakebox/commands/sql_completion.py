"""Completes the word that is being typed at the prompt of `lakebox sql`: keywords, databases, tables, columns."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from jobs.lake.errors import LakeboxError
from lakebox.endpoint.service import Service

CATALOG = "AwsDataCatalog"
PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
SQL = """
    ALL ALTER ANALYZE AND ANY ARRAY AS ASC AVG BETWEEN BY CASE CAST COALESCE COLUMNS COUNT CREATE CROSS CURRENT_DATE
    CURRENT_TIMESTAMP DATABASE DATABASES DATE DEALLOCATE DELETE DESC DESCRIBE DISTINCT DROP ELSE END EXCEPT EXECUTE
    EXISTS EXPLAIN EXTERNAL FALSE FILTER FIRST FOLLOWING FORMATTED FROM FULL GROUP GROUPING HAVING IF IN INNER INSERT
    INTERSECT INTERVAL INTO IS JOIN LAST LATERAL LEFT LIKE LIMIT LOCATION MAP MAX MERGE MIN MSCK NOT NULL NULLS OFFSET
    ON OPTIMIZE OR ORDER ORDINALITY OUTER OVER PARTITION PARTITIONED PARTITIONS PRECEDING PREPARE RANGE RENAME REPAIR
    REPLACE RIGHT ROLLUP ROW ROWS SELECT SET SETS SHOW STORED SUM TABLE TABLES TABLESAMPLE TBLPROPERTIES THEN TIMESTAMP
    TO TRUE TRY_CAST UNBOUNDED UNION UNLOAD UNNEST UPDATE USING VACUUM VALUES VIEW VIEWS WHEN WHERE WINDOW WITH
"""
KEYWORDS = SQL.split()


class Completer:
    """What readline calls. before: the lines of the statement above the one that is being typed."""

    def __init__(self, athena: Service, database: str) -> None:
        self._athena, self._database = athena, database
        self.before = ""
        self._tables: dict[str, dict[str, list[str]]] = {}
        self._databases: list[str] | None = None
        self._found: list[str] = []

    def __call__(self, word: str, number: int) -> str | None:
        """The completion of that number; None after the last."""
        if number == 0:
            import readline

            self._found = self.completions(word, f"{self.before}\n{readline.get_line_buffer()}")
        return self._found[number] if number < len(self._found) else None

    def completions(self, word: str, text: str) -> list[str]:
        """Words that start with what is typed, in any case. text: the statement so far, whose tables' columns fit."""
        owner, dot, start = word.rpartition(".")
        try:
            names = self._of_owner(owner.lower(), text) if dot else self._names(text)
        except LakeboxError:  # the endpoint is away: the statement itself will say so
            names = []
        found = {
            f"{owner}{dot}{name}" for name in names if name.startswith(start.lower()) and PLAIN_NAME.fullmatch(name)
        }
        if not dot and word:
            keywords = KEYWORDS if word[0].isupper() else map(str.lower, KEYWORDS)
            found |= {keyword for keyword in keywords if keyword.lower().startswith(word.lower())}
        return sorted(found)

    def forget(self) -> None:
        """Ask for all names anew: a statement has run, which may have made some."""
        self._tables, self._databases = {}, None

    def _names(self, text: str) -> Iterable[str]:
        tables = self._tables_of(self._database)
        return [*tables, *self._all_databases(), *self._columns(text)]

    def _of_owner(self, owner: str, text: str) -> Iterable[str]:
        """Columns of a table, tables of a database; else an alias is meant, of one of the tables of the text."""
        tables = self._tables_of(self._database)
        if owner in tables:
            return tables[owner]
        return self._tables_of(owner) if owner in self._all_databases() else self._columns(text)

    def _columns(self, text: str) -> Iterable[str]:
        """Columns of the tables that a text names; of all tables where it names none."""
        tables = self._tables_of(self._database)
        named = [name for name in re.findall(r"\w+", text.lower()) if name in tables] or tables
        return [column for name in named for column in tables[name]]

    def _all_databases(self) -> list[str]:
        if self._databases is None:
            listed = self._listed("ListDatabases", "DatabaseList", {})
            self._databases = [str(one["Name"]) for one in listed]
        return self._databases

    def _tables_of(self, database: str) -> dict[str, list[str]]:
        """The columns of a database's tables."""
        if database not in self._tables:
            listed = self._listed("ListTableMetadata", "TableMetadataList", {"DatabaseName": database})
            self._tables[database] = {
                table["Name"]: [
                    column["Name"] for column in (*table.get("Columns", ()), *table.get("PartitionKeys", ()))
                ]
                for table in listed
            }
        return self._tables[database]

    def _listed(self, operation: str, field: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        request = request | {"CatalogName": CATALOG}
        while True:
            page = self._athena[operation](request)
            yield from page[field]
            if not page.get("NextToken"):
                return
            request["NextToken"] = page["NextToken"]
