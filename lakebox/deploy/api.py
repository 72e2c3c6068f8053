"""Makes, updates and deletes one resource by the operations that its kind names."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import ClientError, ParamValidationError

from jobs.lake.errors import LakeboxError
from lakebox.deploy.coerce import coerced
from lakebox.deploy.kinds import Kind, Properties
from lakebox.endpoint.shapes import service_model
from lakebox.glue.template.document import TemplateError, Value
from lakebox.glue.template.scope import Account

Clients = Callable[[str], Any]  # a boto3 client of a service
EMPTY: Mapping[str, Any] = {"string": "", "list": [], "map": {}}
UNSUPPORTED = re.compile(r"\blakebox [a-z]")  # what lakebox says where it can't do what AWS could
NOT_THERE = ("EntityNotFoundException", "ResourceNotFoundException", "InvalidRequestException", "MetadataException",
             "NoSuchEntity")  # fmt: skip


class LeftOutError(LakeboxError):
    """lakebox does not have what a resource needs."""


class FailedError(LakeboxError):
    """The API refuses a resource, as AWS would."""


@dataclass(frozen=True)
class Resource:
    """A resource as the API sees it.

    identity: what names it in get, update and delete requests; request: what makes it
    properties: the template's, which a few updates need
    """

    kind: Kind
    identity: Properties
    request: Properties
    properties: Properties = field(default_factory=dict)


def request_of(kind: Kind, properties: Properties) -> tuple[Properties, list[str]]:
    """The create request of properties, and the properties that the API does not have. Raises TemplateError."""
    unknown: list[str] = []
    try:
        given = {key: value for key, value in kind.request(properties).items() if key != "CatalogId"}
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # a text where an object must be
        raise TemplateError(f"the properties are not of the form that the type has ({error!r})") from None
    return coerced(create_shape(kind), given, "", unknown), unknown


class Handler(Protocol):
    """Makes resources of some kinds. Each method raises LeftOutError or FailedError."""

    def exists(self, resource: Resource) -> bool:
        """Whether it is there."""

    def create(self, resource: Resource) -> str:
        """Make it; the id that the service gives it, or the empty text."""

    def update(self, resource: Resource, before: Properties | None) -> None:
        """Bring it to what it should be. before: the request by which the stack made it; None where it did not."""

    def delete(self, resource: Resource) -> None:
        """Delete it; one that is gone already is no error."""


class ApiHandler:
    """Resources of Glue and Athena, and IAM's roles, by the operations Create…, Get…, Update… and Delete…."""

    def __init__(self, clients: Clients, account: Account) -> None:
        self._clients, self._account = clients, account

    def exists(self, resource: Resource) -> bool:
        """Whether it is there."""
        if "" in resource.identity.values():  # its id is not known yet
            return False
        try:
            self._call(resource.kind, "Get", resource.identity)
        except ParamValidationError:  # making it says why
            return False
        except ClientError as error:
            if code_of(error) in NOT_THERE:
                return False
            raise refused(error, f"Create{resource.kind.noun}") from None
        return True

    def create(self, resource: Resource) -> str:
        """Make it."""
        kind = resource.kind
        try:
            answer = self._call(kind, "Create", resource.request)
        except (ClientError, ParamValidationError) as error:
            raise refused(error, f"Create{kind.noun}") from None
        if kind.update(resource.properties).get("State") == "DISABLED":  # a workgroup is made enabled
            self.update(resource, None)
        return str(answer[kind.answer]) if kind.answer else ""

    def update(self, resource: Resource, before: Properties | None) -> None:
        """Bring it to what it should be, tags too. What the template has no more is emptied, or the API keeps it."""
        kind, request = resource.kind, resource.request
        shape: Any = service_model(kind.service).operation_model(f"Update{kind.noun}").input_shape
        gone = [name for name in before or {} if name not in request and name in shape.members]
        emptied = {name: EMPTY[kind_of] for name in gone if (kind_of := shape.members[name].type_name) in EMPTY}
        source = {**emptied, **request, **kind.update(resource.properties), **resource.identity}
        nested = f"{kind.noun}Update"
        if nested in shape.members:
            source[nested] = {name: request[name] for name in shape.members[nested].members if name in request}
        known = {name: source[name] for name in shape.members if name in source}
        try:
            self._call(kind, "Update", coerced(shape, known, "", []))
            self._tag(resource, before or {})
        except (ClientError, ParamValidationError) as error:
            raise refused(error, f"Update{kind.noun}") from None

    def delete(self, resource: Resource) -> None:
        """Delete it."""
        try:
            self._call(resource.kind, "Delete", resource.identity | {"RecursiveDeleteOption": True})  # of a workgroup
        except ClientError as error:
            if code_of(error) not in NOT_THERE:
                raise refused(error, f"Delete{resource.kind.noun}") from None

    def _call(self, kind: Kind, verb: str, members: Properties) -> Mapping[str, Any]:
        """Call an operation with those members that it has."""
        name = f"{verb}{kind.noun}"
        shape: Any = service_model(kind.service).operation_model(name).input_shape
        client = self._clients(kind.service)
        given = {member: value for member, value in members.items() if member in shape.members}
        answer: Mapping[str, Any] = getattr(client, _snake(client, name))(**given)
        return answer

    def _tag(self, resource: Resource, before: Properties) -> None:
        """Add and remove tags by what has changed since the stack made the resource."""
        kind, now, then = resource.kind, _tags(resource.request), _tags(before)
        if not kind.arn or now == then:
            return
        arn = self._account.arn(kind.service, kind.arn.format(next(iter(resource.identity.values()))))
        client, gone = self._clients(kind.service), [key for key in then if key not in now]
        if kind.service == "athena":
            client.tag_resource(ResourceARN=arn, Tags=[{"Key": key, "Value": now[key]} for key in now])
            client.untag_resource(ResourceARN=arn, TagKeys=gone)
            return
        client.tag_resource(ResourceArn=arn, TagsToAdd=now)
        client.untag_resource(ResourceArn=arn, TagsToRemove=gone)


def can_change(kind: Kind, before: Properties, after: Properties) -> bool:
    """Whether an update can bring a resource of a kind from one request to the other."""
    if kind.service in ("s3", "cdk"):
        return True
    has_update = f"Update{kind.noun}" in service_model(kind.service).operation_names
    return has_update and all(before.get(member) == after.get(member) for member in kind.fixed)


def create_shape(kind: Kind) -> Value:
    """The shape of a kind's create request."""
    return service_model(kind.service).operation_model(f"Create{kind.noun}").input_shape


def code_of(error: ClientError) -> str:
    """An error's code."""
    return str(error.response["Error"]["Code"])


def refused(error: ClientError | ParamValidationError, operation: str) -> LakeboxError:
    """An API's error as one of ours."""
    if isinstance(error, ParamValidationError):
        return FailedError(" ".join(str(error).split()))
    code, message = code_of(error), str(error.response["Error"].get("Message", ""))
    if code == "NotImplementedException":
        return LeftOutError(f"lakebox does not have {operation}")
    is_limit = UNSUPPORTED.search(message) and code != "InternalServiceException"
    return LeftOutError(message) if is_limit else FailedError(f"{code}: {message}")


def _tags(request: Properties) -> dict[str, str]:
    tags = request.get("Tags") or {}
    return {tag["Key"]: tag["Value"] for tag in tags} if isinstance(tags, list) else dict(tags)


def _snake(client: Any, operation: str) -> str:
    names: Mapping[str, str] = client.meta.method_to_api_mapping
    return next(method for method, api_name in names.items() if api_name == operation)
