"""Says how each rule of a ruleset came out on a DataFrame: passed or failed, by which numbers, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from jobs.quality.language.conditions import Condition
from jobs.quality.language.rule_types import RULE_TYPES
from jobs.quality.language.rules import AnyRule, Composite, Rule
from jobs.quality.metrics import key_name, metrics_of, number_of, where_name
from jobs.quality.questions import Question

COUNTS = {"RowCount": "rows", "ColumnCount": "columns", "DistinctValuesCount": "distinct_values"}
SHARES = ("Completeness", "Uniqueness", "ReferentialIntegrity")
NUMBERS = {
    "Mean": "mean",
    "Sum": "sum",
    "StandardDeviation": "standard deviation",
    "ColumnCorrelation": "correlation",
    "Entropy": "entropy",
    "UniqueValueRatio": "unique value ratio",
    "CustomSql": "answer",
    "RowCountMatch": "ratio of rows",
}


@dataclass(frozen=True)
class RuleOutcome:
    """How a rule came out.

    `measure` names what `measured` counts: rows, columns, distinct_values, violations (rows that break the rule; one
    that breaks it in two ways counts twice), share_of_rows (0 to 1), parts (rules of a composite one that hold), or a
    number's name. `measured` is None where nothing could be measured: such a rule has failed, and where the reason is
    the rule, not the data, `checked` is False. `reason` is a sentence, for failed rules only; `samples` are rows that
    break it. `metrics` has the numbers under the names of AWS Glue Data Quality (`Column.user_id.Completeness`).
    `evaluated` is the rule with this run's numbers in place of past runs and `now()`.
    """

    rule: AnyRule
    passed: bool
    measure: str
    measured: int | float | None
    reason: str | None = None
    samples: tuple[Mapping[str, str | None], ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    evaluated: AnyRule | None = None
    checked: bool = True


def outcome_of(question: Question, counts: Mapping[str, Any], types: Mapping[str, str]) -> RuleOutcome:
    """A rule's outcome, from the counts of `rule_parts` and the types of the columns that were counted."""
    rule, problem = question.asked, question.problem
    if rule.type == "ColumnExists":
        return _outcome(question, "columns", 0 if problem else 1, problem)
    if problem is not None:
        why = f"it can't be checked: {problem}"
        return RuleOutcome(question.rule, False, "violations", None, why, evaluated=rule, checked=False)
    metrics, strangers = metrics_of(rule, counts, types), counts.get(f"strangers:{rule.text}")
    if strangers:
        return _outcome(question, "violations", strangers, f"its statement gives {strangers:,} rows that are not there")
    wanted = rule.threshold or (rule.condition if rule.type in (*COUNTS, *SHARES, *NUMBERS) else None)
    if wanted is None:
        return _violations_outcome(question, counts, metrics)
    number = number_of(rule, counts, types)
    if rule.type in COUNTS and number is not None:
        return _count_outcome(question, wanted, int(number), metrics)
    if rule.threshold or rule.type in SHARES:
        return _share_outcome(question, wanted, number, counts, metrics=metrics)
    name = f"{NUMBERS[rule.type]} of {' and '.join(rule.columns)}" if rule.columns else NUMBERS[rule.type]
    if number is None:
        return _outcome(question, NUMBERS[rule.type], None, f"there is no value of which to take the {name}")
    reason = None if wanted.admits(number) else f"the {name} is {float(number):,.6g}, not {wanted.text}"
    return _outcome(question, NUMBERS[rule.type], float(number), reason, metrics=metrics)


