"""DELETE, UPDATE and MERGE of Iceberg tables: all rows are written anew as they are after the change, in one commit."""

import re
from collections.abc import Iterable

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer
from lakebox.athena.statements.folder_context import FolderContext
from lakebox.athena.statements.iceberg_catalog import committed, loaded
from lakebox.athena.statements.words import Words
from lakebox.athena.statements.writes.filled_columns import values_of
from lakebox.athena.statements.writes.iceberg_rows import ROWS, arrow_rows
from lakebox.athena.statements.writes.merge_clauses import Merge, read_merge
from lakebox.athena.statements.writes.written_rows import written_rows
from lakebox.athena.tables.catalog_tables import CatalogTable, Columns
from lakebox.athena.tables.iceberg.scan import open_iceberg

# Columns beside the table's own. ACTION: what becomes of a row; ROW: its number before the change.
KEEP, CHANGE, REMOVE, ADD = range(4)
ACTION, ROW, MATCHED = '"$action"', '"$row"', '"$matched"'
TWICE = "One MERGE target table row matched more than one source row"


def delete(words: Words, context: FolderContext) -> Answer:
    """What stands after DELETE."""
    words.expect("FROM")
    table, columns = target_of(words, context)
    condition = words.until() if words.accept("WHERE") else "true"
    words.end()
    names = ", ".join(map(_quoted, columns))
    action = f"CASE WHEN {condition} THEN {REMOVE} ELSE {KEEP} END"
    query = f"SELECT {names}, {action} AS {ACTION}, 0 AS {ROW} FROM {named(table)}"  # noqa: S608 our own text
    return _changed(table, columns, query, context)


def update(words: Words, context: FolderContext) -> Answer:
    """What stands after UPDATE."""
    table, columns = target_of(words, context)
    words.expect("SET")
    values = words.assignments("WHERE")
    condition = words.until() if words.accept("WHERE") else "true"
    words.end()
    _check_columns(table, columns, values)
    filled = ", ".join(
        f"CASE WHEN {condition} THEN {values[name]} ELSE {_quoted(name)} END" if name in values else _quoted(name)
        for name in columns
    )
    action = f"CASE WHEN {condition} THEN {CHANGE} ELSE {KEEP} END"
    query = f"SELECT {filled}, {action} AS {ACTION}, 0 AS {ROW} FROM {named(table)}"  # noqa: S608
    return _changed(table, columns, query, context)


def merge(words: Words, context: FolderContext) -> Answer:
    """What stands after MERGE."""
    words.expect("INTO")
    table, columns = target_of(words, context)
    statement = read_merge(words, table.name, list(columns))
    for clause in statement.clauses:
        _check_columns(table, columns, clause.values)
    return _changed(table, columns, _merged(statement, table, columns), context)


def target_of(words: Words, context: FolderContext) -> tuple[CatalogTable, Columns]:
    """The Iceberg table that comes next, and its columns. Raises SqlError where it is none."""
    database, name = words.table_name()
    table = context.tables.table(database or context.database, name)
    if table is None:
        problem = f"Table 'awsdatacatalog.{(database or context.database).lower()}.{name.lower()}' does not exist"
        raise SqlError(f"line 1:1: {problem}", "TABLE_NOT_FOUND")
    if not table.is_iceberg:
        problem = "Modifying Hive table rows is only supported for transactional tables"
        raise SqlError(f"{problem}; make an Iceberg table of {table}, or write its files anew", "NOT_SUPPORTED")
    return table, open_iceberg(context.tables, table).columns


def _check_columns(table: CatalogTable, columns: Columns, named: Iterable[str]) -> None:
    unknown = [name for name in named if name not in columns]
    if unknown:
        problem = f"line 1:1: column '{unknown[0]}' cannot be resolved"
        raise SqlError(f"{problem}; the columns of {table}: {', '.join(columns)}", "COLUMN_NOT_FOUND")


