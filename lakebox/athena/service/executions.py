"""Query executions: Start-, Get-, BatchGet-, List-, StopQueryExecution, GetQueryResults, GetQueryRuntimeStatistics."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from lakebox.athena.service.errors import invalid
from lakebox.athena.service.history import History, state_of
from lakebox.athena.service.kinds import Kind, kind_of, without_end
from lakebox.athena.service.parameters import preparation_of
from lakebox.athena.service.prepared_statements import PreparedStatements
from lakebox.athena.service.queue import Queue, Target
from lakebox.athena.service.results.objects import bucket_and_key
from lakebox.athena.service.results.pages import page_of_rows
from lakebox.athena.service.statement import StatementError
from lakebox.athena.service.workgroups import DEFAULT_BUCKET, ENGINE_VERSION, PRIMARY, Workgroups, output_base
from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.data_catalog.documents import Document

REUSE_MINUTES = 60
NO_LOCATION = (
    "No output location provided. You did not provide an output location for your query results. "
    "Name one in ResultConfiguration.OutputLocation, or give the workgroup one."
)
TIMELINE = ("QueryQueueTimeInMillis", "ServicePreProcessingTimeInMillis", "QueryPlanningTimeInMillis",
            "EngineExecutionTimeInMillis", "ServiceProcessingTimeInMillis", "TotalExecutionTimeInMillis")  # fmt: skip


class Executions:
    """The operations on query executions."""

    def __init__(
        self,
        history: History,
        queue: Queue,
        target: Target,
        workgroups: Workgroups,
        prepared: PreparedStatements,
    ) -> None:
        self._history, self._queue, self._target = history, queue, target
        self._workgroups, self._prepared = workgroups, prepared

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "StartQueryExecution": self.start,
            "GetQueryExecution": lambda request: {
                "QueryExecution": self._history.get(request["QueryExecutionId"])["QueryExecution"]
            },
            "BatchGetQueryExecution": self.batch_get,
            "ListQueryExecutions": self.list_in,
            "StopQueryExecution": self.stop,
            "GetQueryResults": self.results,
            "GetQueryRuntimeStatistics": self.runtime_statistics,
        }

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        """StartQueryExecution: the query is accepted, and runs when it is its turn."""
        token = request.get("ClientRequestToken")
        if not token:
            raise invalid("clientRequestToken is null or empty")
        workgroup = self._workgroups.get(request.get("WorkGroup", PRIMARY))
        if workgroup["State"] == "DISABLED":
            raise invalid(f"WorkGroup {workgroup['Name']} is disabled.")
        query_id = str(uuid.uuid4())
        record = self._record(query_id, request, workgroup)
        context = request.get("QueryExecutionContext", {})
        location = request.get("ResultConfiguration", {}).get("OutputLocation")
        fingerprint = [request["QueryString"], context.get("Database"), location]
        reused = self._reused(record)
        started = self._history.add(query_id, reused or record, token, fingerprint)
        if started == query_id and reused is None:
            self._queue.submit(query_id)
        return {"QueryExecutionId": started}

    def batch_get(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchGetQueryExecution."""
        found: list[Document] = []
        missing: list[dict[str, str]] = []
        for query_id in request["QueryExecutionIds"]:
            try:
                found.append(self._history.get(query_id)["QueryExecution"])
            except ServiceError as error:
                code = str(error.details["AthenaErrorCode"])
                missing.append({"QueryExecutionId": query_id, "ErrorCode": code, "ErrorMessage": error.message})
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}

    def list_in(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListQueryExecutions of a workgroup: the newest first."""
        workgroup = self._workgroups.get(request.get("WorkGroup", PRIMARY))
        return page_of(self._history.ids(workgroup["Name"]), request, "QueryExecutionIds", most=50)

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        """StopQueryExecution; stopping one that has ended is no error."""
        self._history.get(request["QueryExecutionId"])
        self._queue.stop(request["QueryExecutionId"])
        return {}

    def results(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetQueryResults: rows from the result's file; the first page of a query starts with the columns' names."""
        record = self._history.get(request["QueryExecutionId"])
        _check_succeeded(record)
        execution, kind = record["QueryExecution"], Kind(*record["Kind"])
        rows: list[Any] = []
        more = None
        if kind.writes_rows:
            uri = execution["ResultConfiguration"]["OutputLocation"]
            rows, more = page_of_rows(
                self._target.objects, uri, request.get("NextToken"), request.get("MaxResults", 1000)
            )
        has_count = kind.statement_type != "DDL" or record["UpdateCount"] is not None
        return {
            "UpdateCount": record["UpdateCount"] or 0 if has_count else None,
            "ResultSet": {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": record["Columns"]}},
            "NextToken": more,
        }

    def runtime_statistics(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetQueryRuntimeStatistics: times, rows and bytes; the plan's stages are not told."""
        record = self._history.get(request["QueryExecutionId"])
        statistics = record["QueryExecution"]["Statistics"]
        counts = {"InputBytes": statistics.get("DataScannedInBytes", 0)}
        if state_of(record) == "SUCCEEDED":
            counts |= {"OutputRows": record["Rows"], "OutputBytes": record["Size"]}
        timeline = {name: statistics.get(name, 0) for name in TIMELINE}
        return {"QueryRuntimeStatistics": {"Timeline": timeline, "Rows": counts}}

    def _record(self, query_id: str, request: dict[str, Any], workgroup: Document) -> Document:
        """The record of a new query. Raises ServiceError on what Athena refuses at once."""
        results = self._result_configuration(request, workgroup)
        base = output_base(results["OutputLocation"])
        values = request.get("ExecutionParameters", [])
        sql, error = without_end(request["QueryString"]), None
        try:
            preparation = preparation_of(sql)
            self._target.engine.check(sql if preparation is None else preparation.text or "SELECT 1")
        except StatementError as refused:
            raise invalid(refused.message, "MALFORMED_QUERY") from None
        try:
            sql = without_end(self._prepared.expanded(sql, values, workgroup["Name"]))
        except StatementError as failed:
            error = [failed.message, failed.name]
        kind = kind_of(sql)
        location = base + kind.file.format(id=query_id)
        reuse = request.get("ResultReuseConfiguration", {"ResultReuseByAgeConfiguration": {"Enabled": False}})
        execution = {
            "QueryExecutionId": query_id,
            "Query": request["QueryString"],
            "StatementType": kind.statement_type,
            "SubstatementType": kind.substatement_type,
            "ResultConfiguration": results | {"OutputLocation": location},
            "ResultReuseConfiguration": reuse,
            "QueryExecutionContext": request.get("QueryExecutionContext", {}),
            "Status": {"State": "QUEUED", "SubmissionDateTime": datetime.now(UTC)},
            "Statistics": {"ResultReuseInformation": {"ReusedPreviousResult": False}},
            "WorkGroup": workgroup["Name"],
            "EngineVersion": ENGINE_VERSION,
            **({"ExecutionParameters": values} if values else {}),
        }
        return {
            "QueryExecution": execution,
            "Sql": sql,
            "Kind": [kind.statement_type, kind.substatement_type, kind.file],
            "Base": base,
            "Cutoff": workgroup["Configuration"].get("BytesScannedCutoffPerQuery"),
            **({"Error": error} if error else {}),
        }

    def _result_configuration(self, request: dict[str, Any], workgroup: Document) -> Document:
        """Where and how results are written: as the workgroup says, or the client where the workgroup lets it."""
        configuration = workgroup["Configuration"]
        own: Document = configuration.get("ResultConfiguration", {})
        asked: Document = request.get("ResultConfiguration", {})
        chosen = own if configuration["EnforceWorkGroupConfiguration"] else own | asked
        if not chosen.get("OutputLocation"):
            raise invalid(NO_LOCATION)
        bucket, _ = bucket_and_key(output_base(chosen["OutputLocation"]))
        if bucket == DEFAULT_BUCKET:
            self._target.objects.make_bucket(bucket)
        if not self._target.objects.has_bucket(bucket):
            raise invalid(f"Unable to verify/create output bucket {bucket}: make it first (aws s3 mb s3://{bucket})")
        return chosen

    def _reused(self, record: Document) -> Document | None:
        """The record of a query that has the result of an earlier one, where it asks for that and there is one."""
        execution = record["QueryExecution"]
        asked = execution["ResultReuseConfiguration"].get("ResultReuseByAgeConfiguration", {"Enabled": False})
        if not asked["Enabled"] or execution["SubstatementType"] != "SELECT":
            return None
        now = datetime.now(UTC)
        oldest = now - timedelta(minutes=asked.get("MaxAgeInMinutes", REUSE_MINUTES))
        for before in self._history.since(execution["WorkGroup"], oldest):
            if state_of(before) == "SUCCEEDED" and _same_query(before, record):
                return _with_result_of(before, record, now)
        return None


def _same_query(before: Document, record: Document) -> bool:
    names = ("QueryExecutionContext", "ExecutionParameters")
    same = all(before["QueryExecution"].get(name) == record["QueryExecution"].get(name) for name in names)
    return same and (before["Sql"], before["Base"]) == (record["Sql"], record["Base"])


def _with_result_of(before: Document, record: Document, now: datetime) -> Document:
    """A query that has ended at once with the result of another; it has read nothing."""
    status = {"State": "SUCCEEDED", "SubmissionDateTime": now, "CompletionDateTime": now}
    statistics = dict.fromkeys((*TIMELINE, "DataScannedInBytes"), 0)
    result = before["QueryExecution"]["ResultConfiguration"]
    reused = {"ResultReuseInformation": {"ReusedPreviousResult": True}}
    told = {"Status": status, "Statistics": statistics | reused, "ResultConfiguration": result}
    kept = {name: before[name] for name in ("Columns", "UpdateCount", "Rows", "Size")}
    return record | kept | {"QueryExecution": record["QueryExecution"] | told}


def _check_succeeded(record: Document) -> None:
    state, code = state_of(record), "INVALID_QUERY_EXECUTION_STATE"
    if state == "CANCELLED":
        raise invalid("Could not find results", "RESULT_NOT_FOUND")
    if state == "FAILED":
        raise invalid(f"Query did not finish successfully. Final query state: {state}", code)
    if state != "SUCCEEDED":
        raise invalid(f"Query has not yet finished. Current state: {state}", code)
