"""An AWS service's operations by name, asked of an endpoint by boto3, and called as lakebox's own are."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from lakebox.endpoint.service import Operation, ServiceError


class AwsOperations(Mapping[str, Operation]):
    """The operations of a boto3 client. They raise ServiceError with AWS's code and message.

    hint: what to do where nothing answers, for the end of that error's line
    """

    def __init__(self, client: Any, hint: str) -> None:
        self._client, self._hint = client, hint

    def __getitem__(self, name: str) -> Operation:
        method = getattr(self._client, xform_name(name))

        def operation(request: dict[str, Any]) -> dict[str, Any]:
            try:
                answer: dict[str, Any] = method(**request)
            except ClientError as error:
                said = error.response["Error"]
                if said["Code"].isdecimal():  # no code of AWS's: another program answers there
                    text = f"what answers is not the API (error {said['Code']}); {self._hint}"
                    raise ServiceError("EndpointUnreachable", text) from None
                raise ServiceError(said["Code"], said.get("Message") or str(error)) from None
            except BotoCoreError as error:
                raise ServiceError("EndpointUnreachable", f"{error}; {self._hint}") from None
            return answer

        return operation

    def __iter__(self) -> Iterator[str]:
        return iter(self._client.meta.service_model.operation_names)

    def __len__(self) -> int:
        return len(self._client.meta.service_model.operation_names)


def aws_operations(service: str) -> AwsOperations:
    """The operations of a service of AWS, with the user's own credentials. Raises ServiceError without a region."""
    hint = "set AWS_PROFILE, or AWS_REGION and the keys, as for the AWS CLI"
    try:
        return AwsOperations(boto3.client(service), hint)  # type: ignore[call-overload]
    except BotoCoreError as error:
        raise ServiceError("EndpointUnreachable", f"{error}; {hint}") from None
