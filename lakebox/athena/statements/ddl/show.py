"""SHOW TABLES, VIEWS, COLUMNS, TBLPROPERTIES and DESCRIBE, with the layouts of Hive, which Athena has."""

from datetime import UTC, datetime

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import WIDTH, Answer, Context
from lakebox.athena.statements.ddl.databases import meets
from lakebox.athena.statements.words import Words
from lakebox.athena.tables.catalog_tables import CatalogTable
from lakebox.athena.tables.hive_types import athena_name
from lakebox.glue.data_catalog.documents import Document

Row = tuple[str, str, str]
BLANK: Row = ("", " ", " ")
HEADER: Row = ("# col_name".ljust(WIDTH + 2), "data_type".ljust(WIDTH), "comment".ljust(WIDTH))
DESCRIPTION = (("col_name", "string"), ("data_type", "string"), ("comment", "string"))


def show_tables(words: Words, context: Context) -> Answer:
    """SHOW TABLES [IN database] ['pattern']; views are listed, too."""
    names = [table.name for table in _listed(words, context)]
    return Answer((("tab_name", "string"),), [(name,) for name in names])


def show_views(words: Words, context: Context) -> Answer:
    """SHOW VIEWS [IN database] [LIKE 'pattern']."""
    names = [table.name for table in _listed(words, context) if table.is_view]
    return Answer((("views", "string"),), [(name,) for name in names])


def _listed(words: Words, context: Context) -> list[CatalogTable]:
    database = words.name() if words.accept("IN") or words.accept("FROM") else context.database
    words.accept("LIKE")
    pattern = words.string() if words.peek() not in ("", ";") else None
    words.end()
    if not context.tables.has_database(database):
        text = f"FAILED: SemanticException [Error 10072]: Database does not exist: {database}"
        raise SqlError(f"{text}; there are: {', '.join(context.tables.databases())}", "SCHEMA_NOT_FOUND")
    return [table for table in context.tables.tables(database.lower()) if meets(table.name, pattern)]


def show_columns(words: Words, context: Context) -> Answer:
    """SHOW COLUMNS IN table [IN database]."""
    if not words.accept("IN"):
        words.expect("FROM")
    name = words.table_name()
    if words.accept("IN") or words.accept("FROM"):
        name = (words.name(), name[1])
    words.end()
    table = context.table(name)
    if table.is_view:
        return Answer((("field", "string"),), [(f"{one}\t{athena_name(kind)}",) for one, kind in table.columns.items()])
    names = [*table.columns, *table.keys]
    return Answer((("field", "string"),), [(one,) for one in names], padded=not table.is_iceberg)


def show_properties(words: Words, context: Context) -> Answer:
    """SHOW TBLPROPERTIES name [('property')]."""
    table = context.table(words.table_name())
    wanted = words.listed(words.string)[0] if words.peek() == "(" else None
    words.end()
    columns = (("prpt_name", "string"), ("prpt_value", "string"))
    if wanted is None:
        return Answer(columns, sorted(table.properties.items()))
    value = table.properties.get(wanted, f"Table {table} does not have property: {wanted}")
    return Answer((("prpt_name", "string"),), [(value,)])


def describe(words: Words, context: Context) -> Answer:
    """DESCRIBE [EXTENDED | FORMATTED] name [column]."""
    formatted, extended = words.accept("FORMATTED"), words.accept("EXTENDED")
    if words.peek(1) not in (".", "", ";", "PARTITION"):
        words.accept("TABLE")
    table = context.table(words.table_name())
    if words.peek() == "PARTITION":
        raise SqlError("DESCRIBE of a partition is not supported; write SHOW PARTITIONS, or SELECT from "
                       f'"{table.name}$partitions"', "NOT_SUPPORTED")  # fmt: skip
    path = []
    while words.peek() not in ("", ";"):
        path.append(words.name().lower())
        words.accept(".")
    words.end()
    if path:
        return _column(table, path)
    if table.is_view:
        rows = [(name, athena_name(kind), "") for name, kind in table.columns.items()]
        return Answer(DESCRIPTION, [row[:2] for row in rows])
    if table.is_iceberg:
        from lakebox.athena.statements.ddl.iceberg_tables import describe_iceberg

        return describe_iceberg(table, context)
    rows = _formatted(table) if formatted else _plain(table)
    return Answer(DESCRIPTION, [*rows, BLANK, _extended(table)] if extended else rows)


