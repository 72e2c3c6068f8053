"""What the embedded engine's CREATE TABLE AS and UNLOAD share: the columns and files that they write."""

from pathlib import Path

from lakebox.athena.engine import SqlError
from lakebox.athena.result_types import hive_type_of
from lakebox.athena.statements.writes.written_rows import FileForm, WrittenRows
from lakebox.athena.tables.hive_types import hive_type
from lakebox.athena.tables.partitions import Values, standard_folder


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
