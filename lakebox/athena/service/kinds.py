"""Tells the kind of a statement by its words: Athena's StatementType and SubstatementType, and the file of its result.

Source: what Athena was seen to answer for each statement.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(r"(?P<gap>\s+|--[^\n]*|/\*.*?\*/)|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|[\w$]+|.", re.DOTALL)
QUERY = r"(?:\( )*(?:SELECT|WITH|VALUES|TABLE) "
CSV, TEXT, TABLE, PLAIN = "{id}.csv", "{id}.txt", "tables/{id}", "{id}"
NAME = r"\S+(?: \. \S+)*"
ALTER = rf"ALTER TABLE {NAME} "


@dataclass(frozen=True)
class Kind:
    """What a statement is. file: of its result, below the output location, with the query's id in place of {id}."""

    statement_type: str
    substatement_type: str | None
    file: str = TEXT

    @property
    def has_header(self) -> bool:
        """Whether the names of the columns are the first row of its result."""
        return self.substatement_type in ("SELECT", "EXPLAIN", "SHOW_FUNCTIONS")

    @property
    def writes_rows(self) -> bool:
        """Whether its result has a file of rows; what writes tables has none."""
        return self.file == TEXT or self.has_header


KINDS = tuple(
    (pattern, Kind(*kind))
    for pattern, *kind in (
        (QUERY, "DML", "SELECT", CSV),
        ("INSERT ", "DML", "INSERT", PLAIN),
        ("UNLOAD ", "DML", "UNLOAD", PLAIN),
        ("UPDATE ", "DML", "UPDATE", CSV),
        ("DELETE ", "DML", "DELETE", CSV),
        ("MERGE ", "DML", "MERGE", CSV),
        ("EXPLAIN ", "DML", "EXPLAIN"),
        ("VACUUM ", "DML", "VACUUM_TABLE"),
        ("OPTIMIZE ", "DDL", "CREATE_TABLE_AS_SELECT"),  # so Athena says
        ("CREATE (?:OR REPLACE )?VIEW ", "DDL", "CREATE_VIEW"),
        ("CREATE (?:DATABASE|SCHEMA) ", "DDL", "CREATE_DATABASE"),
        (f"CREATE TABLE .*? AS {QUERY}", "DDL", "CREATE_TABLE_AS_SELECT", TABLE),
        ("CREATE (?:EXTERNAL )?TABLE ", "DDL", "CREATE_TABLE"),
        ("DROP TABLE ", "DDL", "DROP_TABLE"),
        ("DROP VIEW ", "DDL", "DROP_VIEW"),
        ("DROP (?:DATABASE|SCHEMA) ", "DDL", "DROP_DATABASE"),
        (f"{ALTER}ADD COLUMNS? ", "DDL", "ALTER_TABLE_ADD_COLUMN"),
        (f"{ALTER}ADD (?:IF NOT EXISTS )?PARTITION ", "DDL", "ALTER_TABLE_ADD_PARTITION"),
        (f"{ALTER}DROP COLUMN ", "DDL", "ALTER_TABLE_DROP_COLUMN"),
        (f"{ALTER}DROP (?:IF EXISTS )?PARTITION ", "DDL", "ALTER_TABLE_DROP_PARTITION"),
        (f"{ALTER}REPLACE COLUMNS ", "DDL", "ALTER_TABLE_REPLACE_COLUMN"),
        (f"{ALTER}RENAME TO ", "DDL", "ALTER_TABLE_RENAME"),
        (f"{ALTER}SET TBLPROPERTIES ", "DDL", "ALTER_TABLE_PROPERTIES"),
        (f"{ALTER}(?:PARTITION .*? )?SET LOCATION ", "DDL", "ALTER_TABLE_SET_LOCATION"),
        ("(?:ALTER|CREATE|DROP|MSCK) ", "DDL", None),
        ("(?:DESCRIBE|DESC) ", "UTILITY", "DESCRIBE_TABLE"),
        ("SHOW (?:DATABASES|SCHEMAS) ", "UTILITY", "SHOW_DATABASES"),
        ("SHOW CREATE TABLE ", "UTILITY", "SHOW_CREATE_TABLE"),
        ("SHOW CREATE VIEW ", "UTILITY", "SHOW_CREATE_VIEW"),
        ("SHOW FUNCTIONS ", "UTILITY", "SHOW_FUNCTIONS", CSV),
        ("SHOW TABLES ", "UTILITY", "SHOW_TABLES"),
        ("SHOW VIEWS ", "UTILITY", "SHOW_VIEWS"),
        ("SHOW COLUMNS ", "UTILITY", "SHOW_COLUMNS"),
        ("SHOW PARTITIONS ", "UTILITY", "SHOW_PARTITIONS"),
        ("SHOW TBLPROPERTIES ", "UTILITY", "SHOW_TBLPROPERTIES"),
        ("PREPARE ", "UTILITY", "PREPARE"),
        ("DEALLOCATE ", "UTILITY", "DEALLOCATE"),
        ("", "UTILITY", None),
    )
)


def kind_of(sql: str) -> Kind:
    """The kind of a statement, which need not be right otherwise."""
    words = f"{' '.join(word.upper() for word, _ in words_of(sql))} "
    return next(kind for pattern, kind in KINDS if re.match(pattern, words))


def words_of(sql: str) -> Iterator[tuple[str, int]]:
    """The words and signs of a text without its comments, each with the place where it starts."""
    for match in TOKEN.finditer(sql):
        if match["gap"] is None:
            yield match[0], match.start()


def without_end(sql: str) -> str:
    """A statement without the semicolons at its end."""
    words = list(words_of(sql))
    while words and words[-1][0] == ";":
        sql = sql[: words.pop()[1]]
    return sql
