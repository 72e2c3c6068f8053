"""Evaluates a ruleset on a DataFrame: the outcome of each rule, the numbers of each analyzer, by one Spark query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.quality.language.columns import family
from jobs.quality.language.rules import AnyRule, Composite, Rule, Ruleset
from jobs.quality.measures import Part, measured, rule_parts
from jobs.quality.metrics import metrics_of
from jobs.quality.outcomes import (
    RuleOutcome,
    composite_outcome,
    not_by_row,
    outcomes_by_rule,
    row_by_row_outcome,
)
from jobs.quality.questions import Question, Surroundings, question_of
from jobs.quality.row_outcomes import composes_by_row, failing_rows, rows_that_fail
from jobs.quality.rows import types_of

STATISTICS = {
    "number": ("Completeness", "Uniqueness", "ColumnValues", "Entropy", "Mean", "StandardDeviation", "Sum"),
    "text": ("Completeness", "Uniqueness", "ColumnLength"),
}
EVERY_COLUMN = "AllColumns"


@dataclass(frozen=True)
class AnalyzerOutcome:
    """The numbers that an analyzer has gathered; `problem` says why there are none."""

    analyzer: Rule
    metrics: Mapping[str, float] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True)
class Evaluation:
    """How a ruleset came out: its rules and analyzers in their order, and the counts that were asked for beside."""

    outcomes: tuple[RuleOutcome, ...]
    analyzers: tuple[AnalyzerOutcome, ...]
    counts: Mapping[str, Any]

    @property
    def score(self) -> float:
        """The share of rules that passed, 0 to 1; 1 where there is none."""
        return sum(outcome.passed for outcome in self.outcomes) / len(self.outcomes) if self.outcomes else 1.0


@dataclass(frozen=True)
class Samples:
    """How many rows to show of each failed rule, and which columns of them beside the rule's own."""

    count: int
    shown: Sequence[str] = ()


def evaluate(
    frame: DataFrame,
    ruleset: Ruleset,
    around: Surroundings | None = None,
    *,
    samples: Samples | None = None,
    beside: Sequence[Part] = (),
) -> Evaluation:
    """Each rule's outcome on a DataFrame, in the rules' order, with exact counts, by one Spark query.

    around: other datasets, past runs and the time, for rules that look at them
    samples: rows of failed rules, which takes one more query a failed rule
    beside: more counts to take in the same query
    A rule whose column the data doesn't have, or has with a type that the rule can't read, has failed. Without rows,
    rules that only rows can break pass, and shares and numbers, as there are none, fail.
    """
    around, types = around or Surroundings(), types_of(frame.schema)
    leaves = dict.fromkeys(leaf for rule in ruleset.rules for leaf in rule.rules)
    questions = [question_of(frame, leaf, around) for leaf in leaves]
    parts_of = {analyzer: _expanded(analyzer, types) for analyzer in ruleset.analyzers}
    statistics = dict.fromkeys(leaf for found in parts_of.values() for leaf in found)
    analyzed = {leaf: question_of(frame, leaf, around) for leaf in statistics}
    by_row = _composites_by_row(frame, ruleset, questions, around) if around.row_by_row else {}
    counts = measured([*rule_parts(frame, [*questions, *analyzed.values()], around), *by_row.values(), *beside])
    by_rule = outcomes_by_rule(questions, counts, types)
    outcomes = [_outcome(rule, by_rule, counts, around, is_by_row=rule in by_row) for rule in ruleset.rules]
    if samples:
        by_leaf = {question.rule: question for question in questions}
        outcomes = [_with_samples(frame, outcome, by_leaf, samples, around) for outcome in outcomes]
    analyzers = [_analyzed(rule, [analyzed[leaf] for leaf in found], counts, types) for rule, found in parts_of.items()]
    return Evaluation(tuple(outcomes), tuple(analyzers), counts)


def _composites_by_row(
    frame: DataFrame, ruleset: Ruleset, questions: Sequence[Question], around: Surroundings
) -> dict[AnyRule, Part]:
    """Counts of the rows that fail composite rules as a whole, for those that single rows can pass or fail."""
    parts: dict[AnyRule, Part] = {}
    for rule in ruleset.rules:
        found = rows_that_fail(rule, questions, frame, around) if isinstance(rule, Composite) else None
        if found is not None:
            flagged = found[0].select(found[1].alias("fails"))
            parts[rule] = flagged, {f"failed rows:{rule.text}": F.count_if("fails")}
    return parts


def _outcome(
    rule: AnyRule,
    by_rule: Mapping[Rule, RuleOutcome],
    counts: Mapping[str, Any],
    around: Surroundings,
    *,
    is_by_row: bool,
) -> RuleOutcome:
    if isinstance(rule, Rule):
        return by_rule[rule]
    whole = composite_outcome(rule, by_rule)
    if is_by_row:
        return row_by_row_outcome(rule, whole, counts[f"failed rows:{rule.text}"], counts["rows"])
    shares = [leaf for leaf in rule.rules if not composes_by_row(leaf)]
    return not_by_row(rule, shares[0]) if around.row_by_row and shares else whole


def _with_samples(
    frame: DataFrame,
    outcome: RuleOutcome,
    questions: Mapping[Rule, Question],
    samples: Samples,
    around: Surroundings,
) -> RuleOutcome:
    if outcome.passed or not isinstance(outcome.rule, Rule):
        return outcome
    rows = failing_rows(frame, questions[outcome.rule], samples.count, samples.shown, around)
    return outcome if rows is None else replace(outcome, samples=tuple(row.asDict() for row in rows.collect()))


def _expanded(analyzer: Rule, types: Mapping[str, str]) -> list[Rule]:
    """The analyzers that AllStatistics stands for; any other one by itself."""
    if analyzer.type != "AllStatistics":
        return [analyzer]
    names = list(types) if analyzer.columns == (EVERY_COLUMN,) and EVERY_COLUMN not in types else analyzer.columns
    kinds = {name: family(types.get(name, "")) for name in names}
    others = ("Completeness",)
    of_columns = [Rule(kind, (name,)) for name in names for kind in STATISTICS.get(kinds[name] or "", others)]
    return [Rule("RowCount"), Rule("ColumnCount"), *of_columns]


def _analyzed(
    analyzer: Rule, questions: Sequence[Question], counts: Mapping[str, Any], types: Mapping[str, str]
) -> AnalyzerOutcome:
    problem = next((question.problem for question in questions if question.problem), None)
    if problem:
        return AnalyzerOutcome(analyzer, problem=f"it can't be measured: {problem}")
    numbers = [metrics_of(question.asked, counts, types) for question in questions]
    return AnalyzerOutcome(analyzer, {name: value for found in numbers for name, value in found.items()})
