"""Counts what a ruleset asks of a DataFrame, for the outcomes of its rules: all of it in one Spark query, exactly.

Counts have names: `rows`; a rule that single rows can break: `broken:<rule>` (rows that do); ColumnLength, and
ColumnValues that puts numbers in order: `least:<rule>` and `greatest:<rule>`; a key, and a column of which the distinct
values are counted: `keyed:<columns>` (rows in which one of these has a value), `single:<columns>` (rows whose key no
other row has) and `distinct:<columns>`. A rule that can't be checked on the DataFrame's columns has no counts.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.quality.rows import KEY_RULES, breaks, column_of, has_a_value, types_of
from jobs.quality.rules import ORDERS, Rule, Ruleset, family, obstacle

Aggregates = Mapping[str, Column]
Part = tuple[DataFrame, Aggregates]  # rows, and what to count in them, by name


def measured(parts: Sequence[Part]) -> dict[str, Any]:
    """The counts of all parts, by one query, in which Spark reads once what several parts count in one DataFrame."""
    by_frame: dict[int, tuple[DataFrame, dict[str, Column]]] = {}
    for frame, counts in parts:
        by_frame.setdefault(id(frame), (frame, {}))[1].update(counts)
    names = [name for _, counts in by_frame.values() for name in counts]
    alias = {name: f"count{number}" for number, name in enumerate(names)}
    rows = [
        frame.agg(*[column.alias(alias[name]) for name, column in counts.items()])
        for frame, counts in by_frame.values()
    ]
    collected = reduce(lambda one, two: one.unionByName(two, allowMissingColumns=True), rows).collect()
    return {name: next((row[alias[name]] for row in collected if row[alias[name]] is not None), None) for name in names}


def rule_parts(frame: DataFrame, ruleset: Ruleset) -> list[Part]:
    """What the rules need: one part for all rules about single rows, and one for each key that has to be compared."""
    types = types_of(frame.schema)
    rules = [rule for rule in dict.fromkeys(ruleset.rules) if obstacle(rule, types) is None]
    single_rows: dict[str, Column] = {"rows": F.count(F.lit(1))}
    for rule in rules:
        broken = breaks(rule, types)
        if broken is not None:
            single_rows[f"broken:{rule.text}"] = F.count_if(broken)
        single_rows |= _extremes(rule, types)
    keys = dict.fromkeys(rule.columns for rule in rules if rule.type in (*KEY_RULES, "DistinctValuesCount"))
    return [(frame, single_rows), *(key_part(frame, key) for key in keys)]


def key_part(frame: DataFrame, key: Sequence[str]) -> Part:
    """Compares the key of each row with those of all others."""
    with_key = frame.filter(has_a_value(key)).groupBy(*map(column_of, key)).agg(F.count(F.lit(1)).alias("rows per key"))
    per_key, name = column_of("rows per key"), key_name(key)
    return with_key, {
        f"keyed:{name}": F.coalesce(F.sum(per_key), F.lit(0)),
        f"single:{name}": F.count_if(per_key == 1),
        f"distinct:{name}": F.count(F.lit(1)),
    }


def key_name(columns: Sequence[str]) -> str:
    """A key in the names of counts."""
    return ",".join(columns)


def _extremes(rule: Rule, types: Mapping[str, str]) -> dict[str, Column]:
    """The smallest and the greatest length or number that a rule compares."""
    if rule.type == "ColumnLength":
        compared = F.length(column_of(rule.columns[0]))
    elif rule.condition and rule.type == "ColumnValues" and rule.condition.operator in ORDERS:
        if family(types[rule.columns[0]]) != "number":
            return {}
        compared = column_of(rule.columns[0])
    else:
        return {}
    return {f"least:{rule.text}": F.min(compared), f"greatest:{rule.text}": F.max(compared)}
