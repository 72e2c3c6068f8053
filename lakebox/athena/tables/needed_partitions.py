"""Which partitions of a table a query can need, by its conditions on partition keys."""

from collections.abc import Sequence
from datetime import UTC, datetime

import duckdb
from sqlglot import exp

from lakebox.athena.dialect.translate import duckdb_text
from lakebox.athena.engine import SqlError
from lakebox.athena.tables.binding import conjuncts, values_named
from lakebox.athena.tables.catalog_tables import CatalogTable
from lakebox.athena.tables.folder_tables import FolderTables
from lakebox.athena.tables.given_rows import quoted, unnested
from lakebox.athena.tables.partitions import Partition, Values, registered_partitions
from lakebox.athena.tables.projection import is_projected, projected_partitions


def needed_partitions(
    connection: duckdb.DuckDBPyConnection, tables: FolderTables, table: CatalogTable, tree: exp.Expr, name: str
) -> list[Partition]:
    """The partitions of a table that the query can need; all, where no condition tells.

    tree: DuckDB's, name: the table's in it. A condition that can't be worked out beforehand leaves all partitions.
    """
    if not table.keys:
        return registered_partitions(tables, table)
    keys = tuple(table.keys)
    alias = next((node.alias_or_name for node in tree.find_all(exp.Table) if node.name == name), name)
    conditions = [
        condition
        for condition in conjuncts(tree, name)
        if all(column.name.lower() in keys for column in condition.find_all(exp.Column))
    ]
    if is_projected(table):

        def needed(number: int, values: Sequence[str]) -> list[str]:
            own = [
                c for c in conditions if {column.name.lower() for column in c.find_all(exp.Column)} == {keys[number]}
            ]
            rows: list[Values] = [tuple(v if place == number else None for place in range(len(keys))) for v in values]
            return [values[place] for place in _meeting(connection, table, rows, own, alias)]

        named = {key: texts for key in keys if (texts := values_named(conditions, key)) is not None}
        found = projected_partitions(table, needed, named, datetime.now(UTC))
    else:
        found = registered_partitions(tables, table)
    rows = [partition.values for partition in found]
    return [found[place] for place in _meeting(connection, table, rows, conditions, alias)]


def _meeting(
    connection: duckdb.DuckDBPyConnection,
    table: CatalogTable,
    rows: Sequence[Values],
    conditions: list[exp.Expr],
    alias: str,
) -> list[int]:
    """The places of those partition values that meet conditions."""
    if not conditions or not rows:
        return list(range(len(rows)))
    where = " AND ".join(f"({duckdb_text(condition)})" for condition in conditions)
    listed = f'unnest(range({len(rows)})) AS "$n", {", ".join(unnested(rows, table.keys))}'
    text = f'SELECT "$n" FROM (SELECT {listed}) AS {quoted(alias)} WHERE {where} ORDER BY "$n"'  # noqa: S608 no user's text
    try:
        found = connection.execute(text).fetchall()
    except duckdb.ConversionException as error:
        problem = f"{table} has a partition whose value is not of its key's type: {str(error).splitlines()[0]}"
        raise SqlError(f"{problem}; mend the partition, or the key's type", "HIVE_INVALID_PARTITION_VALUE") from error
    except duckdb.Error:  # the query itself says what is wrong
        return list(range(len(rows)))
    return [row[0] for row in found]
