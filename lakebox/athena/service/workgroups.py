"""Workgroups: CreateWorkGroup, GetWorkGroup, ListWorkGroups, UpdateWorkGroup, DeleteWorkGroup; tags of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lakebox.athena.service.errors import invalid
from lakebox.endpoint.service import ACCOUNT, Operation, page_of
from lakebox.glue.data_catalog.connections import TAGS, forget_tags, keep_tags, tags_of
from lakebox.glue.data_catalog.documents import Document, Documents

WORKGROUP, PRIMARY = "athena workgroup", "primary"
DEFAULT_BUCKET = f"aws-athena-query-results-{ACCOUNT}-us-east-1"
ENGINE = "Athena engine version 3"
ENGINE_VERSION = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": ENGINE}
DEFAULTS = {
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": True,
    "RequesterPaysEnabled": False,
    "EnableMinimumEncryptionConfiguration": False,
    "EngineVersion": ENGINE_VERSION,
}
NOT_SUPPORTED = ("ExecutionRole", "MonitoringConfiguration", "EngineConfiguration", "IdentityCenterConfiguration",
                 "QueryResultsS3AccessGrantsConfiguration", "SystemTableStatuses",
                 "AdditionalConfiguration")  # fmt: skip
RESULT_FIELDS = ("OutputLocation", "EncryptionConfiguration", "ExpectedBucketOwner", "AclConfiguration")


class Workgroups:
    """The workgroups; `primary` is there from the start, with a bucket for results of its own."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        results = {"ResultConfiguration": {"OutputLocation": f"s3://{DEFAULT_BUCKET}/"}}
        primary = DEFAULTS | results | {"EnforceWorkGroupConfiguration": False}
        documents.add(WORKGROUP, PRIMARY, _new(PRIMARY, primary))

    def operations(self) -> Mapping[str, Operation]:
        """By name; DeleteWorkGroup is with the resources that a workgroup holds."""
        return {
            "CreateWorkGroup": self.create,
            "GetWorkGroup": lambda request: {"WorkGroup": self.get(request["WorkGroup"])},
            "ListWorkGroups": self.list_all,
            "UpdateWorkGroup": self.update,
            "TagResource": self.tag,
            "UntagResource": self.untag,
            "ListTagsForResource": self.list_tags,
            "ListEngineVersions": lambda _: {
                "EngineVersions": [ENGINE_VERSION, ENGINE_VERSION | {"SelectedEngineVersion": ENGINE}]
            },
        }

    def get(self, name: str) -> Document:
        """A workgroup. Raises ServiceError where there is none."""
        workgroup = self._documents.get(WORKGROUP, name)
        if workgroup is None:
            raise invalid("WorkGroup is not found.")
        return workgroup

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateWorkGroup."""
        configuration = DEFAULTS | request.get("Configuration", {})
        _check(configuration)
        workgroup = _new(request["Name"], configuration)
        if "Description" in request:
            workgroup["Description"] = request["Description"]
        if not self._documents.add(WORKGROUP, request["Name"], workgroup):
            raise invalid("WorkGroup already exists")
        tags = {tag["Key"]: tag.get("Value", "") for tag in request.get("Tags", [])}
        keep_tags(self._documents, f"workgroup/{request['Name']}", tags)
        return {}

    def list_all(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListWorkGroups, by name."""
        listed = [
            {name: workgroup.get(name) for name in ("Name", "State", "CreationTime")}
            | {"Description": workgroup.get("Description", "")}
            | {"EngineVersion": workgroup["Configuration"]["EngineVersion"]}
            for workgroup in sorted(self._documents.all(WORKGROUP), key=lambda one: str(one["Name"]))
        ]
        return page_of(listed, request, "WorkGroups", most=50)

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateWorkGroup: what is given replaces what was, `Remove…` takes it away."""

        def changed(before: Document) -> Document:
            configuration = _updated(before["Configuration"], request.get("ConfigurationUpdates", {}))
            _check(configuration)
            own = {name: request[name] for name in ("Description", "State") if name in request}
            return before | own | {"Configuration": configuration}

        if self._documents.change(WORKGROUP, request["WorkGroup"], changed) is None:
            raise invalid("WorkGroup is not found.")
        return {}

    def delete(self, name: str) -> None:
        """Forget a workgroup and its tags."""
        self._documents.delete(WORKGROUP, name)
        forget_tags(self._documents, f"workgroup/{name}")

    def tag(self, request: dict[str, Any]) -> dict[str, Any]:
        """TagResource."""
        tags = {tag["Key"]: tag.get("Value", "") for tag in request["Tags"]}
        keep_tags(self._documents, self._resource(request["ResourceARN"]), tags)
        return {}

    def untag(self, request: dict[str, Any]) -> dict[str, Any]:
        """UntagResource."""
        gone = set(request["TagKeys"])
        resource = self._resource(request["ResourceARN"])
        self._documents.change(TAGS, resource, lambda tags: {k: v for k, v in tags.items() if k not in gone})
        return {}

    def list_tags(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListTagsForResource."""
        tags = tags_of(self._documents, self._resource(request["ResourceARN"]))
        return page_of([{"Key": key, "Value": value} for key, value in tags.items()], request, "Tags")

    def _resource(self, arn: str) -> str:
        """The end of a workgroup's ARN. Raises ServiceError where there is no such workgroup."""
        parts = arn.split(":", 5)
        kind, _, name = parts[-1].partition("/")
        is_ours = parts[:3] == ["arn", "aws", "athena"] and kind == "workgroup"
        if not is_ours or self._documents.get(WORKGROUP, name) is None:
            raise invalid(f"Athena Resource, {arn} Does Not Exist")
        return parts[-1]


