"""What the names in a template stand for: parameters, AWS's pseudo parameters, and resources that are there already."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lakebox.glue.template.document import Template, TemplateError, Value
from lakebox.glue.template.parameters import Parameters

NO_VALUE = object()  # what AWS::NoValue gives: the property is left out
URL_SUFFIX = "amazonaws.com"


class UnavailableError(TemplateError):
    """A value that only AWS has, such as a database server's address: what needs it is left out."""


@dataclass(frozen=True)
class Identity:
    """What `Ref` and `Fn::GetAtt` give for a resource; `why`: the reason why it has no other attributes.

    name: given for any attribute that is a name or an id (GroupId, TableName); empty where attributes has all of them
    """

    ref: str
    attributes: Mapping[str, Value] = field(default_factory=dict)
    why: str = ""
    name: str = ""


@dataclass(frozen=True)
class Account:
    """Where a stack is: its own name, and the account and region of the sandbox."""

    stack: str
    id: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource in this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.id}:{resource}"

    def pseudo(self) -> Mapping[str, Value]:
        """The values of the pseudo parameters."""
        return {
            "AWS::AccountId": self.id,
            "AWS::NoValue": NO_VALUE,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": self.region,
            "AWS::StackId": self.arn("cloudformation", f"stack/{self.stack}/lakebox"),
            "AWS::StackName": self.stack,
            "AWS::URLSuffix": URL_SUFFIX,
        }


@dataclass
class Scope:
    """Everything that a value of a template may refer to. `resources` fills as they are made.

    exported: the value that another stack has exported under a name, or None
    """

    template: Template
    parameters: Parameters
    account: Account
    exported: Callable[[str], str | None] = lambda _: None
    resources: dict[str, Identity] = field(default_factory=dict)

    def ref(self, name: str) -> Value:
        """What `Ref` gives. Raises TemplateError on a name that the template does not have."""
        pseudo = self.account.pseudo()
        if name in pseudo:
            return pseudo[name]
        if name in self.parameters:
            return self.parameters.value(name)
        return self._resource(name).ref

    def attribute(self, name: str, attribute: str) -> Value:
        """What `Fn::GetAtt` gives. Raises UnavailableError where only AWS knows it."""
        identity = self._resource(name)
        if attribute in identity.attributes:
            return identity.attributes[attribute]
        if identity.name and attribute.endswith(("Id", "Name")) and "." not in attribute:
            return identity.name
        kind = self.template.resources[name]["Type"]
        raise UnavailableError(
            f"it needs {name}.{attribute} of {kind}, {identity.why or 'which lakebox does not know'}"
        )

    def _resource(self, name: str) -> Identity:
        if name in self.resources:
            return self.resources[name]
        if name in self.template.resources:
            raise UnavailableError(f"it needs {name}, which is not there")
        raise TemplateError(f"the template refers to {name}, but has no parameter or resource of that name")
