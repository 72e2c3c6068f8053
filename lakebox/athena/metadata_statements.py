"""SHOW and DESCRIBE, answered from the catalog as Athena answers them."""

import re
from collections.abc import Callable

from catalog.tables import DATABASE
from jobs.lake.layout import escape_path_name
from lakebox.athena.engine import SqlError
from lakebox.glue.catalog import Catalog, RegisteredTable

Row = tuple[str, ...]
Answer = tuple[tuple[tuple[str, str], ...], list[Row]]
NAME = r"[`\"]?(?:awsdatacatalog[`\"]?\.[`\"]?)?(?:(\w+)[`\"]?\.[`\"]?)?(\w+)[`\"]?"
STATEMENTS: tuple[tuple[str, Callable[[Catalog, "re.Match[str]"], Answer]], ...] = (
    (r"SHOW\s+(?:DATABASES|SCHEMAS)", lambda _, __: ((("database_name", "varchar"),), [(DATABASE,)])),
    (rf"SHOW\s+TABLES(?:\s+(?:IN|FROM)\s+{NAME})?", lambda catalog, match: _tables(catalog, match[2])),
    (rf"SHOW\s+PARTITIONS\s+{NAME}", lambda catalog, match: _partitions(_table(catalog, match))),
    (rf"SHOW\s+COLUMNS\s+(?:IN|FROM)\s+{NAME}", lambda catalog, match: _columns(_table(catalog, match))),
    (rf"(?:DESCRIBE|DESC)\s+{NAME}", lambda catalog, match: _description(_table(catalog, match))),
)


def answer_from_catalog(sql: str, catalog: Catalog) -> Answer | None:
    """Columns and rows of a SHOW or DESCRIBE; None where the statement is another."""
    text = sql.strip().rstrip(";").strip()
    for pattern, answer in STATEMENTS:
        match = re.fullmatch(pattern, text, re.IGNORECASE)
        if match:
            return answer(catalog, match)
    return None


def _table(catalog: Catalog, match: "re.Match[str]") -> RegisteredTable:
    database, name = match[1], match[2]
    _check_database(database)
    try:
        return catalog.table(name.lower())
    except KeyError:
        raise SqlError(f"no table {name}; tables: {', '.join(catalog.table_names())}") from None


def _check_database(name: str | None) -> None:
    if name is not None and name.lower() != DATABASE:
        raise SqlError(f"no database {name}; the tables are in {DATABASE}")


def _tables(catalog: Catalog, database: str | None) -> Answer:
    _check_database(database)
    rows: list[Row] = [(name,) for name in catalog.table_names()]
    return (("tab_name", "varchar"),), rows


def _partitions(table: RegisteredTable) -> Answer:
    names = table.definition.partition_names
    if not names:
        raise SqlError(f"{table.definition.name} has no partition columns")
    rows: list[Row] = [
        ("/".join(f"{name}={escape_path_name(value)}" for name, value in zip(names, partition.values, strict=True)),)
        for partition in table.partitions
    ]
    return (("partition", "varchar"),), rows


def _columns(table: RegisteredTable) -> Answer:
    columns = (*table.definition.columns, *table.definition.partitions)
    rows: list[Row] = [(column.name,) for column in columns]
    return (("field", "varchar"),), rows


def _description(table: RegisteredTable) -> Answer:
    columns = (*table.definition.columns, *table.definition.partitions)
    header = (("col_name", "varchar"), ("data_type", "varchar"), ("comment", "varchar"))
    return header, [(column.name, column.type, column.comment) for column in columns]
