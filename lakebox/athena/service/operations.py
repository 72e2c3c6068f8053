"""All operations of Athena's API, by name, over one engine and one place for results."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lakebox.athena.service.data_catalogs import DataCatalogs
from lakebox.athena.service.errors import invalid
from lakebox.athena.service.executions import Executions
from lakebox.athena.service.history import History
from lakebox.athena.service.named_queries import NamedQueries
from lakebox.athena.service.prepared_statements import PreparedStatements
from lakebox.athena.service.queue import Queue, Target
from lakebox.athena.service.workgroups import PRIMARY, Workgroups
from lakebox.endpoint.service import Operation
from lakebox.glue.data_catalog.documents import Documents


class Athena:
    """Athena's API. catalog: Glue's operations on databases and tables; owners: a folder for locks of this machine."""

    def __init__(
        self,
        documents: Documents,
        catalog: Mapping[str, Operation],
        target: Target,
        owners: Path,
    ) -> None:
        self._workgroups = Workgroups(documents)
        self._named = NamedQueries(documents, self._workgroups)
        self._prepared = PreparedStatements(documents, self._workgroups)
        self._history = History(documents, owners)
        self._queue = Queue(self._history, target, self._prepared)
        self._executions = Executions(self._history, self._queue, target, self._workgroups, self._prepared)
        self._catalogs = DataCatalogs(catalog)

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            **self._executions.operations(),
            **self._workgroups.operations(),
            **self._named.operations(),
            **self._prepared.operations(),
            **self._catalogs.operations(),
            "DeleteWorkGroup": self.delete_workgroup,
        }

    def delete_workgroup(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteWorkGroup; what it holds is deleted with it where RecursiveDeleteOption says so."""
        name = self._workgroups.get(request["WorkGroup"])["Name"]
        if name == PRIMARY:
            raise invalid(f"WorkGroup {PRIMARY} can't be deleted")
        queries, named = self._history.ids(name), self._named.ids_in(name)
        prepared = [one["StatementName"] for one in self._prepared.all_in(name)]
        if (queries or named or prepared) and not request.get("RecursiveDeleteOption"):
            raise invalid(f"WorkGroup {name} is not empty: set RecursiveDeleteOption to delete what it holds, too")
        for query_id in queries:
            self._queue.stop(query_id)
            self._history.forget(query_id)
        for query_id in named:
            self._named.delete({"NamedQueryId": query_id})
        for statement in prepared:
            self._prepared.delete({"WorkGroup": name, "StatementName": statement})
        self._workgroups.delete(name)
        return {}

    def close(self) -> None:
        """End all queries."""
        self._queue.close()
