"""What CREATE TABLE AS and UNLOAD share: their options, the empty folder that they fill, the columns they write."""

import uuid
from pathlib import Path
from typing import Any

from lakebox.athena.engine import SqlError
from lakebox.athena.result_types import hive_type_of
from lakebox.athena.statements.answer import Context
from lakebox.athena.statements.words import Words
from lakebox.athena.statements.writes.written_rows import FileForm, WrittenRows
from lakebox.athena.tables.hive_types import hive_type
from lakebox.athena.tables.partitions import Values, standard_folder

Options = dict[str, Any]


def read_options(words: Words) -> Options:
    """(name = value, …): texts, numbers, true, false and ARRAY['a', 'b']."""

    def pair() -> tuple[str, Any]:
        name = words.name().lower()
        words.expect("=")
        if words.accept("ARRAY"):
            words.expect("[")
            values = []
            while not words.accept("]"):
                values.append(words.string())
                words.accept(",")
            return name, values
        return name, words.value() if words.peek() not in ("TRUE", "FALSE") else words.name().lower()

    return dict(words.listed(pair))


def typed_columns(rows: WrittenRows) -> list[tuple[str, str, str]]:
    """(name, DuckDB's column, the catalog's type) of the rows' columns. Raises SqlError on one without a name."""
    columns: list[tuple[str, str, str]] = []
    for number, (name, kind) in enumerate(rows.columns):
        if name == f"_col{number}":
            raise SqlError(f"line 1:1: Column name not specified at position {number + 1}; write … AS name",
                           "MISSING_COLUMN_NAME")  # fmt: skip
        if name.lower() in [column[0] for column in columns]:
            raise SqlError(f"line 1:1: Column name '{name}' specified more than once; name it: … AS other",
                           "DUPLICATE_COLUMN_NAME")  # fmt: skip
        columns.append((name.lower(), f'"c{number}"', hive_type_of(kind)))
    return columns


def write_partitions(
    rows: WrittenRows, form: FileForm, columns: list[tuple[str, str, str]], folder: Path, keys: list[str]
) -> dict[Values, Path]:
    """Write rows below a folder; the keys of partitions are the last columns."""
    typed, count = [(name, value, hive_type(kind)) for name, value, kind in columns], len(columns) - len(keys)
    return rows.write(form, typed[:count], typed[count:], lambda values: folder / standard_folder(keys, values))


def check_keys(keys: list[str], columns: list[str]) -> None:
    """Raise SqlError where the keys of partitions are not the last columns."""
    if keys and columns[len(columns) - len(keys) :] != keys:
        problem = f"Partition keys must be the last columns in the table, in the order of the table properties: {keys}"
        raise SqlError(f"{problem}; the query's columns are {columns}", "INVALID_TABLE_PROPERTY")
    if len(keys) == len(columns):
        raise SqlError("Table contains only partition columns; select others, too", "INVALID_TABLE_PROPERTY")


def table_folder(options: Options, context: Context) -> str:
    """Where a table's files go: where the options say, or below the query's own results."""
    location = options.get("external_location") or options.get("location")
    if location:
        return str(location).rstrip("/") + "/"
    if context.table_location:
        return context.table_location
    found = context.call("GetDatabase", Name=context.database)["Database"].get("LocationUri", "")
    bucket = found.removeprefix("s3://").partition("/")[0]
    if not found.startswith("s3://"):
        raise SqlError("the statement has no place for the table's files; write WITH (external_location = 's3://…')",
                       "INVALID_TABLE_PROPERTY")  # fmt: skip
    return f"s3://{bucket}/athena-results/tables/{uuid.uuid4()}/"


def check_empty(folder: Path, problem: str) -> None:
    """Raise SqlError where a folder holds anything."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise SqlError(f"{problem}. Choose another place, or delete what is there", "HIVE_PATH_ALREADY_EXISTS")
