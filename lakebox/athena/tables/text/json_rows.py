"""Lines of JSON to columns, as OpenX's and Hive's JSON SerDe read them; names are matched in any case.

OpenX converts freely: a number may be text, one value is an array of one, what is no value of its column is null.
Hive's fails on what does not fit. A line that is no JSON fails the query, or is a row of nulls where the table has
ignore.malformed.json.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

from lakebox.athena.engine import SqlError
from lakebox.athena.json_scalar import DECODER, Number
from lakebox.athena.tables.hive_types import HiveType, athena_name
from lakebox.athena.tables.text.values import BITS, day, text_reader, timestamp

Convert = Callable[[Any], Any]


def json_decoder(
    columns: Mapping[str, HiveType], parameters: Mapping[str, str], *, is_openx: bool
) -> Callable[[list[str]], list[list[Any]]]:
    """The decoder of lines into the values of some columns."""
    ignored = is_openx and parameters.get("ignore.malformed.json", "false").lower() == "true"
    names = _Names(parameters) if is_openx else _Names({})
    convert = (_openx if is_openx else _hive)(HiveType("struct", (), tuple(columns.items())), names)

    def row(line: str) -> dict[str, Any]:
        text = line.strip()
        if is_openx and text[:1] not in ("{", "["):
            return {}
        try:
            value, _ = DECODER.raw_decode(text)
        except (ValueError, RecursionError) as error:
            if ignored:
                return {}
            raise SqlError(f"HIVE_BAD_DATA: Error parsing a row: {error}: {text[:100]!r}; mend it, or use the OpenX "
                           "SerDe with ignore.malformed.json", "HIVE_BAD_DATA") from None  # fmt: skip
        converted: dict[str, Any] = convert(value)
        return converted

    def decode(lines: list[str]) -> list[list[Any]]:
        rows = [row(line) for line in lines]
        return [[one.get(name) for one in rows] for name in columns]

    return decode


class _Names:
    """How keys of objects are matched with names of columns and fields."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._folds = parameters.get("case.insensitive", "true").lower() != "false"
        self._dots = parameters.get("dots.in.keys", "false").lower() == "true"
        mapped = {name[8:].lower(): key for name, key in parameters.items() if name.startswith("mapping.")}
        self._mapped = {name: self._folded(key) for name, key in mapped.items()}

    def _folded(self, key: str) -> str:
        folded = key.lower() if self._folds else key
        return folded.replace(".", "_") if self._dots else folded

    def keyed(self, members: dict[str, Any]) -> dict[str, Any]:
        """The members by their folded keys; the last of one key wins."""
        return {self._folded(key): value for key, value in members.items()}

    def key_of(self, name: str) -> str:
        """The folded key under which a column's value stands."""
        return self._mapped.get(name, name)


