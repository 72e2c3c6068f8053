"""AWS's wire protocols: JSON 1.1 (Glue, Athena, CloudWatch Logs) and query (IAM, STS). A request becomes an answer."""

import json
import logging
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from botocore.model import OperationModel, ServiceModel

from lakebox.endpoint.query import from_form, to_xml
from lakebox.endpoint.request import Answer, Request
from lakebox.endpoint.service import Service, ServiceError
from lakebox.endpoint.shapes import check_response, request_of, response_of, service_model

LOG = logging.getLogger("lakebox.endpoint")


class Protocol(ABC):
    """How the requests of some services are read, and their answers and errors written."""

    def answer(self, name: str, service: Service, request: Request, *, checked: bool) -> Answer:
        """Run the operation that a request names; errors, also unforeseen ones, are answered as the API's own.

        name: boto3's name of the service
        checked: an answer that doesn't fit the service's model is an error, too (for tests).
        """
        operation = ""
        try:
            model = service_model(name)
            operation, body = self.read(model, request)
            shapes = model.operation_model(operation)
            given = request_of(shapes.input_shape, body)
            if operation not in service:
                text = f"lakebox does not have {operation} of {name}; it has: {', '.join(sorted(service))}"
                raise ServiceError("NotImplementedException", text, 501)
            response = service[operation](given)
            if checked:
                check_response(shapes.output_shape, response)
            return self.written(shapes, response)
        except ServiceError as error:
            return self.error(error)
        except Exception:
            LOG.exception("%s of %s failed", operation or "a request", name)
            text = "lakebox failed on this request; the log of `lakebox serve` says why"
            return self.error(ServiceError("InternalServiceException", text, 500))

    @abstractmethod
    def read(self, model: ServiceModel, request: Request) -> tuple[str, Any]:
        """The name of a request's operation, which the model has, and its body. Raises ServiceError."""

    @abstractmethod
    def written(self, operation: OperationModel, response: dict[str, Any]) -> Answer:
        """The answer to an operation that succeeded."""

    @abstractmethod
    def error(self, error: ServiceError) -> Answer:
        """The answer that clients raise as this error."""


class Json(Protocol):
    """JSON 1.1: the operation's name is in the header X-Amz-Target."""

    def read(self, model: ServiceModel, request: Request) -> tuple[str, Any]:
        """The operation, and the body's JSON."""
        target = request.headers.get("x-amz-target", "")
        prefix, _, operation = target.partition(".")
        if prefix != model.metadata["targetPrefix"] or operation not in model.operation_names:
            text = f"there is no operation {target!r} in {model.service_name}"
            raise ServiceError("UnknownOperationException", text)
        try:
            return operation, json.loads(request.body or b"{}")
        except (ValueError, RecursionError) as error:
            text = f"the body of the request is not JSON: {error}"
            raise ServiceError("SerializationException", text) from None

    def written(self, operation: OperationModel, response: dict[str, Any]) -> Answer:
        """JSON of the output's shape."""
        return _json(200, response_of(operation.output_shape, response))

    def error(self, error: ServiceError) -> Answer:
        """The code is in the member `__type`."""
        text = {"message": error.message, "Message": error.message}
        return _json(error.status, {"__type": error.code, **text, **error.details})


class Query(Protocol):
    """The query protocol: a form whose field `Action` names the operation, and XML."""

    def read(self, model: ServiceModel, request: Request) -> tuple[str, Any]:
        """The operation, and the form's fields by its input's shape."""
        form = dict(parse_qsl((request.body or b"").decode("utf-8", "replace"), keep_blank_values=True))
        operation = form.get("Action", "")
        if operation not in model.operation_names:
            raise ServiceError("InvalidAction", f"there is no operation {operation!r} in {model.service_name}")
        shape = model.operation_model(operation).input_shape
        return operation, {} if shape is None else from_form(shape, form)

    def written(self, operation: OperationModel, response: dict[str, Any]) -> Answer:
        """The output in its wrapper, which the model names."""
        shape, result = operation.output_shape, ""
        if shape is not None:
            wrapper = shape.serialization["resultWrapper"]
            result = f"<{wrapper}>{to_xml(shape, response)}</{wrapper}>"
        namespace = operation.service_model.metadata["xmlNamespace"]
        return _xml(200, f"{operation.name}Response", f' xmlns="{namespace}"', result)

    def error(self, error: ServiceError) -> Answer:
        """An ErrorResponse."""
        code, text = escape(error.code), escape(error.message)
        content = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>"
        return _xml(error.status, "ErrorResponse", "", content)


JSON, QUERY = Json(), Query()


def protocol_of(service: str) -> Protocol:
    """The protocol of a service, by boto3's name of it; services that lakebox does not have are told in JSON."""
    return QUERY if service in ("iam", "sts") else JSON


def _json(status: int, content: Mapping[str, object]) -> Answer:
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": str(uuid.uuid4())}
    return Answer(status, json.dumps(content).encode(), headers)


def _xml(status: int, root: str, attributes: str, content: str) -> Answer:
    number = str(uuid.uuid4())
    told = f"<ResponseMetadata><RequestId>{number}</RequestId></ResponseMetadata>"
    body = f"<{root}{attributes}>{content}{told}</{root}>"
    return Answer(status, body.encode(), {"Content-Type": "text/xml", "x-amzn-RequestId": number})
