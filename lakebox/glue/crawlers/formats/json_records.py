"""JSON: lines, objects one after the other, or an array -> columns, by the records of the file's beginning.

Glue's built-in classifier takes an array as one record with one column, `array`. A JSON classifier names by its path
what the records are: `$[*]` the elements of an array, `$.orders[*]` those of a field, `$.id` a single value, which
becomes the column `record`.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

from lakebox.glue.crawlers.formats.schema import FileSchema, Sample, UnreadableError
from lakebox.glue.crawlers.formats.types import Array, Columns, HiveType, Struct, merged, merged_columns

INT, BIGINT = 1 << 31, 1 << 63
STEP = re.compile(r"\.([^.\[\]*]+)|\[\s*'([^']+)'\s*\]|\[\s*\"([^\"]+)\"\s*\]|(\.\*|\[\*\])|\[(\d+)\]")
ANY = object()
GAP = re.compile(r"[\s,]*")
DECODER = json.JSONDecoder()


def json_schema(sample: Sample, path: str = "") -> FileSchema:
    """The schema of a JSON file. Raises UnreadableError where its beginning is not JSON, or the path finds nothing."""
    values, seen_characters = _values(sample)
    records = [found for value in values for found in _at(value, steps_of(path))] if path else values
    if not records:
        raise UnreadableError(f"nothing at the JSON path {path}" if path else "no JSON object or array")
    columns = merged_columns([_columns(record, path) for record in records], is_text=True)
    count, mean = sample.records(len(records), seen_characters)
    return FileSchema("json", sample.compression, columns, count, mean, {"json_path": path} if path else {})


def steps_of(path: str) -> list[Any]:
    """A JSON path as a list of names, indexes, and ANY. Raises UnreadableError on a path of another form."""
    steps, position = [], 1
    while position < len(path):
        match = STEP.match(path, position)
        if match is None:
            break
        name = match[1] or match[2] or match[3]
        steps.append(name if name else ANY if match[4] else int(match[5]))
        position = match.end()
    if not path.startswith("$") or position < len(path):
        raise UnreadableError(f"the JSON path {path!r} is not of the form $.name, $['name'], $[*] or $[0]")
    return steps


def _values(sample: Sample) -> tuple[list[Any], int]:
    """The objects and arrays at the file's top, and how many characters they take; a broken line is left out.

    An array that the sample's end has cut is taken for the elements that are there.
    """
    text, values, position, end = sample.text, [], 0, 0
    while (position := _next(text, position)) < len(text):
        try:
            if text[position] not in "{[":
                raise ValueError(text[position])
            value, end = DECODER.raw_decode(text, position)
            values.append(value)
            position = end
        except (ValueError, RecursionError):
            line = text.find("\n{", position)
            position = line + 1 if line >= 0 else len(text)
    if not values and text.lstrip()[:1] == "[" and not sample.is_whole:
        elements, end = _elements(text)
        values = [elements] if elements else []
    if not values:
        raise UnreadableError("no JSON object or array")
    return values, end


def _elements(text: str) -> tuple[list[Any], int]:
    """The complete elements of an array whose end is not there, and how many characters they take."""
    elements, position = [], text.index("[") + 1
    with contextlib.suppress(ValueError, RecursionError):
        while (start := _next(text, position)) < len(text):
            value, position = DECODER.raw_decode(text, start)
            elements.append(value)
    return elements, position


def _next(text: str, position: int) -> int:
    """The next character that is neither white space nor a comma."""
    match = GAP.match(text, position)
    return match.end() if match else position


def _at(value: Any, steps: list[Any]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    step, *rest = steps
    if step is ANY:
        inner = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
        for element in inner:
            yield from _at(element, rest)
        return
    has_step = step in value if isinstance(value, dict) else isinstance(value, list) and step in range(len(value))
    if has_step:
        yield from _at(value[step], rest)


def _columns(record: Any, path: str) -> Columns:
    if isinstance(record, dict):
        return tuple((name, _type_of(value)) for name, value in record.items() if name)
    return (("record" if path else "array", _type_of(record)),)


def _type_of(value: Any) -> HiveType:
    if value is None:
        return None
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int" if -INT <= value < INT else "bigint" if -BIGINT <= value < BIGINT else "double"
    if isinstance(value, float):
        return "double"
    if isinstance(value, list):
        element: HiveType = None
        for kind in map(_type_of, value):
            element = merged(element, kind, is_text=True)
        return Array(element)
    if isinstance(value, dict):
        return Struct(tuple((name, _type_of(field)) for name, field in value.items()))
    return "string"
