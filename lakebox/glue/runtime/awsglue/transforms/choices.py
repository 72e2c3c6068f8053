"""ResolveChoice: what becomes of columns that hold two types. A column of one type is cast or stays as it is."""

from collections.abc import Sequence
from typing import Any

from pyspark.sql import functions as F

from .columns import TYPES
from .paths import field_at, quoted

KEPT = ("make_cols", "make_struct", "match_catalog", "")


def resolve_choice(
    frame: Any,
    specs: Sequence[tuple[str, str]] | None = None,
    choice: str = "",
    database: str | None = None,
    table_name: str | None = None,
    *ignored: Any,
    **more: Any,
) -> Any:
    """Cast the named columns (`cast:type`, `project:type`); with match_catalog, all of them to their types there.

    Spark gives every column one type when it reads files, so make_cols and make_struct find nothing to part.
    """
    rows = frame.toDF()
    for name, action in specs or ():
        path = field_at(rows.schema, name.removesuffix("[]"))
        verb, _colon, wanted = action.partition(":")
        if path is None or verb in KEPT:
            continue
        rows = rows.withColumn(path[0], F.col(quoted(path)).cast(TYPES.get(wanted, wanted) or "string"))
    if choice == "match_catalog" and database and table_name:
        from ..catalog import table_of

        types = dict(table_of(database, table_name).columns)
        for name in rows.columns:
            if name.lower() in types:
                rows = rows.withColumn(name, F.col(quoted((name,))).cast(types[name.lower()]))
    verb, _colon, wanted = choice.partition(":")
    if verb in ("cast", "project") and wanted:
        rows = rows.select(
            *[F.col(quoted((name,))).cast(TYPES.get(wanted, wanted) or "string") for name in rows.columns]
        )
    return frame.with_frame(rows)
