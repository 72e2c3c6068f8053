"""Lines of text to columns, by the SerDe that the catalog names: delimited text, CSV, JSON, regular expressions.

Sources: Amazon Athena User Guide, "Choose a SerDe for your data"; Apache Hive's and Trino's readers of these formats.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lakebox.athena.engine import SqlError
from lakebox.athena.tables.catalog_tables import Columns
from lakebox.athena.tables.hive_types import HiveType, athena_name
from lakebox.athena.tables.text.json_rows import json_decoder
from lakebox.athena.tables.text.values import Reader, delimited_reader, epoch_milliseconds, split_fields, text_reader

Decoder = Callable[[list[str]], list[list[Any]]]  # lines to the values of the needed columns, a list a column
LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
SEPARATORS = "\1\2\3\4\5\6\7\x08"
HIVE_JSON = ("org.apache.hive.hcatalog.data.JsonSerDe", "org.apache.hadoop.hive.serde2.JsonSerDe")
OPENX_JSON = "org.openx.data.jsonserde.JsonSerDe"
ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "\\": "\\", "'": "'", '"': '"', "0": "\0"}


@dataclass(frozen=True)
class RowFormat:
    """How lines become rows: the SerDe's class and its parameters, the table's data columns, those a query needs."""

    serde: str
    parameters: Mapping[str, str]
    columns: Columns
    needed: tuple[str, ...]

    def needed_types(self) -> list[tuple[int, HiveType]]:
        """Place and type of each needed column."""
        names = list(self.columns)
        return [(names.index(name), self.columns[name]) for name in self.needed]


def decoder_of(form: RowFormat) -> Decoder:
    """The decoder of a format. Raises SqlError on a SerDe that the embedded engine does not have."""
    if form.serde in (*HIVE_JSON, OPENX_JSON):
        is_openx = form.serde == OPENX_JSON
        return json_decoder({name: form.columns[name] for name in form.needed}, form.parameters, is_openx=is_openx)
    decoders = {
        LAZY: _delimited,
        "org.apache.hadoop.hive.serde2.OpenCSVSerde": _csv,
        "org.apache.hadoop.hive.serde2.RegexSerDe": _regex,
        "com.amazonaws.glue.serde.GrokSerDe": None,
    }
    decoder = decoders.get(form.serde)
    if decoder is None:
        problem = f"the SerDe {form.serde or '(none)'} is not supported by the embedded engine"
        raise SqlError(f"{problem}; it reads Parquet, ORC, JSON, OpenCSVSerde, LazySimpleSerDe and RegexSerDe",
                       "NOT_SUPPORTED")  # fmt: skip
    return decoder(form)


def _delimited(form: RowFormat) -> Decoder:
    given = form.parameters
    first = _character(given.get("field.delim") or given.get("serialization.format") or SEPARATORS[0])
    second = _character(given.get("collection.delim") or given.get("colelction.delim") or SEPARATORS[1])
    third = _character(given.get("mapkey.delim") or SEPARATORS[2])
    separators = first + second + third + SEPARATORS[3:]
    null, escape = given.get("serialization.null.format", "\\N"), given.get("escape.delim")
    escape = None if not escape else _character(escape)
    readers = [(place, delimited_reader(kind, separators, null, escape)) for place, kind in form.needed_types()]
    takes_rest = given.get("serialization.last.column.takes.rest", "").lower() == "true"
    most = len(form.columns) - 1 if takes_rest else -1

    def decode(lines: list[str]) -> list[list[Any]]:
        if escape is None:
            rows = [line.split(first, most) for line in lines]
        else:
            rows = [split_fields(line, first, escape) for line in lines]
        return [[_field(row, place, null, reader) for row in rows] for place, reader in readers]

    return decode


def _field(row: list[str], place: int, null: str, reader: Reader) -> Any:
    if place >= len(row) or row[place] == null:
        return None
    return reader(row[place])


def _character(text: str) -> str:
    """A delimiter as the catalog writes it: a sign, an escape such as \\t or \\001, or the number of a sign."""
    if len(text) == 1:
        return text
    match = re.fullmatch(r"\\(?:u([0-9a-fA-F]{4})|([0-7]{1,3})|(.))", text)
    if match and (match[1] or match[2]):
        return chr(int(match[1], 16) if match[1] else int(match[2], 8))
    if match and match[3] in ESCAPES:
        return ESCAPES[match[3]]
    if text.isdigit() and int(text) < 256:
        return chr(int(text))
    return text[0]


def _csv(form: RowFormat) -> Decoder:
    given = form.parameters
    separator = _character(given.get("separatorChar") or ",")
    quote = _character(given.get("quoteChar") or '"')
    escape = _character(given.get("escapeChar") or "\\")
    readers = [(place, _csv_reader(kind)) for place, kind in form.needed_types()]
    special = re.compile(f"[{re.escape(quote)}{re.escape(escape)}]")

    def fields(line: str) -> list[str | None]:
        if not line:
            return []
        if not special.search(line):
            return list(line.split(separator))
        return csv_fields(line, separator, quote, escape)

    def decode(lines: list[str]) -> list[list[Any]]:
        rows = [fields(line) for line in lines]
        return [[_csv_value(row, place, reader) for row in rows] for place, reader in readers]

    return decode


def _csv_value(row: list[str | None], place: int, reader: Reader) -> Any:
    text = row[place] if place < len(row) else None
    return None if text is None else reader(text)


def _csv_reader(kind: HiveType) -> Reader:
    """Athena's conversions of the texts of OpenCSVSerde; an empty text is no number."""
    if kind.fields or kind.name == "binary":
        raise SqlError(f"OpenCSVSerde has no columns of type {athena_name(kind)}; make it string", "NOT_SUPPORTED")
    simple = text_reader(kind)

    def strict(text: str) -> Any:
        value = epoch_milliseconds(text) if kind.name == "timestamp" and re.fullmatch(r"-?\d+", text) else simple(text)
        if value is None:
            problem = f"Error parsing field value '{text}' for field: it is no {athena_name(kind)}"
            raise SqlError(f"{problem}; make the column string, and use try_cast", "HIVE_BAD_DATA")
        return value

    return simple if kind.name in ("string", "varchar", "char") else strict


