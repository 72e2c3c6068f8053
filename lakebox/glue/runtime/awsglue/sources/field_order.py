"""The order of JSON's fields: that in which the records name them, as Glue has it; Spark sorts them by name."""

import re
from collections.abc import Iterable, Sequence

from pyspark.sql import DataFrameReader
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, StructField, StructType

FIRST_LINES, LINE_CHARACTERS = 1000, 100_000  # what is looked at; fields that come later keep Spark's order
TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[{}\[\]]')
Path = tuple[str, ...]


def in_file_order(schema: StructType, reader: DataFrameReader, paths: Sequence[str], is_multiline: bool) -> StructType:
    """A schema of JSON files, its fields and those of its structs in the order of the first records.

    is_multiline: records may have several lines; else each line is one.
    """
    first = reader.text(list(paths)).limit(FIRST_LINES).select(F.substring("value", 1, LINE_CHARACTERS)).collect()
    lines = [row[0] for row in first]
    return in_order_of(schema, ["\n".join(lines)] if is_multiline else lines)


def in_order_of(schema: StructType, texts: Iterable[str]) -> StructType:
    """A schema, its fields and those of its structs in the order in which JSON texts name them."""
    named = dict.fromkeys(path for text in texts for path in paths_of(text))
    return _struct(schema, (), {path: place for place, path in enumerate(named)})


def paths_of(text: str) -> Iterable[Path]:
    """The names of members in a JSON text, which may be cut off, with those of the objects that they are in."""
    open_names: list[str | None] = []  # of each object and list that is open, the member that it is
    name: str | None = None
    for token in TOKEN.finditer(text):
        sign = token[0]
        if sign in "{[":
            open_names.append(name)
            name = None
        elif sign in "}]":
            if open_names:
                open_names.pop()
            name = None
        elif token[2]:
            name = token[1]
            yield (*[known for known in open_names if known is not None], name)


def _struct(schema: StructType, above: Path, places: dict[Path, int]) -> StructType:
    last = len(places)
    fields = sorted(schema.fields, key=lambda field: places.get((*above, field.name), last))
    return StructType(
        [StructField(one.name, _type(one.dataType, (*above, one.name), places), one.nullable) for one in fields]
    )


def _type(kind: DataType, path: Path, places: dict[Path, int]) -> DataType:
    if isinstance(kind, StructType):
        return _struct(kind, path, places)
    if isinstance(kind, ArrayType):
        return ArrayType(_type(kind.elementType, path, places), kind.containsNull)
    return kind
