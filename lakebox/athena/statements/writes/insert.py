"""INSERT INTO table [(columns)] query: the query's rows as new files of the table, in its own format."""

from pathlib import Path

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer
from lakebox.athena.statements.ddl.partitions import add_partitions, new_partition
from lakebox.athena.statements.folder_context import FolderContext
from lakebox.athena.statements.words import Words
from lakebox.athena.statements.writes.filled_columns import values_of
from lakebox.athena.statements.writes.written_rows import FileForm, file_form, hive_values, written_rows
from lakebox.athena.statements.written_tables import check_insertable
from lakebox.athena.tables.catalog_tables import CatalogTable
from lakebox.athena.tables.partitions import Partition, Values, registered_partitions, standard_folder
from lakebox.athena.tables.projection import is_projected, projected_location

JSON_SERDE = "org.apache.hive.hcatalog.data.JsonSerDe"
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"


def insert(words: Words, context: FolderContext) -> Answer:
    """What stands after INSERT."""
    words.expect("INTO")
    database, name = words.table_name()
    table = context.tables.table(database or context.database, name)
    if table is None:
        problem = f"Table 'awsdatacatalog.{(database or context.database).lower()}.{name.lower()}' does not exist"
        raise SqlError(f"line 1:1: {problem}", "TABLE_NOT_FOUND")
    names = None
    if words.peek() == "(" and words.peek(1) not in ("SELECT", "WITH", "(", "VALUES", "TABLE"):
        names = [name.lower() for name in words.listed(words.name)]
    sql = words.rest()
    check_insertable(table)
    if table.is_iceberg:
        from lakebox.athena.statements.writes.iceberg_rows import insert_into_iceberg

        return insert_into_iceberg(table, names, sql, context)
    form = _form(table)
    with written_rows(sql, context) as rows:
        values = values_of(table.columns | table.keys, names, rows.columns)
        columns = [(name, values[name], kind) for name, kind in table.columns.items()]
        keys = [(name, values[name], kind) for name, kind in table.keys.items()]
        if rows.count == 0:
            return Answer((("rows", "bigint"),), update_count=0, manifest=(), scanned_bytes=rows.scanned_bytes)
        folders = _Folders(context, table)
        placed = rows.write(form, columns, keys, folders.of)
    if table.keys and not is_projected(table):
        new = [values for values in placed if values not in folders.known]
        add_partitions(context, table, [new_partition(table, hive_values(values)) for values in new])
    manifest = tuple(context.tables.uri(str(path)) for path in placed.values())
    return Answer((("rows", "bigint"),), update_count=rows.count, manifest=manifest, scanned_bytes=rows.scanned_bytes)


class _Folders:
    """The folders of a table's partitions: where they are registered, or in their own below the table's."""

    def __init__(self, context: FolderContext, table: CatalogTable) -> None:
        self._context, self._table = context, table
        self.known: dict[Values, Partition] = {}
        if table.keys and not is_projected(table):
            self.known = {partition.values: partition for partition in registered_partitions(context.tables, table)}

    def of(self, values: Values) -> Path:
        """The folder of a partition."""
        table = self._table
        if values in self.known:
            return self._context.tables.folder(self.known[values].location)
        if is_projected(table):
            return self._context.tables.folder(projected_location(table, values))
        return self._context.tables.folder(table.location) / standard_folder(tuple(table.keys), values)


def _form(table: CatalogTable) -> FileForm:
    """The form of a table's own files. Raises SqlError on a table that the embedded engine can't write."""
    storage, serde = table.storage, table.storage.get("SerdeInfo", {})
    name, library = storage.get("InputFormat", "").lower(), serde.get("SerializationLibrary", "")
    if "parquet" in name:
        return file_form("PARQUET", table.properties.get("parquet.compression"))
    if "orc" in name:
        return file_form("ORC", table.properties.get("orc.compress"))
    given = {**table.properties, **serde.get("Parameters", {})}
    if "textinputformat" in name and library in (LAZY, JSON_SERDE):
        form = "JSON" if library == JSON_SERDE else "TEXTFILE"
        return file_form(form, table.properties.get("write.compression"), given)
    problem = f"{table} is written by {library}, which the embedded engine does not do"
    raise SqlError(f"{problem}; it inserts into Parquet, ORC, Hive's JSON and delimited text", "NOT_SUPPORTED")
