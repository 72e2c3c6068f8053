"""Names of columns as Glue writes them: `a.b` is a member of a struct, or a column with a dot, or in backticks."""

import re
from collections.abc import Sequence

from pyspark.sql.types import StructType

PART = re.compile(r"`([^`]*)`|([^.`]+)")


def parts_of(name: str) -> tuple[str, ...]:
    """A name's parts: what is in backticks is one part, else dots part it."""
    return tuple(quoted or plain for quoted, plain in PART.findall(name))


def field_at(schema: StructType, name: str) -> tuple[str, ...] | None:
    """The path to a field of a schema, its case as it is there; None where there is no such field."""
    whole = name.strip("`")
    for field in schema.fields:
        if field.name == whole:
            return (field.name,)
    return _found(schema, parts_of(name))


def _found(schema: StructType, parts: tuple[str, ...]) -> tuple[str, ...] | None:
    for field in schema.fields:
        if parts and field.name.lower() == parts[0].lower():
            if len(parts) == 1:
                return (field.name,)
            if isinstance(field.dataType, StructType):
                rest = _found(field.dataType, parts[1:])
                return None if rest is None else (field.name, *rest)
    return None


def quoted(path: tuple[str, ...]) -> str:
    """A path as Spark reads it."""
    return ".".join(f"`{part}`" for part in path)


def listed(names: str | Sequence[str]) -> list[str]:
    """Names where a script may give a single one."""
    return [names] if isinstance(names, str) else list(names)
