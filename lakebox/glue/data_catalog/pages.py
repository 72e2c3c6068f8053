"""Pages of a list, as Glue's operations give them: MaxResults items, and NextToken where there are more."""

from collections.abc import Sequence
from typing import Any

from lakebox.endpoint.service import ServiceError


def page_of(items: Sequence[Any], request: dict[str, Any], field: str, most: int = 100) -> dict[str, Any]:
    """The page that a request asks for, under its field's name. Raises ServiceError on a token that is not ours."""
    token = request.get("NextToken") or "0"
    if not token.isdigit():
        raise ServiceError("InvalidInputException", f"NextToken {token!r} is not one that an earlier page gave")
    start = int(token)
    end = start + request.get("MaxResults", most)
    return {field: list(items[start:end]), "NextToken": str(end) if end < len(items) else None}
