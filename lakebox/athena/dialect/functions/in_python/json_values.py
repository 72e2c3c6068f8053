"""JSON as Athena parses and prints it, and its values."""

import json
import math
import re
from decimal import Decimal
from typing import Any

from lakebox.athena.json_scalar import json_value, own_path
from lakebox.athena.result_text import double_text, scientific_text


class _Double(float):
    """A double that prints as Java prints it."""

    def __repr__(self) -> str:
        return double_text(float(self))


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


DECODER = json.JSONDecoder(parse_float=_Double, parse_constant=_refused)


def loaded(text: str) -> Any:
    """The value of JSON; raises ValueError."""
    try:
        return DECODER.decode(text)
    except ValueError as error:
        raise ValueError(f"Cannot convert value to JSON: '{text}'") from error


def dumped(value: Any, *, is_sorted: bool = True) -> str:
    """JSON as Athena writes it, by default with the names of objects sorted."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass")) if is_sorted else list(value)
        return "{" + ",".join(f"{dumped(key)}:{dumped(value[key], is_sorted=is_sorted)}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(dumped(item, is_sorted=is_sorted) for item in value) + "]"
    if isinstance(value, float):
        return repr(value)
    text = json.dumps(value, ensure_ascii=False)
    return _with_pairs(re.sub(r"\\u[0-9a-f]{4}", lambda match: "\\u" + match[0][2:].upper(), text))


def json_parse(text: str) -> str:
    """JSON with the names of objects sorted, and numbers as Java writes them."""
    return dumped(loaded(text))


def json_object(keys: list[str | None], values: list[str | None], nulls: str) -> str:
    """An object of texts that are JSON, its members in the order of Java's HashMap. nulls: NULL, or ABSENT."""
    if None in keys:
        raise ValueError("null value passed for JSON object key to JSON_OBJECT function")
    if len(set(keys)) < len(keys):
        raise ValueError("cannot construct a JSON object with duplicate key")
    members = [(str(key), value) for key, value in zip(keys, values, strict=True) if value or nulls == "NULL"]
    buckets = 16
    while len(members) > buckets * 3 // 4:
        buckets *= 2
    members.sort(key=lambda member: _java_hash(member[0]) % buckets)
    return "{" + ",".join(f"{json_string(key)}:{value or 'null'}" for key, value in members) + "}"


def json_array(values: list[str | None], nulls: str) -> str:
    """An array of texts that are JSON. nulls: NULL, or ABSENT."""
    return "[" + ",".join(value or "null" for value in values if value or nulls == "NULL") + "]"


def _java_hash(text: str) -> int:
    """Where HashMap puts a text, before the remainder."""
    code, units = 0, text.encode("utf-16-be")
    for high, low in zip(units[::2], units[1::2], strict=True):
        code = (31 * code + 256 * high + low) % 2**32
    return code ^ code >> 16


def json_size(text: str, path: str) -> int | None:
    """How many members or items the value at a path has; 0 of a scalar, None where there is none."""
    found = json_value(text, own_path(path))
    value = None if found is None else loaded(found)
    return None if found is None else len(value) if isinstance(value, list | dict) else 0


class _Written(float):
    """A number that prints as it was written."""

    def __new__(cls, text: str) -> "_Written":
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str

    def __repr__(self) -> str:
        return self.text


def json_item(text: str, index: int) -> str | None:
    """An item of an array by its place, from 0, or from the end where it is negative; None where there is none."""
    try:
        value = json.JSONDecoder(parse_float=_Written, parse_constant=_refused).decode(text)
    except ValueError:
        return None
    if not isinstance(value, list) or not -len(value) <= index < len(value):
        return None
    if isinstance(value[index], str):
        raise ValueError("json_array_get of a text is not supported by the embedded engine; write "
                         "json_extract_scalar(x, '$[0]')")  # fmt: skip
    return None if value[index] is None else dumped(value[index], is_sorted=False)


