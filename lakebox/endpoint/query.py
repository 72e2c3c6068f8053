"""Values in AWS's query protocol (IAM, STS): a request is a form, an answer is XML, both by botocore's shapes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from lakebox.endpoint.shapes import Shape


def from_form(shape: Shape, form: Mapping[str, str], path: str = "") -> Any:
    """A shape's value among a form's fields, such as `Tags.member.1.Key`; None where the form says nothing of it."""
    if shape.type_name == "structure":
        dotted = f"{path}." if path else ""
        members = {name: from_form(member, form, dotted + name) for name, member in shape.members.items()}
        given = {name: value for name, value in members.items() if value is not None}
        return given if given or not path else None
    if shape.type_name == "list":
        items: list[Any] = []
        while (item := from_form(shape.member, form, f"{path}.member.{len(items) + 1}")) is not None:
            items.append(item)
        return items or ([] if path in form else None)
    text = form.get(path)
    if text is None:
        return None
    if shape.type_name == "integer":
        return int(text) if text.lstrip("-").isdigit() else text
    return text == "true" if shape.type_name == "boolean" else text


def to_xml(shape: Shape, value: Any) -> str:
    """A value as the content of its element; what is None is left out."""
    if shape.type_name == "structure":
        parts = ((name, member, value.get(name)) for name, member in shape.members.items())
        return "".join(f"<{name}>{to_xml(member, one)}</{name}>" for name, member, one in parts if one is not None)
    if shape.type_name == "list":
        return "".join(f"<member>{to_xml(shape.member, one)}</member>" for one in value)
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return escape(str(value).lower() if isinstance(value, bool) else str(value))
