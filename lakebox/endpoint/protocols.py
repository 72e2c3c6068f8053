"""AWS's wire protocols for Glue and Athena (JSON 1.1) and STS (a form): a verified request to an operation's answer."""

import json
import logging
import uuid
from collections.abc import Mapping
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from lakebox.endpoint.request import Answer, Request
from lakebox.endpoint.service import ACCOUNT, USER_ARN, Service, ServiceError
from lakebox.endpoint.shapes import check_response, request_of, response_of, service_model

LOG = logging.getLogger("lakebox.endpoint")
STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


def answer_json(name: str, service: Service, request: Request, *, checked: bool) -> Answer:
    """Run the operation that X-Amz-Target names; errors, also unforeseen ones, are answered as the API's own.

    checked: an answer that doesn't fit the service's model is an error, too (for tests).
    """
    try:
        operation = _operation_named(name, request.headers.get("x-amz-target", ""))
        model = service_model(name).operation_model(operation)
        given = request_of(model.input_shape, _parsed(request.body or b"{}"))
        if operation not in service:
            text = f"lakebox does not have {operation} of {name}; it has: {', '.join(sorted(service))}"
            raise ServiceError("NotImplementedException", text, 501)
        response = service[operation](given)
        if checked:
            check_response(model.output_shape, response)
        return _json(200, response_of(model.output_shape, response))
    except ServiceError as error:
        return json_error(error)
    except Exception:
        LOG.exception("%s failed", request.headers.get("x-amz-target"))
        text = "lakebox failed on this request; the log of `lakebox serve` says why"
        return json_error(ServiceError("InternalServiceException", text, 500))


def json_error(error: ServiceError) -> Answer:
    """An error in JSON 1.1."""
    return _json(
        error.status, {"__type": error.code, "message": error.message, "Message": error.message, **error.details}
    )


def answer_sts(request: Request) -> Answer:
    """GetCallerIdentity, the one operation of STS that clients of Glue and Athena call."""
    action = parse_qs((request.body or b"").decode("utf-8", "replace")).get("Action", [""])[0]
    if action != "GetCallerIdentity":
        return sts_error(ServiceError("InvalidAction", f"lakebox does not have {action} of sts", 400))
    identity = f"<Arn>{USER_ARN}</Arn><UserId>lakebox</UserId><Account>{ACCOUNT}</Account>"
    result = f"<GetCallerIdentityResult>{identity}</GetCallerIdentityResult>"
    return _xml(200, f'<GetCallerIdentityResponse xmlns="{STS_NAMESPACE}">{result}</GetCallerIdentityResponse>')


def sts_error(error: ServiceError) -> Answer:
    """An error in STS's XML."""
    text = f"<Error><Type>Sender</Type><Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"
    return _xml(error.status, f'<ErrorResponse xmlns="{STS_NAMESPACE}">{text}</ErrorResponse>')


def _operation_named(service: str, target: str) -> str:
    prefix, _, operation = target.partition(".")
    model = service_model(service)
    if prefix != model.metadata["targetPrefix"] or operation not in model.operation_names:
        raise ServiceError("UnknownOperationException", f"there is no operation {target!r} in {service}")
    return operation


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ServiceError("SerializationException", f"the body of the request is not JSON: {error}") from None


def _json(status: int, content: Mapping[str, object]) -> Answer:
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": str(uuid.uuid4())}
    return Answer(status, json.dumps(content).encode(), headers)


def _xml(status: int, content: str) -> Answer:
    return Answer(status, content.encode(), {"Content-Type": "text/xml", "x-amzn-RequestId": str(uuid.uuid4())})
