"""Workflow definitions: what CreateWorkflow, UpdateWorkflow, ListWorkflows and DeleteWorkflow keep."""

from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import ServiceError, page_of
from lakebox.glue.data_catalog.connections import forget_tags, keep_tags
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.workflows.engine import TRIGGER, WORKFLOW_RUN

WORKFLOW = "workflow"
KEPT = ("Description", "DefaultRunProperties", "MaxConcurrentRuns")


class Definitions:
    """The workflows that clients have defined."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def find(self, name: str) -> Document | None:
        """A workflow; None where there is none."""
        return self._documents.get(WORKFLOW, name)

    def get(self, name: str) -> Document:
        """A workflow. Raises ServiceError where there is none."""
        workflow = self.find(name)
        if workflow is None:
            raise not_found()
        return workflow

    def triggers(self, name: str) -> list[Document]:
        """A workflow's triggers."""
        return [trigger for trigger in self._documents.all(TRIGGER) if trigger.get("WorkflowName") == name]

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateWorkflow."""
        now = datetime.now(UTC)
        workflow = {name: request[name] for name in ("Name", *KEPT) if name in request}
        if not self._documents.add(WORKFLOW, request["Name"], workflow | {"CreatedOn": now, "LastModifiedOn": now}):
            raise ServiceError("AlreadyExistsException", f"Workflow with name {request['Name']} already exists")
        keep_tags(self._documents, f"workflow/{request['Name']}", request.get("Tags", {}))
        return {"Name": request["Name"]}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateWorkflow: what is not given stays as it is."""
        given = {name: request[name] for name in KEPT if name in request}
        changed = given | {"LastModifiedOn": datetime.now(UTC)}
        if self._documents.change(WORKFLOW, request["Name"], lambda before: before | changed) is None:
            raise not_found()
        return {"Name": request["Name"]}

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListWorkflows."""
        return page_of([workflow["Name"] for workflow in self._documents.all(WORKFLOW)], request, "Workflows")

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteWorkflow, with its triggers and the record of its runs; a name that isn't there is no error."""
        name = request["Name"]
        self._documents.delete(WORKFLOW, name)
        forget_tags(self._documents, f"workflow/{name}")
        for trigger in self.triggers(name):
            self._documents.delete(TRIGGER, trigger["Name"])
            forget_tags(self._documents, f"trigger/{trigger['Name']}")
        for run in self._documents.all(WORKFLOW_RUN):
            if run["Workflow"] == name:
                self._documents.delete(WORKFLOW_RUN, run["Id"])
        return {"Name": name}


def not_found() -> ServiceError:
    """There is no such workflow, or no such run of it; the words are Glue's own."""
    return ServiceError("EntityNotFoundException", "Entity not found")