def _merged(statement: Merge, table: CatalogTable, columns: Columns) -> str:
    """The rows of the table with what becomes of each, and those of the source that no row of the table matches."""
    matched = [(f"{MATCHED} AND {one.test}", one.values) for one in statement.clauses if one.is_matched]
    added = [(one.test, one.values) for one in statement.clauses if not one.is_matched]
    actions = [(test, str(CHANGE if values else REMOVE)) for test, values in matched]
    selected = []
    for name in columns:
        own = f"{statement.alias}.{_quoted(name)}"
        selected.append(_case([(test, values.get(name, own)) for test, values in matched], own))
    selected += [f"{_case(actions, str(KEEP))} AS {ACTION}", f"{statement.alias}.{ROW} AS {ROW}"]
    target = f"(SELECT *, row_number() OVER () AS {ROW} FROM {named(table)}) AS {statement.alias}"  # noqa: S608
    source = f"(SELECT *, true AS {MATCHED} FROM {statement.source}) AS {statement.source_alias}"  # noqa: S608
    text = f"SELECT {', '.join(selected)} FROM {target} LEFT JOIN {source} ON {statement.condition}"  # noqa: S608
    if not added:
        return text
    new = [_case([(test, values.get(name, "NULL")) for test, values in added], "NULL") for name in columns]
    tests = " OR ".join(test for test, _ in added)
    return (
        f"{text} UNION ALL SELECT {', '.join(new)}, {ADD}, 0 FROM {source} LEFT JOIN {target} "  # noqa: S608
        f"ON {statement.condition} WHERE {statement.alias}.{ROW} IS NULL AND ({tests})"
    )


def _case(branches: list[tuple[str, str]], otherwise: str) -> str:
    """The value of the first branch whose test holds."""
    whens = "".join(f" WHEN {test} THEN {value}" for test, value in branches)
    return f"CASE{whens} ELSE {otherwise} END" if branches else otherwise


def _changed(table: CatalogTable, columns: Columns, sql: str, context: FolderContext) -> Answer:
    """Write the rows anew that a query gives, each with its ACTION and its ROW. Raises SqlError."""
    target = loaded(table, context)
    try:
        with written_rows(sql, context) as rows:
            values = values_of(columns, None, rows.columns[:-2])
            action, number = f'"c{len(columns)}"', f'"c{len(columns) + 1}"'
            run = rows.session.execute
            acted = f'SELECT {number} FROM "$rows" WHERE {action} IN ({CHANGE}, {REMOVE}) AND {number} > 0'  # noqa: S608
            if run(f"SELECT 1 FROM ({acted}) GROUP BY {number} HAVING count(*) > 1 LIMIT 1").fetchall():  # noqa: S608
                raise SqlError(TWICE, "MERGE_TARGET_ROW_MULTIPLE_MATCHES")
            count: int = run(f'SELECT count(*) FROM "$rows" WHERE {action} <> {KEEP}').fetchall()[0][0]  # noqa: S608
            if not count:
                return Answer(ROWS, update_count=0, scanned_bytes=rows.scanned_bytes)
            # A row that several rows of the source match, at most one of which changes it, is there once.
            once = f'SELECT min(rowid) FROM "$rows" WHERE {action} = {KEEP} AND {number} > 0 GROUP BY {number}'  # noqa: S608
            again = f"{action} = {KEEP} AND {number} > 0 AND (rowid NOT IN ({once}) OR {number} IN ({acted}))"
            run(f'DELETE FROM "$rows" WHERE {again}')  # noqa: S608
            run(f'DELETE FROM "$rows" WHERE {action} = {REMOVE}')  # noqa: S608
            content = arrow_rows(rows, [values[name] for name in columns], list(columns.values()), target.schema())
            change = target.overwrite if any(target.scan().plan_files()) else target.append
            committed(lambda: change(content))
            return Answer(ROWS, update_count=count, scanned_bytes=rows.scanned_bytes)
    except SqlError as error:
        raise SqlError(re.sub(r"^line \d+:\d+: ", "", str(error)), error.name) from error


def named(table: CatalogTable) -> str:
    """A table as a query names it."""
    return f"{_quoted(table.database)}.{_quoted(table.name)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
