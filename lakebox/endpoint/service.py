"""What an AWS service is to the endpoint: operations by name, and the errors that they answer with."""

from collections.abc import Callable, Mapping
from typing import Any

from jobs.lake.errors import LakeboxError

Operation = Callable[[dict[str, Any]], dict[str, Any]]  # request and response in boto3's own shapes
Service = Mapping[str, Operation]

ACCOUNT = "000000000000"
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/lakebox"


class ServiceError(LakeboxError):
    """An error that the API answers with: boto3 raises it as ClientError with this code and message.

    details: what an error says beside, such as S3's BucketName and Athena's AthenaErrorCode
    """

    def __init__(self, code: str, message: str, status: int = 400, **details: str) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.details = code, message, status, details
