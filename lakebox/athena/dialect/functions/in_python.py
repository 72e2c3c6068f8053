"""Functions of Athena's that DuckDB has not, in Python; imported only for a query that names one.

Each answers null where an argument is null. A ValueError is the query's error.
"""

import base64
import hashlib
import hmac
import json
import math
import re
import unicodedata
import zlib
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from lakebox.athena.json_scalar import json_value

MASK = 2**64 - 1
URL = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://(?:[^/?#@]*@)?([A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::(\d*))?)?"
    r"([^?#]*)(?:\?([^#]*))?(?:#(.*))?"
)
NO_URL = re.compile(r"[\s<>\"{}|\\^`\x00-\x1f\x7f]|%(?![0-9A-Fa-f]{2})")
PARTS = {"protocol": 1, "host": 2, "port": 3, "path": 4, "query": 5, "fragment": 6}
PRIMES = (11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261)
SPANS = (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def levenshtein(one: str, other: str) -> int:
    """How many characters to insert, delete or replace."""
    row = list(range(len(other) + 1))
    for number, sign in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, against in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (sign != against))
    return row[-1]


def normalize(text: str, form: str) -> str:
    """Unicode's normal form of a text."""
    if form not in ("NFC", "NFD", "NFKC", "NFKD"):
        raise ValueError(f"normalize takes NFC, NFD, NFKC or NFKD, not {form}")
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]


def luhn(digits: str) -> bool:
    """Whether the check digit is right; raises ValueError on what is no digit."""
    if digits and not re.fullmatch("[0-9]+", digits):
        raise ValueError("luhn_check takes digits only")
    doubled = [int(sign) * (1 + place % 2) for place, sign in enumerate(reversed(digits))]
    return bool(digits) and sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def url_encode(text: str) -> str:
    """A text as a parameter of an URL."""
    return quote(text, safe=" *-._").replace("~", "%7E").replace(" ", "+")


def url_decode(text: str) -> str:
    """A parameter of an URL as text; raises ValueError on a % without two digits."""
    if re.search("%(?![0-9A-Fa-f]{2})", text):
        raise ValueError("url_decode: a % is followed by two hexadecimal digits")
    return unquote_plus(text, errors="replace")


def url_part(url: str, part: str) -> str | None:
    """A part of an URL; None where it has none, or is no URL."""
    found = None if NO_URL.search(url) or url.count("#") > 1 else URL.fullmatch(url)
    if found is None:
        return None
    text = found[PARTS[part]]
    if part in ("host", "port"):
        return text or None
    return unquote(text or "") if part != "protocol" else text or ""


def url_parameter(url: str, name: str) -> str | None:
    """The first value of a parameter of an URL's query; None where it has none."""
    found = None if NO_URL.search(url) else URL.fullmatch(url)
    for pair in (found[5] or "").split("&") if found else ():
        key, _, value = pair.partition("=")
        if key == name:
            return unquote_plus(value)
    return None


def sha512(data: bytes) -> bytes:
    """The digest of bytes."""
    return hashlib.sha512(data).digest()


def keyed_digest(data: bytes, key: bytes, name: str) -> bytes:
    """The digest of bytes with a key."""
    return hmac.new(key, data, name).digest()


def crc32(data: bytes) -> int:
    """The check sum of bytes."""
    return zlib.crc32(data)


def _rotated(value: int, bits: int) -> int:
    return (value << bits | value >> (64 - bits)) & MASK


def _mixed(lane: int, word: int) -> int:
    return _rotated((lane + word * PRIMES[1]) & MASK, 31) * PRIMES[0] & MASK


