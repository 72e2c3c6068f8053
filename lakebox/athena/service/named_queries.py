"""Named queries: Create-, Get-, BatchGet-, Update-, DeleteNamedQuery, ListNamedQueries."""

import uuid
from collections.abc import Mapping
from typing import Any

from lakebox.athena.service.errors import invalid
from lakebox.athena.service.workgroups import PRIMARY, Workgroups
from lakebox.endpoint.service import Operation, page_of
from lakebox.glue.data_catalog.documents import Document, Documents

NAMED_QUERY = "athena named query"


class NamedQueries:
    """The queries that users have kept under a name, each in a workgroup."""

    def __init__(self, documents: Documents, workgroups: Workgroups) -> None:
        self._documents, self._workgroups = documents, workgroups

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "CreateNamedQuery": self.create,
            "GetNamedQuery": lambda request: {"NamedQuery": self.get(request["NamedQueryId"])},
            "BatchGetNamedQuery": self.batch_get,
            "ListNamedQueries": self.list_in,
            "UpdateNamedQuery": self.update,
            "DeleteNamedQuery": self.delete,
        }

    def get(self, query_id: str) -> Document:
        """A named query. Raises ServiceError where there is none."""
        query = self._documents.get(NAMED_QUERY, query_id)
        if query is None:
            raise _missing(query_id)
        return query

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateNamedQuery; a token that was seen before gives the query that it made."""
        workgroup = request.get("WorkGroup", PRIMARY)
        self._workgroups.get(workgroup)
        token = request.get("ClientRequestToken")
        query_id = str(uuid.uuid5(uuid.NAMESPACE_OID, token) if token else uuid.uuid4())
        given = {name: value for name, value in request.items() if name != "ClientRequestToken"}
        query = given | {"WorkGroup": workgroup, "NamedQueryId": query_id}
        if not self._documents.add(NAMED_QUERY, query_id, query) and self.get(query_id) != query:
            raise invalid("Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH")
        return {"NamedQueryId": query_id}

    def batch_get(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchGetNamedQuery."""
        queries = {query_id: self._documents.get(NAMED_QUERY, query_id) for query_id in request["NamedQueryIds"]}
        return {
            "NamedQueries": [query for query in queries.values() if query is not None],
            "UnprocessedNamedQueryIds": [
                {"NamedQueryId": query_id, "ErrorCode": "INVALID_INPUT", "ErrorMessage": _missing(query_id).message}
                for query_id, query in queries.items()
                if query is None
            ],
        }

    def list_in(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListNamedQueries of a workgroup."""
        workgroup = request.get("WorkGroup", PRIMARY)
        self._workgroups.get(workgroup)
        return page_of(self.ids_in(workgroup), request, "NamedQueryIds", most=50)

    def ids_in(self, workgroup: str) -> list[str]:
        """The ids of a workgroup's named queries."""
        return [one["NamedQueryId"] for one in self._documents.all(NAMED_QUERY) if one["WorkGroup"] == workgroup]

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateNamedQuery."""
        if self._documents.change(NAMED_QUERY, request["NamedQueryId"], lambda before: before | request) is None:
            raise _missing(request["NamedQueryId"])
        return {}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteNamedQuery."""
        if not self._documents.delete(NAMED_QUERY, request["NamedQueryId"]):
            raise _missing(request["NamedQueryId"])
        return {}


def _missing(query_id: str) -> Any:
    return invalid(f"NamedQuery {query_id} was not found")
