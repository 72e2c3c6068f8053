"""Rules as conditions on a row of a DataFrame: whether a row, looked at alone, breaks a rule."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from jobs.quality.language.columns import family
from jobs.quality.language.conditions import EQUALITIES, PATTERNS, Condition
from jobs.quality.language.operands import Duration, Keyword, Operand
from jobs.quality.language.rules import Rule

SPARK_TYPES = {"INTEGER": "int", "LONG": "bigint"}
MICROSECOND = timedelta(microseconds=1)


def types_of(schema: StructType) -> dict[str, str]:
    """Column names to Spark's names of their types."""
    return {field.name: field.dataType.simpleString() for field in schema.fields}


def column_of(name: str) -> Column:
    """A column by its exact name, whatever characters are in it."""
    return F.col(_quoted(name))


def has_a_value(key: Sequence[str]) -> Column:
    """Whether any column of a key has a value. Rows without one are not compared: nulls equal nothing."""
    return reduce(or_, [column_of(name).isNotNull() for name in key])


def is_meant(rule: Rule) -> Column:
    """Whether a row is one that the rule is about: its `where` is true (not null); never null itself."""
    return F.lit(True) if rule.where is None else F.coalesce(F.expr(rule.where).cast("boolean"), F.lit(False))


def breaks(rule: Rule, types: Mapping[str, str], now: datetime) -> Column | None:
    """Whether a row, looked at alone, breaks a rule (never null); None for rules that single rows can't break.

    In:  a rule that can be checked on columns of these types (name -> type); the time from which ages are counted
    A null breaks ColumnValues unless the rule negates with `!=` or `not in`, or names NULL; to ColumnLength it has
    length 0; ColumnDataType lets it pass; it breaks DataFreshness. `matches` is about the whole value.
    IsPrimaryKey: a part of the key is null.
    """
    if rule.type in ("IsComplete", "Completeness", "IsPrimaryKey"):
        return reduce(or_, [column_of(name).isNull() for name in rule.columns])
    if rule.condition is None or rule.type not in ("ColumnLength", "ColumnDataType", "ColumnValues", "DataFreshness"):
        return None
    name, column = rule.columns[0], column_of(rule.columns[0])
    if rule.type == "ColumnLength":
        return ~_compares(F.coalesce(F.length(column), F.lit(0)), rule.condition)
    if rule.type == "ColumnDataType":
        wanted = str(rule.condition.operands[0])
        cast = F.expr(f"try_cast({_quoted(name)} AS {SPARK_TYPES.get(wanted, wanted)})")
        return column.isNotNull() & cast.isNull()
    if rule.type == "DataFreshness":
        age_us = F.unix_micros(F.lit(now)) - F.unix_micros(column.cast("timestamp"))
        return F.coalesce(~_compares(age_us, rule.condition), F.lit(True))
    comparable = column.cast("string") if family(types[name]) == "flag" else column
    condition = _by_day(rule.condition) if types[name] == "date" else rule.condition
    return F.when(column.isNull(), not _admits_null(condition)).otherwise(~_compares(comparable, condition))


def _by_day(condition: Condition) -> Condition:
    """The condition for a column of dates: a moment of `now()` counts as its day."""
    days = (operand.date() if isinstance(operand, datetime) else operand for operand in condition.operands)
    return Condition(condition.operator, tuple(days))


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
    if isinstance(operand, Duration):
        return F.lit(operand.length // MICROSECOND)
    assert isinstance(operand, (str, date))  # noqa: S101 the rule is resolved
    return F.lit(operand)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
