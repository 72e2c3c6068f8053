"""IAM's roles: made, read, changed, deleted, so that a project that defines its jobs' roles applies as it is."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from lakebox.account.names import arn_of, in_use, listed, missing, new_id, taken, with_tags, without_tags
from lakebox.endpoint.service import Operation
from lakebox.glue.data_catalog.documents import Document, Documents

ROLE = "iam-role"
INLINE, ATTACHED = "InlinePolicies", "AttachedPolicies"  # of a role's document: name -> text, and ARNs
CHANGED = ("Description", "MaxSessionDuration")


class Roles:
    """The operations on roles themselves."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateRole": self.create,
            "GetRole": lambda request: {"Role": _shown(role_named(self._documents, request["RoleName"]))},
            "ListRoles": self.list_all,
            "UpdateRole": self._changing(_update),
            "UpdateRoleDescription": self.update_description,
            "UpdateAssumeRolePolicy": self._changing(
                lambda role, request: role | {"AssumeRolePolicyDocument": request["PolicyDocument"]}
            ),
            "PutRolePermissionsBoundary": self._changing(
                lambda role, request: role | {"PermissionsBoundary": _boundary(request["PermissionsBoundary"])}
            ),
            "DeleteRolePermissionsBoundary": self._changing(lambda role, _: role | {"PermissionsBoundary": None}),
            "DeleteRole": self.delete,
            "TagRole": self._changing(lambda role, request: role | {"Tags": with_tags(role["Tags"], request["Tags"])}),
            "UntagRole": self._changing(
                lambda role, request: role | {"Tags": without_tags(role["Tags"], request["TagKeys"])}
            ),
            "ListRoleTags": lambda request: listed("Tags", role_named(self._documents, request["RoleName"])["Tags"]),
            "ListInstanceProfilesForRole": self.list_instance_profiles,
        }

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateRole."""
        name, path = request["RoleName"], request.get("Path", "/")
        role = {"MaxSessionDuration": 3600, "Tags": [], **request, "Path": path, INLINE: {}, ATTACHED: []}
        role |= {"RoleId": new_id("AROA"), "Arn": arn_of("role", path, name), "CreateDate": datetime.now(UTC)}
        if "PermissionsBoundary" in request:
            role["PermissionsBoundary"] = _boundary(request["PermissionsBoundary"])
        if not self._documents.add(ROLE, name, role):
            raise taken("Role", name)
        return {"Role": _shown(role)}

    def list_all(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListRoles, by the start of their paths."""
        prefix = request.get("PathPrefix", "/")
        return listed("Roles", (_shown(role) for role in self._documents.all(ROLE) if role["Path"].startswith(prefix)))

    def update_description(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateRoleDescription."""
        change = {"Description": request["Description"]}
        return {"Role": _shown(change_role(self._documents, request["RoleName"], lambda role: role | change))}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteRole: one that has policies is refused."""
        role = role_named(self._documents, request["RoleName"])
        if role[ATTACHED]:
            raise in_use("detach all policies")
        if role[INLINE]:
            raise in_use("delete policies")
        self._documents.delete(ROLE, request["RoleName"])
        return {}

    def list_instance_profiles(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListInstanceProfilesForRole: there are no instances, so there are none."""
        role_named(self._documents, request["RoleName"])
        return listed("InstanceProfiles", [])

    def _changing(self, change: Callable[[Document, dict[str, Any]], Document]) -> Operation:
        def operation(request: dict[str, Any]) -> dict[str, Any]:
            change_role(self._documents, request["RoleName"], lambda role: change(role, request))
            return {}

        return operation


def role_named(documents: Documents, name: str) -> Document:
    """A role. Raises ServiceError where there is none."""
    role = documents.get(ROLE, name)
    if role is None:
        raise missing("role", name)
    return role


def change_role(documents: Documents, name: str, change: Callable[[Document], Document]) -> Document:
    """A role after a change. Raises ServiceError where there is none."""
    role = documents.change(ROLE, name, change)
    if role is None:
        raise missing("role", name)
    return role


def _update(role: Document, request: dict[str, Any]) -> Document:
    return role | {name: request[name] for name in CHANGED if name in request}


def _boundary(arn: str) -> Document:
    return {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn}


def _shown(role: Document) -> Document:
    """A role as IAM tells it: its document in the escapes of URLs, its policies left out."""
    told = {name: value for name, value in role.items() if name not in (INLINE, ATTACHED)}
    return told | {"AssumeRolePolicyDocument": quote(role["AssumeRolePolicyDocument"], safe="")}
