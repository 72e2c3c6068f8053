"""Column types of the catalog as trees, which can be merged: two files may know different parts of a type."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

PLAIN_NAME = re.compile(r"[\w$.\-]+")
WHOLE = ("tinyint", "smallint", "int", "bigint")
NUMBERS = (*WHOLE, "float", "double")


@dataclass(frozen=True)
class Array:
    """`array<element>`."""

    element: "HiveType"


@dataclass(frozen=True)
class Map:
    """`map<key,value>`."""

    key: "HiveType"
    value: "HiveType"


@dataclass(frozen=True)
class Struct:
    """`struct<name:type,…>`."""

    fields: tuple[tuple[str, "HiveType"], ...]


HiveType = str | Array | Map | Struct | None  # None: nothing but nulls was seen
Columns = tuple[tuple[str, HiveType], ...]


def text_of(kind: HiveType) -> str:
    """The type as the catalog writes it; string where nothing is known, or a field's name can't be written."""
    if kind is None:
        return "string"
    if isinstance(kind, Array):
        return f"array<{text_of(kind.element)}>"
    if isinstance(kind, Map):
        return f"map<{text_of(kind.key)},{text_of(kind.value)}>"
    if isinstance(kind, Struct):
        if not kind.fields or not all(PLAIN_NAME.fullmatch(name) for name, _ in kind.fields):
            return "string"
        return "struct<" + ",".join(f"{name}:{text_of(field)}" for name, field in kind.fields) + ">"
    return kind


def parsed(text: str) -> HiveType:
    """The tree of a type that the catalog has."""
    outer, bracket, inner = text.partition("<")
    parts = _split(inner[:-1]) if bracket else []
    if outer == "array" and len(parts) == 1:
        return Array(parsed(parts[0]))
    if outer == "map" and len(parts) == 2:
        return Map(parsed(parts[0]), parsed(parts[1]))
    if outer == "struct" and all(":" in part for part in parts):
        named = [part.partition(":") for part in parts]
        return Struct(tuple((name, parsed(kind)) for name, _, kind in named))
    return text


def merged(first: HiveType, second: HiveType, *, is_text: bool) -> HiveType:
    """The type that holds both. Where none does: string in text formats, else the first, which stays what it was."""
    if first == second or second is None:
        return first
    if first is None:
        return second
    if first in NUMBERS and second in NUMBERS:
        return max(first, second, key=NUMBERS.index) if {first, second} <= set(WHOLE) else "double"
    if isinstance(first, Array) and isinstance(second, Array):
        return Array(merged(first.element, second.element, is_text=is_text))
    if isinstance(first, Map) and isinstance(second, Map):
        return Map(first.key, merged(first.value, second.value, is_text=is_text))
    if isinstance(first, Struct) and isinstance(second, Struct):
        return Struct(merged_columns([first.fields, second.fields], is_text=is_text))
    return "string" if is_text else first


def merged_columns(schemas: Sequence[Columns], *, is_text: bool) -> Columns:
    """The columns of all schemas, those of the first first, each with the type that holds all of its types."""
    found: dict[str, HiveType] = {}
    for columns in schemas:
        for name, kind in columns:
            found[name] = merged(found[name], kind, is_text=is_text) if name in found else kind
    return tuple(found.items())


def with_new_fields(kept: HiveType, seen: HiveType) -> HiveType:
    """A type with those fields added to its structs that it has not; nothing that it has changes."""
    if isinstance(kept, Array) and isinstance(seen, Array):
        return Array(with_new_fields(kept.element, seen.element))
    if isinstance(kept, Struct) and isinstance(seen, Struct):
        there, more = dict(kept.fields), dict(seen.fields)
        fields = {name: with_new_fields(kind, more.get(name)) for name, kind in there.items()}
        return Struct(tuple((fields | {name: kind for name, kind in more.items() if name not in there}).items()))
    return kept


def _split(text: str) -> list[str]:
    """The parts between the commas that are in no bracket."""
    parts, depth = [""], 0
    for character in text:
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts
