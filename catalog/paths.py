"""Partition values as folder names, by Hive's rule, which Spark, Trino, Athena and Glue share."""

import re

_SPECIAL = "".join(map(chr, range(1, 32))) + "\x7f\"#%'*/:=?\\{[]^"
_ESCAPES = {ord(character): f"%{ord(character):02X}" for character in _SPECIAL}
_ESCAPED = re.compile("%([0-9A-Fa-f]{2})")


def escape_path_name(value: str) -> str:
    """A partition value as it stands in a folder name; `unescape_path_name` is the way back."""
    return value.translate(_ESCAPES)


def unescape_path_name(name: str) -> str:
    """The partition value that a folder name stands for."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), name)