def _text(value: Any) -> str:
    """A value as a text column shows it: numbers as written, objects and arrays as JSON."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    return _json_text(value)


def _json_text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json_text(key)}:{_json_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _openx(kind: HiveType, names: _Names) -> Convert:
    inner = [_nullable(_openx(field, names)) for _, field in kind.fields]

    def array(value: Any) -> Any:
        if value == "" and not isinstance(value, Number):
            return None
        return [inner[0](item) for item in (value if isinstance(value, list) else [value])]

    def mapping(value: Any) -> Any:
        if isinstance(value, dict):
            entries = {inner[0](key): inner[1](item) for key, item in value.items()}
            return [entry for entry in entries.items() if entry[0] is not None]
        return _blank_or_fail(value, kind)

    def struct(value: Any) -> Any:
        if isinstance(value, dict):
            members = names.keyed(value)
            values = (members.get(names.key_of(name)) for name, _ in kind.fields)
        elif isinstance(value, list):
            values = (value[place] if place < len(value) else None for place in range(len(inner)))
        else:
            _blank_or_fail(value, kind)
            return {name: None for name, _ in kind.fields}
        pairs = zip(kind.fields, inner, values, strict=True)
        return {name: convert(item) for (name, _), convert, item in pairs}

    nested: dict[str, Convert] = {"array": array, "map": mapping, "struct": struct}
    return nested[kind.name] if kind.name in nested else _openx_scalar(kind)


def _openx_scalar(kind: HiveType) -> Convert:
    if kind.name in ("string", "varchar", "char"):
        read = text_reader(kind)
        return lambda value: read(_text(value))
    convert: Callable[[str], Any] = text_reader(kind)
    if kind.name in BITS:
        convert = _whole(kind)
    elif kind.name == "timestamp":
        convert = _openx_timestamp
    elif kind.name == "date":
        convert = _openx_date
    elif kind.name == "boolean":
        return lambda value: _text(value).lower() == "true"

    def scalar(value: Any) -> Any:
        if isinstance(value, dict | list):
            raise SqlError(f"{_json_text(value)[:100]} can not be coerced to a {athena_name(kind)}", "HIVE_BAD_DATA")
        return convert(_text(value))

    return scalar


def _whole(kind: HiveType) -> Callable[[str], Any]:
    """Whole numbers, decimal, hexadecimal or octal, and decimals without a fraction cut."""
    limit = 1 << (BITS[kind.name] - 1)

    def convert(text: str) -> int | None:
        if re.fullmatch(r"[+-]?0[xX][0-9a-fA-F]+", text):
            number = int(text, 16)
        elif re.fullmatch(r"[+-]?0[0-7]+", text):
            number = int(text, 8)
        else:
            try:
                number = int(Decimal(text).to_integral_value(ROUND_DOWN)) if "_" not in text else limit
            except (InvalidOperation, ValueError, OverflowError):
                return None
        return number if -limit <= number < limit else None

    return convert


def _openx_date(text: str) -> Any:
    found = day(text)
    if found is None and re.fullmatch(r"[+-]?\d+", text):
        found = (datetime(1970, 1, 1) + timedelta(days=int(text))).date()
    return found


def _openx_timestamp(text: str) -> datetime | None:
    if ":" in text[1:]:
        if re.fullmatch(r".+([zZ]|[+-]\d\d:?\d\d)", text):
            try:
                return datetime.fromisoformat(text.upper().replace(" ", "X")).astimezone(UTC).replace(tzinfo=None)
            except ValueError:
                pass
        return timestamp(text)
    if not re.fullmatch(r"[+-]?\d+(\.\d*)?", text):
        return None
    scale = 1 if "." not in text and len(text) >= 13 else 1000
    return datetime(1970, 1, 1) + timedelta(milliseconds=int(Decimal(text) * scale))


def _nullable(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _blank_or_fail(value: Any, kind: HiveType) -> None:
    if not isinstance(value, str) or value.strip():
        raise SqlError(f"{_text(value)[:100]!r} can not be coerced to a {athena_name(kind)}", "HIVE_BAD_DATA")


def _hive(kind: HiveType, names: _Names) -> Convert:
    inner = [_nullable(_hive(field, names)) for _, field in kind.fields]
    read_key = text_reader(kind.fields[0][1]) if kind.name == "map" else str

    def array(value: Any) -> Any:
        if not isinstance(value, list):
            raise SqlError("Invalid JSON: start of array expected", "HIVE_BAD_DATA")
        return [inner[0](item) for item in value]

    def mapping(value: Any) -> Any:
        if not isinstance(value, dict):
            raise SqlError("Invalid JSON: start of object expected", "HIVE_BAD_DATA")
        return list({read_key(key): inner[1](item) for key, item in value.items()}.items())

    def struct(value: Any) -> Any:
        if not isinstance(value, dict):
            raise SqlError("Invalid JSON: start of object expected", "HIVE_BAD_DATA")
        members = names.keyed(value)
        return {name: convert(members.get(name)) for (name, _), convert in zip(kind.fields, inner, strict=True)}

    nested: dict[str, Convert] = {"array": array, "map": mapping, "struct": struct}
    return nested.get(kind.name) or _hive_scalar(kind)


def _hive_scalar(kind: HiveType) -> Convert:
    read = text_reader(kind)

    def scalar(value: Any) -> Any:
        if isinstance(value, dict | list):
            raise SqlError(f"Invalid JSON: {athena_name(kind)} value must be a scalar json value", "HIVE_BAD_DATA")
        text = _text(value)
        if kind.name == "boolean":
            return text.lower() == "true"
        wrong = kind.name in (*BITS, "float", "double") and not isinstance(value, Number)
        found = None if wrong else read(text)
        if found is None and kind.name != "decimal":
            raise SqlError(f"{text[:100]!r} is no {athena_name(kind)}", "HIVE_BAD_DATA")
        return found

    return scalar