def xxhash64(data: bytes) -> bytes:
    """xxHash with 64 bits and seed 0."""
    words = [int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data) - 7, 8)]
    stripes = len(data) // 32 * 4
    total = PRIMES[4]
    if stripes:
        lanes = [(PRIMES[0] + PRIMES[1]) & MASK, PRIMES[1], 0, -PRIMES[0] & MASK]
        for at in range(0, stripes, 4):
            lanes = [_mixed(lane, word) for lane, word in zip(lanes, words[at : at + 4], strict=True)]
        total = sum(_rotated(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & MASK
        for lane in lanes:
            total = ((total ^ _mixed(0, lane)) * PRIMES[0] + PRIMES[3]) & MASK
    total = (total + len(data)) & MASK
    for word in words[stripes:]:
        total = (_rotated(total ^ _mixed(0, word), 27) * PRIMES[0] + PRIMES[3]) & MASK
    rest = data[len(words) * 8 :]
    if len(rest) >= 4:
        total ^= int.from_bytes(rest[:4], "little") * PRIMES[0] & MASK
        total, rest = (_rotated(total, 23) * PRIMES[1] + PRIMES[2]) & MASK, rest[4:]
    for byte in rest:
        total = _rotated(total ^ (byte * PRIMES[4] & MASK), 11) * PRIMES[0] & MASK
    for bits, prime in ((33, PRIMES[1]), (29, PRIMES[2])):
        total = (total ^ total >> bits) * prime & MASK
    return (total ^ total >> 32).to_bytes(8, "big")


def bit_count(value: int, bits: int) -> int:
    """The ones of a number of so many bits."""
    if not 2 <= bits <= 64:
        raise ValueError(f"bit_count takes 2 to 64 bits, not {bits}")
    if not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise ValueError(f"bit_count: {value} has more than {bits} bits")
    return (value & (2**bits - 1)).bit_count()


def shifted(value: int, places: int, way: str) -> int:
    """A bigint with its bits shifted."""
    if places < 0:
        raise ValueError("a shift by less than 0 places is not supported by the embedded engine")
    if way == "arithmetic":
        return value >> min(places, 63)
    bits = 0 if places >= 64 else (value & MASK) << places & MASK if way == "left" else (value & MASK) >> places
    return bits - 2**64 if bits >= 2**63 else bits


def to_base(value: int, base: int) -> str:
    """A number's digits in a base."""
    if not 2 <= base <= 36:
        raise ValueError(f"Radix must be between 2 and 36, not {base}")
    digits, rest = "", abs(value)
    while rest or not digits:
        digits, rest = "0123456789abcdefghijklmnopqrstuvwxyz"[rest % base] + digits, rest // base
    return "-" * (value < 0) + digits


def from_base(text: str, base: int) -> int:
    """The number of digits in a base."""
    if not 2 <= base <= 36:
        raise ValueError(f"Radix must be between 2 and 36, not {base}")
    if not re.fullmatch("[+-]?[0-9A-Za-z]+", text) or not -(2**63) <= int(text, base) < 2**63:
        raise ValueError(f"Not a valid base-{base} number: {text}")
    return int(text, base)


def cube_root(value: float) -> float:
    """The cube root."""
    return math.cbrt(value)


def readable_seconds(value: float) -> str:
    """Seconds in weeks, days, hours, minutes and seconds: 1 day, 2 seconds."""
    if not math.isfinite(value):
        raise ValueError(f"Invalid argument found: {value}")
    rest, parts = abs(math.floor(value + 0.5)), []
    for name, seconds in SPANS:
        number, rest = divmod(rest, seconds)
        if number:
            parts.append(f"{number} {name}{'s' * (number != 1)}")
    return ", ".join(parts) or "0 seconds"


def _loaded(text: str) -> Any:
    from lakebox.athena.result_text import double_text

    class Double(float):
        def __repr__(self) -> str:
            return double_text(float(self))

    def refuse(name: str) -> None:
        raise ValueError(f"Cannot convert value to JSON: '{text}'")

    try:
        return json.loads(text, parse_float=Double, parse_constant=refuse)
    except ValueError as error:
        raise ValueError(f"Cannot convert value to JSON: '{text}'") from error


def _dumped(value: Any) -> str:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_dumped(key)}:{_dumped(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_dumped, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    text = json.dumps(value, ensure_ascii=False)
    return re.sub(r"\\u[0-9a-f]{4}", lambda match: "\\u" + match[0][2:].upper(), text)


def json_parse(text: str) -> str:
    """JSON with the names of objects sorted, and numbers as Java writes them."""
    return _dumped(_loaded(text))


def json_size(text: str, path: str) -> int | None:
    """How many members or items the value at a path has; 0 of a scalar, None where there is none."""
    if not re.fullmatch(r"\$((\.[A-Za-z_]\w*)|(\[\d+\])|(\[\"[^\"]*\"\]))*", path):
        raise ValueError(f"the JSON path {path} is not supported by the embedded engine")
    found = json_value(text, path)
    value = None if found is None else _loaded(found)
    return None if found is None else len(value) if isinstance(value, list | dict) else 0


def json_contains(text: str, wanted: str) -> bool | None:
    """Whether an array has a text; None where the text is no array."""
    try:
        value = _loaded(text)
    except ValueError:
        return None
    return wanted in value if isinstance(value, list) else None


def json_double(value: float) -> str:
    """A double as JSON."""
    from lakebox.athena.result_text import double_text

    return double_text(value) if math.isfinite(value) else f'"{double_text(value)}"'


def json_to_text(text: str) -> str | None:
    """A scalar of JSON as text; raises ValueError on objects and arrays."""
    from lakebox.athena.result_text import scientific_text

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
    if isinstance(value, str) and not re.fullmatch(r"[+-]?(Infinity|NaN|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)", value):
        raise ValueError(f"Cannot cast '{text}' to double")
    return None if value is None else float(value)


def _scalar(text: str, to: str) -> Any:
    value = _loaded(text)
    if isinstance(value, list | dict):
        raise ValueError(f"Cannot cast '{text}' to {to}")
    return value


def json_items(text: str) -> list[str] | None:
    """The items of an array, as JSON."""
    value = _loaded(text)
    if value is not None and not isinstance(value, list):
        raise ValueError(f"Cannot cast '{text}' to array")
    return None if value is None else list(map(_dumped, value))


def json_members(text: str) -> list[dict[str, str]] | None:
    """The members of an object: names and values, as JSON."""
    value = _loaded(text)
    if value is not None and not isinstance(value, dict):
        raise ValueError(f"Cannot cast '{text}' to map")
    return None if value is None else [{"k": _dumped(name), "v": _dumped(inner)} for name, inner in value.items()]


def json_fields(text: str, names: str) -> list[str | None] | None:
    """The fields of a row: of an object by their names, of an array by their places."""
    value, wanted = _loaded(text), names.split("\n")
    if value is None:
        return None
    if isinstance(value, dict):
        given = {name.lower(): inner for name, inner in value.items()}
        return [_dumped(given[name.lower()]) if name.lower() in given else None for name in wanted]
    if not isinstance(value, list) or len(value) != len(wanted):
        raise ValueError(f"Cannot cast '{text}' to row")
    return list(map(_dumped, value))


def base32(data: bytes) -> str:
    """Bytes as base32."""
    return base64.b32encode(data).decode()


TEXT, BYTES, WHOLE = "VARCHAR", "BLOB", "BIGINT"
FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[str, ...], str]] = {
    "athena_levenshtein": (levenshtein, (TEXT, TEXT), WHOLE),
    "athena_normalize": (normalize, (TEXT, TEXT), TEXT),
    "athena_luhn": (luhn, (TEXT,), "BOOLEAN"),
    "athena_url_encode": (url_encode, (TEXT,), TEXT),
    "athena_url_decode": (url_decode, (TEXT,), TEXT),
    "athena_url_part": (url_part, (TEXT, TEXT), TEXT),
    "athena_url_parameter": (url_parameter, (TEXT, TEXT), TEXT),
    "athena_sha512": (sha512, (BYTES,), BYTES),
    "athena_hmac": (keyed_digest, (BYTES, BYTES, TEXT), BYTES),
    "athena_crc32": (crc32, (BYTES,), WHOLE),
    "athena_xxhash64": (xxhash64, (BYTES,), BYTES),
    "athena_base32": (base32, (BYTES,), TEXT),
    "athena_bit_count": (bit_count, (WHOLE, WHOLE), WHOLE),
    "athena_shift": (shifted, (WHOLE, WHOLE, TEXT), WHOLE),
    "athena_to_base": (to_base, (WHOLE, WHOLE), TEXT),
    "athena_from_base": (from_base, (TEXT, WHOLE), WHOLE),
    "athena_cbrt": (cube_root, ("DOUBLE",), "DOUBLE"),
    "athena_readable_seconds": (readable_seconds, ("DOUBLE",), TEXT),
    "athena_json_double": (json_double, ("DOUBLE",), TEXT),
    "athena_json_to_text": (json_to_text, (TEXT,), TEXT),
    "athena_json_to_boolean": (json_to_boolean, (TEXT,), "BOOLEAN"),
    "athena_json_to_bigint": (json_to_bigint, (TEXT,), WHOLE),
    "athena_json_to_double": (json_to_double, (TEXT,), "DOUBLE"),
    "athena_json_items": (json_items, (TEXT,), "VARCHAR[]"),
    "athena_json_members": (json_members, (TEXT,), "STRUCT(k VARCHAR, v VARCHAR)[]"),
    "athena_json_fields": (json_fields, (TEXT, TEXT), "VARCHAR[]"),
    "athena_json_parse": (json_parse, (TEXT,), TEXT),
    "athena_json_size": (json_size, (TEXT, TEXT), WHOLE),
    "athena_json_contains": (json_contains, (TEXT, TEXT), "BOOLEAN"),
}


def null_of_null(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that answers null where an argument is null."""

    @wraps(function)
    def answer(*values: Any) -> Any:
        return None if any(value is None for value in values) else function(*values)

    return answer
