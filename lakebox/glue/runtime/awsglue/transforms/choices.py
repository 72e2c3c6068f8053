"""ResolveChoice: what becomes of columns that hold two types. A column of one type is cast or stays as it is."""

from collections.abc import Sequence
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, StructField, StructType, _parse_datatype_string

from ..sources.choice_types import is_choice, resolved
from ..sources.table_types import fitted
from .columns import TYPES
from .paths import field_at, parts_of, quoted


def resolve_choice(
    frame: Any,
    specs: Sequence[tuple[str, str]] | None = None,
    choice: str = "",
    database: str | None = None,
    table_name: str | None = None,
    *ignored: Any,
    **more: Any,
) -> Any:
    """What becomes of choices: the named columns by their specs, or all by `choice`, as AWS names the actions.

    make_cols: a column a type (`name_int`, `name_string`); make_struct: a struct of them; cast:type and project:type:
    one type, null where a value can't be cast; match_catalog: the types of a table. Columns of one type are cast, too,
    and so are members of structs (`a.b`) and of lists (`a[].b`), which are never choices.
    """
    rows = frame.toDF()
    for name, action in specs or ():
        path = field_at(rows.schema, name)
        verb, _colon, wanted = action.partition(":")
        if path is not None and len(path) == 1:
            rows = _resolved(rows, path[0], verb, wanted)
        elif verb in ("cast", "project"):
            rows = _cast_inside(rows, [part.removesuffix("[]") for part in parts_of(name)], wanted)
    if choice == "match_catalog" and database and table_name:
        from ..sources.catalog import table_of

        types = dict(table_of(database, table_name).columns)
        for name in rows.columns:
            if name.lower() in types:
                rows = _resolved(rows, name, "cast", types[name.lower()])
    verb, _colon, wanted = choice.partition(":")
    if choice and choice != "match_catalog":
        for name in [field.name for field in rows.schema.fields if is_choice(field)]:
            rows = _resolved(rows, name, verb, wanted)
    return frame.with_frame(rows)


def _resolved(rows: DataFrame, name: str, verb: str, wanted: str) -> DataFrame:
    """The rows with one column resolved by an action."""
    field, column = rows.schema[name], F.col(quoted((name,)))
    if verb in ("cast", "project"):
        type_name = TYPES.get(wanted, wanted) or "string"
        one_type = resolved(column, field, type_name) if is_choice(field) else column.cast(type_name)
        return rows.withColumn(name, one_type)
    if verb not in ("make_struct", "make_cols"):
        raise ValueError(f"ResolveChoice has no action {verb!r}: use make_cols, make_struct, cast:type or project:type")
    if verb == "make_struct" or not is_choice(field):
        return rows.withMetadata(name, {})
    columns = []
    for other in rows.columns:
        if other == name:
            members = field.dataType.names  # type: ignore[attr-defined]
            columns += [column.getField(member).alias(f"{name}_{member}") for member in members]
        else:
            columns.append(F.col(quoted((other,))))
    return rows.select(*columns)


def _cast_inside(rows: DataFrame, parts: list[str], wanted: str) -> DataFrame:
    """The rows with a member of a column cast; as they are where there is no such member."""
    for field in rows.schema.fields:
        if field.name.lower() == parts[0].lower():
            type_name = TYPES.get(wanted, wanted) or "string"
            kind = _with_type(field.dataType, parts[1:], _parse_datatype_string(type_name))
            return rows.withColumn(field.name, fitted(F.col(quoted((field.name,))), field.dataType, kind))
    return rows


def _with_type(kind: DataType, parts: list[str], wanted: DataType) -> DataType:
    """A column's type with another one for the member at a path, in a struct or in the elements of a list."""
    if isinstance(kind, ArrayType):
        return ArrayType(_with_type(kind.elementType, parts, wanted))
    if not parts:
        return wanted
    if not isinstance(kind, StructType):
        return kind
    return StructType(
        [
            StructField(field.name, _with_type(field.dataType, parts[1:], wanted))
            if field.name.lower() == parts[0].lower()
            else field
            for field in kind.fields
        ]
    )
