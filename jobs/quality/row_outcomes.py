"""Tells which rows of a DataFrame pass and fail the rules: as columns beside each row, and as sample rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.quality.language.rule_types import KEY_RULES, RATIOS, RULE_TYPES
from jobs.quality.language.rules import AnyRule, Composite, Rule, Ruleset
from jobs.quality.measures import marked_by, passes_by_lookup
from jobs.quality.questions import Question, Surroundings, question_of
from jobs.quality.rows import breaks, column_of, has_a_value, is_meant, types_of


@dataclass(frozen=True)
class Verdicts:
    """A frame, with columns of its own where rules look into other datasets, and how its rows come out.

    by_rule: whether a row passes a rule; null where the rule is not about the row. Rules about the table as a whole
    have no verdict.
    """

    frame: DataFrame
    by_rule: Mapping[Rule, Column]

    def of(self, rule: AnyRule) -> Column | None:
        """Whether a row passes a rule, composed ones too; None where single rows can't pass or fail it."""
        if isinstance(rule, Rule):
            return self.by_rule.get(rule)
        if any(not composes_by_row(leaf) for leaf in rule.rules):
            return None
        parts = [part for part in map(self.of, rule.parts) if part is not None]
        return reduce(and_ if rule.operator == "and" else or_, parts) if len(parts) == len(rule.parts) else None


def composes_by_row(rule: Rule) -> bool:
    """Whether a rule can be part of a composite rule for each row: its outcome is no share of rows.

    Source: AWS Glue, "DQDL reference", "How Composite rules work".
    """
    return rule.type not in RATIOS and rule.threshold is None


def verdicts_of(frame: DataFrame, questions: Sequence[Question], around: Surroundings, *, skips: bool) -> Verdicts:
    """How each row comes out. skips: rows that a `where` leaves out have no verdict; else they pass, as on Glue."""
    types, by_rule = types_of(frame.schema), {}
    for number, question in enumerate(questions):
        rule, mark = question.asked, f"rule {number} holds"
        if not RULE_TYPES[rule.type].rows or (rule.type == "CustomSql" and rule.condition is not None):
            continue
        if question.problem:
            by_rule[question.rule] = F.lit(False)
            continue
        if question.dataset is not None and passes_by_lookup(rule):
            frame = marked_by(frame, rule, question.dataset, mark)
            passes = column_of(mark)
        else:
            passes = ~_breaks_among_all(rule, types, around)
        by_rule[question.rule] = F.when(is_meant(rule), passes).otherwise(F.lit(None if skips else True))
    return Verdicts(frame, by_rule)


def rows_with_outcomes(
    frame: DataFrame, ruleset: Ruleset, around: Surroundings | None = None, *, skips: bool = False
) -> DataFrame:
    """Each row with what the rules say of it, in the columns that AWS Glue Data Quality adds.

    Out: the frame's columns; DataQualityRulesPass, DataQualityRulesFail, DataQualityRulesSkip (arrays of rules in
         DQDL); DataQualityEvaluationResult, which is Failed where the row breaks a rule, else Passed
    Rules about the table as a whole are skipped. A rule that can't be checked (its column is missing, or of a type that
    it can't read) fails every row. A threshold is about the table: a row that breaks such a rule fails all the same.
    Rows that a `where` leaves out pass; with `skips`, the rule is among those skipped.
    """
    around = around or Surroundings()
    leaves = dict.fromkeys(leaf for rule in ruleset.rules for leaf in rule.rules)
    verdicts = verdicts_of(frame, [question_of(frame, leaf, around) for leaf in leaves], around, skips=skips)
    skipped, checks = [], []
    for rule in dict.fromkeys(ruleset.rules):
        passes = verdicts.of(rule)
        if passes is None:
            skipped.append(F.lit(rule.text))
        else:
            checks.append(F.struct(F.lit(rule.text).alias("rule"), passes.alias("passes")))
    no_checks = F.array().cast("array<struct<rule:string,passes:boolean>>")
    checked = verdicts.frame.withColumn("DataQualityRules", F.array(*checks) if checks else no_checks)

    def rules_that(passes: Column) -> Column:
        kept = F.filter("DataQualityRules", lambda check: check["passes"].eqNullSafe(passes))
        return F.transform(kept, lambda check: check["rule"])

    failed = F.exists("DataQualityRules", lambda check: check["passes"].eqNullSafe(F.lit(False)))
    return checked.select(
        *map(column_of, frame.columns),
        rules_that(F.lit(True)).alias("DataQualityRulesPass"),
        rules_that(F.lit(False)).alias("DataQualityRulesFail"),
        F.concat(F.array(*skipped).cast("array<string>"), rules_that(F.lit(None))).alias("DataQualityRulesSkip"),
        F.when(failed, "Failed").otherwise("Passed").alias("DataQualityEvaluationResult"),
    )


def failing_rows(
    frame: DataFrame, question: Question, limit: int, shown: Sequence[str], around: Surroundings
) -> DataFrame | None:
    """Up to `limit` rows that break a rule, the same ones each time; None where no row is to blame.

    Out: the columns `shown` and the rule's own, those of them that exist, all as text
    """
    if question.problem:
        return None
    verdicts = verdicts_of(frame, [question], around, skips=True)
    passes = verdicts.of(question.rule)
    if passes is None:
        return None
    own = question.rule.columns or (question.dataset.columns if question.dataset is not None else ())
    names = [name for name in dict.fromkeys((*shown, *own)) if name in frame.columns]
    flagged = verdicts.frame.select(*map(column_of, names), passes.alias("passes the rule"))
    texts = [column_of(name).cast("string").alias(name) for name in names]
    ordered = [column_of(name) for name in sorted(names, key=lambda name: name not in own)]
    return flagged.filter(~column_of("passes the rule")).select(*texts).orderBy(*ordered).limit(limit)


def rows_that_fail(
    composite: Composite, questions: Sequence[Question], frame: DataFrame, around: Surroundings
) -> tuple[DataFrame, Column] | None:
    """A frame, and whether its row fails a composite rule as a whole; None where a part is about the whole table."""
    leaves = set(composite.rules)
    verdicts = verdicts_of(frame, [one for one in questions if one.rule in leaves], around, skips=False)
    passes = verdicts.of(composite)
    return None if passes is None else (verdicts.frame, ~passes)


def _breaks_among_all(rule: Rule, types: Mapping[str, str], around: Surroundings) -> Column:
    """Whether a row breaks a rule, also by sharing its key with another row."""
    broken = breaks(rule, types, around.now)
    if rule.type not in KEY_RULES:
        assert broken is not None  # noqa: S101 RULE_TYPES has it among those of rows
        return broken
    same_key = Window.partitionBy(*map(column_of, rule.columns))
    shared = has_a_value(rule.columns) & (F.count_if(is_meant(rule)).over(same_key) > 1)
    return shared if broken is None else broken | shared
