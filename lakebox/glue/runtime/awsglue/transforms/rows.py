"""Transforms of rows: Filter, Map, FlatMap, Join, SplitFields, SplitRows. Functions read records as `r["a"]`, `r.a`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from ..collection import DynamicFrameCollection
from .paths import field_at, listed, quoted

COMPARISONS = {
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    "=": lambda column, value: column == value,
    "==": lambda column, value: column == value,
    "!=": lambda column, value: column != value,
}


class Record(dict[str, Any]):
    """A row that is read and changed as a dictionary or by attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


def record_of(row: Any) -> Any:
    """A row, with the rows in it, as a Record."""
    if isinstance(row, Row):
        return Record({name: record_of(value) for name, value in zip(row.__fields__, row, strict=True)})
    return [record_of(value) for value in row] if isinstance(row, list) else row


def filter_rows(frame: Any, f: Callable[[Any], bool], *_: Any, **__: Any) -> Any:
    """The rows for which a function is true."""
    rows = frame.toDF()
    kept = rows.rdd.filter(lambda row: bool(f(record_of(row))))
    return frame.with_frame(rows.sparkSession.createDataFrame(kept, rows.schema))


def map_rows(frame: Any, f: Callable[[Any], Any], *_: Any, **__: Any) -> Any:
    """What a function makes of each row; columns that it adds are there, those that it drops are gone."""
    return _from_records(frame, frame.toDF().rdd.map(lambda row: f(record_of(row))))


def flat_map(frame: Any, f: Callable[[Any], Any], *_: Any, **__: Any) -> Any:
    """All rows that a function makes of each row."""
    return _from_records(frame, frame.toDF().rdd.flatMap(lambda row: f(record_of(row))))


def join(frame1: Any, frame2: Any, keys1: Sequence[str], keys2: Sequence[str], *_: Any, **__: Any) -> Any:
    """Rows of both that are equal in their keys; a name of the second that the first has, too, gets a dot before it."""
    first, second = frame1.toDF(), frame2.toDF()
    names = list(first.columns)
    for name in second.columns:
        while name.lower() in map(str.lower, names):
            name = f".{name}"
        names.append(name)
    apart = {name: f"right_{number}" for number, name in enumerate(second.columns)}  # a frame may be joined to itself
    whole = F.lit(True)
    for left, right in zip(listed(keys1), listed(keys2), strict=True):
        top, *members = _path(second, right)
        whole = whole & (F.col(quoted(_path(first, left))) == F.col(quoted((apart[top], *members))))
    return frame1.with_frame(first.join(second.toDF(*apart.values()), on=whole, how="inner").toDF(*names))


def split_fields(
    frame: Any, paths: Sequence[str], name1: str = "frame1", name2: str = "frame2", *_: Any, **__: Any
) -> Any:
    """Two frames: the named columns, and the others."""
    rows = frame.toDF()
    named = [path[0] for path in (field_at(rows.schema, name) for name in paths) if path is not None]
    others = [name for name in rows.columns if name not in named]
    return _collection(frame, {name1: rows.select(*map(_column, named)), name2: rows.select(*map(_column, others))})


def split_rows(
    frame: Any,
    comparison_dict: Mapping[str, Mapping[str, Any]],
    name1: str = "frame1",
    name2: str = "frame2",
    *_: Any,
    **__: Any,
) -> Any:
    """Two frames: the rows that meet all comparisons ({"column": {">": 1}}), and the others."""
    rows = frame.toDF()
    met = F.lit(True)
    for name, comparisons in comparison_dict.items():
        for operator, value in comparisons.items():
            met = met & COMPARISONS[operator](_column(name), value)
    return _collection(frame, {name1: rows.filter(met), name2: rows.filter(~F.coalesce(met, F.lit(False)))})


def _from_records(frame: Any, records: Any) -> Any:
    import json

    from ..sources.field_order import FIRST_LINES, in_order_of
    from ..sources.formats import with_ints

    session = frame.toDF().sparkSession
    before = {field.name: field.dataType for field in frame.toDF().schema.fields}
    lines = records.map(lambda record: json.dumps(record, default=str))
    schema = in_order_of(session.read.json(lines).schema, lines.take(FIRST_LINES))
    made = with_ints(session.read.schema(schema).json(lines))
    typed = [
        _column(name).cast(before[name]).alias(name) if name in before and _is_plain(before[name]) else _column(name)
        for name in made.columns
    ]
    first = [name for name in before if name in made.columns]
    order = {
        name: number for number, name in enumerate([*first, *[name for name in made.columns if name not in before]])
    }
    ordered = [column for _, column in sorted(zip(made.columns, typed, strict=True), key=lambda pair: order[pair[0]])]
    return frame.with_frame(made.select(*ordered))


def _is_plain(kind: Any) -> bool:
    return kind.typeName() in ("date", "timestamp", "decimal", "long", "double", "float", "integer", "short", "byte")


def _column(name: str) -> Any:
    return F.col(quoted((name,)))


def _collection(frame: Any, frames: Mapping[str, Any]) -> Any:
    return DynamicFrameCollection({name: frame.with_frame(rows) for name, rows in frames.items()}, frame.glue_ctx)


def _path(rows: DataFrame, name: str) -> tuple[str, ...]:
    path = field_at(rows.schema, name)
    if path is None:
        raise ValueError(f"Join: there is no field {name!r} among {', '.join(rows.columns)}")
    return path
