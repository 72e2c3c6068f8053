"""Counts what a ruleset asks of a DataFrame, for the outcomes of its rules: all of it in one Spark query, exactly.

Counts have names: `rows`; a rule that single rows can break: `broken:<rule>` (rows that do); the smallest and greatest
length or number of a column: `least:<rule>` and `greatest:<rule>`; a mean, sum or another number: `value:<rule>`;
a key, and a column of which the distinct values are counted: `keyed:<columns>` (rows in which one of these has a
value), `single:<columns>` (rows whose key no other row has) and `distinct:<columns>`. Rules with a `where` have counts
of their own, of the rows that they are about: `rows (where: …)`. A rule that can't be checked has no counts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, IntegralType

from jobs.quality.language.columns import family
from jobs.quality.language.conditions import ORDERS
from jobs.quality.language.rule_types import KEY_RULES
from jobs.quality.language.rules import Rule
from jobs.quality.lookups import marked
from jobs.quality.metrics import key_name, where_name
from jobs.quality.questions import Question, Surroundings
from jobs.quality.rows import breaks, column_of, has_a_value, is_meant, types_of

Aggregates = Mapping[str, Column]
Part = tuple[DataFrame, Aggregates]  # rows, and what to count in them, by name
COUNTED_BY_KEY = (*KEY_RULES, "DistinctValuesCount", "UniqueValueRatio", "Entropy")
NUMBERS: Mapping[str, Callable[..., Column]] = {
    "Mean": F.avg,
    "Sum": F.sum,
    "StandardDeviation": F.stddev_pop,
    "ColumnCorrelation": F.corr,
}


def measured(parts: Sequence[Part]) -> dict[str, Any]:
    """The counts of all parts, by one query, in which Spark reads once what several parts count in one DataFrame."""
    by_frame: dict[int, tuple[DataFrame, dict[str, Column]]] = {}
    for frame, counts in parts:
        by_frame.setdefault(id(frame), (frame, {}))[1].update(counts)
    names: list[list[str]] = []
    types: list[list[DataType]] = []
    rows: list[DataFrame] = []
    for number, (frame, counts) in enumerate(by_frame.values()):
        row = frame.agg(*[column.alias(f"count {place}") for place, column in enumerate(counts.values())])
        as_text = F.array(*[column_of(name).cast("string") for name in row.columns])  # wide unions take long to plan
        rows.append(row.select(F.lit(number).alias("part"), as_text.alias("counts")))
        names.append(list(counts))
        types.append([field.dataType for field in row.schema])
    counted: dict[str, Any] = {}
    for part, texts in reduce(DataFrame.union, rows).collect():
        for name, type_, text in zip(names[part], types[part], texts, strict=True):
            counted[name] = None if text is None else int(text) if isinstance(type_, IntegralType) else float(text)
    return counted


def rule_parts(frame: DataFrame, questions: Sequence[Question], around: Surroundings) -> list[Part]:
    """What the rules need: one part for all rules about single rows, and one for each key or other dataset."""
    types = types_of(frame.schema)
    asked = {question.asked: question for question in questions if question.problem is None}
    single_rows: dict[str, Column] = {"rows": F.count(F.lit(1))}
    keys: dict[str, Part] = {}
    datasets: list[Part] = []
    for rule, question in asked.items():
        single_rows[f"rows{where_name(rule)}"] = F.count_if(is_meant(rule))
        broken = breaks(rule, types, around.now)
        if broken is not None:
            single_rows[f"broken:{rule.text}"] = F.count_if(is_meant(rule) & broken)
        single_rows |= _extremes(rule, types) | _number(rule, types)
        if rule.type in COUNTED_BY_KEY and key_name(rule) not in keys:
            meant = frame if rule.where is None else frame.filter(is_meant(rule))
            keys[key_name(rule)] = key_part(meant, rule.columns, key_name(rule))
        if rule.type == "Entropy":
            keys[key_name(rule)] = _with_entropy(keys[key_name(rule)], key_name(rule))
        if question.dataset is not None:
            datasets += _parts_of_dataset(frame, rule, question.dataset)
    return [(frame, single_rows), *keys.values(), *datasets]


def key_part(frame: DataFrame, key: Sequence[str], name: str) -> Part:
    """Compares the key of each row with those of all others. name: the key in the names of counts."""
    with_key = frame.filter(has_a_value(key)).groupBy(*map(column_of, key)).agg(F.count(F.lit(1)).alias("rows per key"))
    per_key = column_of("rows per key")
    return with_key, {
        f"keyed:{name}": F.coalesce(F.sum(per_key), F.lit(0)),
        f"single:{name}": F.count_if(per_key == 1),
        f"distinct:{name}": F.count(F.lit(1)),
    }


def _with_entropy(part: Part, name: str) -> Part:
    """The part of a key with what its entropy takes."""
    frame, counts = part
    per_key = column_of("rows per key")
    return frame, {**counts, f"n log n:{name}": F.sum(per_key * F.log(per_key))}


def marked_by(frame: DataFrame, rule: Rule, dataset: DataFrame, mark: str) -> DataFrame:
    """The frame with a boolean column: whether a row passes CustomSql without a condition, or ReferentialIntegrity."""
    if rule.type == "CustomSql":
        return marked(frame, dataset, {name: name for name in dataset.columns}, mark, nulls=True)
    return marked(frame, dataset, dict(zip(rule.columns, rule.reference[1], strict=True)), mark, nulls=False)


def passes_by_lookup(rule: Rule) -> bool:
    """Whether rows pass or fail a rule by what is in another dataset."""
    return rule.type == "ReferentialIntegrity" or (rule.type == "CustomSql" and rule.condition is None)


def _parts_of_dataset(frame: DataFrame, rule: Rule, dataset: DataFrame) -> Iterator[Part]:
    if rule.type == "RowCountMatch":
        yield dataset, {f"rows of:{rule.reference[0]}": F.count(F.lit(1))}
    elif passes_by_lookup(rule):
        yield marked_by(frame, rule, dataset, "found"), {f"broken:{rule.text}": F.count_if(~column_of("found"))}
        if rule.type == "CustomSql":
            strangers = marked_by(dataset, rule, frame.select(*map(column_of, dataset.columns)), "found")
            yield strangers, {f"strangers:{rule.text}": F.count_if(~column_of("found"))}
    else:
        yield dataset, {f"value:{rule.text}": F.first(column_of(dataset.columns[0]).cast("double"))}


def _number(rule: Rule, types: Mapping[str, str]) -> dict[str, Column]:
    """Mean, sum and the like, of the rows that the rule is about; names of columns that break a pattern."""
    if rule.type == "ColumnNamesMatchPattern":
        names = F.array(*[F.lit(name) for name in types])
        return {f"broken:{rule.text}": F.first(F.size(F.filter(names, lambda name: ~name.rlike(rule.parameters[0]))))}
    if rule.type not in NUMBERS:
        return {}
    columns = [F.when(is_meant(rule), column_of(name)).cast("double") for name in rule.columns]
    return {f"value:{rule.text}": NUMBERS[rule.type](*columns)}


def _extremes(rule: Rule, types: Mapping[str, str]) -> dict[str, Column]:
    """The smallest and the greatest length or number that a rule compares, or an analyzer reports."""
    if rule.type not in ("ColumnLength", "ColumnValues"):
        return {}
    column, kind = column_of(rule.columns[0]), family(types[rule.columns[0]])
    if rule.type == "ColumnLength" or (rule.condition is None and kind == "text"):
        column = F.length(column)
    elif kind != "number" or (rule.condition is not None and rule.condition.operator not in ORDERS):
        return {}
    meant = F.when(is_meant(rule), column)
    return {f"least:{rule.text}": F.min(meant), f"greatest:{rule.text}": F.max(meant)}
