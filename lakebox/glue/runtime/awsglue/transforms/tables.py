"""Relationalize: a frame with structs and arrays as flat tables that refer to each other."""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StructType

from ..collection import DynamicFrameCollection
from .paths import quoted


def relationalize(frame: Any, staging_path: str | None = None, name: str = "root", *_: Any, **__: Any) -> Any:
    """A collection: `root` with members of structs as `a.b` columns, and a table `root_a` for each array.

    An array's column holds an id; its table has a row an element: id, index (from 0), and `a.val` or `a.val.member`.
    """
    tables: dict[str, DataFrame] = {}
    _flatten(frame.toDF(), name, tables)
    return DynamicFrameCollection({key: frame.with_frame(rows) for key, rows in tables.items()}, frame.glue_ctx)


def _flatten(rows: DataFrame, name: str, tables: dict[str, DataFrame]) -> None:
    flat = _without_structs(rows)
    arrays = [field.name for field in flat.schema.fields if isinstance(field.dataType, ArrayType)]
    if arrays:
        ids = [F.monotonically_increasing_id().alias(f"__id_{number}") for number in range(len(arrays))]
        flat = flat.select("*", *ids).cache()
    tables[name] = flat.select(
        *[
            F.when(F.size(_column(column)) > 0, F.col(f"__id_{arrays.index(column)}") + 1).alias(column)
            if column in arrays
            else _column(column)
            for column in flat.columns
            if not column.startswith("__id_")
        ]
    )
    for number, column in enumerate(arrays):
        elements = flat.select(
            (F.col(f"__id_{number}") + 1).alias("id"), F.posexplode(_column(column)).alias("index", f"{column}.val")
        )
        _flatten(elements, f"{name}_{column}", tables)


def _without_structs(rows: DataFrame) -> DataFrame:
    while any(isinstance(field.dataType, StructType) for field in rows.schema.fields):
        columns = []
        for field in rows.schema.fields:
            if isinstance(field.dataType, StructType):
                columns += [
                    F.col(quoted((field.name, inner))).alias(f"{field.name}.{inner}") for inner in field.dataType.names
                ]
            else:
                columns.append(_column(field.name))
        rows = rows.select(*columns)
    return rows


def _column(name: str) -> Any:
    return F.col(quoted((name,)))
