"""CSV -> columns, by its first thousand records, with the rules of Glue's built-in classifier or of a user's own.

A header is a first line of strings only, each but the last under 150 characters and none of them empty but the last,
while some value below is not a string. Without one the columns are col0, col1, ….
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence

from lakebox.glue.crawlers.formats.schema import FileSchema, Sample, UnreadableError
from lakebox.glue.crawlers.formats.types import Columns, HiveType, merged
from lakebox.glue.data_catalog.documents import Document

DELIMITERS = (",", "|", "\t", ";", "\x01")
RECORDS = 1000
LONGEST_NAME = 150
LEAST_COLUMNS = LEAST_ROWS = 2
REGULAR = 0.7  # share of lines that must have as many values as most have
NAME = re.compile("[\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff\t]*")
INTEGER = re.compile(r"[+-]?\d+")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
BIGINT = 1 << 63
SERDES = {"OpenCSVSerDe": "open", "LazySimpleSerDe": "lazy"}
TYPES = {"BINARY": "binary", "BOOLEAN": "boolean", "DATE": "date", "DECIMAL": "decimal(38,18)", "DOUBLE": "double",
         "FLOAT": "float", "INT": "int", "LONG": "bigint", "SHORT": "smallint", "STRING": "string",
         "TIMESTAMP": "timestamp"}  # fmt: skip

Row = Sequence[str]


def csv_schema(sample: Sample) -> FileSchema:
    """The schema by the built-in classifier. Raises UnreadableError where no delimiter gives a table."""
    tables = {delimiter: _rows(sample, delimiter, '"') for delimiter in DELIMITERS}
    regular = {delimiter: found for delimiter, rows in tables.items() if (found := _regularity(rows)) > (0, 0)}
    if not regular:
        raise UnreadableError("neither JSON nor CSV with at least two columns and two rows")
    delimiter = max(regular, key=lambda one: regular[one])
    rows = tables[delimiter]
    has_header = _has_header(rows)
    names = _names(rows[0], len(rows[0])) if has_header else _names([], _width(rows))
    columns = _columns(names, rows[has_header:], str.strip)
    details = {"delimiter": delimiter, "header": str(int(has_header)), "serde": "lazy"}
    return _schema(sample, columns, rows, has_header, details)


def csv_schema_by(sample: Sample, classifier: Document) -> FileSchema:
    """The schema by a user's own CSV classifier. Raises UnreadableError where it does not fit the file."""
    quote = classifier.get("QuoteSymbol", "")
    options = [classifier["Delimiter"]] if classifier.get("Delimiter") else list(DELIMITERS)
    delimiter, rows = max(
        ((one, _rows(sample, one, quote or '"')) for one in options), key=lambda found: _regularity(found[1])
    )
    header = classifier.get("Header", [])
    if not rows or (_width(rows) < LEAST_COLUMNS and not classifier.get("AllowSingleColumn", False)):
        raise UnreadableError(f"not CSV as the classifier {classifier['Name']} has it")
    if header and _width(rows) != len(header):
        raise UnreadableError(f"{_width(rows)} columns, where the classifier {classifier['Name']} has {len(header)}")
    stated = classifier.get("ContainsHeader", "UNKNOWN")
    has_header = _has_header(rows) or rows[0] == header if stated == "UNKNOWN" else stated == "PRESENT"
    names = _names(header or (rows[0] if has_header else []), _width(rows))
    serde = SERDES.get(classifier.get("Serde", "None"), "open" if quote else "lazy")
    trimmed = (lambda value: value) if classifier.get("DisableValueTrimming", False) else str.strip
    columns = _columns(names, rows[has_header:], trimmed)
    if classifier.get("CustomDatatypeConfigured", False) and len(classifier.get("CustomDatatypes", [])) == len(names):
        columns = tuple(zip(names, (TYPES[kind.upper()] for kind in classifier["CustomDatatypes"]), strict=True))
    elif serde == "open":  # which gives text alone
        columns = tuple((name, "string") for name in names)
    details = {"delimiter": delimiter, "header": str(int(has_header)), "serde": serde} | (
        {"quote": quote} if quote else {}
    )
    return _schema(sample, columns, rows, has_header, details)


def _schema(sample: Sample, columns: Columns, rows: Sequence[Row], has_header: bool, details: Document) -> FileSchema:
    lines = sum(len(value) + 1 for row in rows for value in row)
    whole = sample if len(rows) < RECORDS else Sample("", False, sample.whole_bytes, sample.compression)
    count, mean = whole.records(len(rows), lines)
    quoted = any(f'{edge}"' in sample.text for edge in (details["delimiter"], "\n")) or sample.text.startswith('"')
    return FileSchema(
        "csv", sample.compression, columns, count - has_header, mean, details | {"quoted": str(int(quoted))}
    )


def _rows(sample: Sample, delimiter: str, quote: str) -> list[Row]:
    """The complete lines of the sample, at most a thousand; empty lines are none."""
    reader = csv.reader(io.StringIO(sample.text, newline=""), delimiter=delimiter, quotechar=quote)
    rows: list[Row] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) > RECORDS:
                return rows[:RECORDS]
    except csv.Error:
        return []
    return rows if sample.is_whole else rows[:-1]


def _width(rows: Sequence[Row]) -> int:
    return Counter(map(len, rows)).most_common(1)[0][0] if rows else 0


def _regularity(rows: Sequence[Row]) -> tuple[float, int]:
    """How table-like the lines are: the share of the usual width, and that width; zeros where they are no table."""
    width = _width(rows)
    share = sum(len(row) == width for row in rows) / max(1, len(rows))
    is_table = len(rows) >= LEAST_ROWS and width >= LEAST_COLUMNS and share >= REGULAR
    return (round(share, 2), width) if is_table else (0, 0)


def _has_header(rows: Sequence[Row]) -> bool:
    first, *rest = rows
    if len(first) != _width(rows):
        return False
    head, last = [value.strip() for value in first[:-1]], first[-1].strip()
    if any(_type_of(value) != "string" or len(value) >= LONGEST_NAME for value in head):
        return False
    if (last and _type_of(last) != "string") or not all(NAME.fullmatch(value) for value in first):
        return False
    return any(_type_of(value.strip()) not in ("string", None) for row in rest for value in row)


def _names(header: Row, width: int) -> list[str]:
    """Names of the columns: of the header, or by number where it has none; no two are the same."""
    names: list[str] = []
    for number in range(width):
        name = header[number].strip().lower() if number < len(header) else ""
        name = name or f"col{number}"
        names.append(name if name not in names else f"{name}_{number}")
    return names


def _columns(names: Sequence[str], rows: Sequence[Row], trimmed: Callable[[str], str]) -> Columns:
    types: list[HiveType] = [None] * len(names)
    for row in rows:
        for number, value in enumerate(row[: len(names)]):
            types[number] = merged(types[number], _type_of(trimmed(value)), is_text=True)
    return tuple(zip(names, types, strict=True))


def _type_of(value: str) -> HiveType:
    if not value:
        return None
    if INTEGER.fullmatch(value):
        return "bigint" if -BIGINT <= int(value) < BIGINT else "string"
    if NUMBER.fullmatch(value):
        return "double"
    return "boolean" if value.lower() in ("true", "false") else "string"
