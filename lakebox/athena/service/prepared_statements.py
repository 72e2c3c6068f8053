"""Prepared statements: Create-, Get-, BatchGet-, Update-, DeletePreparedStatement, ListPreparedStatements, EXECUTE."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lakebox.athena.service.errors import invalid
from lakebox.athena.service.parameters import Preparation, bound, expression_of, preparation_of
from lakebox.athena.service.statement import StatementError
from lakebox.athena.service.workgroups import Workgroups
from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.data_catalog.documents import Document, Documents

PREPARED = "athena prepared statement"


class PreparedStatements:
    """The prepared statements, each by its workgroup and its name."""

    def __init__(self, documents: Documents, workgroups: Workgroups) -> None:
        self._documents, self._workgroups = documents, workgroups

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreatePreparedStatement": self.create,
            "GetPreparedStatement": lambda request: {
                "PreparedStatement": self.get(request["WorkGroup"], request["StatementName"])
            },
            "BatchGetPreparedStatement": self.batch_get,
            "ListPreparedStatements": self.list_in,
            "UpdatePreparedStatement": self.update,
            "DeletePreparedStatement": self.delete,
        }

    def get(self, workgroup: str, name: str) -> Document:
        """A prepared statement. Raises ServiceError where there is none."""
        statement = self._documents.get(PREPARED, _key(workgroup, name))
        if statement is None:
            raise _missing(workgroup, name)
        return statement

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreatePreparedStatement."""
        self._workgroups.get(request["WorkGroup"])
        if not self._documents.add(PREPARED, _key(request["WorkGroup"], request["StatementName"]), _kept(request)):
            raise invalid(f"PreparedStatement {request['StatementName']} already exists")
        return {}

    def batch_get(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchGetPreparedStatement."""
        self._workgroups.get(request["WorkGroup"])
        found: list[Document] = []
        missing: list[dict[str, str]] = []
        for name in request["PreparedStatementNames"]:
            try:
                found.append(self.get(request["WorkGroup"], name))
            except ServiceError as error:
                missing.append({"StatementName": name, "ErrorCode": error.code, "ErrorMessage": error.message})
        return {"PreparedStatements": found, "UnprocessedPreparedStatementNames": missing}

    def list_in(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListPreparedStatements."""
        self._workgroups.get(request["WorkGroup"])
        listed = [
            {"StatementName": one["StatementName"], "LastModifiedTime": one["LastModifiedTime"]}
            for one in self.all_in(request["WorkGroup"])
        ]
        return page_of(listed, request, "PreparedStatements", most=50)

    def all_in(self, workgroup: str) -> list[Document]:
        """A workgroup's prepared statements."""
        return [one for one in self._documents.all(PREPARED) if one["WorkGroupName"] == workgroup]

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdatePreparedStatement."""
        key = _key(request["WorkGroup"], request["StatementName"])
        if self._documents.change(PREPARED, key, lambda before: before | _kept(request)) is None:
            raise _missing(request["WorkGroup"], request["StatementName"])
        return {}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeletePreparedStatement."""
        if not self._documents.delete(PREPARED, _key(request["WorkGroup"], request["StatementName"])):
            raise _missing(request["WorkGroup"], request["StatementName"])
        return {}

    def expanded(self, sql: str, values: Sequence[str], workgroup: str) -> str:
        """A statement as an engine runs it: EXECUTE is the prepared statement, parameters are in their places.

        values: the query's ExecutionParameters. Raises StatementError where that can't be.
        """
        expressions = [expression_of(value) for value in values]
        preparation = preparation_of(sql)
        if preparation is None or preparation.verb != "EXECUTE":
            return bound(sql, expressions)
        prepared = self._documents.get(PREPARED, _key(workgroup, preparation.name))
        if prepared is None:
            text = f"line 1:1: Prepared statement not found: {preparation.name} in workgroup {workgroup}"
            raise StatementError(text, "NOT_FOUND")
        return bound(prepared["QueryStatement"], preparation.values or expressions)

    def keep(self, preparation: Preparation, workgroup: str) -> None:
        """Do what PREPARE or DEALLOCATE says. Raises StatementError where there is nothing to forget."""
        request = {"WorkGroup": workgroup, "StatementName": preparation.name, "QueryStatement": preparation.text}
        key = _key(workgroup, preparation.name)
        if preparation.verb == "PREPARE":
            if not self._documents.add(PREPARED, key, _kept(request)):
                self._documents.change(PREPARED, key, lambda before: before | _kept(request))
        elif not self._documents.delete(PREPARED, key):
            raise StatementError(f"Prepared statement not found: {preparation.name}", "NOT_FOUND")


def _key(workgroup: str, name: str) -> str:
    return f"{workgroup}/{name}"


def _kept(request: dict[str, Any]) -> Document:
    kept = {name: request[name] for name in ("StatementName", "QueryStatement", "Description") if name in request}
    return kept | {"WorkGroupName": request["WorkGroup"], "LastModifiedTime": datetime.now(UTC)}


def _missing(workgroup: str, name: str) -> ServiceError:
    text = f"PreparedStatement {name} was not found in workGroup {workgroup}"
    return ServiceError("ResourceNotFoundException", text, ResourceName=name)
