"""Names in the catalog: folded to lower case, and what is said of those that aren't there."""

from typing import Any

from lakebox.endpoint.service import ACCOUNT, ServiceError


def folded(name: str) -> str:
    """A name as the catalog keeps it. Raises ServiceError on an empty one."""
    if not name.strip():
        raise ServiceError("InvalidInputException", "a name must not be blank")
    return name.lower()


def check_catalog(request: dict[str, Any]) -> None:
    """Raise ServiceError where a request names another account's catalog."""
    given = request.get("CatalogId", ACCOUNT)
    if given not in (ACCOUNT, "", "AwsDataCatalog"):
        raise ServiceError("EntityNotFoundException", f"Catalog {given} not found: lakebox has the one of {ACCOUNT}")


def missing(kind: str, name: str) -> ServiceError:
    """The error for what is not there, in Glue's words."""
    return ServiceError("EntityNotFoundException", f"{kind} {name} not found.")


def taken(kind: str, name: str) -> ServiceError:
    """The error for a name that is in use."""
    return ServiceError("AlreadyExistsException", f"{kind} {name} already exists.")
