"""Values between JSON and boto3's shapes, by botocore's service models: what clients send is checked as AWS does."""

import base64
import binascii
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from lakebox.endpoint.service import ServiceError

Shape = Any  # botocore's shapes have their members by kind, which its types don't say


@cache
def service_model(name: str) -> ServiceModel:
    """botocore's model of a service, by boto3's name of it."""
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def request_of(shape: Shape, body: Any) -> dict[str, Any]:
    """A request's JSON in boto3's shapes: timestamps are datetimes, blobs bytes. Raises ServiceError as AWS would."""
    if shape is None:
        return {}
    if not isinstance(body, dict):
        raise ServiceError("SerializationException", "the body of the request must be a JSON object")
    request: dict[str, Any] = _decoded(shape, body, "")
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        raise ServiceError("ValidationException", f"1 validation error detected: {report.generate_report()}")
    _check_limits(shape, request, "")
    return request


def response_of(shape: Shape, response: dict[str, Any]) -> dict[str, Any]:
    """An operation's answer as JSON: datetimes as seconds since 1970, bytes as base64, None left out."""
    encoded: dict[str, Any] = _encoded(shape, response) if shape is not None else {}
    return encoded


def check_response(shape: Shape, response: dict[str, Any]) -> None:
    """Raise ValueError where an operation's answer is not of the shape that clients expect."""
    if shape is None:
        return
    report = ParamValidator().validate(_filled(response, shape), shape)
    if report.has_errors():
        raise ValueError(f"{shape.name}: {report.generate_report()}")


def _filled(value: Any, shape: Any) -> Any:
    """Without what is not sent, and without empty lists that may be missing: AWS sends them, whatever a model says."""
    if isinstance(value, dict):
        members, required = getattr(shape, "members", {}), getattr(shape, "required_members", ())
        return {
            name: _filled(member, members.get(name, getattr(shape, "value", None)))
            for name, member in value.items()
            if member is not None and (member != [] or name in required)
        }
    return [_filled(member, getattr(shape, "member", None)) for member in value] if isinstance(value, list) else value


def _decoded(shape: Shape, value: Any, path: str) -> Any:
    """Only what JSON can't say is converted; wrong types stay as they are, for the validator to name."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        members = shape.members
        return {
            name: _decoded(members[name], member, f"{path}.{name}") if name in members else member
            for name, member in value.items()
            if member is not None
        }
    if kind == "list" and isinstance(value, list):
        return [_decoded(shape.member, member, path) for member in value]
    if kind == "map" and isinstance(value, dict):
        return {name: _decoded(shape.value, member, path) for name, member in value.items() if member is not None}
    if kind == "timestamp" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    if kind == "blob" and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error:
            raise ServiceError("SerializationException", f"{path[1:]} is not base64") from None
    return value


def _encoded(shape: Shape, value: Any) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return {
            name: _encoded(member, value[name]) for name, member in shape.members.items() if value.get(name) is not None
        }
    if kind == "list":
        return [_encoded(shape.member, member) for member in value]
    if kind == "map":
        return {name: _encoded(shape.value, member) for name, member in value.items()}
    if kind == "timestamp" and isinstance(value, datetime):
        return round(value.timestamp(), 3)
    if kind == "blob":
        return base64.b64encode(value).decode()
    return value


def _check_limits(shape: Shape, value: Any, path: str) -> None:
    """Enums, greatest lengths and patterns, which botocore's validator leaves to the service."""
    kind = shape.type_name
    if kind == "structure":
        for name, member in value.items():
            _check_limits(shape.members[name], member, f"{path}.{name[0].lower()}{name[1:]}")
    elif kind == "list":
        for number, member in enumerate(value, 1):
            _check_limits(shape.member, member, f"{path}.{number}.member")
    elif kind == "map":
        for name, member in value.items():
            _check_limits(shape.key, name, path)
            _check_limits(shape.value, member, f"{path}.{name}.member")
    constraint = _broken_constraint(shape, value)
    if constraint:
        shown = f"'{value}'" if kind in ("string", "integer", "long") else "at"
        text = f"1 validation error detected: Value {shown} at '{path[1:]}' failed to satisfy constraint: Member must"
        raise ServiceError("ValidationException", f"{text} {constraint}")


def _broken_constraint(shape: Shape, value: Any) -> str | None:
    limits = shape.metadata
    if shape.type_name == "string":
        if "enum" in limits and value not in limits["enum"]:
            return f"satisfy enum value set: [{', '.join(limits['enum'])}]"
        if "pattern" in limits and not _fits(limits["pattern"], value):
            return f"satisfy regular expression pattern: {limits['pattern']}"
    greatest = limits.get("max")
    if greatest is not None and shape.type_name in ("string", "list", "map", "blob") and len(value) > greatest:
        return f"have length less than or equal to {greatest}"
    if greatest is not None and shape.type_name in ("integer", "long", "double") and value > greatest:
        return f"have value less than or equal to {greatest}"
    return None


def _fits(pattern: str, value: str) -> bool:
    """Whether a text fits one of the models' patterns, which are Java's; one that Python can't read holds for all."""
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    python = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda match: re.escape(chr(int(match[1], 16))), _named_classes(pattern))
    try:
        return re.compile(python)
    except re.error:
        return None


def _named_classes(pattern: str) -> str:
    """Java's \\uD800\\uDC00-\\uDBFF\\uDFFF (all characters beyond 16 bits, as pairs) as Python's range of them."""
    pairs = r"\uD800\uDC00-\uDBFF\uDFFF"
    return pattern.replace(pairs, "\U00010000-\U0010ffff")
