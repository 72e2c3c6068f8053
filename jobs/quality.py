"""silver/user_events/ and its rules -> one row of measures -> the outcome of each rule: the quality gate's arithmetic.

`measures` reads every column once and the key columns once more, for one row. What that can't prove, `second_look` asks
for exactly. `evaluate` holds the numbers against the rules; `failing_rows` (jobs.quality_rows) shows who breaks one.

Keys are compared by 64-bit hash first: as many hashes as rows is proof that no key occurs twice, at a third of the cost
of comparing the keys themselves. The hashes go into BUCKETS lists, and a list's distinct values are counted at once,
which costs half of what Spark's count(distinct) takes and leaves all other measures alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from catalog.rules import Condition, Rule, Ruleset, family, obstacle
from catalog.tables import SILVER_USER_EVENTS
from jobs.quality_rows import breaks, column_of, has_a_value

EVENT_KEY = ("user_id", "event_timestamp")
KEY_RULES = ("IsUnique", "Uniqueness", "IsPrimaryKey")
BUCKETS = 120  # Spark aggregates up to 128 lists at a time without sorting


@dataclass(frozen=True)
class RuleOutcome:
    """How a rule came out.

    `measured` is a number of what `measure` names: rows, columns, distinct values, rows that break the rule, or a share
    of rows from 0 to 1. It is None where nothing could be measured; such a rule has failed, and `reason` says why.
    """

    rule: Rule
    passed: bool
    measure: str
    measured: int | float | None
    reason: str | None = None
    samples: tuple[Mapping[str, str | None], ...] = ()


def measures(silver: DataFrame, ruleset: Ruleset) -> DataFrame:
    """All that the rules and the report need, in one row.

    In:  Silver's rows, with the partition columns; a column that is missing or of another type fails its rules later
    Out: `rows`; a column: `nulls:<column>`, `approx_distinct:<column>`; `min_us` and `max_us` of event_timestamp
         (microseconds since 1970 UTC); a rule that rows can break: `broken:<its text>`; a partition column whose values
         a rule counts: `distinct:<column>`; a key: `keyed:<columns>` (rows with a value) and `hashes:<columns>`
         (distinct 64-bit hashes)
    """
    summary = silver.agg(*_summary(types_of(silver.schema), ruleset))
    keys = _keys(types_of(silver.schema), ruleset)
    return summary.crossJoin(_hash_counts(silver, keys)) if keys else summary


def second_look(silver: DataFrame, ruleset: Ruleset, row: Mapping[str, Any]) -> DataFrame | None:
    """Exact counts, in one row, of the keys that rules ask about and `measures` could not prove; None if there are none.

    In:  measures' row
    Out: a key: `keyed:<columns>` (rows with a value), `single:<columns>` (rows whose key occurs once),
         `distinct:<columns>`
    """
    counts = [
        _exact_counts(silver, key) for key in _asked_keys(types_of(silver.schema), ruleset) if not _known(row, key)
    ]
    return reduce(DataFrame.crossJoin, counts) if counts else None


def evaluate(ruleset: Ruleset, row: Mapping[str, Any], schema: StructType) -> tuple[RuleOutcome, ...]:
    """Each rule's outcome, from measures' row (with second_look's, where there is one) and the schema of the data.

    A rule whose column is missing or of a type that it can't read has failed. Without rows, rules that rows can break
    pass, and shares, of which there is none, fail. Raises KeyError where second_look was due and left out.
    """
    types = types_of(schema)
    return tuple(_outcome(rule, row, types) for rule in ruleset.rules)


def types_of(schema: StructType) -> dict[str, str]:
    """Column names to Spark's names of their types."""
    return {field.name: field.dataType.simpleString() for field in schema.fields}


def key_name(columns: Sequence[str]) -> str:
    """A key in the names of measures."""
    return ",".join(columns)


def _summary(types: Mapping[str, str], ruleset: Ruleset) -> Iterator[Column]:
    yield F.count(F.lit(1)).alias("rows")
    for name, type_name in types.items():
        yield F.count(F.when(column_of(name).isNull(), 1)).alias(f"nulls:{name}")
        if family(type_name):
            yield F.approx_count_distinct(column_of(name)).alias(f"approx_distinct:{name}")
    if family(types.get("event_timestamp", "")) == "time":
        time = F.col("event_timestamp").cast("timestamp")
        yield F.unix_micros(F.min(time)).alias("min_us")
        yield F.unix_micros(F.max(time)).alias("max_us")
    for text, broken in {rule.text: breaks(rule, types) for rule in ruleset.rules}.items():
        if broken is not None:
            yield F.count(F.when(broken, 1)).alias(f"broken:{text}")
    for name in {rule.columns[0]: None for rule in ruleset.rules if _counts_a_partition_column(rule, types)}:
        yield F.size(F.collect_set(name)).alias(f"distinct:{name}")


def _counts_a_partition_column(rule: Rule, types: Mapping[str, str]) -> bool:
    """Whether the rule counts values that are few enough to hold in memory: each is a folder."""
    counts = rule.type == "DistinctValuesCount" and obstacle(rule, types) is None
    return counts and rule.columns[0] in SILVER_USER_EVENTS.partition_names


def _asked_keys(types: Mapping[str, str], ruleset: Ruleset) -> list[tuple[str, ...]]:
    """Keys of which rules need to know how often each value occurs, or how many there are."""
    asking = [rule for rule in ruleset.rules if rule.type in KEY_RULES or rule.type == "DistinctValuesCount"]
    return list({rule.columns: None for rule in asking if obstacle(rule, types) is None})


def _keys(types: Mapping[str, str], ruleset: Ruleset) -> list[tuple[str, ...]]:
    """Keys to count by hash: those that may well be unique, and the event's, for the report."""
    unique = [rule for rule in ruleset.rules if rule.type in KEY_RULES and obstacle(rule, types) is None]
    readable = all(family(types.get(name, "")) for name in EVENT_KEY)
    return list({key: None for key in [*(rule.columns for rule in unique), *([EVENT_KEY] if readable else [])]})


def _hash_counts(silver: DataFrame, keys: Sequence[tuple[str, ...]]) -> DataFrame:
    buckets_a_key = max(BUCKETS // len(keys), 1)
    pairs = []
    for number, key in enumerate(keys):
        hashed = F.when(has_a_value(key), F.xxhash64(*[column_of(name) for name in key]))
        bucket = F.pmod(hashed, F.lit(buckets_a_key)) + number * buckets_a_key
        pairs.append(F.struct(bucket.alias("bucket"), hashed.alias("hash")))
    hashes = silver.select(F.explode(F.array(*pairs)).alias("pair")).select("pair.bucket", "pair.hash")
    lists = hashes.groupBy("bucket").agg(F.collect_list("hash").alias("hashes"))
    counted = lists.select(
        F.floor(F.col("bucket") / buckets_a_key).alias("key"),
        F.size("hashes").alias("rows"),
        F.size(F.array_distinct("hashes")).alias("hashes"),
    )
    totals = []
    for number, key in enumerate(keys):
        of_key = F.col("key") == number
        totals.append(_total(F.when(of_key, F.col("rows"))).alias(f"keyed:{key_name(key)}"))
        totals.append(_total(F.when(of_key, F.col("hashes"))).alias(f"hashes:{key_name(key)}"))
    return counted.agg(*totals)


def _exact_counts(silver: DataFrame, key: tuple[str, ...]) -> DataFrame:
    groups = silver.filter(has_a_value(key)).groupBy(*[column_of(name) for name in key])
    occurrences = groups.agg(F.count(F.lit(1)).alias("occurrences"))
    return occurrences.agg(
        _total(F.col("occurrences")).alias(f"keyed:{key_name(key)}"),
        F.count(F.when(F.col("occurrences") == 1, 1)).alias(f"single:{key_name(key)}"),
        F.count(F.lit(1)).alias(f"distinct:{key_name(key)}"),
    )


def _total(numbers: Column) -> Column:
    return F.coalesce(F.sum(numbers), F.lit(0))


def _known(row: Mapping[str, Any], key: tuple[str, ...]) -> bool:
    name = key_name(key)
    return f"distinct:{name}" in row or (f"hashes:{name}" in row and row[f"hashes:{name}"] == row[f"keyed:{name}"])


def _outcome(rule: Rule, row: Mapping[str, Any], types: Mapping[str, str]) -> RuleOutcome:
    problem = obstacle(rule, types)
    if rule.type == "ColumnExists":
        return RuleOutcome(rule, problem is None, "columns", 0 if problem else 1, problem)
    if problem:
        return RuleOutcome(rule, False, "nothing", None, problem)
    if rule.type in ("RowCount", "ColumnCount", "DistinctValuesCount"):
        return _count_outcome(rule, row, types)
    share_wanted = rule.threshold or (rule.condition if rule.type in ("Completeness", "Uniqueness") else None)
    if share_wanted:
        return _share_outcome(rule, share_wanted, row)
    broken, what = _broken(rule, row)
    reason = f"{broken} of {row['rows']} rows {what}" if broken else None
    return RuleOutcome(rule, broken == 0, "rows that break the rule", broken, reason)


def _count_outcome(rule: Rule, row: Mapping[str, Any], types: Mapping[str, str]) -> RuleOutcome:
    assert rule.condition is not None
    counts = {"RowCount": ("rows", "rows"), "ColumnCount": ("columns", "")}
    measure, name = counts.get(rule.type, ("distinct values", ""))
    value = len(types) if rule.type == "ColumnCount" else row["rows"] if name else _occurrences(row, rule.columns)[2]
    passed = rule.condition.admits(Fraction(value))
    return RuleOutcome(rule, passed, measure, value, None if passed else f"the table has {value} {measure}")
