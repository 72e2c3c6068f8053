"""Transforms of columns: ApplyMapping, DropFields, SelectFields, RenameField, DropNullFields, UnnestFrame."""

from collections.abc import Sequence
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, MapType, StructField, StructType

from ..sources.choice_types import is_choice, resolved
from .paths import field_at, listed, parts_of, quoted

TYPES = {
    "varchar": "string",
    "char": "string",
    "long": "bigint",
    "short": "smallint",
    "byte": "tinyint",
    "integer": "int",
    "choice": None,
    "null": None,
}


def apply_mapping(frame: Any, mappings: Sequence[tuple[str, ...]], *_: Any, **__: Any) -> Any:
    """The mapped columns alone, renamed and cast; nested targets (`a.b`) make structs, missing sources are left out.

    mappings: (source, source type, target, target type) or (source, target)
    """
    rows = frame.toDF()
    targets: dict[tuple[str, ...], Column] = {}
    for mapping in mappings:
        source, target = (mapping[0], mapping[2]) if len(mapping) == 4 else (mapping[0], mapping[1])
        path = field_at(rows.schema, source)
        if path is None:
            continue
        value = F.col(quoted(path))
        kind = _type_at(rows, path)
        if len(path) == 1 and is_choice(rows.schema[path[0]]) and len(mapping) == 4:
            targets[parts_of(target)] = resolved(
                value, rows.schema[path[0]], TYPES.get(mapping[3], mapping[3]) or "string"
            )
            continue
        targets[parts_of(target)] = _cast(value, kind, mapping[3]) if len(mapping) == 4 else value
    return frame.with_frame(rows.select(*_nested(targets)))


def drop_fields(frame: Any, paths: Sequence[str], *_: Any, **__: Any) -> Any:
    """All columns but those that are named; `a.b` drops a member of a struct."""
    rows = frame.toDF()
    for name in listed(paths):
        path = field_at(rows.schema, name)
        if path is None:
            continue
        if len(path) == 1:
            rows = rows.drop(F.col(quoted(path)))
        else:
            inner = ".".join(f"`{part}`" for part in path[1:])
            rows = rows.withColumn(path[0], F.col(quoted(path[:1])).dropFields(inner))
    return frame.with_frame(rows)


def select_fields(frame: Any, paths: Sequence[str], *_: Any, **__: Any) -> Any:
    """The named columns alone, those that are missing left out; `a.b` selects a member of a struct."""
    rows = frame.toDF()
    found = [path for path in (field_at(rows.schema, name) for name in listed(paths)) if path is not None]
    return frame.with_frame(rows.select(*_nested({path: F.col(quoted(path)) for path in found})))


def rename_field(frame: Any, old_name: str, new_name: str, *_: Any, **__: Any) -> Any:
    """One column under another name; dots in a name stand for nesting, unless in backticks."""
    rows = frame.toDF()
    path = field_at(rows.schema, old_name)
    if path is None:
        return frame
    target = parts_of(new_name)
    if len(path) > 1 and target[:-1] == path[:-1]:
        top = rows.schema[path[0]]
        kind = _renamed(top.dataType, path[1:], target[-1])
        return frame.with_frame(rows.withColumn(top.name, F.col(quoted((top.name,))).cast(kind)))
    columns: dict[tuple[str, ...], Column] = {}
    for name in rows.columns:
        if (name,) == path:
            columns[target] = F.col(quoted(path))
        elif name == path[0]:
            columns[target] = F.col(quoted(path))
            columns[(name,)] = F.col(quoted((name,))).dropFields(".".join(f"`{part}`" for part in path[1:]))
        else:
            columns[(name,)] = F.col(quoted((name,)))
    return frame.with_frame(rows.select(*_nested(columns)))


def _renamed(kind: DataType, path: tuple[str, ...], name: str) -> DataType:
    """A struct's type with another name for the field at a path."""
    if not path:
        return kind
    first, *rest = path
    return StructType(
        [
            StructField(
                name if one.name == first and not rest else one.name,
                _renamed(one.dataType, tuple(rest), name) if one.name == first else one.dataType,
            )
            for one in kind.fields  # type: ignore[attr-defined]
        ]
    )


def drop_null_fields(frame: Any, *_: Any, **__: Any) -> Any:
    """All columns but those that hold nothing but nulls."""
    rows = frame.toDF()
    if not rows.columns:
        return frame
    counts = rows.agg(
        *[F.count(F.col(quoted((name,)))).alias(str(i)) for i, name in enumerate(rows.columns)]
    ).collect()[0]
    kept = [F.col(quoted((name,))) for name, count in zip(rows.columns, counts, strict=True) if count]
    return frame.with_frame(rows.select(*kept))


def unnest(frame: Any, *_: Any, **__: Any) -> Any:
    """Members of structs as columns of their own, named `struct.member`; arrays and maps stay."""
    rows = frame.toDF()
    paths = list(_leaves(rows.schema, ()))
    return frame.with_frame(rows.select(*[F.col(quoted(path)).alias(".".join(path)) for path in paths]))


def _leaves(schema: StructType, above: tuple[str, ...]) -> Any:
    for field in schema.fields:
        if isinstance(field.dataType, StructType):
            yield from _leaves(field.dataType, (*above, field.name))
        else:
            yield (*above, field.name)


def _type_at(rows: DataFrame, path: tuple[str, ...]) -> DataType:
    kind: DataType = rows.schema
    for part in path:
        kind = kind[part].dataType  # type: ignore[index]
    return kind


def _cast(value: Column, kind: DataType, wanted: str) -> Column:
    """The value as the wanted type; a struct, list or map that is wanted as text is JSON."""
    name = TYPES.get(wanted.lower(), wanted)
    if name is None or wanted.lower() in ("struct", "array", "map"):
        return value
    if name == "string" and isinstance(kind, StructType | ArrayType | MapType):
        return F.to_json(value)
    return value.cast(name)


def _nested(targets: dict[tuple[str, ...], Column]) -> list[Column]:
    """Columns from values at paths: those that share a first part are members of one struct."""
    first: dict[str, dict[tuple[str, ...], Column]] = {}
    for path, value in targets.items():
        first.setdefault(path[0], {})[path[1:]] = value
    return [
        (members[()] if () in members else F.struct(*_nested(members))).alias(name) for name, members in first.items()
    ]
