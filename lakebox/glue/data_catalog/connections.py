"""Connections and tags: what jobs and clients keep in the catalog beside tables."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.data_catalog.names import missing, taken
from lakebox.glue.data_catalog.pages import page_of
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
        kept = given | {"CreationTime": now, "LastUpdatedTime": now}
        if not self._documents.add(CONNECTION, given["Name"], kept):
            raise taken("Connection", given["Name"])
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
            times = {"CreationTime": before["CreationTime"], "LastUpdatedTime": datetime.now(UTC)}
            return {**request["ConnectionInput"], "Name": request["Name"], **times}

        if self._documents.change(CONNECTION, request["Name"], changed) is None:
            raise missing("Connection", request["Name"])
        return {}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteConnection."""
        if not self._documents.delete(CONNECTION, request["ConnectionName"]):
            raise missing("Connection", request["ConnectionName"])
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
        keep_tags(documents, request["ResourceArn"], request["TagsToAdd"])
        return {}

    def untag(request: dict[str, Any]) -> dict[str, Any]:
        _check_arn(request["ResourceArn"])
        gone = set(request["TagsToRemove"])
        documents.change(TAGS, request["ResourceArn"], lambda tags: {k: v for k, v in tags.items() if k not in gone})
        return {}

    def get(request: dict[str, Any]) -> dict[str, Any]:
        _check_arn(request["ResourceArn"])
        return {"Tags": documents.get(TAGS, request["ResourceArn"]) or {}}

    return {"TagResource": tag, "UntagResource": untag, "GetTags": get}


def keep_tags(documents: Documents, arn: str, tags: Mapping[str, str]) -> None:
    """Add tags to a resource. Raises ServiceError where the ARN is none of Glue's."""
    _check_arn(arn)
    if not documents.add(TAGS, arn, dict(tags)):
        documents.change(TAGS, arn, lambda before: before | dict(tags))


def _check_arn(arn: str) -> None:
    if arn.split(":")[:3] != ["arn", "aws", "glue"]:
        raise ServiceError("InvalidInputException", f"{arn} is not the ARN of a Glue resource")


def _shown(connection: Document, request: dict[str, Any]) -> Document:
    if not request.get("HidePassword", False):
        return connection
    shown = {name: value for name, value in connection["ConnectionProperties"].items() if name not in SECRET}
    return connection | {"ConnectionProperties": shown}
