"""Connections and tags: what jobs and clients keep in the catalog beside tables."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.data_catalog.names import missing, taken
from lakebox.glue.data_catalog.tables import errors_of

CONNECTION, TAGS = "connection", "tags"
SECRET = ("PASSWORD", "ENCRYPTED_PASSWORD")


class Connections:
    """The operations on connections; they are kept as they are given."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateConnection": self.create,
            "GetConnection": self.get,
            "GetConnections": self.get_all,
            "UpdateConnection": self.update,
            "DeleteConnection": self.delete,
            "BatchDeleteConnection": self.batch_delete,
        }

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateConnection."""
        given, now = request["ConnectionInput"], datetime.now(UTC)
        kept = given | {"CreationTime": now, "LastUpdatedTime": now, "Status": "READY"}
        if not self._documents.add(CONNECTION, given["Name"], kept):
            raise taken("Connection", given["Name"])
        keep_tags(self._documents, f"connection/{given['Name']}", request.get("Tags", {}))
        return {"CreateConnectionStatus": "READY"}

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetConnection."""
        found = self._documents.get(CONNECTION, request["Name"])
        if found is None:
            raise missing("Connection", request["Name"])
        return {"Connection": _shown(found, request)}

    def get_all(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetConnections, by type and words of the description."""
        wanted = request.get("Filter", {})
        found = [
            _shown(connection, request)
            for connection in self._documents.all(CONNECTION)
            if connection.get("ConnectionType") == wanted.get("ConnectionType", connection.get("ConnectionType"))
            and set(wanted.get("MatchCriteria", [])) <= set(connection.get("MatchCriteria", []))
        ]
        return page_of(found, request, "ConnectionList")

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateConnection."""

        def changed(before: Document) -> Document:
            own = {"CreationTime": before["CreationTime"], "LastUpdatedTime": datetime.now(UTC), "Status": "READY"}
            return {**request["ConnectionInput"], "Name": request["Name"], **own}

        if self._documents.change(CONNECTION, request["Name"], changed) is None:
            raise missing("Connection", request["Name"])
        return {}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteConnection."""
        if not self._documents.delete(CONNECTION, request["ConnectionName"]):
            raise missing("Connection", request["ConnectionName"])
        forget_tags(self._documents, f"connection/{request['ConnectionName']}")
        return {}

    def batch_delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchDeleteConnection."""
        named = [{"ConnectionName": name} for name in request["ConnectionNameList"]]
        failed = {
            error["One"]["ConnectionName"]: error["ErrorDetail"] for error in errors_of(named, self.delete, "One")
        }
        return {"Succeeded": [name for name in request["ConnectionNameList"] if name not in failed], "Errors": failed}


def tag_operations(documents: Documents) -> Mapping[str, Operation]:
    """TagResource, UntagResource and GetTags, for any resource by its ARN."""

    def tag(request: dict[str, Any]) -> dict[str, Any]:
        keep_tags(documents, _resource(request["ResourceArn"]), request["TagsToAdd"])
        return {}

    def untag(request: dict[str, Any]) -> dict[str, Any]:
        gone = set(request["TagsToRemove"])
        resource = _resource(request["ResourceArn"])
        documents.change(TAGS, resource, lambda tags: {k: v for k, v in tags.items() if k not in gone})
        return {}

    def get(request: dict[str, Any]) -> dict[str, Any]:
        return {"Tags": tags_of(documents, _resource(request["ResourceArn"]))}

    return {"TagResource": tag, "UntagResource": untag, "GetTags": get}


def keep_tags(documents: Documents, resource: str, tags: Mapping[str, str]) -> None:
    """Add tags to a resource, by the end of its ARN: `job/etl`, `database/sales`."""
    if tags and not documents.add(TAGS, resource, dict(tags)):
        documents.change(TAGS, resource, lambda before: before | dict(tags))


def forget_tags(documents: Documents, resource: str) -> None:
    """Forget the tags of a resource that is deleted."""
    documents.delete(TAGS, resource)


def tags_of(documents: Documents, resource: str) -> Document:
    """The tags of a resource."""
    return documents.get(TAGS, resource) or {}


def with_tags(documents: Documents, kind: str, names: Sequence[str], wanted: Mapping[str, str]) -> list[str]:
    """Those of the names whose resources have these tags; all where none are wanted."""
    return [name for name in names if not wanted or wanted.items() <= tags_of(documents, f"{kind}/{name}").items()]


def _resource(arn: str) -> str:
    """The end of an ARN, which is the same in all regions: the sandbox has one. Raises ServiceError on other ARNs."""
    parts = arn.split(":", 5)
    if parts[:3] != ["arn", "aws", "glue"] or len(parts) < 6:
        raise ServiceError("InvalidInputException", f"{arn} is not the ARN of a Glue resource")
    return parts[5]


def _shown(connection: Document, request: dict[str, Any]) -> Document:
    if not request.get("HidePassword", False):
        return connection
    shown = {name: value for name, value in connection["ConnectionProperties"].items() if name not in SECRET}
    return connection | {"ConnectionProperties": shown}
