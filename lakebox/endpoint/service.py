"""What an AWS service is to the endpoint: operations by name, and the errors that they answer with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from jobs.lake.errors import LakeboxError

Operation = Callable[[dict[str, Any]], dict[str, Any]]  # request and response in boto3's own shapes
Service = Mapping[str, Operation]

ACCOUNT = "000000000000"
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/lakebox"


def all_of(operation: Operation, request: Mapping[str, Any], field: str) -> Iterator[dict[str, Any]]:
    """All items of a list that an operation gives page by page; `field` is the list's name in the answer."""
    page = operation(dict(request))
    yield from page[field]
    while page.get("NextToken"):
        page = operation({**request, "NextToken": page["NextToken"]})
        yield from page[field]


class ServiceError(LakeboxError):
    """An error that the API answers with: boto3 raises it as ClientError with this code and message.

    details: what an error says beside, such as S3's BucketName and Athena's AthenaErrorCode
    """

    def __init__(self, code: str, message: str, status: int = 400, **details: str) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.details = code, message, status, details


def page_of(items: Sequence[Any], request: dict[str, Any], field: str, most: int = 100) -> dict[str, Any]:
    """A page of a list, MaxResults items, under its field's name, and NextToken where there are more.

    Raises ServiceError on a token that is not ours.
    """
    token = request.get("NextToken") or "0"
    if not token.isdigit():
        raise ServiceError("InvalidInputException", f"NextToken {token!r} is not one that an earlier page gave")
    start = int(token)
    end = start + request.get("MaxResults", most)
    return {field: list(items[start:end]), "NextToken": str(end) if end < len(items) else None}
