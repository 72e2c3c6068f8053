"""Glue's transforms, each as a class with `apply`.

Source: AWS Glue, "GlueTransform base class" and the pages of each transform.
"""

from collections.abc import Callable
from typing import Any

from ..sources.formats import UnsupportedError
from .choices import resolve_choice
from .columns import apply_mapping, drop_fields, drop_null_fields, rename_field, select_fields, unnest
from .rows import filter_rows, flat_map, join, map_rows, split_fields, split_rows
from .tables import relationalize


class GlueTransform:
    """A transform; `apply` and a call do the same. Unknown keyword arguments are ignored."""

    function: Callable[..., Any]

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Transform frames."""
        return cls.function(*args, **kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return type(self).function(*args, **kwargs)


def _transform(name: str, function: Callable[..., Any]) -> Any:
    return type(name, (GlueTransform,), {"__doc__": function.__doc__, "function": staticmethod(function)})


def _refused(name: str, advice: str) -> Any:
    def refuse(*_: Any, **__: Any) -> None:
        raise UnsupportedError(f"{name} is not supported by lakebox: {advice}")

    return _transform(name, refuse)


def _select(dfc: Any, key: str | None = None, *_: Any, **__: Any) -> Any:
    """The frame of a name from a collection; the first where none is named."""
    return dfc.select(key if key is not None else dfc.keys()[0])


def _map_collection(dfc: Any, callable: Callable[..., Any], transformation_ctx: str = "", **_: Any) -> Any:
    """What a function makes of each frame of a collection."""
    return dfc.map(callable, transformation_ctx)


ApplyMapping = _transform("ApplyMapping", apply_mapping)
DropFields = _transform("DropFields", drop_fields)
DropNullFields = _transform("DropNullFields", drop_null_fields)
Filter = _transform("Filter", filter_rows)
FlatMap = _transform("FlatMap", flat_map)
Join = _transform("Join", join)
Map = _transform("Map", map_rows)
MapToCollection = _transform("MapToCollection", _map_collection)
Relationalize = _transform("Relationalize", relationalize)
RenameField = _transform("RenameField", rename_field)
ResolveChoice = _transform("ResolveChoice", resolve_choice)
SelectFields = _transform("SelectFields", select_fields)
SelectFromCollection = _transform("SelectFromCollection", _select)
SplitFields = _transform("SplitFields", split_fields)
SplitRows = _transform("SplitRows", split_rows)
UnnestFrame = _transform("UnnestFrame", unnest)
Spigot = _refused("Spigot", "write a sample with write_dynamic_frame")
Unbox = _refused("Unbox", "use from_json on toDF()")
FindMatches = _refused("FindMatches", "machine-learning transforms need AWS")
FindIncrementalMatches = _refused("FindIncrementalMatches", "machine-learning transforms need AWS")
FillMissingValues = _refused("FillMissingValues", "use fillna on toDF()")
ErrorsAsDynamicFrame = _refused("ErrorsAsDynamicFrame", "rows that a transform can't take raise an error")

__all__ = [name for name, value in dict(globals()).items() if isinstance(value, type) and name[0].isupper()]
