"""Functions of Athena's that DuckDB has not, in Python; imported only for a query that names one.

Each answers null where an argument is null. A ValueError is the query's error.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from lakebox.athena.dialect.functions.in_python import (
    addresses,
    digests,
    formats,
    json_paths,
    json_values,
    numbers,
    patterns,
    texts,
    urls,
)
from lakebox.athena.json_scalar import own_path

TEXT, BYTES, WHOLE = "VARCHAR", "BLOB", "BIGINT"
FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[str, ...], str]] = {
    "athena_levenshtein": (texts.levenshtein, (TEXT, TEXT), WHOLE),
    "athena_normalize": (texts.normalize, (TEXT, TEXT), TEXT),
    "athena_format": (formats.formatted, (TEXT, "VARCHAR[]", "VARCHAR[]"), TEXT),
    "athena_duration_ms": (numbers.duration_ms, (TEXT,), WHOLE),
    "athena_soundex": (texts.soundex, (TEXT,), TEXT),
    "athena_short_number": (formats.short_number, (TEXT,), TEXT),
    "athena_combinations": (numbers.combinations, (WHOLE, WHOLE), "BIGINT[][]"),
    "athena_iso_date": (formats.iso_date, (TEXT,), TEXT),
    "athena_json_item": (json_values.json_item, (TEXT, WHOLE), TEXT),
    "athena_regexp_count": (patterns.regexp_count, (TEXT, TEXT), WHOLE),
    "athena_regexp_split": (patterns.regexp_split, (TEXT, TEXT), "VARCHAR[]"),
    "athena_regexp_position": (patterns.regexp_position, (TEXT, TEXT, WHOLE, WHOLE), WHOLE),
    "athena_luhn": (texts.luhn, (TEXT,), "BOOLEAN"),
    "athena_url_encode": (urls.url_encode, (TEXT,), TEXT),
    "athena_url_decode": (urls.url_decode, (TEXT,), TEXT),
    "athena_url_part": (urls.url_part, (TEXT, TEXT), TEXT),
    "athena_url_parameter": (urls.url_parameter, (TEXT, TEXT), TEXT),
    "athena_sha512": (digests.sha512, (BYTES,), BYTES),
    "athena_hmac": (digests.keyed_digest, (BYTES, BYTES, TEXT), BYTES),
    "athena_crc32": (digests.crc32, (BYTES,), WHOLE),
    "athena_xxhash64": (digests.xxhash64, (BYTES,), BYTES),
    "athena_murmur3": (digests.murmur3, (BYTES,), BYTES),
    "athena_base32": (digests.base32, (BYTES,), TEXT),
    "athena_bit_count": (numbers.bit_count, (WHOLE, WHOLE), WHOLE),
    "athena_shift": (numbers.shifted, (WHOLE, WHOLE, TEXT), WHOLE),
    "athena_to_base": (numbers.to_base, (WHOLE, WHOLE), TEXT),
    "athena_from_base": (numbers.from_base, (TEXT, WHOLE), WHOLE),
    "athena_cbrt": (numbers.cube_root, ("DOUBLE",), "DOUBLE"),
    "athena_readable_seconds": (numbers.readable_seconds, ("DOUBLE",), TEXT),
    "athena_json_string": (json_values.json_string, (TEXT,), TEXT),
    "athena_json_double": (json_values.json_double, ("DOUBLE",), TEXT),
    "athena_json_decimal": (json_values.json_decimal, (TEXT,), TEXT),
    "athena_json_to_text": (json_values.json_to_text, (TEXT,), TEXT),
    "athena_json_to_boolean": (json_values.json_to_boolean, (TEXT,), "BOOLEAN"),
    "athena_json_to_bigint": (json_values.json_to_bigint, (TEXT,), WHOLE),
    "athena_json_to_double": (json_values.json_to_double, (TEXT,), "DOUBLE"),
    "athena_json_items": (json_values.json_items, (TEXT,), "VARCHAR[]"),
    "athena_json_members": (json_values.json_members, (TEXT,), "STRUCT(k VARCHAR, v VARCHAR)[]"),
    "athena_json_fields": (json_values.json_fields, (TEXT, TEXT), "VARCHAR[]"),
    "athena_json_parse": (json_values.json_parse, (TEXT,), TEXT),
    "athena_json_value": (json_paths.json_value, (TEXT, TEXT, TEXT), TEXT),
    "athena_json_query": (json_paths.json_query, (TEXT, TEXT, TEXT), TEXT),
    "athena_json_exists": (json_paths.json_exists, (TEXT, TEXT, TEXT), "BOOLEAN"),
    "athena_strpos": (texts.position_of, (TEXT, TEXT, WHOLE), WHOLE),
    "athena_regexp_like": (patterns.regexp_like, (TEXT, TEXT), "BOOLEAN"),
    "athena_regexp_extract": (patterns.regexp_extract, (TEXT, TEXT, WHOLE), TEXT),
    "athena_regexp_extract_all": (patterns.regexp_extract_all, (TEXT, TEXT, WHOLE), "VARCHAR[]"),
    "athena_regexp_replace": (patterns.regexp_replace, (TEXT, TEXT, TEXT), TEXT),
    "athena_ip": (addresses.address, (TEXT,), TEXT),
    "athena_ip_or_null": (addresses.address_or_none, (TEXT,), TEXT),
    "athena_ip_within": (addresses.is_within, (TEXT, TEXT), "BOOLEAN"),
    "athena_truncate": (numbers.truncated, (TEXT, WHOLE), TEXT),
    "athena_json_object": (json_values.json_object, ("VARCHAR[]", "VARCHAR[]", TEXT), TEXT),
    "athena_json_array": (json_values.json_array, ("VARCHAR[]", TEXT), TEXT),
    "athena_json_path": (own_path, (TEXT,), TEXT),
    "athena_json_size": (json_values.json_size, (TEXT, TEXT), WHOLE),
    "athena_json_contains": (json_values.json_contains, (TEXT, TEXT, TEXT), "BOOLEAN"),
}


def null_of_null(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that answers null where an argument is null."""

    @wraps(function)
    def answer(*values: Any) -> Any:
        return None if any(value is None for value in values) else function(*values)

    return answer