def _extended(table: CatalogTable) -> Row:
    """The whole table in one line, as Hive's metastore prints it."""
    storage, serde = table.storage, table.storage.get("SerdeInfo", {})
    columns = ", ".join(
        f"FieldSchema(name:{one['Name']}, type:{one.get('Type', 'string')}, comment:{one.get('Comment', 'null')})"
        for one in (*storage.get("Columns", []), *table.document.get("PartitionKeys", []))
    )
    facts = (
        f"Table(tableName:{table.name}, dbName:{table.database}, owner:{table.document.get('Owner', 'hadoop')}, "
        f"sd:StorageDescriptor(cols:[{columns}], location:{table.location}, inputFormat:{storage.get('InputFormat')}, "
        f"outputFormat:{storage.get('OutputFormat')}, serdeInfo:SerDeInfo(serializationLib:"
        f"{serde.get('SerializationLibrary')}, parameters:{_shown(serde.get('Parameters', {}))})), "
        f"parameters:{_shown(table.properties)}, tableType:{table.document.get('TableType', '')})"
    )
    return "Detailed Table Information", facts, ""


def _shown(properties: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name}={value}" for name, value in sorted(properties.items())) + "}"


def _column(table: CatalogTable, path: list[str]) -> Answer:
    """One column, or a field of it: `$elem$`, `$key$` and `$value$` name what is in arrays and maps."""
    found = (table.columns | table.keys).get(path[0])
    for name in path[1:]:
        inner = {"$elem$": "element", "$key$": "key", "$value$": "value"}.get(name, name)
        found = dict(found.fields).get(inner) if found is not None else None
    if found is None:
        text = f"FAILED: SemanticException [Error 10002]: Invalid column reference {'.'.join(path)}"
        raise SqlError(f"{text}; columns: {', '.join(table.columns | table.keys)}", "COLUMN_NOT_FOUND")
    from lakebox.athena.tables.hive_types import hive_name

    return Answer(DESCRIPTION, [_padded((path[-1], hive_name(found), "from deserializer"))])


def _padded(row: Row) -> Row:
    return row[0].ljust(WIDTH), row[1].ljust(WIDTH), row[2].ljust(WIDTH)


def _of_columns(columns: "list[Document]") -> list[Row]:
    return [_padded((column["Name"], column.get("Type", "string"), column.get("Comment") or "")) for column in columns]


def _plain(table: CatalogTable) -> list[Row]:
    keys = _of_columns(table.document.get("PartitionKeys", []))
    rows = [*_of_columns(table.storage.get("Columns", [])), *keys]
    if not keys:
        return rows
    return [*rows, BLANK, ("# Partition Information", " ", " "), HEADER, BLANK, *keys]


def _formatted(table: CatalogTable) -> list[Row]:
    rows = [HEADER, BLANK, *_of_columns(table.storage.get("Columns", [])), BLANK]
    keys = _of_columns(table.document.get("PartitionKeys", []))
    if keys:
        rows += [("# Partition Information", " ", " "), HEADER, BLANK, *keys, BLANK]
    made = table.document.get("CreateTime")
    facts = {
        "Database:": table.database,
        "Owner:": table.document.get("Owner", "hadoop"),
        "CreateTime:": made.astimezone(UTC).strftime("%a %b %d %H:%M:%S UTC %Y") if isinstance(made, datetime) else "",
        "LastAccessTime:": "UNKNOWN",
        "Protect Mode:": "None",
        "Retention:": str(table.document.get("Retention", 0)),
        "Location:": table.location,
        "Table Type:": table.document.get("TableType", ""),
    }
    rows += [("# Detailed Table Information", " ", " "), *_facts(facts)]
    rows += [("Table Parameters:", " ", " "), *_properties(table.properties), BLANK]
    storage, serde = table.storage, table.storage.get("SerdeInfo", {})
    facts = {
        "SerDe Library:": serde.get("SerializationLibrary", ""),
        "InputFormat:": storage.get("InputFormat", ""),
        "OutputFormat:": storage.get("OutputFormat", ""),
        "Compressed:": "Yes" if storage.get("Compressed") else "No",
        "Num Buckets:": str(storage.get("NumberOfBuckets", -1)),
        "Bucket Columns:": f"[{', '.join(storage.get('BucketColumns', []))}]",
        "Sort Columns:": "[]",
    }
    rows += [("# Storage Information", " ", " "), *_facts(facts)]
    return [*rows, ("Storage Desc Params:", " ", " "), *_properties(serde.get("Parameters", {}))]


def _facts(facts: dict[str, str]) -> list[Row]:
    return [(name.ljust(WIDTH), value.ljust(WIDTH), " ") for name, value in facts.items()]


def _properties(properties: dict[str, str]) -> list[Row]:
    return [("", name.ljust(WIDTH), str(value).ljust(WIDTH)) for name, value in sorted(properties.items())]