def json_contains(text: str, wanted: str, kind: str) -> bool | None:
    """Whether an array has a value of a type, which comes as text; None where the text is no array."""
    try:
        value = loaded(text)
    except ValueError:
        return None
    if not isinstance(value, list):
        return None
    if kind == "varchar":
        return wanted in [one for one in value if isinstance(one, str)]
    if kind == "boolean":
        return wanted in [str(one).lower() for one in value if isinstance(one, bool)]
    if kind == "double":
        return float(wanted) in [one for one in value if isinstance(one, float)]
    return int(wanted) in [one for one in value if isinstance(one, int) and not isinstance(one, bool)]


def json_string(text: str) -> str:
    """A text as JSON, its signs beyond the first 65,536 as two escapes."""
    return _with_pairs(json.dumps(text, ensure_ascii=False))


def _with_pairs(escaped: str) -> str:
    def halves(match: "re.Match[str]") -> str:
        return json.dumps(match[0])[1:-1].upper().replace("\\U", "\\u")

    return re.sub(r"[\U00010000-\U0010ffff]", halves, escaped)


def json_double(value: float) -> str:
    """A double as JSON."""
    return double_text(value) if math.isfinite(value) else f'"{double_text(value)}"'


def json_decimal(text: str) -> str:
    """A decimal as JSON, as Java writes it: small ones with an exponent."""
    return str(Decimal(text))


def json_to_text(text: str) -> str | None:
    """A scalar of JSON as text; raises ValueError on objects and arrays."""
    value = _scalar(text, "varchar")
    if isinstance(value, bool):
        return str(value).lower()
    return scientific_text(value) if isinstance(value, float) else None if value is None else str(value)


def json_to_boolean(text: str) -> bool | None:
    """A scalar of JSON as a boolean."""
    value = _scalar(text, "boolean")
    if isinstance(value, str):
        if value.lower() not in ("t", "true", "1", "f", "false", "0"):
            raise ValueError(f"Cannot cast '{text}' to boolean")
        return value.lower() in ("t", "true", "1")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError(f"Cannot cast '{text}' to boolean")
    return None if value is None else bool(value)


def json_to_bigint(text: str) -> int | None:
    """A scalar of JSON as a whole number."""
    value = _scalar(text, "bigint")
    if value is None:
        return None
    if isinstance(value, str) and not re.fullmatch("[+-]?[0-9]+", value):
        raise ValueError(f"Cannot cast '{text}' to bigint")
    number = math.floor(abs(value) + 0.5) * (1 if value >= 0 else -1) if isinstance(value, float) else int(value)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"Cannot cast '{text}' to bigint")
    return number


def json_to_double(text: str) -> float | None:
    """A scalar of JSON as a double."""
    value = _scalar(text, "double")
    if isinstance(value, str) and not re.fullmatch(r"[+-]?(Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)", value):
        raise ValueError(f"Cannot cast '{text}' to double")
    return None if value is None else float(value)


def _scalar(text: str, to: str) -> Any:
    value = loaded(text)
    if isinstance(value, list | dict):
        raise ValueError(f"Cannot cast '{text}' to {to}")
    return value


def json_items(text: str) -> list[str] | None:
    """The items of an array, as JSON."""
    value = loaded(text)
    if value is not None and not isinstance(value, list):
        raise ValueError(f"Cannot cast '{text}' to array")
    return None if value is None else list(map(dumped, value))


def json_members(text: str) -> list[dict[str, str]] | None:
    """The members of an object: names and values, as JSON."""
    value = loaded(text)
    if value is not None and not isinstance(value, dict):
        raise ValueError(f"Cannot cast '{text}' to map")
    return None if value is None else [{"k": dumped(name), "v": dumped(inner)} for name, inner in value.items()]


def json_fields(text: str, names: str) -> list[str | None] | None:
    """The fields of a row: of an object by their names, of an array by their places."""
    value, wanted = loaded(text), names.split("\n")
    if value is None:
        return None
    if isinstance(value, dict):
        given = {name.lower(): inner for name, inner in value.items()}
        return [dumped(given[name.lower()]) if name.lower() in given else None for name in wanted]
    if not isinstance(value, list) or len(value) != len(wanted):
        raise ValueError(f"Cannot cast '{text}' to row")
    return list(map(dumped, value))
