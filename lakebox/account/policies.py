"""IAM's managed policies: an account's own, with their versions, and AWS's, which are known by their ARNs only."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from lakebox.account.names import arn_of, in_use, listed, missing, new_id, taken, with_tags, without_tags
from lakebox.account.roles import ATTACHED, ROLE
from lakebox.endpoint.service import Operation, ServiceError
from lakebox.glue.data_catalog.documents import Document, Documents

POLICY = "iam-policy"  # by ARN
VERSIONS, COUNTED = "Versions", "Counted"  # of a policy's document: oldest first, and how many there ever were
MOST_VERSIONS = 5
AWS_POLICIES = "arn:aws:iam::aws:policy/"
NO_STATEMENTS = '{"Version": "2012-10-17", "Statement": []}'  # for AWS's own policies, whose texts lakebox has not
BEGINNING = datetime(2015, 2, 6, tzinfo=UTC)


class Policies:
    """The operations on managed policies."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreatePolicy": self.create,
            "GetPolicy": lambda request: {"Policy": self._shown(self._named(request))},
            "ListPolicies": self.list_all,
            "DeletePolicy": self.delete,
            "CreatePolicyVersion": self.create_version,
            "GetPolicyVersion": self.get_version,
            "ListPolicyVersions": lambda request: listed("Versions", map(_told, self._named(request)[VERSIONS])),
            "SetDefaultPolicyVersion": self.set_default,
            "DeletePolicyVersion": self.delete_version,
            "TagPolicy": self.tag,
            "UntagPolicy": self.untag,
            "ListPolicyTags": lambda request: listed("Tags", self._named(request)["Tags"]),
            "ListEntitiesForPolicy": self.list_entities,
        }

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreatePolicy."""
        name, path, now = request["PolicyName"], request.get("Path", "/"), datetime.now(UTC)
        kept = {key: value for key, value in request.items() if key != "PolicyDocument"}
        policy = {"Tags": [], **kept, "Path": path, "PolicyId": new_id("ANPA"), "Arn": arn_of("policy", path, name)}
        policy |= {"CreateDate": now, "UpdateDate": now, "IsAttachable": True}
        policy |= {VERSIONS: [_version("v1", request["PolicyDocument"], now)], COUNTED: 1}
        if not self._documents.add(POLICY, policy["Arn"], policy):
            raise taken("Policy", name)
        return {"Policy": self._shown(policy)}

    def list_all(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListPolicies: the account's own, and those of AWS's that are attached to its roles."""
        scope, prefix = request.get("Scope", "All"), request.get("PathPrefix", "/")
        own = [] if scope == "AWS" else self._documents.all(POLICY)
        attached = {arn for role in self._documents.all(ROLE) for arn in role[ATTACHED]}
        of_aws = [] if scope == "Local" else [_of_aws(arn) for arn in sorted(attached) if arn.startswith(AWS_POLICIES)]
        wanted = [policy for policy in [*own, *of_aws] if policy["Path"].startswith(prefix)]
        if request.get("OnlyAttached"):
            wanted = [policy for policy in wanted if policy["Arn"] in attached]
        return listed("Policies", (self._shown(policy) for policy in wanted))

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeletePolicy: one that is attached, or has other versions, is refused."""
        policy = self._named(request)
        if self._roles_with(policy["Arn"]):
            raise in_use("detach policies")
        if len(policy[VERSIONS]) > 1:
            raise in_use("delete all versions but the default one")
        self._documents.delete(POLICY, policy["Arn"])
        return {}

    def create_version(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreatePolicyVersion: a policy has at most five."""
        now = datetime.now(UTC)

        def changed(policy: Document) -> Document:
            versions = policy[VERSIONS]
            if len(versions) >= MOST_VERSIONS:
                text = f"A managed policy can have up to {MOST_VERSIONS} versions. Delete one of them first."
                raise ServiceError("LimitExceeded", text, 409)
            number = policy[COUNTED] + 1
            new = _version(f"v{number}", request["PolicyDocument"], now, is_default=request.get("SetAsDefault", False))
            if new["IsDefaultVersion"]:
                versions = [version | {"IsDefaultVersion": False} for version in versions]
            return policy | {VERSIONS: [*versions, new], COUNTED: number, "UpdateDate": now}

        return {"PolicyVersion": _told(self._change(request, changed)[VERSIONS][-1])}

    def get_version(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetPolicyVersion."""
        version = _find(self._named(request), request["VersionId"])
        return {"PolicyVersion": version | {"Document": quote(version["Document"], safe="")}}

    def set_default(self, request: dict[str, Any]) -> dict[str, Any]:
        """SetDefaultPolicyVersion."""

        def changed(policy: Document) -> Document:
            wanted = _find(policy, request["VersionId"])["VersionId"]
            versions = [v | {"IsDefaultVersion": v["VersionId"] == wanted} for v in policy[VERSIONS]]
            return policy | {VERSIONS: versions}

        self._change(request, changed)
        return {}

    def delete_version(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeletePolicyVersion: the default one is refused."""

        def changed(policy: Document) -> Document:
            gone = _find(policy, request["VersionId"])
            if gone["IsDefaultVersion"]:
                raise ServiceError("DeleteConflict", "Cannot delete the default version of a policy.", 409)
            return policy | {VERSIONS: [version for version in policy[VERSIONS] if version != gone]}

        self._change(request, changed)
        return {}

    def tag(self, request: dict[str, Any]) -> dict[str, Any]:
        """TagPolicy."""
        self._change(request, lambda policy: policy | {"Tags": with_tags(policy["Tags"], request["Tags"])})
        return {}

    def untag(self, request: dict[str, Any]) -> dict[str, Any]:
        """UntagPolicy."""
        self._change(request, lambda policy: policy | {"Tags": without_tags(policy["Tags"], request["TagKeys"])})
        return {}

    def list_entities(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListEntitiesForPolicy: the roles that have it."""
        roles = self._roles_with(self._named(request)["Arn"])
        told = [{"RoleName": role["RoleName"], "RoleId": role["RoleId"]} for role in roles]
        return listed("PolicyRoles", told) | {"PolicyGroups": [], "PolicyUsers": []}

    def _named(self, request: dict[str, Any]) -> Document:
        return policy_of(self._documents, request["PolicyArn"])

    def _change(self, request: dict[str, Any], change: Callable[[Document], Document]) -> Document:
        policy = self._documents.change(POLICY, request["PolicyArn"], change)
        if policy is None:
            raise missing("policy", request["PolicyArn"])
        return policy

    def _roles_with(self, arn: str) -> list[Document]:
        return [role for role in self._documents.all(ROLE) if arn in role[ATTACHED]]

    def _shown(self, policy: Document) -> Document:
        default = next(version["VersionId"] for version in policy[VERSIONS] if version["IsDefaultVersion"])
        told = {name: value for name, value in policy.items() if name not in (VERSIONS, COUNTED)}
        return told | {"DefaultVersionId": default, "AttachmentCount": len(self._roles_with(policy["Arn"]))}


def policy_of(documents: Documents, arn: str) -> Document:
    """A policy by its ARN; any that is AWS's is there. Raises ServiceError where there is none."""
    policy = _of_aws(arn) if arn.startswith(AWS_POLICIES) else documents.get(POLICY, arn)
    if policy is None:
        raise missing("policy", arn)
    return policy


def _of_aws(arn: str) -> Document:
    path, _, name = arn.removeprefix(AWS_POLICIES).rpartition("/")
    policy = {"PolicyName": name, "Path": f"/{path}/" if path else "/", "Arn": arn, "PolicyId": f"ANPA{name.upper()}"}
    dates = {"CreateDate": BEGINNING, "UpdateDate": BEGINNING, "IsAttachable": True}
    return policy | dates | {"Tags": [], VERSIONS: [_version("v1", NO_STATEMENTS, BEGINNING)]}


def _version(number: str, text: str, time: datetime, *, is_default: bool = True) -> Document:
    return {"VersionId": number, "Document": text, "IsDefaultVersion": is_default, "CreateDate": time}


def _find(policy: Document, number: str) -> Document:
    for version in policy[VERSIONS]:
        if version["VersionId"] == number:
            found: Document = version
            return found
    raise ServiceError("NoSuchEntity", f"Policy {policy['Arn']} version {number} does not exist", 404)


def _told(version: Document) -> Document:
    return {name: value for name, value in version.items() if name != "Document"}
