"""Reads MERGE: its source, the condition, and what becomes of rows that match and of those that don't."""

from collections.abc import Sequence
from dataclasses import dataclass

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.words import Words


@dataclass(frozen=True)
class Clause:
    """WHEN [NOT] MATCHED [AND …] THEN …; test: when it holds; values: an expression by column, of DELETE none."""

    is_matched: bool
    test: str
    values: dict[str, str]


@dataclass(frozen=True)
class Merge:
    """What stands after MERGE INTO table; the texts are Athena's SQL."""

    alias: str
    source: str
    source_alias: str
    condition: str
    clauses: list[Clause]


def read_merge(words: Words, table: str, columns: Sequence[str]) -> Merge:
    """[AS alias] USING source [AS alias] ON condition WHEN …; columns: of the table."""
    alias = _alias(words, table)
    words.expect("USING")
    if words.peek() == "(":
        source, name = words.enclosed(), "source"
    else:
        database, name = words.table_name()
        source = ".".join(f'"{part}"' for part in (database, name) if part)
    source_alias = _alias(words, name)
    words.expect("ON")
    condition = words.until("WHEN")
    clauses = []
    while words.accept("WHEN"):
        clauses.append(_clause(words, columns))
    words.end()
    if not clauses:
        raise words.wrong("WHEN")
    return Merge(alias, source, source_alias, condition, clauses)


def _alias(words: Words, otherwise: str) -> str:
    is_given = words.accept("AS") or words.peek() not in ("USING", "ON")
    return f'"{(words.name() if is_given else otherwise).lower()}"'


def _clause(words: Words, columns: Sequence[str]) -> Clause:
    is_matched = not words.accept("NOT")
    words.expect("MATCHED")
    test = f"({words.until('THEN')})" if words.accept("AND") else "true"
    words.expect("THEN")
    if is_matched and words.accept("DELETE"):
        return Clause(True, test, {})
    if is_matched:
        words.expect("UPDATE", "SET")
        return Clause(True, test, words.assignments("WHEN"))
    words.expect("INSERT")
    names = [name.lower() for name in words.listed(words.name)] if words.peek() == "(" else list(columns)
    words.expect("VALUES")
    values = words.listed(lambda: words.until(",", ")"))
    if len(names) != len(values):
        raise SqlError(f"MERGE inserts {len(values)} values into {len(names)} columns: {', '.join(names)}",
                       "TYPE_MISMATCH")  # fmt: skip
    return Clause(False, test, dict(zip(names, values, strict=True)))
