"""UNLOAD (query) TO 's3://…' WITH (…): the query's rows as files, and no table."""

from lakebox.athena.engine import SqlError
from lakebox.athena.statements.answer import Answer, Context
from lakebox.athena.statements.words import Words
from lakebox.athena.statements.writes.new_files import (
    check_empty,
    check_keys,
    read_options,
    typed_columns,
    write_partitions,
)
from lakebox.athena.statements.writes.written_rows import file_form, written_rows

KNOWN = {"format", "compression", "compression_level", "field_delimiter", "partitioned_by"}


def unload(words: Words, context: Context) -> Answer:
    """What stands after UNLOAD."""
    start = words.start()
    depth = 0
    while words.peek() and not (depth == 0 and words.peek() == "TO"):
        depth += {"(": 1, ")": -1}.get(words.peek(), 0)
        words.skip()
    sql = words.between(start)
    words.expect("TO")
    location = words.string()
    words.expect("WITH")
    options = read_options(words)
    words.end()
    unknown = sorted(set(options) - KNOWN)
    if unknown or "format" not in options:
        problem = f"'{unknown[0]}' is no property of UNLOAD" if unknown else "UNLOAD needs a format"
        raise SqlError(f"{problem}; write WITH (format = 'PARQUET'); others: {', '.join(sorted(KNOWN - {'format'}))}",
                       "INVALID_TABLE_PROPERTY")  # fmt: skip
    delimiters = {"field.delim": str(options["field_delimiter"])} if "field_delimiter" in options else {}
    form = file_form(str(options["format"]), options.get("compression"), delimiters or {"field.delim": "\1"})
    folder = context.tables.folder(location)
    check_empty(folder, f"Target directory for table 'unload' already exists: {location}")
    with written_rows(sql, context) as rows:
        columns = typed_columns(rows)
        keys = [key.lower() for key in options.get("partitioned_by", ())]
        check_keys(keys, [name for name, _, _ in columns])
        placed = write_partitions(rows, form, columns, folder, keys)
    manifest = tuple(context.tables.uri(str(path)) for path in placed.values())
    return Answer((("rows", "bigint"),), update_count=rows.count, manifest=manifest, scanned_bytes=rows.scanned_bytes)