def output_base(location: str) -> str:
    """An output location as the folder below which results go, ending in `/`. Raises ServiceError on a wrong one."""
    bucket, _, key = location.removeprefix("s3://").partition("/")
    if not location.startswith("s3://") or not bucket:
        raise invalid("outputLocation is not a valid S3 path.")
    return f"s3://{bucket}/{key.strip('/')}".rstrip("/") + "/"


def _new(name: str, configuration: Document) -> Document:
    return {"Name": name, "State": "ENABLED", "Configuration": configuration, "CreationTime": datetime.now(UTC)}


def _check(configuration: Document) -> None:
    """Raise ServiceError on what lakebox can't do for a workgroup."""
    for name in NOT_SUPPORTED:
        if name in configuration:
            raise invalid(f"lakebox has no {name} of workgroups: leave it out, or use AWS")
    if configuration.get("ManagedQueryResultsConfiguration", {}).get("Enabled"):
        raise invalid("lakebox keeps no managed query results: give the workgroup an OutputLocation instead")
    engine = configuration["EngineVersion"].get("SelectedEngineVersion", "AUTO")
    if engine not in ("AUTO", ENGINE):
        raise invalid(f"lakebox has {ENGINE}, not {engine}: choose that one, or AUTO")
    configuration["EngineVersion"] = {"SelectedEngineVersion": engine, "EffectiveEngineVersion": ENGINE}
    location = configuration.get("ResultConfiguration", {}).get("OutputLocation")
    if location is not None:
        output_base(location)


def _updated(before: Document, updates: Document) -> Document:
    configuration = before | {name: value for name, value in updates.items() if not name.startswith("Remove")}
    results = configuration.pop("ResultConfigurationUpdates", {})
    managed = configuration.pop("ManagedQueryResultsConfigurationUpdates", None)
    if managed is not None:
        configuration["ManagedQueryResultsConfiguration"] = {"Enabled": managed.get("Enabled", False)}
    if updates.get("RemoveBytesScannedCutoffPerQuery"):
        configuration.pop("BytesScannedCutoffPerQuery", None)
    kept = dict(before.get("ResultConfiguration", {}))
    for name in RESULT_FIELDS:
        if results.get(f"Remove{name}"):
            kept.pop(name, None)
        elif name in results:
            kept[name] = results[name]
    return configuration | ({"ResultConfiguration": kept} if kept or results else {})
