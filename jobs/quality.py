"""silver/user_events/ and its rules -> one row of measures, from which each rule's outcome follows.

Keys are compared by 64-bit hash first: as many hashes as rows is proof that no key occurs twice. The hashes of all keys
go into lists by their remainder, and each list's distinct ones are counted at once. On a million rows this took half
the time of Spark's count(distinct), which would also multiply the rows that the other measures read.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from catalog.rules import Rule, Ruleset, family, obstacle
from catalog.tables import SILVER_USER_EVENTS
from jobs.quality_rows import KEY_RULES, breaks, column_of, has_a_value, types_of

EVENT_KEY = ("user_id", "event_timestamp")
LISTS = 120  # up to 128 groups Spark collects without sorting the rows


def measures(silver: DataFrame, ruleset: Ruleset) -> DataFrame:
    """All that the rules and the report need, in one row.

    In:  Silver's rows with the partition columns; what is missing or of another type is left out of the measures
    Out: `rows`; a column: `nulls:<column>`, `approx_distinct:<column>`; `min_us` and `max_us` of event_timestamp
         (microseconds since 1970 UTC); a rule that rows can break: `broken:<its text>`; a partition column whose values
         a rule counts: `values:<column>`; a key: `keyed:<columns>` (rows with a value) and `hashes:<columns>`
         (their distinct 64-bit hashes)
    """
    types = types_of(silver.schema)
    summary = silver.agg(*_summary(types, ruleset))
    keys = _keys_to_hash(types, ruleset)
    return summary.crossJoin(_hash_counts(silver, keys)) if keys else summary


def second_look(silver: DataFrame, ruleset: Ruleset, row: Mapping[str, Any]) -> DataFrame | None:
    """Exact counts, in one row, of keys that rules ask about and `measures` could not settle; None if all are settled.

    In:  Silver's rows, measures' row
    Out: a key: `keyed:<columns>` (rows with a value), `single:<columns>` (rows whose key occurs once),
         `distinct:<columns>`
    """
    types = types_of(silver.schema)
    open_rules = [rule for rule in ruleset.rules if obstacle(rule, types) is None and not _settled(rule, row)]
    counts = [_exact_counts(silver, key) for key in dict.fromkeys(rule.columns for rule in open_rules)]
    return reduce(lambda row_so_far, count: row_so_far.crossJoin(count), counts) if counts else None


def key_name(columns: Sequence[str]) -> str:
    """A key in the names of measures."""
    return ",".join(columns)


def _settled(rule: Rule, row: Mapping[str, Any]) -> bool:
    name = key_name(rule.columns)
    unique = f"hashes:{name}" in row and row[f"hashes:{name}"] == row[f"keyed:{name}"]
    if rule.type == "DistinctValuesCount":
        return unique or f"values:{name}" in row
    return unique or rule.type not in KEY_RULES


def _summary(types: Mapping[str, str], ruleset: Ruleset) -> Iterator[Column]:
    rows = F.count(F.lit(1))
    yield rows.alias("rows")
    for name, type_name in types.items():
        nulls = rows - F.count(column_of(name))
        yield nulls.alias(f"nulls:{name}")
        if family(type_name):
            hashes = F.hll_sketch_estimate(F.hll_sketch_agg(F.xxhash64(column_of(name))))
            yield (hashes - (nulls > 0).cast("int")).alias(f"approx_distinct:{name}")  # nulls have a hash, too
    if family(types.get("event_timestamp", "")) == "time":
        time = F.col("event_timestamp").cast("timestamp")
        yield F.unix_micros(F.min(time)).alias("min_us")
        yield F.unix_micros(F.max(time)).alias("max_us")
    yield from _rule_counts(types, ruleset)


def _rule_counts(types: Mapping[str, str], ruleset: Ruleset) -> Iterator[Column]:
    rules = {rule.text: rule for rule in ruleset.rules if obstacle(rule, types) is None}
    for text, rule in rules.items():
        broken = None if rule.type in ("IsComplete", "Completeness") else breaks(rule, types)
        if broken is not None:
            yield F.count(F.when(broken, 1)).alias(f"broken:{text}")
    counted = {rule.columns[0] for rule in rules.values() if rule.type == "DistinctValuesCount"}
    for name in sorted(counted.intersection(SILVER_USER_EVENTS.partition_names)):
        yield F.size(F.collect_set(name)).alias(f"values:{name}")  # few: each value is a folder


def _keys_to_hash(types: Mapping[str, str], ruleset: Ruleset) -> list[tuple[str, ...]]:
    """Keys that rules want unique, and the event's, whose duplicates the report names."""
    keys = [rule.columns for rule in ruleset.rules if rule.type in KEY_RULES and obstacle(rule, types) is None]
    readable = all(family(types.get(name, "")) for name in EVENT_KEY)
    return list(dict.fromkeys([*keys, EVENT_KEY] if readable else keys))


def _hash_counts(silver: DataFrame, keys: Sequence[tuple[str, ...]]) -> DataFrame:
    lists_a_key = max(LISTS // len(keys), 1)
    pairs = []
    for number, key in enumerate(keys):
        hashed = F.when(has_a_value(key), F.xxhash64(*[column_of(name) for name in key]))
        place = F.pmod(hashed, F.lit(lists_a_key)) + number * lists_a_key
        pairs.append(F.struct(place.alias("place"), hashed.alias("hash")))
    hashes = silver.select(F.explode(F.array(*pairs)).alias("pair")).select("pair.place", "pair.hash")
    lists = hashes.groupBy("place").agg(F.collect_list("hash").alias("hashes"))
    totals = []
    for number, key in enumerate(keys):
        in_key = F.floor(F.col("place") / lists_a_key) == number
        totals.append(_total(F.when(in_key, F.size("hashes"))).alias(f"keyed:{key_name(key)}"))
        totals.append(_total(F.when(in_key, F.size(F.array_distinct("hashes")))).alias(f"hashes:{key_name(key)}"))
    return lists.agg(*totals)


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
