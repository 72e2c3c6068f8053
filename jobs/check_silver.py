"""silver/user_events/ -> reports/dq_report.{json,md}: the quality gate; a failed rule stops the flow before Gold.

The rules are in catalog/silver_user_events.dqdl. What was checked once is not checked again while Silver and the rules
stay as they are: a passed gate stays passed, a failed one fails again.
"""

from dataclasses import replace
from importlib.resources import files

from pyspark.sql import DataFrame
from pyspark.sql.types import DateType, StringType, StructType

from catalog.dqdl import load_ruleset
from catalog.errors import LakeboxError
from catalog.rules import Ruleset
from catalog.tables import SILVER_USER_EVENTS
from jobs.arguments import Settings
from jobs.frames import Frames, SparkSource
from jobs.job import Outcome, run_script
from jobs.lake import Lake, partition_folder
from jobs.quality import measures, second_look
from jobs.quality_outcomes import RuleOutcome, evaluate
from jobs.quality_report import GateRun, QualityReport, quality_report
from jobs.quality_rows import failing_rows

REPORT_JSON = "reports/dq_report.json"
REPORT_MARKDOWN = "reports/dq_report.md"
RULES_THAT_NEED_ROWS = ("RowCount", "DistinctValuesCount")
MOST_SAMPLES = 10


class GateFailed(LakeboxError):  # noqa: N818 the field's word for it
    """Silver broke a rule, or its schema is not the catalog's."""


def ruleset_of_silver() -> Ruleset:
    """The rules of catalog/silver_user_events.dqdl; raises RulesetError for one that is not supported."""
    text = (files("catalog") / "silver_user_events.dqdl").read_text(encoding="utf-8")
    return load_ruleset(text, SILVER_USER_EVENTS)


def check_silver(lake: Lake, settings: Settings, spark: SparkSource) -> Outcome:
    """Check Silver, unless it was checked as it is; raises GateFailed where a rule failed, now or then."""
    ruleset, watermark = ruleset_of_silver(), lake.bronze().watermark
    known = lake.gate()
    checked = (known.get("applied_batch"), known.get("ruleset_sha256")) == (lake.applied_batch(), ruleset.sha256)
    if checked and not settings.recheck:
        if not known["passed"]:
            raise GateFailed(known["message"])
        return Outcome(0, 0, watermark, "checked before: passed", skipped=True)
    if not lake.partitions(SILVER_USER_EVENTS) and watermark is not None:  # all events were deleted, which is legal
        kept = tuple(rule for rule in ruleset.rules if rule.type not in RULES_THAT_NEED_ROWS)
        report = _report(lake, settings, spark, replace(ruleset, rules=kept))
    else:
        report = _report(lake, settings, spark, ruleset)
    message = _message(report)
    outcome = {"applied_batch": lake.applied_batch(), "ruleset_sha256": ruleset.sha256}
    reports = {REPORT_JSON: report.to_json().encode(), REPORT_MARKDOWN: report.to_markdown().encode()}
    lake.commit_gate(reports, {**outcome, "passed": report.passed, "message": message})
    if not report.passed:
        raise GateFailed(message)
    return Outcome(report.rows, report.rows, watermark, message)


def _report(lake: Lake, settings: Settings, spark: SparkSource, ruleset: Ruleset) -> QualityReport:
    frames = Frames(lake, spark(), settings.scratch_dir)
    silver = frames.table(SILVER_USER_EVENTS, lake.partitions(SILVER_USER_EVENTS))
    row = measures(silver, ruleset).collect()[0].asDict()
    more = second_look(silver, ruleset, row)
    if more is not None:
        row |= more.collect()[0].asDict()
    outcomes = [_with_samples(silver, outcome) for outcome in evaluate(ruleset, row, silver.schema)]
    run = GateRun(settings.run_id, settings.training_date, settings.run_started_at)
    return quality_report(SILVER_USER_EVENTS, row, stored_schema(frames, silver), outcomes, run)


def _with_samples(silver: DataFrame, outcome: RuleOutcome) -> RuleOutcome:
    rows = None if outcome.passed else failing_rows(silver, outcome.rule, MOST_SAMPLES)
    return outcome if rows is None else replace(outcome, samples=tuple(row.asDict() for row in rows.collect()))


def stored_schema(frames: Frames, silver: DataFrame) -> StructType:
    """The schema that the newest partition's object has itself, with the partition columns.

    Reading imposes the catalog's schema, and would show a column that is not stored as one full of nulls.
    """
    partitions = frames.lake.partitions(SILVER_USER_EVENTS)
    if not partitions:
        return silver.schema
    newest = max(partitions, key=lambda values: values[1])
    folder = SILVER_USER_EVENTS.location + partition_folder(SILVER_USER_EVENTS, newest)
    stored = frames.read_own_schema(frames.lake.store.list(folder)[0].key)
    return stored.add("event_type", StringType()).add("event_date", DateType())


def _message(report: QualityReport) -> str:
    if report.passed:
        return f"{len(report.rules)} rules hold for {report.rows} live events"
    broken = [f"{outcome.rule.text} ({outcome.measure}: {outcome.measured})" for outcome in report.failed_rules]
    reasons = "; ".join([*broken, *report.schema_differences])
    return f"the quality gate failed: {reasons}. See {REPORT_MARKDOWN} in the lake, mend the data, and run again"


if __name__ == "__main__":
    run_script("check_silver", check_silver, required=("lake_uri",))
