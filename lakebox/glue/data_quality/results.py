"""Results of evaluations: what runs publish, and how clients read it.

A run's process publishes by AWS's own PublishDataQualityResultV2. Its Dimensions say of what the result is: JobName and
JobRunId, or RulesetEvaluationRunId, by which the result gets the run's DataSource.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.data_catalog.documents import Document, Documents

RESULT, RUN = "data quality result", "data quality evaluation run"
PUBLISHED = ("Score", "RuleResults", "AnalyzerResults", "Observations", "AggregatedMetrics", "RulesetName",
             "EvaluationContext")  # fmt: skip
ORIGINS = ("JobName", "JobRunId", "RulesetEvaluationRunId")
SUMMARY = ("ResultId", "DataSource", "JobName", "JobRunId", "StartedOn")


class Results:
    """All results, oldest first."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "PublishDataQualityResultV2": self.publish,
            "GetDataQualityResult": lambda request: self._get(request["ResultId"]),
            "BatchGetDataQualityResult": self.batch_get,
            "ListDataQualityResults": self.list,
        }

    def publish(self, request: dict[str, Any]) -> dict[str, Any]:
        """PublishDataQualityResultV2: keep a result."""
        now, result_id = datetime.now(UTC), f"dqresult-{secrets.token_hex(20)}"
        result = {name: request[name] for name in PUBLISHED if name in request}
        result |= {name: request["Dimensions"][name] for name in ORIGINS if name in request["Dimensions"]}
        result |= {"ResultId": result_id, "StartedOn": request.get("ExecutionStartedOn", now)}
        result |= {"CompletedOn": request.get("ExecutionCompletedOn", now)}
        run = self._documents.get(RUN, result.get("RulesetEvaluationRunId", ""))
        self._documents.add(RESULT, result_id, result | ({"DataSource": run["DataSource"]} if run else {}))
        return {"ResultId": result_id}

    def batch_get(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchGetDataQualityResult."""
        results, missing = self._documents.get_each(RESULT, request["ResultIds"])
        return {"Results": results, "ResultsNotFound": missing or None}

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListDataQualityResults: the newest first."""
        wanted = request.get("Filter", {})
        found = [
            {name: result[name] for name in SUMMARY if name in result}
            for result in reversed(self._documents.all(RESULT))
            if all(result.get(name) == wanted[name] for name in ("JobName", "JobRunId") if name in wanted)
            and ("DataSource" not in wanted or table_name(result.get("DataSource")) == table_name(wanted["DataSource"]))
            and is_within(result["StartedOn"], wanted)
        ]
        return page_of(found, request, "Results")

    def of_run(self, run_id: str) -> Sequence[str]:
        """The ids of the results of an evaluation run, in the order of its rulesets."""
        results = self._documents.all(RESULT)
        return [result["ResultId"] for result in results if result.get("RulesetEvaluationRunId") == run_id]

    def _get(self, result_id: str) -> Document:
        found = self._documents.get(RESULT, result_id)
        if found is None:
            raise ServiceError("EntityNotFoundException", f"Data quality result {result_id} does not exist")
        return found


def glue_table(source: Document | None) -> Document:
    """The table of a DataSource, under either of its names; empty where there is none."""
    found: Document = (source or {}).get("GlueTable") or (source or {}).get("DataQualityGlueTable") or {}
    return found


def table_name(source: Document | None) -> tuple[str, str]:
    """Database and table of a DataSource, folded as Glue folds them."""
    table = glue_table(source)
    return table.get("DatabaseName", "").lower(), table.get("TableName", "").lower()


def is_within(time: datetime, wanted: Document, name: str = "Started") -> bool:
    """Whether a time is within a filter's bounds, such as StartedAfter and StartedBefore."""
    after, before = wanted.get(f"{name}After"), wanted.get(f"{name}Before")
    return (after is None or time > after) and (before is None or time < before)
