"""silver/user_events/ -> reports/dq_report.{json,md}: the quality gate; a failed rule stops the flow before Gold.

The rules are in catalog/silver_user_events.dqdl. What was checked once is not checked again while Silver and the rules
stay as they are: a passed gate stays passed, a failed one fails again.
"""

from dataclasses import replace
from importlib.resources import files
from typing import Any

from catalog.tables import SILVER_USER_EVENTS
from jobs.arguments import JobArguments
from jobs.job import run_script
from jobs.lake.errors import LakeboxError
from jobs.lake.frames import Frames, SparkSource
from jobs.lake.layout import REPORT_JSON, REPORT_MARKDOWN, Batch
from jobs.lake.protocol import Lake
from jobs.lake.run_properties import Outcome
from jobs.quality.evaluation import Samples, evaluate
from jobs.quality.gate.page import markdown
from jobs.quality.gate.report import GateRun, QualityReport, quality_report, report_parts
from jobs.quality.gate.stored_table import stored_table
from jobs.quality.language import Ruleset, parse_ruleset
from jobs.quality.language.columns import require_columns
from jobs.quality.outcomes import RuleOutcome
from jobs.quality.rows import types_of

RULES_THAT_NEED_ROWS = ("RowCount", "DistinctValuesCount")
SAMPLES = Samples(10, shown=("pk", "user_id", "event_type", "event_timestamp"))


class GateFailed(LakeboxError):  # noqa: N818 the field's word for it
    """Silver broke a rule, or its schema is not the catalog's."""


def ruleset_of_silver() -> Ruleset:
    """The rules of catalog/silver_user_events.dqdl; raises RulesetError for one that is not supported."""
    text = (files("catalog") / "silver_user_events.dqdl").read_text(encoding="utf-8")
    table, ruleset = SILVER_USER_EVENTS, parse_ruleset(text)
    types = {column.name: column.type for column in (*table.columns, *table.partitions)}
    require_columns(ruleset, types, table.name)
    return ruleset


def check_silver(lake: Lake, arguments: JobArguments, spark: SparkSource) -> Outcome:
    """Check Silver, unless it was checked as it is; raises GateFailed where a rule failed, now or then."""
    ruleset, watermark = ruleset_of_silver(), lake.bronze().watermark
    known = {} if arguments.recheck else _known_outcome(lake, ruleset)
    if known and not known["passed"]:
        raise GateFailed(known["message"])
    if known:
        return Outcome(0, 0, watermark, "checked before: passed", skipped=True)
    lake.commit_gate({}, {})  # a check that dies on the way must not leave the last one's word standing
    report = _report(lake, arguments, spark, _rules_that_apply(lake, ruleset))
    message = _message(report, _why_empty(lake) if not report.rows else "")
    outcome = {"applied_batch": lake.applied_batch(), "ruleset_hash": ruleset.sha256}
    reports = {REPORT_JSON: report.to_json().encode(), REPORT_MARKDOWN: markdown(report).encode()}
    lake.commit_gate(reports, {**outcome, "passed": report.passed, "message": message})
    if not report.passed:
        raise GateFailed(message)
    return Outcome(report.rows, report.rows, watermark, message)


def _known_outcome(lake: Lake, ruleset: Ruleset) -> dict[str, Any]:
    """What the gate said of this Silver under these rules, if its reports are still there; else empty."""
    known = lake.gate()
    if (known.get("applied_batch"), known.get("ruleset_hash")) != (lake.applied_batch(), ruleset.sha256):
        return {}
    reports = {stored.key for stored in lake.store.list("reports/")}
    return known if {REPORT_JSON, REPORT_MARKDOWN} <= reports else {}


def _rules_that_apply(lake: Lake, ruleset: Ruleset) -> Ruleset:
    """All rules; without those that need rows where Silver is empty because events were deleted, which is legal."""
    if lake.partitions(SILVER_USER_EVENTS) or not any(batch.deletes for batch in _batches(lake)):
        return ruleset
    kept = (rule for rule in ruleset.rules if not any(leaf.type in RULES_THAT_NEED_ROWS for leaf in rule.rules))
    return replace(ruleset, rules=tuple(kept))


def _why_empty(lake: Lake) -> str:
    """Where the rows of an empty Silver went, and what to do about it."""
    received = sum(batch.rows for batch in _batches(lake))
    quarantined = sum(batch.quarantined for batch in _batches(lake))
    if received:
        return f"Silver is empty though Bronze has {received} changes: restore its files and _state"
    if quarantined:
        return f"Silver is empty, as all {quarantined} raw items are in quarantine: bronze_quarantine says why"
    return "Silver is empty, as no raw event has been read: check where the raw files are"


def _batches(lake: Lake) -> list[Batch]:
    return [lake.batch(number) for number in range(1, lake.applied_batch() + 1)]


def _report(lake: Lake, arguments: JobArguments, spark: SparkSource, ruleset: Ruleset) -> QualityReport:
    silver = stored_table(Frames(lake, spark()), SILVER_USER_EVENTS)
    checked = evaluate(silver.rows, ruleset, samples=SAMPLES, beside=report_parts(silver.rows))
    run = GateRun(arguments.run_id, arguments.training_date, arguments.run_started_at)
    return quality_report(SILVER_USER_EVENTS, checked.counts, types_of(silver.schema), checked.outcomes, run)


def _message(report: QualityReport, why_empty: str) -> str:
    if report.passed:
        return f"{len(report.rules)} rules hold for {report.rows} live events"
    broken = [f"{outcome.rule.text} ({_measured(outcome)})" for outcome in report.failed_rules]
    reasons = "; ".join([*broken, *report.schema_differences])
    remedy = why_empty or "mend the data, and check again: lakebox dq"
    return f"the quality gate failed: {reasons}. See {REPORT_MARKDOWN} in the lake; {remedy}"


def _measured(outcome: RuleOutcome) -> str:
    if outcome.measured is None:
        return outcome.reason or "not measured"
    return f"{outcome.measure}: {outcome.measured}"


if __name__ == "__main__":
    run_script("check_silver", check_silver, required=("lake_uri",))
