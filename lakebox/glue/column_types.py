"""A column's type in the catalog's words, which are Hive's, as in Glue: string, array<string>, …"""

from sqlglot import exp


def hive_type(trino_type: str) -> str:
    """The catalog's type of a column of Trino's."""
    text = exp.DataType.build(trino_type, dialect="trino").sql("hive")
    return text.replace("TIMESTAMP(6)", "TIMESTAMP").lower().replace(", ", ",").replace(": ", ":")
