"""Log groups of CloudWatch Logs, as projects define them for their jobs. Runs log elsewhere: see `lakebox logs`."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import ACCOUNT, Operation, ServiceError, page_of
from lakebox.glue.data_catalog.documents import Document, Documents

GROUP = "log-group"


class LogGroups:
    """The operations on log groups; there are no streams or events in them."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateLogGroup": self.create,
            "DescribeLogGroups": self.describe,
            "DeleteLogGroup": self.delete,
            "PutRetentionPolicy": self.retain,
            "DeleteRetentionPolicy": lambda request: self.retain(request | {"retentionInDays": None}),
            "TagResource": self.tag,
            "UntagResource": self.untag,
            "ListTagsForResource": lambda request: {"tags": self._named(_name_in(request["resourceArn"]))["tags"]},
        }

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateLogGroup."""
        name, now = request["logGroupName"], int(datetime.now(UTC).timestamp() * 1000)
        arn = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{name}"
        group = {"logGroupClass": "STANDARD", "tags": {}, **request, "creationTime": now, "storedBytes": 0}
        group |= {"arn": f"{arn}:*", "logGroupArn": arn, "metricFilterCount": 0}
        if not self._documents.add(GROUP, name, group):
            raise ServiceError("ResourceAlreadyExistsException", "The specified log group already exists")
        return {}

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        """DescribeLogGroups, by the start of their names or a part of them."""
        prefix, part = request.get("logGroupNamePrefix", ""), request.get("logGroupNamePattern", "")
        groups = [
            {name: value for name, value in group.items() if name != "tags"}
            for group in self._documents.all(GROUP)
            if group["logGroupName"].startswith(prefix) and part in group["logGroupName"]
        ]
        groups.sort(key=lambda group: str(group["logGroupName"]))
        asked = {"NextToken": request.get("nextToken"), "MaxResults": request.get("limit", 50)}
        page = page_of(groups, asked, "groups")
        return {"logGroups": page["groups"], "nextToken": page["NextToken"]}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteLogGroup."""
        self._named(request["logGroupName"])
        self._documents.delete(GROUP, request["logGroupName"])
        return {}

    def retain(self, request: dict[str, Any]) -> dict[str, Any]:
        """PutRetentionPolicy and DeleteRetentionPolicy."""
        days = {"retentionInDays": request["retentionInDays"]}
        return self._change(request["logGroupName"], lambda group: group | days)

    def tag(self, request: dict[str, Any]) -> dict[str, Any]:
        """TagResource."""
        name = _name_in(request["resourceArn"])
        return self._change(name, lambda group: group | {"tags": group["tags"] | request["tags"]})

    def untag(self, request: dict[str, Any]) -> dict[str, Any]:
        """UntagResource."""

        def changed(group: Document) -> Document:
            return group | {"tags": {k: v for k, v in group["tags"].items() if k not in request["tagKeys"]}}

        return self._change(_name_in(request["resourceArn"]), changed)

    def _named(self, name: str) -> Document:
        group = self._documents.get(GROUP, name)
        if group is None:
            raise _no_group()
        return group

    def _change(self, name: str, change: Callable[[Document], Document]) -> dict[str, Any]:
        if self._documents.change(GROUP, name, change) is None:
            raise _no_group()
        return {}


def _name_in(arn: str) -> str:
    return arn.partition(":log-group:")[2].removesuffix(":*")


def _no_group() -> ServiceError:
    return ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
