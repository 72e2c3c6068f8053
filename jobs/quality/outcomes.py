"""Measures of Silver and its rules -> the outcome of each rule, in plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pyspark.sql.types import StructType

from jobs.quality.measures import key_name
from jobs.quality.rows import types_of
from jobs.quality.rules import Condition, Rule, Ruleset, obstacle

COUNTS = {"RowCount": "rows", "ColumnCount": "columns", "DistinctValuesCount": "distinct_values"}
SHARES = ("Completeness", "Uniqueness")


@dataclass(frozen=True)
class RuleOutcome:
    """How a rule came out.

    `measure` names what `measured` counts: rows, columns, distinct_values, violations (rows that break the rule; one
    that breaks it in two ways counts twice) or share_of_rows (0 to 1). `measured` is None where nothing could be
    measured: such a rule has failed. `reason` is a sentence, for failed rules only; `samples` are rows that break it.
    """

    rule: Rule
    passed: bool
    measure: str
    measured: int | float | None
    reason: str | None = None
    samples: tuple[Mapping[str, str | None], ...] = ()


def evaluate(ruleset: Ruleset, row: Mapping[str, Any], schema: StructType) -> tuple[RuleOutcome, ...]:
    """Each rule's outcome, in the rules' order.

    In:  total's row with key_counts', and with second_look's where there is one; the schema of the data they are of
    A rule whose column the data doesn't have, or has with a type that the rule can't read, has failed. Without rows,
    rules that only rows can break pass, and shares, as there are none, fail. Raises KeyError where second_look was due
    and is not in the row.
    """
    types = types_of(schema)
    return tuple(_outcome(rule, row, types) for rule in ruleset.rules)


def _outcome(rule: Rule, row: Mapping[str, Any], types: Mapping[str, str]) -> RuleOutcome:
    problem = obstacle(rule, types)
    if rule.type == "ColumnExists":
        return RuleOutcome(rule, problem is None, "columns", 0 if problem else 1, problem)
    if problem:
        return RuleOutcome(rule, False, "violations", None, f"it can't be checked: {problem}")
    if rule.type in COUNTS and rule.condition:
        counted = len(types) if rule.type == "ColumnCount" else _count(rule, row)
        return _count_outcome(rule, rule.condition, counted)
    wanted = rule.condition if rule.type in SHARES else rule.threshold
    return _share_outcome(rule, wanted, row) if wanted else _violations_outcome(rule, row)


def _count(rule: Rule, row: Mapping[str, Any]) -> int:
    """RowCount's rows or DistinctValuesCount's values."""
    if rule.type == "RowCount":
        return int(row["rows"])
    name = key_name(rule.columns)
    known = [row[measure] for measure in (f"distinct:{name}", f"values:{name}") if measure in row]
    return int(known[0] if known else _unique_rows(rule.columns, row))


def _count_outcome(rule: Rule, wanted: Condition, counted: int) -> RuleOutcome:
    measure = COUNTS[rule.type]
    passed = wanted.admits(Fraction(counted))
    reason = None if passed else f"the number of {measure.replace('_', ' ')} is {counted:,}, not {wanted.text}"
    return RuleOutcome(rule, passed, measure, counted, reason)


def _share_outcome(rule: Rule, wanted: Condition, row: Mapping[str, Any]) -> RuleOutcome:
    total = row[f"keyed:{key_name(rule.columns)}"] if rule.type == "Uniqueness" else row["rows"]
    if total == 0:
        return RuleOutcome(rule, False, "share_of_rows", None, "there is no row of which to take a share")
    good = total - _violations(rule, row)[0]
    share, passed = good / total, wanted.admits(Fraction(good, total))
    reason = None if passed else f"{good:,} of {total:,} rows are good, a share of {share:.6g}, not {wanted.text}"
    return RuleOutcome(rule, passed, "share_of_rows", share, reason)


def _violations_outcome(rule: Rule, row: Mapping[str, Any]) -> RuleOutcome:
    violations, what = _violations(rule, row)
    reason = f"of {row['rows']:,} rows, {what}" if violations else None
    return RuleOutcome(rule, violations == 0, "violations", violations, reason)


def _violations(rule: Rule, row: Mapping[str, Any]) -> tuple[int, str]:
    """How often rows break the rule, and in words."""
    names = " and ".join(rule.columns)
    if rule.type in ("IsComplete", "Completeness"):
        empty = row[f"nulls:{rule.columns[0]}"]
        return empty, f"{empty:,} without {names}"
    if rule.type in ("IsUnique", "Uniqueness", "IsPrimaryKey"):
        shared = row[f"keyed:{key_name(rule.columns)}"] - _unique_rows(rule.columns, row)
        empty = row[f"broken:{rule.text}"] if rule.type == "IsPrimaryKey" else 0
        parts = [f"{shared:,} share their {names} with another"] if shared else []
        parts += [f"{empty:,} without {names}"] if empty else []
        return shared + empty, ", ".join(parts)
    broken = row[f"broken:{rule.text}"]
    return broken, f"{broken:,} with a {names} for which this does not hold"


def _unique_rows(columns: Sequence[str], row: Mapping[str, Any]) -> int:
    """Rows whose key no other row has: counted, or proven by as many hashes as rows."""
    name = key_name(columns)
    keyed = int(row[f"keyed:{name}"])
    return keyed if row.get(f"hashes:{name}") == keyed else int(row[f"single:{name}"])
