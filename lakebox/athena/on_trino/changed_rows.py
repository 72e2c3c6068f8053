"""Statements that change a table's rows or files: INSERT, UPDATE, DELETE, MERGE, OPTIMIZE, VACUUM."""

import uuid

from lakebox.athena.engine import SqlError
from lakebox.athena.on_trino.compressions import properties_of
from lakebox.athena.on_trino.context import TrinoContext
from lakebox.athena.on_trino.hidden_table import HiddenTable
from lakebox.athena.statements.answer import TABLE_INPUT, Answer
from lakebox.athena.statements.words import Words
from lakebox.athena.statements.written_tables import check_insertable
from lakebox.athena.tables.catalog_tables import CatalogTable
from lakebox.athena.tables.partitions import HIVE_NULL
from lakebox.athena.tables.projection import is_projected, projected_location

ROWS = (("rows", "bigint"),)
VACUUM_AGE_S = 432_000  # five days, Athena's default


def insert(words: Words, context: TrinoContext) -> Answer:
    """INSERT INTO table [(columns)] query."""
    words.expect("INSERT", "INTO")
    database, name = words.table_name()
    table = context.tables.table(database or context.database, name)
    if table is not None:
        check_insertable(table)
        if is_projected(table):
            return _insert_projected(table, words.rest(), context)
    properties = {} if table is None else properties_of(table)
    written = context.queries.write(context.converted(context.statement), context.database, context.control, properties)
    if table is None:  # Trino has one that the catalog's operations don't show
        return Answer(ROWS, update_count=written.rows, manifest=())
    folders = {table.location.rstrip("/") + "/"}
    if table.keys and written.rows:
        request = {"DatabaseName": table.database, "TableName": table.name}
        partitions = context.tables.pages("GetPartitions", request, "Partitions")
        folders |= {one["StorageDescriptor"]["Location"].rstrip("/") + "/" for one in partitions}
    found = {
        f"{folder}{name}"
        for folder in _outermost(folders)
        for name in context.tables.files_below(folder)
        if name.rpartition("/")[2].startswith(written.query_id)
    }
    return Answer(ROWS, update_count=written.rows, manifest=sorted(found))


def _insert_projected(table: CatalogTable, sql: str, context: TrinoContext) -> Answer:
    """Rows into projected partitions: Trino would write them where no projection finds them."""
    staging = f"{table.location.rstrip('/')}/_lakebox_{uuid.uuid4().hex}/"
    kept = {key: table.document[key] for key in TABLE_INPUT if key in table.document}
    plain = {
        name: value for name, value in table.properties.items() if not name.startswith(("projection.", "storage."))
    }
    kept |= {"Parameters": plain, "StorageDescriptor": table.storage | {"Location": staging}}

    def make(name: tuple[str, str]) -> None:
        context.call("CreateTable", DatabaseName=name[0], TableInput=kept | {"Name": name[1]})

    found = []
    with HiddenTable(staging, make, context) as hidden:
        rows = context.insert(hidden.quoted, sql, properties_of(table)).rows
        for partition in hidden.partitions():
            values = tuple(None if value == HIVE_NULL else value for value in partition["Values"])
            folder = projected_location(table, values).rstrip("/") + "/"
            found += context.tables.move_files(partition["StorageDescriptor"]["Location"], folder)
    return Answer(ROWS, update_count=rows, manifest=sorted(found))


def _outermost(folders: set[str]) -> set[str]:
    """The folders that lie in no other one."""
    kept: list[str] = []
    for folder in sorted(folders):
        if not kept or not folder.startswith(kept[-1]):
            kept.append(folder)
    return set(kept)


def change(_: Words, context: TrinoContext) -> Answer:
    """UPDATE, DELETE, MERGE: Trino's own statements."""
    written = context.queries.write(context.converted(context.statement), context.database, context.control)
    return Answer(ROWS, update_count=written.rows)


def optimize(words: Words, context: TrinoContext) -> Answer:
    """OPTIMIZE table REWRITE DATA USING BIN_PACK [WHERE condition]."""
    words.expect("OPTIMIZE")
    table = _iceberg_table(words, context)
    words.expect("REWRITE", "DATA", "USING", "BIN_PACK")
    where = words.rest()
    context.queries.write(f"ALTER TABLE {_quoted(table)} EXECUTE optimize\n{where}", context.database, context.control)
    return Answer()


def vacuum(words: Words, context: TrinoContext) -> Answer:
    """VACUUM table: old snapshots go, and files that no snapshot names."""
    words.expect("VACUUM")
    table = _iceberg_table(words, context)
    words.end()
    age = int(table.properties.get("vacuum_max_snapshot_age_seconds", VACUUM_AGE_S))
    for procedure in ("expire_snapshots", "remove_orphan_files"):
        text = f"ALTER TABLE {_quoted(table)} EXECUTE {procedure}(retention_threshold => '{age}s')"
        context.queries.write(text, context.database, context.control)
    return Answer()


def _iceberg_table(words: Words, context: TrinoContext) -> CatalogTable:
    verb = words.sql.split(None, 1)[0].upper()
    table = context.table(words.table_name())
    if not table.is_iceberg:
        raise SqlError(f"line 1:1: {verb} is only supported for Iceberg tables; {table} is none", "NOT_SUPPORTED")
    return table


def _quoted(table: CatalogTable) -> str:
    return f'iceberg."{table.database}"."{table.name}"'
