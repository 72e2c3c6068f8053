"""Names in IAM: ARNs, ids, tags, and the errors of what is not there or there already."""

import secrets
import string
from collections.abc import Iterable, Mapping
from typing import Any

from lakebox.endpoint.service import ACCOUNT, ServiceError

LETTERS = string.ascii_uppercase + string.digits


def arn_of(kind: str, path: str, name: str) -> str:
    """The ARN of a role or a policy; the path starts and ends with a slash."""
    return f"arn:aws:iam::{ACCOUNT}:{kind}{path}{name}"


def new_id(prefix: str) -> str:
    """An id as IAM makes them: AROA… for roles, ANPA… for policies."""
    return prefix + "".join(secrets.choice(LETTERS) for _ in range(17))


def missing(kind: str, name: str) -> ServiceError:
    """The error of a role or policy that is not there."""
    return ServiceError("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)


def taken(kind: str, name: str) -> ServiceError:
    """The error of a name that has another owner."""
    return ServiceError("EntityAlreadyExists", f"{kind} with name {name} already exists.", 409)


def in_use(what: str) -> ServiceError:
    """The error of deleting what others hang on."""
    return ServiceError("DeleteConflict", f"Cannot delete entity, must {what} first.", 409)


def listed(field: str, items: Iterable[Any]) -> dict[str, Any]:
    """The answer of a List operation: all items, on one page."""
    return {field: list(items), "IsTruncated": False}


def with_tags(before: Iterable[Mapping[str, str]], added: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Tags with others added; the added ones hold."""
    merged = {tag["Key"]: tag["Value"] for tag in [*before, *added]}
    return [{"Key": key, "Value": value} for key, value in merged.items()]


def without_tags(before: Iterable[Mapping[str, str]], keys: Iterable[str]) -> list[dict[str, str]]:
    """Tags without those of some keys."""
    gone = set(keys)
    return [dict(tag) for tag in before if tag["Key"] not in gone]
