"""The script of an evaluation run: tables of the catalog, evaluated by rulesets -> results, published by Glue's API.

It knows its work from GetDataQualityRulesetEvaluationRun, by the id of the job run that it is.
"""

import sys
import time
from datetime import UTC, datetime
from typing import Any

import boto3
from awsglue.context import GlueContext
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import DataFrame

from jobs.quality.evaluation import evaluate
from jobs.quality.language import parse_ruleset
from jobs.quality.questions import Surroundings
from lakebox.glue.data_quality.evaluation_runs import run_id_of
from lakebox.glue.runtime.awsgluedq.results import looks_back, past_metrics, publish, write_result

PATIENCE_S = 30


def main() -> None:
    """Evaluate each ruleset of the run, and publish a result for each."""
    glue = boto3.client("glue")
    run = _run(glue, run_id_of(getResolvedOptions(sys.argv, [])["JOB_RUN_ID"]))
    context, options = GlueContext(SparkContext.getOrCreate()), run.get("AdditionalRunOptions", {})
    frame = _table(context, run["DataSource"])
    references = {alias: _table(context, source) for alias, source in run.get("AdditionalDataSources", {}).items()}
    by_row = options.get("CompositeRuleEvaluationMethod") == "ROW"
    for name in run["RulesetNames"]:
        started, ruleset = datetime.now(UTC), parse_ruleset(glue.get_data_quality_ruleset(Name=name)["Ruleset"])
        of_table = {"DataSource": run["DataSource"]}
        past = past_metrics(glue, of_table, {"RulesetName": name}) if looks_back(ruleset) else []
        evaluation = evaluate(frame, ruleset, Surroundings(references, past, started, by_row))
        result_id = publish(glue, evaluation, {"RulesetEvaluationRunId": run["RunId"]}, name, started)
        for outcome in evaluation.outcomes:
            print("PASS" if outcome.passed else "FAIL", outcome.rule.text, outcome.reason or "", flush=True)
        if "ResultsS3Prefix" in options:
            result = glue.get_data_quality_result(ResultId=result_id)
            write_result(result, options["ResultsS3Prefix"], run["RunId"], name)


def _run(glue: Any, run_id: str) -> dict[str, Any]:
    """The run's record, which the API may be about to write."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            run: dict[str, Any] = glue.get_data_quality_ruleset_evaluation_run(RunId=run_id)
            return run
        except glue.exceptions.EntityNotFoundException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _table(context: GlueContext, source: dict[str, Any]) -> DataFrame:
    table = source.get("GlueTable") or source["DataQualityGlueTable"]
    options = table.get("AdditionalOptions", {})
    predicates = [options[name] for name in ("pushDownPredicate", "catalogPartitionPredicate") if options.get(name)]
    frame: DataFrame = context.create_data_frame.from_catalog(
        database=table["DatabaseName"],
        table_name=table["TableName"],
        push_down_predicate=" and ".join(f"({predicate})" for predicate in predicates),
    )
    return frame


if __name__ == "__main__":
    main()
