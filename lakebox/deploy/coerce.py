"""Properties of a template -> the request of an API's operation, by botocore's model of it.

CloudFormation takes `4.0` for a text and `"10"` for a number; the API's clients don't.
"""

import json
from collections.abc import Mapping
from typing import Any

from lakebox.glue.template.document import TemplateError, Value
from lakebox.glue.template.text import text_of

Shape = Any  # botocore's shapes have their members by kind, which its types don't say


def coerced(shape: Shape, value: Value, path: str, unknown: list[str]) -> Value:
    """A value in a shape's types. Raises TemplateError on one that can't be of its type.

    path: where it is, for errors; unknown: gets the paths of the properties that the API does not have
    """
    kind = shape.type_name
    if kind == "structure" and shape.is_document_type:  # any JSON
        return value
    if kind == "structure":
        return _structure(shape, value, path, unknown)
    if kind == "list":
        members = value if isinstance(value, list) else [value]
        return [coerced(shape.member, member, path, unknown) for member in members]
    if kind == "map":
        if not isinstance(value, Mapping):
            raise TemplateError(f"{path} must be an object of names, not {value!r}")
        return {str(name): coerced(shape.value, member, f"{path}.{name}", unknown) for name, member in value.items()}
    if kind == "string":
        return json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else text_of(value, path)
    return _scalar(kind, value, path)


def _structure(shape: Shape, value: Value, path: str, unknown: list[str]) -> dict[str, Value]:
    """Members by their names in any case: CloudFormation has `ScanRate` where the API has `scanRate`."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            raise TemplateError(f"{path} must be an object, not {value!r}") from None
    if not isinstance(value, Mapping):
        raise TemplateError(f"{path} must be an object, not {value!r}")
    names = {name.lower(): name for name in shape.members}
    known: dict[str, Value] = {}
    for given, member in value.items():
        name = given if given in shape.members else names.get(given.lower())
        if name is None:
            unknown.append(f"{path}.{given}" if path else given)
        else:
            known[name] = coerced(shape.members[name], member, f"{path}.{given}" if path else given, unknown)
    return known


def _scalar(kind: str, value: Value, path: str) -> Value:
    text = text_of(value, path)
    try:
        if kind in ("integer", "long"):
            number = float(text)
            if number != int(number):
                raise ValueError
            return int(number)
        if kind in ("double", "float"):
            return float(text)
        if kind == "boolean":
            return {"true": True, "false": False}[text.lower()]
    except (ValueError, KeyError):
        raise TemplateError(f"{path} must be of type {kind}, not {text!r}") from None
    return value
