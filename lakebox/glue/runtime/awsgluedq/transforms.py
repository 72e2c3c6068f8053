"""`EvaluateDataQuality`: a DQDL ruleset, really evaluated on a frame.

Source: AWS Glue, "Evaluating data quality for ETL jobs", "EvaluateDataQuality class".
"""

from collections.abc import Mapping
from typing import Any

from awsglue.collection import DynamicFrameCollection

from jobs.quality.evaluation import evaluate
from jobs.quality.language import Ruleset, parse_ruleset
from jobs.quality.outcomes import RuleOutcome
from jobs.quality.row_outcomes import rows_with_outcomes

OUTCOME_SCHEMA = "Rule string, Outcome string, FailureReason string, EvaluatedMetrics map<string,double>"


class EvaluateDataQuality:
    """Checks rules; nothing is published: publishing_options and additional_options that only AWS has are accepted."""

    @classmethod
    def apply(cls, frame: Any, ruleset: str, publishing_options: Mapping[str, Any] | None = None, **_: Any) -> Any:
        """A frame with a row a rule: Rule, Outcome (Passed, Failed), FailureReason, EvaluatedMetrics."""
        return _outcomes(frame, parse_ruleset(ruleset))

    def process_rows(
        self,
        frame: Any,
        ruleset: str,
        publishing_options: Mapping[str, Any] | None = None,
        additional_options: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Any:
        """A collection: originalData, ruleOutcomes (as apply gives them) and rowLevelOutcomes.

        rowLevelOutcomes has the frame's columns, DataQualityEvaluationResult, and the rules that the row passes, fails
        and skips: DataQualityRulesPass, DataQualityRulesFail, DataQualityRulesSkip.
        """
        rules = parse_ruleset(ruleset)
        rows = frame.with_frame(rows_with_outcomes(frame.toDF(), rules))
        frames = {"originalData": frame, "ruleOutcomes": _outcomes(frame, rules), "rowLevelOutcomes": rows}
        return DynamicFrameCollection(frames, frame.glue_ctx)


def _outcomes(frame: Any, rules: Ruleset) -> Any:
    outcomes = [_row(outcome) for outcome in evaluate(frame.toDF(), rules).outcomes]
    return frame.with_frame(frame.toDF().sparkSession.createDataFrame(outcomes, OUTCOME_SCHEMA))


def _row(outcome: RuleOutcome) -> tuple[str, str, str | None, dict[str, float]]:
    verdict = "Passed" if outcome.passed else "Failed"
    return outcome.rule.text, verdict, outcome.reason, dict(outcome.metrics)
