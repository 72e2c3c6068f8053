"""Results of evaluations in the shapes of Glue's API: published by a run's own boto3, and read as its past."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import boto3

from jobs.quality.evaluation import AnalyzerOutcome, Evaluation
from jobs.quality.language.rules import Ruleset
from jobs.quality.outcomes import RuleOutcome

MOST_PAST_RUNS = 100


def looks_back(ruleset: Ruleset) -> bool:
    """Whether a rule compares with past runs."""
    leaves = [leaf for rule in ruleset.rules for leaf in rule.rules]
    conditions = [condition for leaf in leaves for condition in (leaf.condition, leaf.threshold) if condition]
    return any(condition.looks_back for condition in conditions)


def past_metrics(glue: Any, wanted: Mapping[str, Any], own: Mapping[str, str]) -> list[dict[str, float]]:
    """The metrics of past runs, the newest first.

    wanted: the filter of ListDataQualityResults; own: fields that the results must have (RulesetName)
    """
    listed = glue.list_data_quality_results(Filter=dict(wanted), MaxResults=MOST_PAST_RUNS)["Results"]
    ids = [result["ResultId"] for result in listed]
    found = glue.batch_get_data_quality_result(ResultIds=ids)["Results"] if ids else []
    return [
        {
            name: value
            for part in (*result.get("RuleResults", ()), *result.get("AnalyzerResults", ()))
            for name, value in part.get("EvaluatedMetrics", {}).items()
        }
        for result in found
        if all(result.get(name) == value for name, value in own.items())
    ]


def publish(glue: Any, evaluation: Evaluation, dimensions: Mapping[str, str], context: str, started: datetime) -> str:
    """Publish a result, under what it is of (JobName and JobRunId, or RulesetEvaluationRunId); its id."""
    passed, total = sum(outcome.passed for outcome in evaluation.outcomes), len(evaluation.outcomes)
    answer = glue.publish_data_quality_result_v2(
        Dimensions=dict(dimensions),
        EvaluationContext=context,
        RulesetName=context,
        ExecutionStartedOn=started,
        ExecutionCompletedOn=datetime.now(UTC),
        Score=evaluation.score,
        RuleResults=[_rule_result(*numbered) for numbered in enumerate(evaluation.outcomes, 1)],
        AnalyzerResults=[_analyzer_result(*numbered) for numbered in enumerate(evaluation.analyzers, 1)],
        AggregatedMetrics={
            "TotalRulesProcessed": float(total),
            "TotalRulesPassed": float(passed),
            "TotalRulesFailed": float(total - passed),
        },
    )
    return str(answer["ResultId"])


def write_result(result: Mapping[str, Any], prefix: str, *names: str) -> None:
    """Put a result of GetDataQualityResult as JSON under an s3:// prefix: <prefix>/<names>.json."""
    content = {name: value for name, value in result.items() if name != "ResponseMetadata"}
    parts = urlsplit(prefix)
    key = "/".join([*filter(None, parts.path.split("/")), *names])
    body = json.dumps(content, default=lambda time: time.isoformat(), indent=2)
    boto3.client("s3").put_object(Bucket=parts.netloc, Key=f"{key}.json", Body=body.encode())


def _rule_result(number: int, outcome: RuleOutcome) -> dict[str, Any]:
    return {
        "Name": f"Rule_{number}",
        "Description": outcome.rule.text,
        "Result": "PASS" if outcome.passed else "FAIL" if outcome.checked else "ERROR",
        "EvaluatedMetrics": dict(outcome.metrics),
        "EvaluatedRule": (outcome.evaluated or outcome.rule).text,
        "Labels": dict(outcome.rule.labels),
        **({"EvaluationMessage": outcome.reason} if outcome.reason else {}),
    }


def _analyzer_result(number: int, outcome: AnalyzerOutcome) -> dict[str, Any]:
    return {
        "Name": f"Analyzer_{number}",
        "Description": outcome.analyzer.text,
        "EvaluatedMetrics": dict(outcome.metrics),
        **({"EvaluationMessage": outcome.problem} if outcome.problem else {}),
    }
