"""DuckDB's errors as the embedded engine's: Athena's words and names of errors, and none of DuckDB's."""

import re

import duckdb

from lakebox.athena.dialect.functions.agreeing import ON_STACK
from lakebox.athena.engine import SqlError

# DuckDB does not take a text that the dialect made; its words would be about that text.
NO_FAULT_OF_DATA = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.InternalException,
                    duckdb.NotImplementedException, duckdb.SyntaxException)  # fmt: skip
TYPES = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint", "FLOAT": "real"}
WORDS = tuple(  # DuckDB's words, and Trino's in their place
    (re.compile(pattern), words)
    for pattern, words in (
        (r'Could not parse string "(.*?)" according to format specifier', 'Invalid format: "{0}"'),
        (r"Type \w+ with value (.*) can't be cast because .* destination type (\w+)", "Out of range for {1}: {0}"),
        (r"Overflow in (\w+) of (\w+)[^(]*\((.*)\)!", "{1} {0} overflow: {2}"),
        (r'Casting value "(.*)" to type (DECIMAL\(\d+,\d+\)) failed', "Cannot cast {0} to {1}"),
        (r"Could not cast value (.*) to (DECIMAL\(\d+,\d+\))", "Cannot cast {0} to {1}"),
    )
)


def sql_error(error: duckdb.Error) -> SqlError:
    """The error of a query."""
    if isinstance(error, NO_FAULT_OF_DATA):
        return SqlError(f"this statement is not supported by the embedded engine; {ON_STACK}")
    return SqlError(_one_line(str(error)), _error_name(error))


def _one_line(message: str) -> str:
    """DuckDB's error without its position art and its own words."""
    first = message.split("ValueError: ")[-1].split("\n\n")[0].split("\nLINE ")[0]
    plain = re.sub(r"^[\w ]+ Error: ", "", re.sub(r"\s+", " ", first).strip())
    for pattern, words in WORDS:
        match = pattern.match(plain)
        if match:
            return words.format(*(TYPES.get(group, group) for group in match.groups()))
    if "invalid perl operator" in plain or plain.startswith(("missing )", "invalid escape sequence")):
        return f"a regular expression is not supported by the embedded engine: {plain}"
    return "Division by zero" if plain.startswith("Division by zero") else plain.split(". Use TRY(")[0]


def _error_name(error: Exception) -> str:
    """Trino's name of an error that a query has run into, where it is known."""
    message = str(error)
    for word, name in (
        ("Cannot cast", "INVALID_CAST_ARGUMENT"),
        ("ivision by zero", "DIVISION_BY_ZERO"),
        ("Could not parse string", "INVALID_FUNCTION_ARGUMENT"),
        ("Overflow in ", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("out of range for the destination", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("Conversion Error", "INVALID_CAST_ARGUMENT"),
        ("Out of Range", "NUMERIC_VALUE_OUT_OF_RANGE"),
        ("out of bounds", "INVALID_FUNCTION_ARGUMENT"),
    ):
        if word in message:
            return name
    return ""
