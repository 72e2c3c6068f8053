"""Says how each rule of a ruleset came out on a DataFrame: passed or failed, by which numbers, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from pyspark.sql import DataFrame

from jobs.quality.measures import key_name, measured, rule_parts
from jobs.quality.rows import failing_rows, types_of
from jobs.quality.rules import Condition, Rule, Ruleset, obstacle

COUNTS = {"RowCount": "rows", "ColumnCount": "columns", "DistinctValuesCount": "distinct_values"}
SHARES = ("Completeness", "Uniqueness")


@dataclass(frozen=True)
class RuleOutcome:
    """How a rule came out.

    `measure` names what `measured` counts: rows, columns, distinct_values, violations (rows that break the rule; one
    that breaks it in two ways counts twice) or share_of_rows (0 to 1). `measured` is None where nothing could be
    measured: such a rule has failed. `reason` is a sentence, for failed rules only; `samples` are rows that break it.
    `metrics` has the numbers under the names of AWS Glue Data Quality (`Column.user_id.Completeness`).
    """

    rule: Rule
    passed: bool
    measure: str
    measured: int | float | None
    reason: str | None = None
    samples: tuple[Mapping[str, str | None], ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)


def evaluate(
    frame: DataFrame, ruleset: Ruleset, samples: int = 0, shown: Sequence[str] = ()
) -> tuple[RuleOutcome, ...]:
    """Each rule's outcome on a DataFrame, in the rules' order, with exact counts, by one Spark query.

    samples: how many rows to show of each failed rule, which takes one more query a failed rule; they have the columns
    `shown` and the rule's own. A rule whose column the data doesn't have, or has with a type that the rule can't read,
    has failed. Without rows, rules that only rows can break pass, and shares, as there are none, fail.
    """
    outcomes = outcomes_of(ruleset, measured(rule_parts(frame, ruleset)), types_of(frame.schema))
    return with_samples(frame, outcomes, samples, shown) if samples else outcomes


def outcomes_of(ruleset: Ruleset, counts: Mapping[str, Any], types: Mapping[str, str]) -> tuple[RuleOutcome, ...]:
    """Each rule's outcome, from the counts of `rule_parts` and the types of the columns that were counted."""
    outcomes = (_outcome(rule, counts, types) for rule in ruleset.rules)
    return tuple(replace(outcome, metrics=_metrics(outcome, counts)) for outcome in outcomes)


def with_samples(
    frame: DataFrame, outcomes: Sequence[RuleOutcome], samples: int, shown: Sequence[str]
) -> tuple[RuleOutcome, ...]:
    """The outcomes, failed ones with some of the rows that break the rule."""
    return tuple(
        outcome if outcome.passed else replace(outcome, samples=_samples(frame, outcome.rule, samples, shown))
        for outcome in outcomes
    )


def _samples(frame: DataFrame, rule: Rule, samples: int, shown: Sequence[str]) -> tuple[Mapping[str, str | None], ...]:
    rows = failing_rows(frame, rule, samples, shown)
    return () if rows is None else tuple(row.asDict() for row in rows.collect())


def _outcome(rule: Rule, counts: Mapping[str, Any], types: Mapping[str, str]) -> RuleOutcome:
    problem = obstacle(rule, types)
    if rule.type == "ColumnExists":
        return RuleOutcome(rule, problem is None, "columns", 0 if problem else 1, problem)
    if problem:
        return RuleOutcome(rule, False, "violations", None, f"it can't be checked: {problem}")
    if rule.type in COUNTS and rule.condition:
        counted = "rows" if rule.type == "RowCount" else f"distinct:{key_name(rule.columns)}"
        return _count_outcome(rule, rule.condition, len(types) if rule.type == "ColumnCount" else counts[counted])
    wanted = rule.condition if rule.type in SHARES else rule.threshold
    return _share_outcome(rule, wanted, counts) if wanted else _violations_outcome(rule, counts)


def _count_outcome(rule: Rule, wanted: Condition, counted: int) -> RuleOutcome:
    measure = COUNTS[rule.type]
    passed = wanted.admits(Fraction(counted))
    reason = None if passed else f"the number of {measure.replace('_', ' ')} is {counted:,}, not {wanted.text}"
    return RuleOutcome(rule, passed, measure, counted, reason)


def _share_outcome(rule: Rule, wanted: Condition, counts: Mapping[str, Any]) -> RuleOutcome:
    total = counts[f"keyed:{key_name(rule.columns)}"] if rule.type == "Uniqueness" else counts["rows"]
    if total == 0:
        return RuleOutcome(rule, False, "share_of_rows", None, "there is no row of which to take a share")
    good = total - sum(_violations(rule, counts))
    share, passed = good / total, wanted.admits(Fraction(good, total))
    reason = None if passed else f"{good:,} of {total:,} rows are good, a share of {share:.6g}, not {wanted.text}"
    return RuleOutcome(rule, passed, "share_of_rows", share, reason)


def _violations_outcome(rule: Rule, counts: Mapping[str, Any]) -> RuleOutcome:
    names, (shared, broken) = " and ".join(rule.columns), _violations(rule, counts)
    parts = [f"{shared:,} share their {names} with another"] if shared else []
    if broken and rule.type in ("IsComplete", "IsPrimaryKey"):
        parts.append(f"{broken:,} without {names}")
    elif broken:
        parts.append(f"{broken:,} with a {names} for which this does not hold")
    reason = f"of {counts['rows']:,} rows, {', '.join(parts)}" if parts else None
    return RuleOutcome(rule, not parts, "violations", shared + broken, reason)


def _violations(rule: Rule, counts: Mapping[str, Any]) -> tuple[int, int]:
    """How many rows share their key with another row, and how many break the rule by themselves."""
    name = key_name(rule.columns)
    is_key = rule.type in ("IsUnique", "Uniqueness", "IsPrimaryKey")
    shared = counts[f"keyed:{name}"] - counts[f"single:{name}"] if is_key else 0
    return shared, counts.get(f"broken:{rule.text}", 0)


def _metrics(outcome: RuleOutcome, counts: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of a rule as AWS names them: https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types.html"""
    rule = outcome.rule
    if outcome.measured is None or rule.type == "ColumnExists":
        return {}
    if rule.type in ("RowCount", "ColumnCount"):
        return {f"Dataset.*.{rule.type}": float(outcome.measured)}
    name = key_name(rule.columns)
    entity = f"{'Column' if len(rule.columns) == 1 else 'Multicolumn'}.{name}"
    if rule.type == "DistinctValuesCount":
        return {f"{entity}.DistinctValuesCount": float(outcome.measured)}
    least, greatest = counts.get(f"least:{rule.text}"), counts.get(f"greatest:{rule.text}")
    if least is not None and greatest is not None:
        kind = "Length" if rule.type == "ColumnLength" else ""
        return {f"{entity}.Minimum{kind}": float(least), f"{entity}.Maximum{kind}": float(greatest)}
    shares: dict[str, float] = {}
    if rule.type in ("IsUnique", "Uniqueness", "IsPrimaryKey") and counts[f"keyed:{name}"]:
        shares[f"{entity}.Uniqueness"] = counts[f"single:{name}"] / counts[f"keyed:{name}"]
    if f"broken:{rule.text}" in counts and counts["rows"]:
        metric = "Completeness" if "Complete" in rule.type or rule.type == "IsPrimaryKey" else f"{rule.type}.Compliance"
        shares[f"{entity}.{metric}"] = (counts["rows"] - counts[f"broken:{rule.text}"]) / counts["rows"]
    return shares