def composite_outcome(rule: Composite, by_rule: Mapping[Rule, RuleOutcome]) -> RuleOutcome:
    """The outcome of a composite rule: each part evaluated on the whole table, then joined."""
    parts = [composite_outcome(part, by_rule) if isinstance(part, Composite) else by_rule[part] for part in rule.parts]
    passed = (all if rule.operator == "and" else any)(part.passed for part in parts)
    reasons = "; ".join(part.reason for part in parts if part.reason)
    metrics = {name: value for part in parts for name, value in part.metrics.items()}
    checked = passed or all(part.checked for part in parts)
    evaluated = Composite(rule.operator, tuple(part.evaluated or part.rule for part in parts))
    held = sum(part.passed for part in parts)
    return RuleOutcome(rule, passed, "parts", held, None if passed else reasons, (), metrics, evaluated, checked)


def row_by_row_outcome(rule: Composite, whole: RuleOutcome, failed: int, rows: int) -> RuleOutcome:
    """The outcome of a composite rule of which the parts were joined for each row."""
    reason = f"of {rows:,} rows, {failed:,} for which this does not hold" if failed else None
    return RuleOutcome(rule, not failed, "violations", failed, reason, (), whole.metrics, whole.evaluated)


def not_by_row(rule: Composite, part: Rule) -> RuleOutcome:
    """The outcome of a composite rule with a part that has no outcome for a single row."""
    reason = f"it can't be checked row by row: {part.text} is about a share of rows; use the method COLUMN"
    return RuleOutcome(rule, False, "violations", None, reason, evaluated=rule, checked=False)


def _outcome(question: Question, measure: str, number: float | None, reason: str | None, **more: Any) -> RuleOutcome:
    """Passed where there is no reason why not."""
    return RuleOutcome(question.rule, reason is None, measure, number, reason, evaluated=question.asked, **more)


def _count_outcome(question: Question, wanted: Condition, counted: int, metrics: Mapping[str, float]) -> RuleOutcome:
    measure, is_met = COUNTS[question.asked.type], wanted.admits(Fraction(counted))
    reason = None if is_met else f"the number of {measure.replace('_', ' ')} is {counted:,}, not {wanted.text}"
    return _outcome(question, measure, counted, reason, metrics=metrics)


def _share_outcome(
    question: Question, wanted: Condition, share: Fraction | float | None, counts: Mapping[str, Any], **more: Any
) -> RuleOutcome:
    rule = question.asked
    if share is None:
        return _outcome(question, "share_of_rows", None, "there is no row of which to take a share")
    total = counts[f"keyed:{key_name(rule)}" if rule.type == "Uniqueness" else f"rows{where_name(rule)}"]
    good = f"{round(share * total):,} of {total:,} rows are good, a share of {float(share):.6g}"
    reason = None if wanted.admits(share) else f"{good}, not {wanted.text}"
    return _outcome(question, "share_of_rows", float(share), reason, **more)


def _violations_outcome(question: Question, counts: Mapping[str, Any], metrics: Mapping[str, float]) -> RuleOutcome:
    rule, key = question.asked, key_name(question.asked)
    names, broken = " and ".join(rule.columns), counts.get(f"broken:{rule.text}") or 0
    shared = counts[f"keyed:{key}"] - counts[f"single:{key}"] if rule.type in ("IsUnique", "IsPrimaryKey") else 0
    parts = [f"{shared:,} share their {names} with another"] if shared else []
    if broken and rule.type in ("IsComplete", "IsPrimaryKey"):
        parts.append(f"{broken:,} without {names}")
    elif broken:
        parts.append(f"{broken:,} {f'with a {names} ' if names else ''}for which this does not hold")
    total = f"{counts[f'rows{where_name(rule)}']:,} rows"
    if RULE_TYPES[rule.type].parameters == "pattern":
        total = "the columns"
    reason = f"of {total}, {', '.join(parts)}" if parts else None
    return _outcome(question, "violations", shared + broken, reason, metrics=metrics)


def outcomes_by_rule(
    questions: Sequence[Question], counts: Mapping[str, Any], types: Mapping[str, str]
) -> dict[Rule, RuleOutcome]:
    """The outcome of each rule that is not composed."""
    return {question.rule: outcome_of(question, counts, types) for question in questions}
