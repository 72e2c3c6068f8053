"""Rows as lines of text files: JSON as Hive's SerDe reads it, and delimited text as LazySimpleSerDe does."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from lakebox.athena.result_text import cell_text
from lakebox.athena.tables.hive_types import HiveType


def json_line(row: tuple[Any, ...], names: Sequence[str]) -> str:
    members = {name: value for name, value in zip(names, row, strict=True) if value is not None}
    return (
        "{"
        + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{_json(value)}" for name, value in members.items())
        + "}"
    )


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(cell_text(key))}:{_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    if isinstance(value, datetime):
        return json.dumps(_time_text(value))
    if isinstance(value, bytes):
        return json.dumps(value.decode("utf-8", "replace"))
    if isinstance(value, float | Decimal):
        return cell_text(value)
    return json.dumps(
        value if value is None or isinstance(value, bool | int | str) else cell_text(value), ensure_ascii=False
    )


class DelimitedText:
    """Lines of rows by a table's delimiters."""

    def __init__(self, delimiters: Mapping[str, str]) -> None:
        self._separators: list[str] = [delimiters.get("field.delim", "\1"), delimiters.get("collection.delim", "\2"),
                            delimiters.get("mapkey.delim", "\3"), *"\4\5\6\7"]  # fmt: skip
        self._null, self._escape = delimiters.get("serialization.null.format", "\\N"), delimiters.get("escape.delim")

    def line(self, row: Sequence[Any], kinds: Sequence[HiveType]) -> str:
        """A row's line, without its end."""
        return self._separators[0].join(self._text(value, kind, 1) for value, kind in zip(row, kinds, strict=True))

    def _text(self, value: Any, kind: HiveType, level: int) -> str:
        """A value; level: the place of the separator that divides it, where it is nested."""
        if value is None:
            return self._null
        kinds = [field for _, field in kind.fields]
        separator = self._separators[level]
        if kind.name == "array":
            return separator.join(self._text(item, kinds[0], level + 1) for item in value)
        if kind.name == "struct":
            items = value.values() if isinstance(value, dict) else value
            return separator.join(self._text(item, own, level + 1) for item, own in zip(items, kinds, strict=True))
        if kind.name == "map":
            pairs = ([self._text(one, own, level + 2) for one, own in zip(pair, kinds, strict=True)]
                     for pair in value.items())  # fmt: skip
            return separator.join(self._separators[level + 1].join(pair) for pair in pairs)
        if isinstance(value, datetime):
            return _time_text(value)
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        text = cell_text(value)
        if self._escape and isinstance(value, str):
            for sign in (self._escape, *self._separators):
                text = text.replace(sign, self._escape + sign)
        return text


def _time_text(value: datetime) -> str:
    """A timestamp with as many digits as it has: 2024-01-01 10:00:00.5, as Hive writes it."""
    text = value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds").rstrip("0")
    return text.removesuffix(".")
