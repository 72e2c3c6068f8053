"""Silver and one quality rule -> the rows that break the rule, as a condition and as samples to look at."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import reduce
from operator import and_, or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from jobs.quality.rules import EQUALITIES, PATTERNS, Condition, Keyword, Operand, Rule, family, obstacle

SHOWN_COLUMNS = ("pk", "user_id", "event_type", "event_timestamp")
KEY_RULES = ("IsUnique", "Uniqueness", "IsPrimaryKey")
SPARK_TYPES = {"INTEGER": "int", "LONG": "bigint"}


def types_of(schema: StructType) -> dict[str, str]:
    """Column names to Spark's names of their types."""
    return {field.name: field.dataType.simpleString() for field in schema.fields}


def column_of(name: str) -> Column:
    """A column by its exact name, whatever signs are in it."""
    return F.col(_quoted(name))


def has_a_value(key: Sequence[str]) -> Column:
    """Whether any column of a key has a value: rows without one are not compared, as nulls equal nothing."""
    return reduce(or_, [column_of(name).isNotNull() for name in key])


def breaks(rule: Rule, types: Mapping[str, str]) -> Column | None:
    """Whether a row by itself breaks the rule (never null), or None where the rule is not about single rows.

    In:  types: column names to types. A rule that can't be checked on them gives None.
    A null breaks ColumnValues unless the rule negates with `!=` or `not in`, or names NULL; to ColumnLength it has
    length 0; ColumnDataType lets it pass. `matches` is about the whole value. IsPrimaryKey: a part of the key is null.
    """
    if obstacle(rule, types):
        return None
    if rule.type in ("IsComplete", "Completeness", "IsPrimaryKey"):
        return reduce(or_, [column_of(name).isNull() for name in rule.columns])
    if rule.condition is None or rule.type not in ("ColumnLength", "ColumnDataType", "ColumnValues"):
        return None
    name, column = rule.columns[0], column_of(rule.columns[0])
    if rule.type == "ColumnLength":
        return ~_compares(F.length(F.coalesce(column, F.lit(""))), rule.condition)
    if rule.type == "ColumnDataType":
        wanted = str(rule.condition.operands[0])
        cast = F.expr(f"try_cast({_quoted(name)} AS {SPARK_TYPES.get(wanted, wanted)})")
        return column.isNotNull() & cast.isNull()
    comparable = column.cast("string") if family(types[name]) == "flag" else column
    return F.when(column.isNull(), not _admits_null(rule.condition)).otherwise(~_compares(comparable, rule.condition))


def failing_rows(silver: DataFrame, rule: Rule, limit: int) -> DataFrame | None:
    """Up to `limit` rows that break a rule, the same ones each time; None where no row by itself is to blame.

    In:  Silver's rows
    Out: pk, user_id, event_type, event_timestamp and the rule's columns, those of them that exist, all as text
    """
    types = types_of(silver.schema)
    broken = breaks(rule, types)
    found = [] if broken is None else [silver.filter(broken)]
    if rule.type in KEY_RULES and obstacle(rule, types) is None:
        found.append(_rows_that_share_a_key(silver, rule.columns, limit))
    if not found:
        return None
    names = [name for name in dict.fromkeys((*rule.columns, *SHOWN_COLUMNS)) if name in types]
    together = reduce(lambda frame, other: frame.unionByName(other), found)
    shown = together.select(*[column_of(name).cast("string").alias(name) for name in names])
    ordered = shown.orderBy(*[column_of(name) for name in names]).limit(limit)
    return ordered.select(*[column_of(name) for name in sorted(names, key=_place_in_sample)])


def _place_in_sample(name: str) -> int:
    return SHOWN_COLUMNS.index(name) if name in SHOWN_COLUMNS else len(SHOWN_COLUMNS)


def _rows_that_share_a_key(silver: DataFrame, key: Sequence[str], limit: int) -> DataFrame:
    columns = [column_of(name) for name in key]
    counted = silver.filter(has_a_value(key)).groupBy(*columns).agg(F.count(F.lit(1)).alias("rows that share"))
    shared = counted.filter(column_of("rows that share") > 1).orderBy(*columns).limit(limit)
    renamed = shared.select(*[column.alias(f"shared {place}") for place, column in enumerate(columns)])
    same = [column.eqNullSafe(column_of(f"shared {place}")) for place, column in enumerate(columns)]
    return silver.join(F.broadcast(renamed), on=reduce(and_, same), how="left_semi")


def _admits_null(condition: Condition) -> bool:
    names_null = Keyword.NULL in condition.operands
    return (condition.operator in EQUALITIES) and names_null != condition.negates


def _compares(column: Column, condition: Condition) -> Column:
    """Whether a column's value, if it has one, meets a condition; the bounds of `between` are outside."""
    operator, operands = condition.operator, condition.operands
    if operator in EQUALITIES:
        met = reduce(or_, [_equals(column, operand) for operand in operands])
    elif operator in PATTERNS:
        met = column.rlike(rf"\A(?:{operands[0]})\z")
    elif operator in ("between", "not between"):
        met = (column > _literal(operands[0])) & (column < _literal(operands[1]))
    else:
        bound = _literal(operands[0])
        met = {">": column > bound, ">=": column >= bound, "<": column < bound, "<=": column <= bound}[operator]
    return ~met if condition.negates else met


def _equals(column: Column, operand: Operand) -> Column:
    if operand is Keyword.NULL:
        return F.lit(False)
    if operand is Keyword.EMPTY:
        return column == ""
    if operand is Keyword.WHITESPACES_ONLY:
        return column.rlike(r"\A\s+\z")
    return column == _literal(operand)


def _literal(operand: Operand) -> Column:
    if isinstance(operand, Decimal):
        return F.lit(int(operand) if operand == operand.to_integral_value() and abs(operand) < 2**63 else operand)
    return F.lit(operand)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
