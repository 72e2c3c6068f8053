"""Rulesets: Create-, Update-, Get-, List- and DeleteDataQualityRuleset."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jobs.quality.language import Ruleset, RulesetError, parse_ruleset
from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.data_catalog.connections import forget_tags, keep_tags, tags_of
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.data_quality.results import is_within

RULESET = "data quality ruleset"
SHOWN = ("Name", "Description", "CreatedOn", "LastModifiedOn", "TargetTable")


class Rulesets:
    """The rulesets that clients have made. What lakebox can't evaluate is refused when it comes in."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateDataQualityRuleset": self.create,
            "UpdateDataQualityRuleset": self.update,
            "GetDataQualityRuleset": lambda request: self.get(request["Name"]),
            "ListDataQualityRulesets": self.list,
            "DeleteDataQualityRuleset": self.delete,
        }

    def get(self, name: str) -> Document:
        """A ruleset. Raises ServiceError where there is none."""
        found = self._documents.get(RULESET, name)
        if found is None:
            raise _no_ruleset(name)
        return found

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateDataQualityRuleset."""
        read_ruleset(request["Ruleset"])
        now = datetime.now(UTC)
        given = {name: value for name, value in request.items() if name not in ("Tags", "ClientToken")}
        if not self._documents.add(RULESET, request["Name"], given | {"CreatedOn": now, "LastModifiedOn": now}):
            raise ServiceError("AlreadyExistsException", f"Ruleset with name {request['Name']} already exists")
        keep_tags(self._documents, _resource(request["Name"]), request.get("Tags", {}))
        return {"Name": request["Name"]}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateDataQualityRuleset: what is not given stays."""
        if "Ruleset" in request:
            read_ruleset(request["Ruleset"])
        changed = self._documents.change(
            RULESET, request["Name"], lambda before: before | request | {"LastModifiedOn": datetime.now(UTC)}
        )
        if changed is None:
            raise _no_ruleset(request["Name"])
        return {name: changed[name] for name in ("Name", "Description", "Ruleset") if name in changed}

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListDataQualityRulesets, by name, description, times, table and tags."""
        wanted, tags = request.get("Filter", {}), request.get("Tags", {}).items()
        found = [
            {name: ruleset[name] for name in SHOWN if name in ruleset}
            | {"RuleCount": len(read_ruleset(ruleset["Ruleset"]).rules)}
            for ruleset in self._documents.all(RULESET)
            if _matches(ruleset, wanted) and tags <= tags_of(self._documents, _resource(ruleset["Name"])).items()
        ]
        return page_of(found, request, "Rulesets")

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteDataQualityRuleset."""
        if not self._documents.delete(RULESET, request["Name"]):
            raise _no_ruleset(request["Name"])
        forget_tags(self._documents, _resource(request["Name"]))
        return {}


def read_ruleset(text: str) -> Ruleset:
    """A ruleset from its text. Raises ServiceError where lakebox can't evaluate it."""
    try:
        return parse_ruleset(text)
    except RulesetError as error:
        raise ServiceError("InvalidInputException", str(error)) from error


def _matches(ruleset: Document, wanted: Document) -> bool:
    table, of_table = wanted.get("TargetTable", {}), ruleset.get("TargetTable", {})
    return (
        wanted.get("Name", "") in ("", ruleset["Name"])
        and wanted.get("Description", "") in ruleset.get("Description", "")
        and all(table[name] == of_table.get(name) for name in table if name != "CatalogId")
        and is_within(ruleset["CreatedOn"], wanted, "Created")
        and is_within(ruleset["LastModifiedOn"], wanted, "LastModified")
    )


def _resource(name: str) -> str:
    return f"dataQualityRuleset/{name}"


def _no_ruleset(name: str) -> ServiceError:
    return ServiceError("EntityNotFoundException", f"Data Quality Ruleset {name} does not exist")
