"""Relationalize: a frame with structs and arrays as flat tables that refer to each other."""

from itertools import accumulate
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StructType

from ..collection import DynamicFrameCollection
from .paths import quoted

ROW = "__row"


def relationalize(frame: Any, staging_path: str | None = None, name: str = "roottable", *_: Any, **__: Any) -> Any:
    """A collection: `root` with members of structs as `a.b` columns, and a table for each array, at any depth.

    An array's column holds an id, from 1; its table `root_a` has a row an element: id, index (from 0), and `a.val` or
    `a.val.member`. An array `b` in its elements is the table `root_a.val.b`.
    """
    tables: dict[str, DataFrame] = {}
    _flatten(frame.toDF(), name, name, tables)
    return DynamicFrameCollection({key: frame.with_frame(rows) for key, rows in tables.items()}, frame.glue_ctx)


def _flatten(rows: DataFrame, root: str, name: str, tables: dict[str, DataFrame]) -> None:
    flat = _without_structs(rows)
    arrays = [field.name for field in flat.schema.fields if isinstance(field.dataType, ArrayType)]
    if not arrays:
        tables[name] = flat
        return
    numbered = _numbered(flat)
    tables[name] = numbered.select(
        *[
            F.when(F.size(_column(column)) > 0, F.col(ROW)).alias(column) if column in arrays else _column(column)
            for column in flat.columns
        ]
    )
    for column in arrays:
        elements = numbered.select(
            F.col(ROW).alias("id"), F.posexplode(_column(column)).alias("index", f"{column}.val")
        )
        _flatten(elements, root, f"{root}_{column}", tables)


def _numbered(rows: DataFrame) -> DataFrame:
    """The rows with their numbers from 1, without gaps; kept, so that all tables see the same numbers."""
    spark_id = "__spark_id"  # the Spark partition, and from bit 33 on the row in it
    kept = rows.withColumn(spark_id, F.monotonically_increasing_id()).cache()
    partition = F.shiftright(spark_id, 33)
    counts: dict[int, int] = dict(kept.groupBy(partition).count().orderBy(partition).collect())
    before = dict(zip(counts, accumulate(counts.values(), initial=1), strict=False))
    pairs = [F.lit(value).cast("bigint") for pair in before.items() for value in pair]
    first = F.create_map(*pairs)[partition] if pairs else F.lit(1)
    return kept.withColumn(ROW, F.col(spark_id) - F.shiftleft(partition, 33) + first).drop(spark_id)


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


def _column(name: str) -> Column:
    return F.col(quoted((name,)))
