"""DynamicFrame's methods: its transforms, some of which take their arguments in another order than their classes do.

Source: AWS Glue, "DynamicFrame class".
"""

from collections.abc import Callable, Sequence
from typing import Any

from .choices import resolve_choice
from .columns import apply_mapping, drop_fields, drop_null_fields, rename_field, select_fields, unnest
from .rows import filter_rows, join, map_rows, split_fields, split_rows
from .tables import relationalize


def _join(frame: Any, paths1: Sequence[str], paths2: Sequence[str], frame2: Any, *_: Any, **__: Any) -> Any:
    return join(frame, frame2, paths1, paths2)


def _relationalize(frame: Any, root_table_name: str, staging_path: str | None = None, *_: Any, **__: Any) -> Any:
    return relationalize(frame, staging_path, root_table_name)


def _rename_field(frame: Any, oldName: str, newName: str, *_: Any, **__: Any) -> Any:
    return rename_field(frame, oldName, newName)


METHODS: dict[str, Callable[..., Any]] = {
    "apply_mapping": apply_mapping,
    "applyMapping": apply_mapping,
    "drop_fields": drop_fields,
    "dropFields": drop_fields,
    "drop_nulls": drop_null_fields,
    "dropNullFields": drop_null_fields,
    "filter": filter_rows,
    "join": _join,
    "map": map_rows,
    "relationalize": _relationalize,
    "rename_field": _rename_field,
    "renameField": _rename_field,
    "resolveChoice": resolve_choice,
    "resolve_choice": resolve_choice,
    "select_fields": select_fields,
    "selectFields": select_fields,
    "split_fields": split_fields,
    "split_rows": split_rows,
    "unnest": unnest,
}
