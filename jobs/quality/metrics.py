"""The numbers of a rule, under the names that AWS Glue Data Quality reports them by.

Source: AWS Glue, "DQDL rule type reference". A rule with a `where` says so in the name, as Deequ does:
`Column.price.Mean (where: country = 'DE')`.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import isfinite, log
from typing import Any

from jobs.quality.language.columns import family
from jobs.quality.language.rule_types import KEY_RULES
from jobs.quality.language.rules import Rule

SPELLED = {"CustomSql": "CustomSQL", "ColumnNamesMatchPattern": "ColumnNamesPatternMatchRatio"}


def key_name(rule: Rule) -> str:
    """The columns of a rule, and for which rows, in the names of counts."""
    return ",".join(rule.columns) + where_name(rule)


def where_name(rule: Rule) -> str:
    """The rows that a rule is about, in the names of counts and metrics; empty where these are all."""
    return "" if rule.where is None else f" (where: {rule.where})"


def metric_name(rule: Rule) -> str:
    """The name of the one number that the rule is about, which dynamic rules look up in past runs."""
    compliance = ".Compliance" if rule.threshold or (rule.type == "CustomSql" and rule.condition is None) else ""
    return f"{_entity(rule)}.{SPELLED.get(rule.type, rule.type)}{compliance}{where_name(rule)}"


def number_of(rule: Rule, counts: Mapping[str, Any], types: Mapping[str, str]) -> Fraction | float | None:
    """The number that a rule compares, from the counts of `rule_parts`; None where there is nothing to measure."""
    rows, key = counts.get(f"rows{where_name(rule)}", 0), key_name(rule)
    if rule.type in ("RowCount", "ColumnCount", "DistinctValuesCount"):
        return Fraction({"RowCount": rows, "ColumnCount": len(types)}.get(rule.type, counts.get(f"distinct:{key}", 0)))
    if rule.type == "ColumnNamesMatchPattern":
        return Fraction(len(types) - counts[f"broken:{rule.text}"], len(types))
    if rule.type in ("Uniqueness", "UniqueValueRatio"):
        total = counts[f"keyed:{key}" if rule.type == "Uniqueness" else f"distinct:{key}"]
        return Fraction(counts[f"single:{key}"], total) if total else None
    if rule.type == "Entropy":
        total = counts[f"keyed:{key}"]
        return max(0.0, log(total) - counts[f"n log n:{key}"] / total) if total else None
    if rule.type == "RowCountMatch":
        others = counts[f"rows of:{rule.reference[0]}"]
        return Fraction(rows, others) if others else None
    if f"broken:{rule.text}" in counts:
        return Fraction(rows - counts[f"broken:{rule.text}"], rows) if rows else None
    value = counts.get(f"value:{rule.text}")
    return None if value is None or not isfinite(value) else float(value)


def metrics_of(rule: Rule, counts: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, float]:
    """All numbers of a rule that was measured."""
    metrics: dict[str, float] = {}
    entity, key, suffix = _entity(rule), key_name(rule), where_name(rule)
    least, greatest = counts.get(f"least:{rule.text}"), counts.get(f"greatest:{rule.text}")
    if least is not None and greatest is not None:
        kind = "Length" if rule.type == "ColumnLength" or family(types[rule.columns[0]]) == "text" else ""
        metrics |= {f"{entity}.Minimum{kind}{suffix}": float(least), f"{entity}.Maximum{kind}{suffix}": float(greatest)}
    rows, broken = counts.get(f"rows{suffix}", 0), counts.get(f"broken:{rule.text}")
    if rule.type in ("IsUnique", "IsPrimaryKey") and counts[f"keyed:{key}"]:
        metrics[f"{entity}.Uniqueness{suffix}"] = counts[f"single:{key}"] / counts[f"keyed:{key}"]
    if rule.type in ("IsComplete", "IsPrimaryKey"):
        metrics |= {f"{entity}.Completeness{suffix}": (rows - broken) / rows} if rows else {}
    elif rule.type in ("ColumnLength", "ColumnValues", "ColumnDataType", "DataFreshness"):
        if broken is not None and rows and (not metrics or rule.threshold):
            metrics[f"{entity}.{rule.type}.Compliance{suffix}"] = (rows - broken) / rows
    elif rule.type not in (*KEY_RULES[:1], "ColumnExists", "AllStatistics"):
        number = number_of(rule, counts, types)
        metrics |= {} if number is None else {metric_name(rule): float(number)}
    return metrics


def _entity(rule: Rule) -> str:
    if rule.type == "ReferentialIntegrity":
        return f"Column.{rule.reference[0]}"
    if rule.type == "RowCountMatch":
        return f"Dataset.{rule.reference[0]}"
    if not rule.columns:
        return "Dataset.*"
    return f"{'Column' if len(rule.columns) == 1 else 'Multicolumn'}.{','.join(rule.columns)}"
