"""DuckDB's errors as the embedded engine's: Athena's words and names of errors, and none of DuckDB's."""

import re

import duckdb

from lakebox.athena.dialect.functions.agreeing import ON_STACK
from lakebox.athena.engine import SqlError

# DuckDB does not take a text that the dialect made; its words would be about that text.
NO_FAULT_OF_DATA = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.InternalException,
                    duckdb.NotImplementedException, duckdb.SyntaxException)  # fmt: skip


def sql_error(error: duckdb.Error) -> SqlError:
    """The error of a query."""
    if isinstance(error, NO_FAULT_OF_DATA):
        return SqlError(f"this statement is not supported by the embedded engine; {ON_STACK}")
    return SqlError(_one_line(str(error)), _error_name(error))


def _one_line(message: str) -> str:
    """DuckDB's error without its position art and its own words."""
    first = message.split("ValueError: ")[-1].split("\n\n")[0].split("\nLINE ")[0]
    plain = re.sub(r"^[\w ]+ Error: ", "", re.sub(r"\s+", " ", first).strip())
    if "invalid perl operator" in plain or plain.startswith(("missing )", "invalid escape sequence")):
        return f"a regular expression is not supported by the embedded engine: {plain}"
    return "Division by zero" if plain.startswith("Division by zero") else plain.split(". Use TRY(")[0]


def _error_name(error: Exception) -> str:
    """Trino's name of an error that a query has run into, where it is known."""
    message = str(error)
    for word, name in (
        ("Cannot cast", "INVALID_CAST_ARGUMENT"),
        ("ivision by zero", "DIVISION_BY_ZERO"),
        ("Conversion Error", "INVALID_CAST_ARGUMENT"),
        ("Out of Range", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("out of bounds", "INVALID_FUNCTION_ARGUMENT"),
    ):
        if word in message:
            return name
    return ""
