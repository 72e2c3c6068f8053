"""`EvaluateDataQuality`: a DQDL ruleset, really evaluated on a frame.

Source: AWS Glue, "Evaluating data quality for ETL jobs", "EvaluateDataQuality class"; "DQDL reference" for the options.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
from awsglue.collection import DynamicFrameCollection
from awsglue.utils import getResolvedOptions

from jobs.quality.evaluation import Evaluation, evaluate
from jobs.quality.language import Ruleset, parse_ruleset
from jobs.quality.outcomes import RuleOutcome
from jobs.quality.questions import Surroundings
from jobs.quality.row_outcomes import rows_with_outcomes

from .results import looks_back, past_metrics, publish, write_result

OUTCOME_SCHEMA = (
    "Rule string, Outcome string, FailureReason string, EvaluatedMetrics map<string,double>, EvaluatedRule string,"
    " Labels map<string,string>"
)
ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_GLUE")
METHOD, FILTERED = "compositeRuleEvaluation.method", "rowLevelConfiguration.filteredRowLabel"
WITH_LABELS = "rowLevelConfiguration.ruleWithLabels"


class EvaluateDataQuality:
    """Checks rules. Options that change nothing here (observations, caching, CloudWatch metrics) are accepted.

    A dynamic rule looks at the results that runs of the same job have published from the same evaluation context.
    """

    @classmethod
    def apply(
        cls,
        frame: Any,
        ruleset: str,
        publishing_options: Mapping[str, Any] | None = None,
        additional_options: Mapping[str, Any] | None = None,
        additional_data_sources: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Any:
        """A frame with a row a rule: Rule, Outcome (Passed, Failed), FailureReason, EvaluatedMetrics, EvaluatedRule.

        publishing_options: enableDataQualityResultsPublishing makes it a result of GetDataQualityResult; with
            resultsS3Prefix it is written there, too
        additional_data_sources: other frames by the alias that rules name them by
        """
        rules, options = parse_ruleset(ruleset), additional_options or {}
        around = _surroundings(additional_data_sources, options)
        return _outcomes(frame, _evaluated(frame, rules, around, publishing_options or {}))

    def process_rows(
        self,
        frame: Any,
        ruleset: str,
        publishing_options: Mapping[str, Any] | None = None,
        additional_options: Mapping[str, Any] | None = None,
        additional_data_sources: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Any:
        """A collection: originalData, ruleOutcomes (as apply gives them) and rowLevelOutcomes.

        rowLevelOutcomes has the frame's columns, DataQualityEvaluationResult, and the rules that the row passes, fails
        and skips: DataQualityRulesPass, DataQualityRulesFail, DataQualityRulesSkip.
        """
        rules, options = parse_ruleset(ruleset), additional_options or {}
        around = _surroundings(additional_data_sources, options)
        skips = options.get(FILTERED, "PASSED") == "SKIPPED"
        outcomes = _outcomes(frame, _evaluated(frame, rules, around, publishing_options or {}))
        rows = frame.with_frame(rows_with_outcomes(frame.toDF(), rules, around, skips=skips))
        frames = {"originalData": frame, "ruleOutcomes": outcomes, "rowLevelOutcomes": rows}
        return DynamicFrameCollection(frames, frame.glue_ctx)


def _surroundings(sources: Mapping[str, Any] | None, options: Mapping[str, Any]) -> Surroundings:
    if options.get(WITH_LABELS, "DISABLED") != "DISABLED":
        raise ValueError(f"{WITH_LABELS} is not supported by lakebox: ruleOutcomes has each rule's Labels")
    references = {alias: frame.toDF() for alias, frame in (sources or {}).items()}
    return Surroundings(references, row_by_row=options.get(METHOD, "COLUMN") == "ROW")


def _evaluated(frame: Any, rules: Ruleset, around: Surroundings, publishing: Mapping[str, Any]) -> Evaluation:
    """The evaluation, published where that is asked for and the run has an endpoint."""
    context, started = str(publishing.get("dataQualityEvaluationContext", "")), datetime.now(UTC)
    run = {
        name: value for name, value in getResolvedOptions(sys.argv, []).items() if name in ("JOB_NAME", "JOB_RUN_ID")
    }
    glue = boto3.client("glue") if run and any(os.environ.get(name) for name in ENDPOINTS) else None
    if glue is not None and looks_back(rules):
        past = past_metrics(glue, {"JobName": run["JOB_NAME"]}, {"EvaluationContext": context})
        around = replace(around, history=past)
    evaluation = evaluate(frame.toDF(), rules, around)
    if glue is not None and str(publishing.get("enableDataQualityResultsPublishing", False)).lower() == "true":
        dimensions = {"JobName": run["JOB_NAME"], "JobRunId": run.get("JOB_RUN_ID", "")}
        result_id = publish(glue, evaluation, dimensions, context, started)
        if str(publishing.get("resultsS3Prefix", "")).startswith("s3://"):
            result = glue.get_data_quality_result(ResultId=result_id)
            write_result(result, publishing["resultsS3Prefix"], result_id)
    return evaluation


def _outcomes(frame: Any, evaluation: Evaluation) -> Any:
    outcomes = [_row(outcome) for outcome in evaluation.outcomes]
    return frame.with_frame(frame.toDF().sparkSession.createDataFrame(outcomes, OUTCOME_SCHEMA))


def _row(outcome: RuleOutcome) -> tuple[str, str, str | None, dict[str, float], str, dict[str, str]]:
    verdict, evaluated = "Passed" if outcome.passed else "Failed", outcome.evaluated or outcome.rule
    labels = dict(outcome.rule.labels)
    return outcome.rule.text, verdict, outcome.reason, dict(outcome.metrics), evaluated.text, labels
