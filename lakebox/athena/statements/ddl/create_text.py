"""SHOW CREATE TABLE: the statement that would make a table, a row a line, in Hive's layout."""

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer, Context
from lakebox.athena.statements.ddl.table_input import LAZY
from lakebox.athena.statements.words import Words
from lakebox.athena.tables.catalog_tables import CatalogTable

DELIMITERS = {
    "field.delim": "FIELDS TERMINATED BY",
    "escape.delim": "ESCAPED BY",
    "collection.delim": "COLLECTION ITEMS TERMINATED BY",
    "mapkey.delim": "MAP KEYS TERMINATED BY",
    "line.delim": "LINES TERMINATED BY",
    "serialization.null.format": "NULL DEFINED AS",
}


def show_create_table(words: Words, context: Context) -> Answer:
    """SHOW CREATE TABLE name."""
    table = context.table(words.table_name())
    words.end()
    if table.is_view:
        raise SqlError(f"{table} is a view; write SHOW CREATE VIEW {table}", "NOT_SUPPORTED")
    if table.is_iceberg:
        from lakebox.athena.statements.ddl.iceberg_tables import iceberg_create_text

        return Answer((("createtab_stmt", "string"),), [(line,) for line in iceberg_create_text(table, context)])
    return Answer((("createtab_stmt", "string"),), [(line,) for line in create_text(table)])


def create_text(table: CatalogTable) -> list[str]:
    """The lines of CREATE EXTERNAL TABLE for a table of Hive's."""
    lines = [f"CREATE EXTERNAL TABLE `{table}`(", *_columns(table.storage.get("Columns", []))]
    if table.document.get("Description"):
        lines.append(f"COMMENT {_text(table.document['Description'])}")
    if table.keys:
        lines += ["PARTITIONED BY ( ", *_columns(table.document["PartitionKeys"])]
    if table.storage.get("BucketColumns"):
        lines += ["CLUSTERED BY ( ", "  " + ", ".join(table.storage["BucketColumns"]) + ") "]
        lines.append(f"INTO {table.storage.get('NumberOfBuckets', 1)} BUCKETS")
    lines += _row_format(table)
    lines += ["STORED AS INPUTFORMAT ", f"  {_text(table.storage.get('InputFormat', ''))} "]
    lines += ["OUTPUTFORMAT ", f"  {_text(table.storage.get('OutputFormat', ''))}"]
    lines += ["LOCATION", f"  {_text(table.location)}"]
    properties = {name: value for name, value in table.properties.items() if name != "EXTERNAL"}
    return [*lines, "TBLPROPERTIES (", *_properties(properties, ")")]


def _columns(columns: list[dict[str, str]]) -> list[str]:
    lines = []
    for column in columns:
        comment = f" COMMENT {_text(column['Comment'])}" if column.get("Comment") else ""
        lines.append(f"  `{column['Name']}` {column.get('Type', 'string')}{comment}, ")
    lines[-1] = lines[-1].removesuffix(", ") + ")"
    return lines


def _row_format(table: CatalogTable) -> list[str]:
    serde = table.storage.get("SerdeInfo", {})
    given = serde.get("Parameters", {})
    if serde.get("SerializationLibrary") == LAZY and "field.delim" in given:
        lines = ["ROW FORMAT DELIMITED "]
        return lines + [f"  {words} {_text(given[name])} " for name, words in DELIMITERS.items() if name in given]
    lines = ["ROW FORMAT SERDE ", f"  {_text(serde.get('SerializationLibrary', ''))} "]
    shown = {name: value for name, value in given.items() if (name, value) != ("serialization.format", "1")}
    return lines + (["WITH SERDEPROPERTIES ( ", *_properties(shown, ") ")] if shown else [])


def _properties(properties: dict[str, str], end: str) -> list[str]:
    lines = [f"  {_text(name)}={_text(str(value))}, " for name, value in sorted(properties.items())] or ["  "]
    lines[-1] = lines[-1].removesuffix(", ") + end
    return lines


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    for sign, escape in (
        ("\n", "\\n"),
        ("\t", "\\t"),
        ("\r", "\\r"),
        ("\1", "\\u0001"),
        ("\2", "\\u0002"),
        ("\3", "\\u0003"),
    ):
        escaped = escaped.replace(sign, escape)
    return f"'{escaped}'"