def csv_fields(line: str, separator: str, quote: str, escape: str) -> list[str | None]:
    """The fields of a line as opencsv splits it; one whose quotes are not closed is null."""
    found: list[str | None] = []
    field: list[str] = []
    quoted = within = False
    place, end = 0, len(line)
    while place < end:
        sign, after = line[place], line[place + 1 : place + 2]
        if sign == escape:
            if (quoted or within) and after and after in (quote, escape):
                field.append(after)
                place += 1
        elif sign == quote:
            if (quoted or within) and after == quote:
                field.append(after)
                place += 1
            else:
                if place > 2 and line[place - 1] != separator and after and after != separator:
                    if field and not "".join(field).strip():
                        field = []
                    else:
                        field.append(sign)
                quoted = not quoted
            within = not within
        elif sign == separator and not quoted:
            found.append("".join(field))
            field, within = [], False
        else:
            field.append(sign)
            within = True
        place += 1
    found.append(None if quoted else "".join(field))
    return found


def _regex(form: RowFormat) -> Decoder:
    text = form.parameters.get("input.regex")
    if text is None:
        raise SqlError("RegexSerDe needs the property input.regex", "HIVE_INVALID_METADATA")
    flags = re.DOTALL | (re.IGNORECASE if form.parameters.get("input.regex.case.insensitive") == "true" else 0)
    try:
        pattern = re.compile(re.sub(r"\(\?<([A-Za-z]\w*)>", r"(?P<\1>", text), flags)
    except re.error as error:
        problem = f"the regular expression {text!r} is not supported by the embedded engine: {error}"
        raise SqlError(problem, "HIVE_INVALID_METADATA") from None
    readers = [(place, text_reader(kind)) for place, kind in form.needed_types()]

    def decode(lines: list[str]) -> list[list[Any]]:
        matches = [match.groups() if (match := pattern.fullmatch(line)) else () for line in lines]
        return [
            [None if place >= len(row) or row[place] is None else reader(row[place]) for row in matches]
            for place, reader in readers
        ]

    return decode
