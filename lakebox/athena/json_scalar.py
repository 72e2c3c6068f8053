"""json_extract_scalar's answer for numbers: their text as it was written, which DuckDB does not keep."""

import json
import re

PATH_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]|\[\"([^\"]*)\"\]|\.\"([^\"]*)\"")


def json_scalar(text: str, path: str) -> str | None:
    """The scalar at a JSON path of the form $.a[0].b as text; None where there is none."""
    value = json.loads(text, parse_float=str, parse_int=str)
    for name, index, bracketed, quoted in PATH_STEP.findall(path.removeprefix("$")):
        key = name or bracketed or quoted
        if isinstance(value, dict) and key:
            value = value.get(key)
        elif isinstance(value, list) and index and int(index) < len(value):
            value = value[int(index)]
        else:
            return None
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else None
