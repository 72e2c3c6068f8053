"""What `Ref` and `Fn::GetAtt` give for resources: those that are made, and those of AWS's that lakebox leaves out.

A job must name a role, and a bucket's policy a key; so what is left out has a name and an ARN that stand in for AWS's.
What only a real resource has, such as a server's address, can't be stood in for.
"""

import hashlib
import re
from collections.abc import Mapping

from lakebox.deploy.kinds import ANY, Kind, Properties
from lakebox.glue.template.document import TemplateError, Value
from lakebox.glue.template.functions import resolved
from lakebox.glue.template.scope import URL_SUFFIX, Account, Identity, Scope
from lakebox.glue.template.text import text_of

REF_IS_ARN = ("AWS::IAM::ManagedPolicy", "AWS::SNS::Topic", "AWS::SecretsManager::Secret",
              "AWS::StepFunctions::StateMachine", "AWS::Events::EventBus", "AWS::Lambda::LayerVersion")  # fmt: skip
ARN_KINDS = {
    "AWS::IAM::ManagedPolicy": "policy/{}",
    "AWS::KMS::Key": "key/{}",
    "AWS::Lambda::Function": "function:{}",
    "AWS::Logs::LogGroup": "log-group:{}",
    "AWS::SecretsManager::Secret": "secret:{}",
    "AWS::StepFunctions::StateMachine": "stateMachine:{}",
    "AWS::SNS::Topic": "{}",
    "AWS::SQS::Queue": "{}",
}
GLOBAL = ("iam", "s3", "cloudfront", "route53")


def generated_name(kind: Kind, stack: str, logical_id: str) -> str:
    """The name of a resource whose template gives it none: always the same for a stack and a logical id.

    In lower case, as databases and buckets must be; databases and tables have underscores, which SQL needs not quote.
    """
    mark = hashlib.sha256(f"{stack}/{logical_id}".encode()).hexdigest()[:8]
    words = re.sub(r"[^a-z0-9]+", "-", f"{stack}-{logical_id}".lower()).strip("-")
    name = f"{words[:54].rstrip('-')}-{mark}"
    return name.replace("-", "_") if kind.underscores else name


def made_identity(kind: Kind, ref: str, account: Account, request: Properties) -> Identity:
    """What refers to a resource that lakebox has made. request: the one that made it"""
    attributes: dict[str, Value] = {"Name": ref, "Id": ref}
    if kind.answer:
        attributes[kind.answer] = ref
    if kind.service == "s3":
        regional = f"{ref}.s3.{account.region}.{URL_SUFFIX}"
        attributes |= {
            "Arn": f"arn:aws:s3:::{ref}",
            "DomainName": f"{ref}.s3.{URL_SUFFIX}",
            "DualStackDomainName": f"{ref}.s3.dualstack.{account.region}.{URL_SUFFIX}",
            "RegionalDomainName": regional,
            "WebsiteURL": f"http://{ref}.s3-website-{account.region}.{URL_SUFFIX}",
        }
    elif kind.service == "iam":
        attributes["Arn"] = f"arn:aws:iam::{account.id}:role{request.get('Path', '/')}{ref}"
    elif kind.arn:
        attributes["Arn"] = account.arn(kind.service, kind.arn.format(ref))
    return Identity(ref, attributes)


def stand_in(logical_id: str, scope: Scope, why: str) -> Identity:
    """What refers to a resource that is left out: the name that it would have, and its ARN."""
    resource, account = scope.template.resources[logical_id], scope.account
    type_name = str(resource["Type"])
    name = _given_name(type_name, resource.get("Properties") or {}, scope)
    name = name or f"{account.stack}-{logical_id}"
    service, _, noun = type_name.removeprefix("AWS::").partition("::")
    service = {"StepFunctions": "states"}.get(service, service.lower())
    resource_part = ARN_KINDS.get(type_name, f"{noun[:1].lower()}{noun[1:]}/{{}}").format(name)
    region = "" if service in GLOBAL else account.region
    arn = f"arn:aws:{service}:{region}:{account.id}:{resource_part}"
    if not type_name.startswith("AWS::"):  # what a custom resource gives, its own function decides
        return Identity(name, {}, why)
    return Identity(arn if type_name in REF_IS_ARN else name, {"Arn": arn}, why, name)


def _given_name(type_name: str, properties: Mapping[str, Value], scope: Scope) -> str | None:
    """The name that the template gives a resource, by the property `RoleName`, `TopicName` or `Name`."""
    for key in (f"{type_name.rpartition('::')[2]}Name", "Name"):
        if key in properties:
            try:
                found = resolved(properties[key], scope)
            except TemplateError:
                return None
            return found if isinstance(found, str) else None
    return None


def with_name(kind: Kind, properties: Properties, stack: str, logical_id: str) -> tuple[Properties, str]:
    """Properties that name the resource, by a name of ours where the template has none; and the name.

    The name is empty where the service gives ids.
    """
    if not kind.name:
        return properties, ""
    *above, key = kind.name
    holder = properties
    for part in above:
        if part == ANY:
            part = next((name for name, value in properties.items() if isinstance(value, dict)), part)
        holder = holder.setdefault(part, {})
        if not isinstance(holder, dict):
            raise TemplateError(f"{part} must be an object, not {holder!r}")
    elsewhere = properties.get(f"{kind.noun}Name") or properties.get("Name")  # newer properties beside the API's own
    name = holder.get(key) or elsewhere or generated_name(kind, stack, logical_id)
    holder[key] = text_of(name, f"the name of {logical_id}")
    return properties, holder[key]
