"""IAM's policies of a role: those written into it, and those attached to it by their ARNs."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from lakebox.account.names import listed
from lakebox.account.policies import policy_of
from lakebox.account.roles import ATTACHED, INLINE, change_role, role_named
from lakebox.endpoint.service import Operation, ServiceError
from lakebox.glue.data_catalog.documents import Document, Documents


class RolePolicies:
    """The operations on what roles have of policies."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "PutRolePolicy": self.put,
            "GetRolePolicy": self.get,
            "ListRolePolicies": lambda request: listed("PolicyNames", self._role(request)[INLINE]),
            "DeleteRolePolicy": self.delete,
            "AttachRolePolicy": self.attach,
            "DetachRolePolicy": self.detach,
            "ListAttachedRolePolicies": self.list_attached,
        }

    def put(self, request: dict[str, Any]) -> dict[str, Any]:
        """PutRolePolicy."""
        new = {request["PolicyName"]: request["PolicyDocument"]}
        change_role(self._documents, request["RoleName"], lambda role: role | {INLINE: role[INLINE] | new})
        return {}

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetRolePolicy."""
        document = self._role(request)[INLINE].get(request["PolicyName"])
        if document is None:
            raise _not_in_role(request["PolicyName"])
        names = {"RoleName": request["RoleName"], "PolicyName": request["PolicyName"]}
        return names | {"PolicyDocument": quote(document, safe="")}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteRolePolicy."""

        def changed(role: Document) -> Document:
            if request["PolicyName"] not in role[INLINE]:
                raise _not_in_role(request["PolicyName"])
            return role | {INLINE: {name: text for name, text in role[INLINE].items() if name != request["PolicyName"]}}

        change_role(self._documents, request["RoleName"], changed)
        return {}

    def attach(self, request: dict[str, Any]) -> dict[str, Any]:
        """AttachRolePolicy: one that is attached already is no error."""
        arn = policy_of(self._documents, request["PolicyArn"])["Arn"]

        def changed(role: Document) -> Document:
            return role | {ATTACHED: [*(other for other in role[ATTACHED] if other != arn), arn]}

        change_role(self._documents, request["RoleName"], changed)
        return {}

    def detach(self, request: dict[str, Any]) -> dict[str, Any]:
        """DetachRolePolicy."""
        arn = request["PolicyArn"]

        def changed(role: Document) -> Document:
            if arn not in role[ATTACHED]:
                raise ServiceError("NoSuchEntity", f"Policy {arn} was not found.", 404)
            return role | {ATTACHED: [other for other in role[ATTACHED] if other != arn]}

        change_role(self._documents, request["RoleName"], changed)
        return {}

    def list_attached(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListAttachedRolePolicies."""
        arns = self._role(request)[ATTACHED]
        return listed("AttachedPolicies", ({"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns))

    def _role(self, request: dict[str, Any]) -> Document:
        return role_named(self._documents, request["RoleName"])


def _not_in_role(name: str) -> ServiceError:
    return ServiceError("NoSuchEntity", f"The role policy with name {name} cannot be found.", 404)
