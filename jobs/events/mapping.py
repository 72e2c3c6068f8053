"""Reads field mappings: TOML files that say what a source calls our fields, so that a user's own names need no code."""

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from jobs.lake.errors import LakeboxError

CANONICAL = (
    "user_id",
    "event_type",
    "timestamp",
    "event_timestamp",
    "op",
    "updated_at",
    "page",
    "device",
    "source",
    "amount",
)
DEFAULT_KEY = ("user_id", "event_type", "event_timestamp")
KEY_MUST_NAME = ("event_type", "event_timestamp")


class MappingError(LakeboxError):
    """A mapping is wrong."""

    exit_status = 2


@dataclass(frozen=True)
class Mapping:
    """What makes an event's key, the source's names of our fields, and its words for our values."""

    key: tuple[str, ...] = DEFAULT_KEY
    fields: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)

    def source_name(self, canonical: str) -> str:
        """What the source calls one of our fields."""
        return self.fields.get(canonical, canonical)

    def split(self, item: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """An item's members that are our fields, under our names and with our values, and the rest under their own."""
        ours: dict[str, Any] = {}
        rest: dict[str, Any] = {}
        canonical_of = self._canonical_of
        for name, value in item.items():
            if name in canonical_of:
                ours[canonical_of[name]] = value
            else:
                rest[name] = value
        for canonical, words in self.values.items():
            value = ours.get(canonical)
            if isinstance(value, str):
                ours[canonical] = words.get(value, value)
        return ours, rest

    @cached_property
    def _canonical_of(self) -> dict[str, str]:
        """Our fields by the source's names. A name that the mapping gives to one field is no other field's default."""
        unmapped = {name: name for name in CANONICAL if name not in self.fields}
        return unmapped | {name: canonical for canonical, name in self.fields.items()}


def parse_mapping(text: str) -> Mapping:
    """A mapping from TOML: `key`, `[fields]`, `[values.<field>]`. Raises MappingError, which names value and fix."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"the mapping is not TOML: {error}") from error
    unknown = sorted(set(document) - {"key", "fields", "values"})
    if unknown:
        raise MappingError(f"the mapping has an unknown entry {unknown[0]!r}; allowed: key, [fields], [values.<field>]")
    values = _table(document, "values")
    fields = _fields(_table(document, "fields"))
    return Mapping(
        key=_key(document.get("key", list(DEFAULT_KEY)), fields),
        fields=fields,
        values={
            _canonical(name, "values"): _texts(_table(values, name, "values."), f"values.{name}") for name in values
        },
    )


def mapping_hash(mapping: Mapping) -> str:
    """Hex SHA-256 of what a mapping says; layout and order of the TOML make no difference."""
    return hashlib.sha256(json.dumps(asdict(mapping), sort_keys=True).encode()).hexdigest()


def _key(value: Any, fields: dict[str, str]) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(name, str) and name for name in value):
        raise MappingError(
            f'key is {value!r}; write a list of names, as in key = ["user_id", "event_type", "event_timestamp"]'
        )
    repeated = sorted({name for name in value if value.count(name) > 1})
    if repeated:
        raise MappingError(f"key names {repeated[0]!r} more than once; name each column once")
    ours = {source: canonical for canonical, source in fields.items() if source not in CANONICAL}
    ours["timestamp"] = "timestamp"
    for name in value:
        if name in ours:
            column = "event_timestamp" if ours[name] == "timestamp" else ours[name]
            raise MappingError(f"key names {name!r}, the source's name of our {column}; write {column!r} instead")
    for name in KEY_MUST_NAME:
        if name not in value:
            raise MappingError(
                f"key {value} does not name {name}; add it, so that an event never changes its partition"
            )
    return tuple(value)


def _fields(table: dict[str, Any]) -> dict[str, str]:
    fields = _texts({_canonical(name, "fields"): value for name, value in table.items()}, "fields")
    names = list(fields.values())
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise MappingError(f"[fields] maps {repeated[0]!r} to two of our fields; map each of the source's fields once")
    return fields


def _canonical(name: str, table: str) -> str:
    if name not in CANONICAL:
        raise MappingError(f"[{table}] names {name!r}, which is none of our fields; allowed: {', '.join(CANONICAL)}")
    return name


def _table(document: dict[str, Any], name: str, above: str = "") -> dict[str, Any]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise MappingError(f"{above}{name} is {table!r}; write it as a table, [{above}{name}]")
    return table


def _texts(table: dict[str, Any], name: str) -> dict[str, str]:
    for entry, value in table.items():
        if not isinstance(value, str) or not value:
            raise MappingError(f"[{name}] has {entry} = {value!r}; write the name or value as text in quotes")
    return dict(table)
