"""Iceberg tables by statement: CREATE TABLE, ALTER TABLE, DESCRIBE, SHOW CREATE TABLE."""

from itertools import count
from typing import Any

from pyiceberg.exceptions import ValidationError
from pyiceberg.table import Table

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import TASK_FAILED, Answer, Context
from lakebox.athena.statements.ddl.table_input import Definition, check_s3_path, column
from lakebox.athena.statements.iceberg_catalog import iceberg_catalog, partition_spec
from lakebox.athena.statements.iceberg_schema import iceberg_schema, iceberg_type
from lakebox.athena.statements.words import Words
from lakebox.athena.tables.catalog_tables import CatalogTable
from lakebox.athena.tables.hive_types import hive_type
from lakebox.athena.tables.iceberg.scan import open_iceberg


def create_iceberg_table(definition: Definition, context: Context) -> Answer:
    """CREATE TABLE … TBLPROPERTIES ('table_type'='ICEBERG')."""
    check_s3_path(definition.location)
    context.tables.check_location(definition.location)
    schema = iceberg_schema([(name, hive_type(kind), comment) for name, kind, comment in definition.columns])
    transforms = [*definition.transforms, *(name for name, _, _ in definition.keys)]
    given = {key: value for key, value in definition.properties.items() if key.lower() != "table_type"}
    name = ((definition.name[0] or context.database).lower(), definition.name[1].lower())
    _check_free(context, name)
    spec, properties = partition_spec(transforms, schema), {"format-version": "2", **given}
    location = definition.location.rstrip("/")
    iceberg_catalog(context).create_table(name, schema, location, spec, properties=properties)
    return Answer()


def _check_free(context: Context, name: tuple[str, str]) -> None:
    if not context.tables.has_database(name[0]):
        problem = f"EntityNotFoundException(message:Database {name[0]} not found.)"
        raise SqlError(f"{TASK_FAILED} {problem}; there are: {', '.join(context.tables.databases())}",
                       "EntityNotFoundException")  # fmt: skip
    if context.tables.table(*name) is not None:
        raise SqlError(f"Table {name[0]}.{name[1]} already exists", "TABLE_ALREADY_EXISTS")


def alter_iceberg_table(words: Words, context: Context, table: CatalogTable) -> Answer:
    """ALTER TABLE of Iceberg's: ADD COLUMNS, DROP COLUMN, CHANGE COLUMN, SET and UNSET TBLPROPERTIES, RENAME TO."""
    try:
        _alter(words, context, table)
    except (ValueError, ValidationError) as error:  # pyiceberg's: a column that is there already, or is not there
        raise SqlError(f"{TASK_FAILED} {error}", "INVALID_ARGUMENTS") from None
    return Answer()


def _alter(words: Words, context: Context, table: CatalogTable) -> None:
    found = iceberg_catalog(context).load_table((table.database, table.name))
    if words.accept("ADD", "COLUMNS"):
        added = words.listed(lambda: column(words))
        words.end()
        with found.update_schema() as update:
            for name, kind, comment in added:
                update.add_column(name, iceberg_type(hive_type(kind), count(1)), comment or None)
    elif words.accept("DROP", "COLUMN"):
        name = words.name()
        words.end()
        with found.update_schema(case_sensitive=False) as update:
            update.delete_column(name)
    elif words.accept("CHANGE"):
        _change_column(words, found)
    elif words.accept("SET", "TBLPROPERTIES"):
        properties = words.properties()
        words.end()
        with found.transaction() as change:
            change.set_properties(properties)
    elif words.accept("UNSET", "TBLPROPERTIES"):
        names = words.listed(words.string)
        words.end()
        with found.transaction() as change:
            change.remove_properties(*names)
    elif words.accept("RENAME", "TO"):
        database, name = words.table_name()
        words.end()
        renamed = ((database or table.database).lower(), name.lower())
        _check_free(context, renamed)
        iceberg_catalog(context).rename_table((table.database, table.name), renamed)
    else:
        raise words.wrong("ADD COLUMNS, DROP COLUMN, CHANGE COLUMN, SET TBLPROPERTIES, UNSET TBLPROPERTIES, RENAME TO")


def _change_column(words: Words, found: Table) -> None:
    words.accept("COLUMN")
    old = words.name()
    new, kind, comment = column(words)
    is_first, after = words.accept("FIRST"), words.name() if words.accept("AFTER") else ""
    words.end()
    with found.update_schema(case_sensitive=False) as update:
        if is_first:
            update.move_first(old)
        elif after:
            update.move_after(old, after)
        update.update_column(old, iceberg_type(hive_type(kind), count(1)), doc=comment or None)
        if new != old.lower():
            update.rename_column(old, new)


def describe_iceberg(table: CatalogTable, context: Context) -> Answer:
    """DESCRIBE of an Iceberg table: its schema, and how it is partitioned."""
    found = open_iceberg(context.tables, table).table
    rows = [("# Table schema:", "", ""), ("# col_name", "data_type", "comment")]
    rows += [(field.name, _shown(field.field_type), field.doc or "") for field in found.schema().fields]
    rows += [("", "", ""), ("# Partition spec:", "", ""), ("# field_name", "field_transform", "column_name")]
    for field in found.spec().fields:
        rows.append((field.name, str(field.transform), found.schema().find_column_name(field.source_id) or ""))
    return Answer((("col_name", "string"), ("data_type", "string"), ("comment", "string")), rows)


def _shown(kind: Any) -> str:
    """An Iceberg type as DESCRIBE and SHOW CREATE TABLE print it."""
    from pyiceberg.types import ListType, MapType, StructType

    if isinstance(kind, ListType):
        return f"array<{_shown(kind.element_type)}>"
    if isinstance(kind, MapType):
        return f"map<{_shown(kind.key_type)}, {_shown(kind.value_type)}>"
    if isinstance(kind, StructType):
        return f"struct<{', '.join(f'{field.name}: {_shown(field.field_type)}' for field in kind.fields)}>"
    return {"long": "bigint"}.get(str(kind), str(kind))


def iceberg_create_text(table: CatalogTable, context: Context) -> list[str]:
    """The lines of SHOW CREATE TABLE for an Iceberg table."""
    found = open_iceberg(context.tables, table).table
    lines = [f"CREATE TABLE {table} ("]
    for field in found.schema().fields:
        comment = f" COMMENT '{field.doc}'" if field.doc else ""
        lines.append(f"  {field.name} {_shown(field.field_type)}{comment},")
    lines[-1] = lines[-1].removesuffix(",") + ")"
    parts = []
    for part in found.spec().fields:
        source, transform = found.schema().find_column_name(part.source_id), str(part.transform)
        name, _, number = transform.partition("[")
        parts.append(
            f"`{source}`" if transform == "identity" else f"{name}({number[:-1] + ', ' if number else ''}`{source}`)"
        )
    if parts:
        lines.append(f"PARTITIONED BY ({', '.join(parts)})")
    lines += [f"LOCATION '{found.location()}'", "TBLPROPERTIES ("]
    properties = {"table_type": "iceberg", **found.properties}
    lines += [f"  '{name}'='{value}'," for name, value in properties.items()]
    lines[-1] = lines[-1].removesuffix(",")
    return [*lines, ")"]
