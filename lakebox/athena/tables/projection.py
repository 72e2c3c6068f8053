"""Partition projection: partitions that the table's properties describe, and no catalog lists.

Source: Amazon Athena User Guide, "Partition projection with Amazon Athena" (enum, integer, date and injected types;
storage.location.template). A partition without files has no rows.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product
from math import prod

from lakebox.athena.engine import SqlError
from lakebox.athena.tables.catalog_tables import CatalogTable
from lakebox.athena.tables.partitions import Partition, Values, standard_folder

MOST_PARTITIONS = 1_000_000
LETTERS = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
SECONDS = {"SECONDS": 1, "MINUTES": 60, "HOURS": 3600, "DAYS": 86400, "WEEKS": 604800}
MONTHS = {"MONTHS": 1, "YEARS": 12}
Filter = Callable[[int, Sequence[str]], list[str]]  # of a key by its place, and values: those that a query can need


def is_projected(table: CatalogTable) -> bool:
    """Whether the partitions of a table are projected; registered ones are then left aside, as on Athena."""
    return bool(table.keys) and table.properties.get("projection.enabled", "").lower() == "true"


def projected_partitions(
    table: CatalogTable, needed: Filter, named: Mapping[str, Sequence[str]], now: datetime
) -> list[Partition]:
    """The partitions that a query can need. Raises SqlError on wrong properties.

    needed: keeps those values of one key that the query's conditions on that key alone allow
    named: for each key the values that the query names by = or IN; an injected key must be among them
    """
    candidates = []
    for number, key in enumerate(table.keys):
        values = _values(table, key, named, now)
        candidates.append(needed(number, values))
    if prod(map(len, candidates)) > MOST_PARTITIONS:
        problem = f"{table}: the query can need more than {MOST_PARTITIONS:,} projected partitions"
        raise SqlError(f"{problem}; narrow it: WHERE {next(iter(table.keys))} = …", "HIVE_EXCEEDED_PARTITION_LIMIT")
    return [Partition(values, projected_location(table, values), table.storage) for values in product(*candidates)]


def _values(table: CatalogTable, key: str, named: Mapping[str, Sequence[str]], now: datetime) -> list[str]:
    kind = _property(table, key, "type").lower()
    if kind == "enum":
        return [value.strip() for value in _property(table, key, "values").split(",")]
    if kind == "integer":
        return _integers(table, key)
    if kind == "date":
        return _dates(table, key, now)
    if kind != "injected":
        raise _wrong(table, key, "type", kind, "enum, integer, date or injected")
    if key not in named:
        problem = f"For the injected projected partition column {key}, the WHERE clause must contain only static"
        raise SqlError(f"{problem} equality conditions, and at least one such condition must be present",
                       "CONSTRAINT_VIOLATION")  # fmt: skip
    return list(named[key])


def _property(table: CatalogTable, key: str, name: str, default: str | None = None) -> str:
    found = table.properties.get(f"projection.{key}.{name}", default)
    if found is None:
        problem = f"{table} has no property projection.{key}.{name}, which its partition projection needs"
        raise SqlError(problem, "INVALID_TABLE_PROPERTY")
    return found


def _wrong(table: CatalogTable, key: str, name: str, value: str, allowed: str) -> SqlError:
    text = f"{table}: projection.{key}.{name} is {value!r}; it must be {allowed}"
    return SqlError(text, "INVALID_TABLE_PROPERTY")


def _integers(table: CatalogTable, key: str) -> list[str]:
    texts = [text.strip() for text in _property(table, key, "range").split(",")]
    interval, digits = _property(table, key, "interval", "1"), _property(table, key, "digits", "0")
    is_range = len(texts) == 2 and all(re.fullmatch(r"-?\d+", text) for text in texts)
    if not is_range or not interval.isdigit() or int(interval) == 0 or not digits.isdigit():
        raise _wrong(table, key, "range", ",".join(texts), "two whole numbers: 1,12; interval and digits are numbers")
    first, last = map(int, texts)
    if (last - first) // int(interval) >= MOST_PARTITIONS:
        raise _wrong(table, key, "range", ",".join(texts), f"of at most {MOST_PARTITIONS:,} values")
    return [f"{number:0{int(digits)}d}" for number in range(first, last + 1, int(interval))]


def _dates(table: CatalogTable, key: str, now: datetime) -> list[str]:
    letters = _property(table, key, "format")
    pattern = _python_format(letters)
    if pattern is None:
        raise _wrong(table, key, "format", letters, "of yyyy MM dd HH mm ss, signs, and 'text'")
    texts = [text.strip() for text in _property(table, key, "range").split(",")]
    try:
        first, last = (_moment(text, pattern, now) for text in texts)
    except ValueError:
        raise _wrong(table, key, "range", ",".join(texts), f"two dates as {letters}, or NOW, NOW-3YEARS") from None
    unit = _property(table, key, "interval.unit", _smallest_unit(letters)).upper()
    unit = unit if unit.endswith("S") else f"{unit}S"
    step = _property(table, key, "interval", "1")
    if unit not in (*SECONDS, *MONTHS) or not step.isdigit() or int(step) == 0:
        raise _wrong(table, key, "interval.unit", f"{step} {unit}", ", ".join((*SECONDS, *MONTHS)))
    found: dict[str, None] = {}
    number, moment = 0, first
    while moment <= last:
        found[moment.strftime(pattern)] = None
        number += int(step)
        if number > MOST_PARTITIONS:
            raise _wrong(table, key, "range", ",".join(texts), f"of at most {MOST_PARTITIONS:,} values")
        moment = _later(first, number, unit)
    return list(found)


def _python_format(letters: str) -> str | None:
    """Java's date format in Python's words; None where it has a letter that is not supported."""
    pieces = [match[0] for match in re.finditer(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+", letters)]
    if not pieces or "".join(pieces) != letters:
        return None
    words = []
    for piece in pieces:
        if piece.startswith("'"):
            words.append(piece[1:-1].replace("''", "'").replace("%", "%%") or "'")
        elif piece[0].isalpha():
            if piece not in LETTERS:
                return None
            words.append(LETTERS[piece])
        else:
            words.append(piece.replace("%", "%%"))
    return "".join(words)


def _moment(text: str, pattern: str, now: datetime) -> datetime:
    match = re.fullmatch(r"NOW(?:\s*([+-])\s*(\d+)\s*([A-Z]+?)S?)?", text)
    if match is None:
        return datetime.strptime(text, pattern).replace(tzinfo=UTC)
    if match[1] is None:
        return now
    return _later(now, int(match[1] + match[2]), f"{match[3]}S")


def _smallest_unit(letters: str) -> str:
    """Days or months by the format; finer formats must name their unit."""
    return "DAYS" if "dd" in letters else "MONTHS" if "MM" in letters else "YEARS"


def _later(moment: datetime, number: int, unit: str) -> datetime:
    if unit in SECONDS:
        return moment + timedelta(seconds=number * SECONDS[unit])
    if unit not in MONTHS:
        raise ValueError(unit)
    year, month = divmod(moment.year * 12 + moment.month - 1 + number * MONTHS[unit], 12)
    last = (date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def projected_location(table: CatalogTable, values: Values) -> str:
    """The folder of a projected partition."""
    template = table.properties.get("storage.location.template")
    if template is None:
        return table.location.rstrip("/") + "/" + standard_folder(tuple(table.keys), values)
    for key, value in zip(table.keys, values, strict=True):
        template = str(value).join(re.split(rf"\$\{{{re.escape(key)}\}}", template, flags=re.IGNORECASE))
    return template
