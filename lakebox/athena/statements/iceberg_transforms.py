"""Divides rows by day(at), bucket(16, id) and the like in Python; pyiceberg does so with a compiled package only.

Each value that occurs is transformed once, by pyiceberg's own rule.
"""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    HourTransform,
    MonthTransform,
    Transform,
    TruncateTransform,
    YearTransform,
)
from pyiceberg.types import IcebergType

TRANSFORMS = (BucketTransform, DayTransform, HourTransform, MonthTransform, TruncateTransform, YearTransform)


def transform_in_python() -> None:
    """Let pyiceberg divide rows by these transforms."""
    for kind in TRANSFORMS:
        setattr(kind, "pyarrow_transform", _arrow_transform)  # noqa: B010 mypy takes no assignment to a method


def _arrow_transform(self: Transform[Any, Any], source: IcebergType) -> Callable[[Any], pa.Array]:
    """A column of Arrow -> the column of its transformed values."""
    of_value = self.transform(source)

    def transformed(values: pa.Array | pa.ChunkedArray) -> pa.Array:
        flat = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        kind = flat.type if isinstance(self, TruncateTransform) else pa.int32()
        known = flat.unique()
        new = pa.array([of_value(value) for value in known.to_pylist()], kind)
        return new.take(pa.compute.index_in(flat, value_set=known))

    return transformed
