"""Evaluation runs: a ruleset on a table of the catalog, in a Spark process of its own, as job runs are.

StartDataQualityRulesetEvaluationRun starts a job run of a script of ours, which reads tables, evaluates, and publishes
the results; the state of the evaluation run is that of the job run. So logs, timeouts and restarts are the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError, page_of
from lakebox.glue.data_catalog.documents import Document, Documents
from lakebox.glue.data_quality.results import RUN, Results, glue_table, is_within, table_name
from lakebox.glue.data_quality.rulesets import Rulesets
from lakebox.glue.jobs.definitions import with_defaults
from lakebox.glue.jobs.runs import ENDED, Runs

SCRIPT = "lakebox://awsgluedq/evaluation_run.py"
AT_ONCE = 1000
KEPT = ("DataSource", "Role", "NumberOfWorkers", "Timeout", "AdditionalRunOptions", "RulesetNames",
        "AdditionalDataSources")  # fmt: skip
TAKEN = ("StartedOn", "LastModifiedOn", "CompletedOn", "ExecutionTime")
OPTIONS = ("CloudWatchMetricsEnabled", "ResultsS3Prefix", "CompositeRuleEvaluationMethod")
PREDICATES = ("pushDownPredicate", "catalogPartitionPredicate")


def run_id_of(job_run_id: str) -> str:
    """The id of the evaluation run that a job run does."""
    return f"dqrun-{job_run_id.removeprefix('jr_')[:40]}"


class EvaluationRuns:
    """The evaluation runs that clients have started."""

    def __init__(
        self, documents: Documents, runs: Runs, rulesets: Rulesets, results: Results, get_table: Operation
    ) -> None:
        self._documents, self._runs, self._rulesets = documents, runs, rulesets
        self._results, self._get_table = results, get_table

    def operations(self) -> Mapping[str, Operation]:
        """By name."""
        return {
            "StartDataQualityRulesetEvaluationRun": self.start,
            "GetDataQualityRulesetEvaluationRun": lambda request: self._shown(self._run(request["RunId"])),
            "BatchGetDataQualityRulesetEvaluationRun": self.batch_get,
            "ListDataQualityRulesetEvaluationRuns": self.list,
            "CancelDataQualityRulesetEvaluationRun": self.cancel,
        }

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        """StartDataQualityRulesetEvaluationRun; the same ClientToken starts one run only."""
        token = request.get("ClientToken")
        for run in self._documents.all(RUN) if token else []:
            if run.get("ClientToken") == token:
                return {"RunId": run["RunId"]}
        job = self._job(request, has_sql=any("CustomSql" in text for text in self._checked(request)))
        job_run_id = self._runs.start_job(job, {})
        run_id = run_id_of(job_run_id)
        run = {name: request[name] for name in (*KEPT, "ClientToken") if name in request}
        self._documents.add(RUN, run_id, run | {"RunId": run_id, "JobName": job["Name"], "JobRunId": job_run_id})
        return {"RunId": run_id}

    def batch_get(self, request: dict[str, Any]) -> dict[str, Any]:
        """BatchGetDataQualityRulesetEvaluationRun."""
        runs, missing = self._documents.get_each(RUN, request["RunIds"])
        return {"Runs": [self._shown(run) for run in runs], "RunsNotFound": missing or None}

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListDataQualityRulesetEvaluationRuns: the newest first."""
        wanted = request.get("Filter", {})
        shown = (self._with_state(run) for run in reversed(self._documents.all(RUN)))
        found = [
            {name: run[name] for name in ("RunId", "Status", "StartedOn", "DataSource")}
            for run in shown
            if ("DataSource" not in wanted or table_name(run["DataSource"]) == table_name(wanted["DataSource"]))
            and wanted.get("RulesetName", run["RulesetNames"][0]) in run["RulesetNames"]
            and is_within(run["StartedOn"], wanted)
        ]
        return page_of(found, request, "Runs")

    def cancel(self, request: dict[str, Any]) -> dict[str, Any]:
        """CancelDataQualityRulesetEvaluationRun. Raises ServiceError where the run has ended."""
        run = self._run(request["RunId"])
        errors = self._runs.stop({"JobName": run["JobName"], "JobRunIds": [run["JobRunId"]]})["Errors"]
        if errors:
            status = self._with_state(run)["Status"]
            text = f"Evaluation run {run['RunId']} is in state {status}, which is final"
            raise ServiceError("InvalidInputException", text)
        return {}

    def _checked(self, request: dict[str, Any]) -> Sequence[str]:
        """The texts of the rulesets. Raises ServiceError where something is missing or not supported."""
        for option in request.get("AdditionalRunOptions", {}):
            if option not in OPTIONS:
                text = f"AdditionalRunOptions.{option} is not supported by lakebox; supported: {', '.join(OPTIONS)}"
                raise ServiceError("InvalidInputException", text)
        for source in (request["DataSource"], *request.get("AdditionalDataSources", {}).values()):
            self._check_source(source)
        return [self._rulesets.get(name)["Ruleset"] for name in request["RulesetNames"]]

    def _check_source(self, source: Document) -> None:
        table = glue_table(source)
        if not table:
            raise ServiceError("InvalidInputException", "A DataSource needs a GlueTable: name database and table")
        if "PreProcessingQuery" in table:
            text = "PreProcessingQuery is not supported by lakebox: make a view or a table of it, and evaluate that"
            raise ServiceError("InvalidInputException", text)
        for option in table.get("AdditionalOptions", {}):
            if option not in PREDICATES:
                text = f"AdditionalOptions.{option} is not supported by lakebox; supported: {', '.join(PREDICATES)}"
                raise ServiceError("InvalidInputException", text)
        self._get_table({"DatabaseName": table["DatabaseName"], "Name": table["TableName"]})

    def _job(self, request: dict[str, Any], *, has_sql: bool) -> Document:
        sources = (request["DataSource"], *request.get("AdditionalDataSources", {}).values())
        named = [{"DatabaseName": database, "Name": table} for database, table in map(table_name, sources)]
        tables = [self._get_table(name)["Table"] for name in named]
        is_iceberg = any(table.get("Parameters", {}).get("table_type", "").upper() == "ICEBERG" for table in tables)
        arguments = {"--enable-glue-datacatalog": "true"} if has_sql else {}
        arguments |= {"--datalake-formats": "iceberg"} if is_iceberg else {}
        # A run's place adds Avro's jar where an argument names it.
        arguments |= {"--table-format": "avro"} if "avro" in str(tables).lower() else {}
        given = {
            "Name": f"data_quality_{named[0]['Name']}",
            "Command": {"Name": "glueetl", "ScriptLocation": SCRIPT},
            "ExecutionProperty": {"MaxConcurrentRuns": AT_ONCE},
            "DefaultArguments": arguments,
            "WorkerType": "G.1X",
            "NumberOfWorkers": request.get("NumberOfWorkers", 5),
            "Timeout": request.get("Timeout", 2880),
        }
        return with_defaults(given)

    def _run(self, run_id: str) -> Document:
        run = self._documents.get(RUN, run_id)
        if run is None:
            raise ServiceError("EntityNotFoundException", f"Data quality evaluation run {run_id} does not exist")
        return run

    def _shown(self, run: Document) -> Document:
        """The run in the API's shape, with the ids of its results."""
        shown = self._with_state(run)
        results = self._results.of_run(run["RunId"]) if shown["Status"] in ENDED else []
        return shown | {"ResultIds": results or None}

    def _with_state(self, run: Document) -> Document:
        """The run in the API's shape, with the state of the job run under it."""
        job_run = self._runs.run(run["JobRunId"])
        state = "FAILED" if job_run["JobRunState"] == "ERROR" else job_run["JobRunState"]
        shown = {name: run[name] for name in KEPT if name in run}
        shown |= {name: job_run[name] for name in TAKEN if name in job_run}
        shown |= {"ErrorString": job_run["ErrorMessage"]} if "ErrorMessage" in job_run else {}
        return shown | {"RunId": run["RunId"], "Status": state}
