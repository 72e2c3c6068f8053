"""A column's type in the words of each engine. The catalog's are Hive's, as in Glue: string, array<string>, …"""

from sqlglot import exp


def trino_type(hive_type: str) -> str:
    """Trino's type; the stack's timestamps have microseconds."""
    return _translated(hive_type, "hive", "trino").replace("TIMESTAMP", "TIMESTAMP(6)").lower()


def hive_type(trino_type: str) -> str:
    """The catalog's type of a column of Trino's."""
    return (
        _translated(trino_type, "trino", "hive")
        .replace("TIMESTAMP(6)", "TIMESTAMP")
        .lower()
        .replace(", ", ",")
        .replace(": ", ":")
    )


def duckdb_type(hive_type: str) -> str:
    """DuckDB's type."""
    return _translated(hive_type, "hive", "duckdb")


def _translated(text: str, source: str, target: str) -> str:
    return exp.DataType.build(text, dialect=source).sql(target)
